"""Are sources that disagree shown as such? Asks about facts of which a copy has been falsified.

    python -m eval.benchmarks.quality.conflicts DATA [--limit 100]

RGB's counterfactual set (Chen et al. 2024, arXiv 2309.01431): a question, snippets that hold its
answer, and the same snippets with a false one in its place. For each question three libraries: a
snippet and its falsified copy; a snippet and another one's falsified copy, in other words; two true
snippets, which must raise no alarm. All hold the set's unrelated snippets too.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from eval.metrics import rate
from rag.config import Settings
from rag.library import Library
from rag.protocols import Embedder, QAModel
from rag.schema import Answer

SET = "rag/rgb/en_fact.shared.jsonl"
Row = dict[str, Any]
KINDS = ("same words", "other words", "both true")


def main() -> int:
    """Prints shares with their 95 % intervals; exit code 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--limit", type=int, default=100, help="questions")
    flags = parser.parse_args()
    lines = (flags.data / SET).read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if usable(row)][: flags.limit]
    for kind, answers in ask_all(rows).items():
        found = [(row, answer) for row, answer in answers if answer.found]
        print(f"{kind}: answered {len(found)} of {len(rows)}")
        print(f"  a conflict shown: {rate([bool(answer.conflicts) for _, answer in found])}")
        print(f"  with the false fact: {rate([names_it(row, answer) for row, answer in found])}")
    return 0


def usable(row: Row) -> bool:
    """Tells whether the answer stands in two snippets, and the false one in their copies."""
    true, false = row["positive"][:2], row["positive_wrong"][:2]
    held = all(answer_of(row) in text for text in true) and len(true) == len(false) == 2
    return held and all(row["fakeanswer"] in text for text in false) and true[0] != true[1]


def answer_of(row: Row) -> str:
    """Returns the true answer, the first where there are several."""
    answer = row["answer"]
    while not isinstance(answer, str):
        answer = answer[0]
    return str(answer)


def ask_all(rows: Sequence[Row]) -> dict[str, list[tuple[Row, Answer]]]:
    """Returns each question with its answer, by kind of library."""
    answers: dict[str, list[tuple[Row, Answer]]] = defaultdict(list)
    models = loaded()
    for row in rows:
        for kind, texts in libraries(row):
            answers[kind].append((row, asked(row["query"], texts, models)))
    return answers


def names_it(row: Row, answer: Answer) -> bool:
    """Tells whether one side of a conflict is the false fact, or a part of it."""
    false = row["fakeanswer"]
    sides = (part for conflict in answer.conflicts for part in (conflict.said, conflict.other))
    return any(part in false or false in part for part in sides)


def libraries(row: Row) -> Iterator[tuple[str, list[str]]]:
    """Gives (kind, texts of its documents)."""
    others = row["negative"][:5]
    for kind, second in zip(
        KINDS, (row["positive_wrong"][0], row["positive_wrong"][1], row["positive"][1]), strict=True
    ):
        yield kind, [row["positive"][0], second, *others]


def loaded() -> tuple[Embedder, QAModel | None]:
    """Returns the bundled models, once for all libraries."""
    from rag import factory

    return factory.make_embedder(Settings()), factory.make_qa_model(Settings())


def asked(question: str, texts: Sequence[str], models: tuple[Embedder, QAModel | None]) -> Answer:
    """Returns what a library of these texts alone answers."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "documents"
        folder.mkdir()
        for number, text in enumerate(texts):
            (folder / f"{number}.txt").write_text(text, encoding="utf-8")
        settings = replace(Settings(), library=Path(scratch) / "library")
        embedder, qa_model = models
        with Library.open(settings=settings, embedder=embedder, qa_model=qa_model) as library:
            library.ingest([folder])
            return library.ask(question).answer


if __name__ == "__main__":
    sys.exit(main())
