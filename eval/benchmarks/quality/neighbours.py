"""Questions in French and Portuguese over Spanish documents, beside the same ones in Spanish.

    rag ingest corpus/documents --library SAMPLES
    python -m eval.benchmarks.quality.neighbours --library SAMPLES

`eval/neighbours.jsonl` holds fifty questions of `eval/questions.jsonl` in both languages. Prints,
for each language, the share of questions for which the first passage, and one of the first ten,
holds the quote that answers: by the embedder alone and by the search without the QA model, in the
Spanish documents.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from eval import metrics
from rag.config import Settings
from rag.library import Library
from rag.schema import Filters, Passage

FOLDER = Path(__file__).parents[2]
SPANISH = Filters(languages=("es",))
MANY = 1_000  # passages: more than the samples have


@dataclass(frozen=True)
class Asked:
    """A question and the passages' path and quote that answer it."""

    language: str
    text: str
    evidence: tuple[tuple[str, str], ...]


def main() -> None:
    """Reads the flags, prints one line for each language."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--library", type=Path, required=True)
    flags = parser.parse_args()
    settings = replace(Settings(), library=flags.library, qa_model="off")
    with Library.open(settings=settings) as library:
        found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for asked in read():
            found[asked.language].append(ranks(library, asked))
    for language, pairs in found.items():
        for name, side in zip(("embedder", "search"), zip(*pairs, strict=True), strict=True):
            first, ten = (np.mean([rank < k for rank in side]) for k in (1, 10))
            print(
                f"{language}→es  {name:8}  {len(side)} questions  R@1 {first:.3f}  R@10 {ten:.3f}"
            )


def read() -> list[Asked]:
    """Returns each question in Spanish, French and Portuguese."""
    lines = (FOLDER / "questions.jsonl").read_text("utf-8").splitlines()
    originals = {row["id"]: row for row in map(json.loads, lines)}
    asked = []
    for line in (FOLDER / "neighbours.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        original = originals[row["id"]]
        evidence = tuple((row["path"], row["quote"]) for row in original["evidence"])
        asked.append(Asked(row["language"], row["question"], evidence))
        if row["language"] == "fr":
            asked.append(Asked("es", original["question"], evidence))
    return asked


def ranks(library: Library, asked: Asked) -> tuple[int, int]:
    """Returns the ranks of the first right passage: by the cosine alone, and by the search."""
    passages = library.search(asked.text, MANY, SPANISH)
    return rank(asked, sorted(passages, key=lambda passage: -passage.signals.dense)), rank(
        asked, passages
    )


def rank(asked: Asked, passages: list[Passage]) -> int:
    """Returns how many passages stand before the first that holds a quote; MANY if none does."""
    return next((rank for rank, passage in enumerate(passages) if _holds(asked, passage)), MANY)


def _holds(asked: Asked, passage: Passage) -> bool:
    return any(
        passage.path == path and metrics.contains(passage.chunk.text, quote)
        for path, quote in asked.evidence
    )


if __name__ == "__main__":
    main()
