"""Fits `rag/answering/leaning.json`: which questions lean on the chat before them.

    python -m eval.calibration.leaning [--write rag/answering/leaning.json]

Reads `eval/leaning.jsonl`, labelled by hand, and takes the questions of `eval/intents.jsonl` for
complete ones; a third of both is held out. `eval/followups.jsonl`, a benchmark, is only scored.
Prints how many of those that are not fitted on are told wrong, by set and language.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from eval.calibration.intents import QUESTIONS, Matrix, Row, as_json, feature_matrix, read, ridge
from rag import factory
from rag.answering.leaning import leaning_features, plainly_leans
from rag.answering.linear_model import LinearModel
from rag.config import load
from rag.protocols import Vectors
from rag.text import normalize_query

LEANING = Path(__file__).parent.parent / "leaning.jsonl"
FOLLOW_UPS = Path(__file__).parent.parent / "followups.jsonl"
_UNASKED = ("small_talk", "library")  # intents that are answered before any chat is looked at
_VECTOR = 2.0  # what a vector weighs beside the words; of 1, 2 and 4 the best on what is held out
_COMPLETE = 0.6  # weight of a complete question: there are three times as many of them


def main() -> None:
    """Reads the flags, fits, prints the figures, writes the file when asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--write", type=Path)
    flags = parser.parse_args()
    rows = [*labelled(), *benchmark()]
    embedder = factory.make_embedder(load({}))
    vectors = embedder.encode_queries([normalize_query(str(row["question"])) for row in rows])
    kept = [at for at, row in enumerate(rows) if not row["held_out"]]
    fitted: dict[str, object] = {"embedder": ":".join(embedder.fingerprint.split(":")[:2])}
    for name, used in (("vectors", vectors), ("words", None)):
        model = fit([rows[at] for at in kept], None if used is None else used[kept])
        report(name, rows, vectors, model)
        fitted[name] = as_json(model)
    if flags.write:
        flags.write.write_text(json.dumps(fitted, ensure_ascii=False) + "\n", encoding="utf-8")


def labelled() -> list[Row]:
    """Returns the questions that are labelled, and complete ones of other intents."""
    own = [{**row, "set": "leaning"} for row in read(LEANING)]
    known = {row["question"] for row in own}
    complete = [
        {**row, "leans": False, "set": "intents"}
        for row in read(QUESTIONS)
        if row["intent"] not in _UNASKED and row["question"] not in known
    ]
    return [*own, *complete]


def benchmark() -> list[Row]:
    """Returns the questions of the benchmark, none of which is fitted on."""
    return [
        {**row, "leans": row["kind"] == "follow-up", "held_out": True, "set": "benchmark"}
        for row in read(FOLLOW_UPS)
    ]


def fit(rows: Sequence[Row], vectors: Vectors | None) -> LinearModel:
    """Fits ridge regression to +1 and -1; `vectors` are (rows, dimension)."""
    features = [leaning_features(str(row["question"]), str(row["language"])) for row in rows]
    names, matrix = feature_matrix(features)
    if vectors is not None:
        matrix = np.hstack([matrix, _VECTOR * vectors])
    leans = np.array([bool(row["leans"]) for row in rows])
    wanted: Matrix = np.where(leans, 1.0, -1.0)[:, None]
    weights, intercept = ridge(matrix, wanted, np.where(leans, 1.0, _COMPLETE))
    vector = None if vectors is None else (_VECTOR * weights[len(names) :]).astype(np.float32)
    own = weights[: len(names)].astype(np.float32)
    return LinearModel(names, own, intercept.astype(np.float32), vector)


def report(name: str, rows: Sequence[Row], vectors: Vectors, model: LinearModel) -> None:
    """Prints the follow-ups missed and the complete questions taken for one, where not fitted."""
    found: dict[tuple[str, str, bool], list[bool]] = {}
    for row, vector in zip(rows, vectors, strict=True):
        if row["held_out"]:
            question, language = str(row["question"]), str(row["language"])
            score = float(model.scores(leaning_features(question, language), vector)[0])
            key = str(row["set"]), language, bool(row["leans"])
            found.setdefault(key, []).append(plainly_leans(question, language) or score > 0)
    for (of, language, leans), taken in sorted(found.items()):
        wrong = sum(one != leans for one in taken)
        kind = "follow-ups missed" if leans else "complete ones taken for follow-ups"
        print(f"{name}, {of}, {language}: {wrong} of {len(taken)} {kind}")


if __name__ == "__main__":
    main()
