"""Retrieval sets with judged documents, each as a library of its own.

SQuAD paragraphs in Spanish and English, each also asked in the other language; SciFact; Cranfield.
Reads the development data; knows nothing about what is measured on it.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from eval import datasets
from rag.config import Settings
from rag.library import Library
from rag.training.articles import left_out

PARAGRAPHS = "squad-paragraphs.shared"
SETS = ("squad-es", "squad-en", "es→en", "en→es", "scifact", "cranfield")


@dataclass(frozen=True)
class Asked:
    """A question with the grades of the right documents, by name."""

    question: str
    grades: Mapping[str, int]


@contextmanager
def opened(
    folder: Path, name: str, work: Path, settings: Settings, limit: int, fold: str | None = None
) -> Iterator[tuple[Library, Sequence[Asked]]]:
    """Opens a library over the set's documents, made below `work` when missing; gives both.

    Of more than `limit` questions the same ones each time; with `fold` only those about articles
    that `rag train qa --fold` leaves out.
    """
    corpus, asked = load_set(folder, name, fold)
    target = work / f"{_corpus_name(name)}.library"
    with Library.open(settings=replace(settings, library=target)) as library:
        if not library.documents():
            texts = work / f"{_corpus_name(name)}.texts"
            datasets.write_corpus(datasets.Dataset(name, (), corpus), texts)
            library.ingest([texts])
        yield library, random.Random(1).sample(asked, min(limit, len(asked)))


def load_set(
    folder: Path, name: str, fold: str | None = None
) -> tuple[datasets.Corpus, list[Asked]]:
    """Gives the documents of a set, and its questions; `fold` leaves out SQuAD's only."""
    if name in ("scifact", "cranfield"):
        dataset = datasets.load(folder / name)
        assert dataset.corpus is not None
        asked = [Asked(q.text, {e.path: e.grade for e in q.evidence}) for q in dataset.questions]
        return dataset.corpus, asked
    spoken = name[:2] if "→" in name else name[-2:]
    held = name[-2:]
    rows = list(_rows(folder / PARAGRAPHS / f"corpus.{held}.jsonl.gz"))
    paths = {row["_id"]: f"{number:05}.txt" for number, row in enumerate(rows)}
    with gzip.open(folder / PARAGRAPHS / "qrels.tsv.gz", "rt", encoding="utf-8") as lines:
        judged = [line.split("\t") for line in lines][1:]
    right: dict[str, dict[str, int]] = {}
    title_of: dict[str, str] = {}
    for question, paragraph, grade in judged:
        if paragraph in paths:
            right.setdefault(question, {})[paths[paragraph]] = int(grade)
            title_of[question] = paragraph.rpartition("#")[0]
    titles = {row["_id"].rpartition("#")[0] for row in rows}
    unseen = left_out(titles, fold, ()) if fold else titles
    right = {asked: grades for asked, grades in right.items() if title_of[asked] in unseen}
    questions = _rows(folder / PARAGRAPHS / f"queries.{spoken}.jsonl.gz")
    asked = [Asked(row["text"], right[row["_id"]]) for row in questions if row["_id"] in right]

    def corpus() -> Iterator[tuple[str, str]]:
        for row in rows:
            yield paths[row["_id"]], f"{row['title']}\n\n{row['text']}\n"

    return corpus, asked


def _corpus_name(name: str) -> str:
    return f"squad-{name[-2:]}" if "→" in name else name


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)
