"""Training rows from the data folder: parallel sentences, question-passage pairs, questions.

Reads the gzip JSON lines described in the folder's own `PROVENANCE.md`. Knows nothing of models.
"""

from __future__ import annotations

import gzip
import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

PARALLEL = "parallel.en-es.jsonl.gz"
PAIRS = "pairs.jsonl.gz"
QUESTIONS = "qa.jsonl.gz"


class Sourced(Protocol):
    """A row that says where it is from."""

    @property
    def source(self) -> str:
        """Its name."""


Row = TypeVar("Row", bound=Sourced)


@dataclass(frozen=True, slots=True)
class Parallel:
    """One text in both languages."""

    en: str
    es: str
    source: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and the passage that answers it; `negative` is one that looks alike."""

    query: str
    passage: str
    source: str
    negative: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A question about a passage; `answer` is None where the passage does not say."""

    question: str
    context: str
    answer: str | None
    start: int
    language: str
    source: str


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yields the objects of a gzip JSON lines file. Raises FileNotFoundError."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def parallel_rows(folder: Path) -> list[Parallel]:
    """Reads the parallel sentences, in the order of the documents that they come from."""
    return [Parallel(row["en"], row["es"], row["source"]) for row in read_rows(folder / PARALLEL)]


def pair_rows(folder: Path) -> list[Pair]:
    """Reads pairs within a language and across; their source has the languages: «cncf/en>es»."""
    return [
        Pair(row["query"], row["passage"], f"{row['source'].split('/')[0]}/{row['lang']}")
        for row in read_rows(folder / PAIRS)
    ]


def question_rows(path: Path) -> list[Question]:
    """Reads the questions of one file, answerable or not."""
    return [
        Question(
            row["question"].strip(),
            row["context"],
            row["answer"],
            -1 if row["start"] is None else row["start"],
            row["lang"],
            row["source"],
        )
        for row in read_rows(path)
    ]


def passages_of(rows: Sequence[Parallel], words: int = 110) -> list[Parallel]:
    """Joins neighbouring sentences of one source: no file holds long parallel texts."""
    joined: list[Parallel] = []
    part: list[Parallel] = []
    size = 0
    for row in rows:
        if part and (row.source != part[0].source or size >= words):
            joined.append(_join(part))
            part, size = [], 0
        part.append(row)
        size += len(row.en.split())
    return [*joined, _join(part)] if part else joined


def _join(part: Sequence[Parallel]) -> Parallel:
    return Parallel(
        " ".join(row.en for row in part), " ".join(row.es for row in part), part[0].source
    )


class SourceSampler(Generic[Row]):
    """Draws rows so that large sources do not drown small ones: weight = size ** power."""

    def __init__(self, rows: Sequence[Row], power: float = 0.5, cap: int = 20_000) -> None:
        by_source: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            by_source[row.source].append(row)
        self._by_source = by_source
        self._groups = list(by_source.values())
        self._weights = [min(len(group), cap) ** power for group in self._groups]

    def draw(self, count: int, seed: random.Random) -> list[Row]:
        """Draws `count` rows, with replacement."""
        groups = seed.choices(self._groups, self._weights, k=count)
        return [seed.choice(group) for group in groups]

    def of(self, source: str, count: int, seed: random.Random) -> list[Row]:
        """Draws up to `count` different rows of one source."""
        group = self._by_source[source]
        return seed.sample(group, min(count, len(group)))
