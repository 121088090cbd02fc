"""Small stand-ins for models: they fulfil the contracts of `rag.protocols` and load nothing.

Deterministic across processes, so that a killed ingest and its rerun agree. `documents` holds files
and folders that are quick to make; nothing here patches the product.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np

from rag.protocols import SpanPrediction, Stop, Vectors
from rag.schema import (
    Answer,
    AnswerType,
    Block,
    BlockKind,
    Chunk,
    Document,
    Filters,
    Intent,
    Message,
    Outcome,
    Passage,
    Prompt,
    Question,
    Support,
    WeightedTerms,
)
from rag.storage import Entry, FileRecord
from rag.text import query_terms

DIMENSION = 64
_WORD = re.compile(r"\w+")


@dataclass
class FakeEmbedder:
    """A hashed bag of words: texts that share words are near, equal texts are equal."""

    fingerprint: str = "fake:1"
    dimension: int = DIMENSION
    queries: list[str] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        self.queries += texts
        return self._encode(texts)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        self.documents += texts
        return self._encode(texts)

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def _encode(self, texts: Sequence[str]) -> Vectors:
        rows = np.empty((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[:] = sum(_direction(word, self.dimension) for word in _words(text))
            row /= np.linalg.norm(row)
        return rows


@dataclass
class FakeSelector:
    """Compares sentences by the vectors of a `FakeEmbedder`; keeps what it was given."""

    fingerprint: str = "selector:1"
    asked: list[str] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)

    def cosines(self, question: str, sentences: Sequence[str], /) -> Vectors:
        self.asked.append(question)
        self.sentences += sentences
        asked, *rows = FakeEmbedder().encode_documents([question, *sentences])
        return np.array([row @ asked for row in rows], dtype=np.float32)


@dataclass(frozen=True)
class FakeReranker:
    """Scores a passage by the share of the question's words that it holds."""

    name: str = "fake"

    def rerank(self, question: Question, passages: Sequence[Passage]) -> list[float]:
        asked = set(_words(question.query))
        return [len(asked & set(_words(passage.chunk.text))) / len(asked) for passage in passages]


@dataclass
class FakeQAModel:
    """Relevant is a text that shares the question's words; its answer is the longest other word.

    Surer of an answer the more words are shared; keeps the texts it was given.
    """

    name: str = "fake"
    texts: list[str] = field(default_factory=list)

    def read(self, question: str, texts: Sequence[str], /) -> list[SpanPrediction]:
        self.texts += texts
        return [self._verdict(set(_words(question)), text) for text in texts]

    def _verdict(self, asked: set[str], text: str) -> SpanPrediction:
        shared = len(asked & set(_words(text))) / len(asked)
        others = [word for word in _WORD.finditer(text) if word.group().casefold() not in asked]
        start, end = max((word.span() for word in others), key=_length, default=(0, 0))
        return SpanPrediction(8 * shared - 4, 12 * shared - 4, start, end, 8 * shared - 2)


@dataclass(frozen=True)
class FakeGenerator:
    """Says what it was told to say, a word at a time."""

    script: str = "Lo dice el documento [1]."
    name: str = "fake"
    context_window: int = 4096

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def stream(self, prompt: Prompt, stop: Stop) -> Iterator[str]:
        for delta in re.findall(r"\S+\s*", self.script):
            if stop():
                return
            yield delta


class FakeIndex:
    """Nearest neighbours by one matrix product: slow, and right beyond doubt."""

    def __init__(self, ids: Sequence[int], vectors: Vectors) -> None:
        self._rows = dict(zip(map(int, ids), vectors, strict=True))

    @property
    def count(self) -> int:
        return len(self._rows)

    def search(
        self, query: Vectors, k: int, allowed: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        scores = {
            key: float(row @ query)
            for key, row in self._rows.items()
            if allowed is None or key in allowed
        }
        return sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:k]


def make_passage(text: str, title: str = "Guía", number: int = 1) -> Passage:
    chunk = Chunk(number, 0, len(text), text, id=number, language="es")
    return Passage(chunk, title, f"{title}.md", 0.5)


def make_prompt(question: str, *texts: str) -> Prompt:
    passages = tuple(make_passage(text, number=i) for i, text in enumerate(texts, start=1))
    return Prompt((Message("user", question),), passages)


def make_question(
    text: str,
    language: str = "es",
    filters: Filters | None = None,
    known: float = 1.0,
    intent: Intent = Intent.FACT,
    answer_type: AnswerType = AnswerType.TEXT,
) -> Question:
    """A question whose words all weigh the same."""
    groups = query_terms(text, language)
    terms = WeightedTerms(groups, [1.0] * len(groups), known)
    return Question(
        text,
        text,
        text,
        language,
        terms,
        filters or Filters(),
        intent=intent,
        answer_type=answer_type,
    )


def make_block(text: str, support: Support | None = Support.SUPPORTED) -> Block:
    """A sentence of an answer that cites what its marks say."""
    numbers = tuple(dict.fromkeys(int(number) for number in re.findall(r"\[(\d+)\]", text)))
    return Block(BlockKind.SENTENCE, text, numbers, support, 0.9)


def make_answer(text: str, question: str = "¿?", language: str = "es", **more: Any) -> Answer:
    """An answer of one block, found unless said otherwise."""
    asked = make_question(question, language)
    base = Answer(asked, (make_block(text),), None, (), (), True, 1.0, "fake")
    return replace(base, **more)


def make_entry(source: str, texts: Sequence[str], path: str = "") -> Entry:
    """A document of one chunk a text, as an ingest would store it; terms are its words."""
    body = "\n".join(texts)
    digest = hashlib.sha256(body.encode()).hexdigest()
    starts = [sum(len(text) + 1 for text in texts[:i]) for i in range(len(texts))]
    chunks = [
        Chunk(0, at, at + len(text), text, headings=("Uno",))
        for at, text in zip(starts, texts, strict=True)
    ]
    path = path or source.rsplit("/", 1)[-1]
    return Entry(
        Document(path, path, body, language="es", content_hash=digest),
        make_record(source, digest, path),
        chunks,
        FakeEmbedder().encode_documents(texts),
        [_words(text) for text in texts],
    )


def make_record(source: str, digest: str, path: str = "", outcome: str = Outcome.OK) -> FileRecord:
    path = path or source.rsplit("/", 1)[-1]
    return FileRecord(source, path, 1, 1, 2, digest, outcome)


def _length(span: tuple[int, int]) -> int:
    return span[1] - span[0]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold()) or [""]


@cache
def _direction(word: str, dimension: int) -> Vectors:
    # not `hash`: it differs from one process to the next
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
    row = np.random.default_rng(seed).standard_normal(dimension).astype(np.float32)
    return np.asarray(row / np.linalg.norm(row), dtype=np.float32)
