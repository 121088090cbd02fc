"""Fits `rag/answering/intent.json`: which kind of answer a question wants.

    python -m eval.calibration.intents [--write rag/answering/intent.json]

Reads `eval/intents.jsonl`, whose questions are labelled by hand; a third of them, chosen before the
first fit, is held out and scored only. Run it again for every new bundled embedder: until then
questions are told apart by their words alone. Prints the F1 of each intent by language.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag import factory
from rag.answering.linear_model import LinearModel
from rag.answering.question_intent import INTENTS, features_of
from rag.config import load
from rag.protocols import Vectors
from rag.schema import Intent
from rag.text import normalize_query

QUESTIONS = Path(__file__).parent.parent / "intents.jsonl"
_RIDGE = 1.0  # cross-validated on the questions that are not held out
_FEWEST = 2  # questions that a feature must occur in
_DIGITS = 3  # decimals of a weight

Row = Mapping[str, object]
Matrix = NDArray[np.float64]


def main() -> None:
    """Reads the flags, fits, prints the figures, writes the file when asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--write", type=Path)
    flags = parser.parse_args()
    rows = read(QUESTIONS)
    embedder = factory.make_embedder(load({}))
    vectors = embedder.encode_queries([_query(row) for row in rows])
    kept = [index for index, row in enumerate(rows) if not row["held_out"]]
    held = [index for index, row in enumerate(rows) if row["held_out"]]
    fitted: dict[str, object] = {
        "embedder": ":".join(embedder.fingerprint.split(":")[:2]),
        "intents": [intent.value for intent in INTENTS],
    }
    for name, used in (("vectors", vectors), ("words", None)):
        model = fit([rows[index] for index in kept], None if used is None else used[kept])
        scored = [rows[index] for index in held]
        report(
            name,
            scored,
            [_guess(model, row, vectors[i]) for i, row in zip(held, scored, strict=True)],
        )
        fitted[name] = as_json(model)
    if flags.write:
        flags.write.write_text(json.dumps(fitted, ensure_ascii=False) + "\n", encoding="utf-8")


def read(path: Path) -> list[Row]:
    """Returns the labelled questions of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def fit(rows: Sequence[Row], vectors: Vectors | None) -> LinearModel:
    """Fits ridge regression, one intent against the others; `vectors` are (rows, dimension)."""
    names, matrix = feature_matrix([features_of(_query(row), str(row["language"])) for row in rows])
    if vectors is not None:
        matrix = np.hstack([matrix, vectors])
    wanted = [[1.0 if row["intent"] == intent else -1.0 for intent in INTENTS] for row in rows]
    weights, intercept = ridge(matrix, np.array(wanted), np.ones(len(rows)))
    vector = None if vectors is None else weights[len(names) :].astype(np.float32)
    own = weights[: len(names)].astype(np.float32)
    return LinearModel(names, own, intercept.astype(np.float32), vector)


def feature_matrix(features: Sequence[Mapping[str, float]]) -> tuple[dict[str, int], Matrix]:
    """Returns the column of each feature that is not too rare, and the values (rows, columns)."""
    counts = Counter(name for values in features for name in values)
    names = {name: at for at, name in enumerate(sorted(n for n in counts if counts[n] >= _FEWEST))}
    matrix = np.zeros((len(features), len(names)))
    for at, values in enumerate(features):
        for name in values.keys() & names.keys():
            matrix[at, names[name]] = values[name]
    return names, matrix


def ridge(matrix: Matrix, wanted: Matrix, importance: Matrix) -> tuple[Matrix, Matrix]:
    """Returns weights and intercept of rows that count by their `importance` (rows,).

    In closed form over the rows: there are fewer of them than columns.
    """
    share = importance[:, None] / importance.sum()
    mean, middle = (share * matrix).sum(axis=0), (share * wanted).sum(axis=0)
    root = np.sqrt(importance)[:, None]
    centred = root * (matrix - mean)
    inner = centred @ centred.T + _RIDGE * np.eye(len(matrix))
    weights = centred.T @ np.linalg.solve(inner, root * (wanted - middle))
    return weights, middle - mean @ weights


def report(name: str, rows: Sequence[Row], guesses: Sequence[Intent]) -> None:
    """Prints the F1 of each intent, and their mean, by language."""
    print(f"{name}: {len(rows)} questions held out")
    pairs = {
        language: [
            (row["intent"], guess)
            for row, guess in zip(rows, guesses, strict=True)
            if row["language"] == language
        ]
        for language in ("es", "en")
    }
    for intent in Intent:
        print(
            f"  {intent:12}",
            *(f"{language} {f1(found, intent):.2f}" for language, found in pairs.items()),
        )
    means = {
        language: np.mean([f1(found, intent) for intent in Intent])
        for language, found in pairs.items()
    }
    print("  mean        ", *(f"{language} {mean:.3f}" for language, mean in means.items()))


def f1(pairs: Sequence[tuple[object, Intent]], intent: Intent) -> float:
    """Returns the F1 of one intent over (label, guess)."""
    right = sum(label == guess == intent for label, guess in pairs)
    named = sum((label == intent) + (guess == intent) for label, guess in pairs)
    return 2 * right / named if named else 1.0


def as_json(model: LinearModel) -> dict[str, object]:
    """Returns a model as its file holds it."""
    arrays = {"weights": model.weights, "intercept": model.intercept, "vector": model.vector}
    return {
        "features": list(model.features),
        **{
            name: np.round(values.astype(float), _DIGITS).tolist()
            for name, values in arrays.items()
            if values is not None
        },
    }


def _guess(model: LinearModel, row: Row, vector: Vectors) -> Intent:
    scores = model.scores(features_of(_query(row), str(row["language"])), vector)
    return INTENTS[int(np.argmax(scores))]


def _query(row: Row) -> str:
    return normalize_query(str(row["question"]))


if __name__ == "__main__":
    main()
