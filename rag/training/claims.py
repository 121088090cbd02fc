"""Claims held to passages, which the support head learns from: supported, contradicted or neither.

Supported claims are sentences beside their translation among its neighbours, questions joined to
their answers, and what SciFact's abstracts bear out; SciFact gives contradicted ones too. Others
are made of these when a batch is drawn: `qa_batches`. Knows nothing of tensors.
"""

from __future__ import annotations

import gzip
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rag.text import split_sentences
from rag.training.articles import left_out
from rag.training.near_misses import names_of
from rag.training.qa_batches import CONTRADICTED, SUPPORTED, Task
from rag.training.rows import Parallel, Question

CORPUS, CLAIMS, EVIDENCE = "corpus.jsonl.gz", "queries.train.jsonl", "evidence.train.jsonl"
A_SOURCE = 1_200  # sentences of a parallel source: software manuals are most of the text
LENGTHS = (6, 40)  # words of a sentence that is a claim
AROUND = 2  # sentences on either side that make up its passage
ANSWER = 60  # characters: a longer answer makes no claim of a question


def parallel_claims(rows: Sequence[Parallel], seed: random.Random) -> list[Task]:
    """Returns sentences with the passages that their translations stand in.

    A passage without that translation is the negative. `rows` stand in the order of their
    documents.
    """
    indices: dict[str, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        if LENGTHS[0] <= len(row.en.split()) <= LENGTHS[1]:
            indices[row.source].append(index)
    chosen = [
        index for some in indices.values() for index in seed.sample(some, min(A_SOURCE, len(some)))
    ]
    return [_translated(rows, index, seed.random() < 0.5) for index in chosen]


def _translated(rows: Sequence[Parallel], index: int, spanish: bool) -> Task:
    row = rows[index]
    near = [
        (other, rows[other].en if spanish else rows[other].es)
        for other in range(max(0, index - AROUND), min(len(rows), index + AROUND + 1))
        if rows[other].source == row.source
    ]
    passage = " ".join(text for _, text in near)
    without = " ".join(text for other, text in near if other != index)
    claim, language = (row.es, "es") if spanish else (row.en, "en")
    question = Question(claim, passage, None, -1, language, "claims/parallel")
    return Task(question, (without,) if without else (), names_of([passage, claim]), SUPPORTED)


def answered_claims(tasks: Iterable[Task]) -> Iterator[Task]:
    """Yields answered questions with their answers behind them, as claims about their passages."""
    for task in tasks:
        row = task.row
        if row.answer is None or len(row.answer) > ANSWER:
            continue
        language = "es" if row.question.startswith("¿") else "en"
        claim = Question(
            f"{row.question} {row.answer}.", row.context, None, -1, language, "claims/answers"
        )
        yield Task(claim, task.negatives, names_of([row.context]), SUPPORTED)


def scifact_claims(folder: Path, fold: str | None) -> list[Task]:
    """Returns SciFact's claims, but for the fold's, with the sentences that decide them.

    Raises OSError, ValueError, KeyError.
    """
    with gzip.open(folder / CORPUS, "rt", encoding="utf-8") as lines:
        abstracts = {row["_id"]: row["text"] for row in map(json.loads, lines)}
    claims = {row["_id"]: row["text"] for row in _lines(folder / CLAIMS)}
    absent = left_out(claims, fold, ())
    tasks = []
    for row in _lines(folder / EVIDENCE):
        if row["claim_id"] in absent:
            continue
        text = abstracts[row["doc_id"]]
        spans = split_sentences(text)
        index = min(row["sentences"][0], len(spans) - 1)
        first, last = max(0, index - AROUND), min(len(spans) - 1, index + AROUND)
        passage = text[spans[first][0] : spans[last][1]]
        claim = Question(claims[row["claim_id"]], passage, None, -1, "en", "claims/scifact")
        label = SUPPORTED if row["label"] == "SUPPORT" else CONTRADICTED
        others = (abstracts[row["doc_id"]][: spans[first][0]],) if first > AROUND else ()
        tasks.append(Task(claim, others, names_of([passage]), label))
    return tasks


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
