"""All contracts of the replaceable parts, on one page.

Anything with these members fits; nothing needs to inherit. `tests/helpers/contracts.py` holds one
suite per protocol and runs it on the fakes and on the real parts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypedDict

import numpy as np
from numpy.typing import NDArray

from rag.schema import Passage, Prompt, Question

Vectors = NDArray[np.float32]
Compare = Callable[[Sequence[str]], Vectors]
"""Returns the cosines (n,) of texts to a question."""
Stop = Callable[[], bool]
"""Asked between steps; True means: end now and keep what is there."""


class Embedder(Protocol):
    """Text to unit vectors, float32 of shape (n, dimension)."""

    @property
    def fingerprint(self) -> str:
        """Name and content hash of the model: vectors of two fingerprints never mix."""

    @property
    def dimension(self) -> int: ...

    def encode_queries(self, texts: Sequence[str]) -> Vectors: ...

    def encode_documents(self, texts: Sequence[str]) -> Vectors: ...

    def count_tokens(self, text: str) -> int:
        """Returns the length in the model's own tokens, without special ones."""


class VectorIndex(Protocol):
    """Nearest neighbours by inner product over chunk ids."""

    @property
    def count(self) -> int: ...

    def search(
        self, query: Vectors, k: int, allowed: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """Returns (chunk id, similarity), best first. `allowed` restricts inside the search."""


class Reranker(Protocol):
    """Scores (question, passage) pairs; higher is more relevant, comparable within one call."""

    @property
    def name(self) -> str: ...

    def rerank(self, question: Question, passages: Sequence[Passage]) -> list[float]: ...


@dataclass(frozen=True, slots=True)
class SpanPrediction:
    """What a QA model says of one text for a question; logits, higher is surer."""

    relevance: float  # the text is about what is asked
    answerable: float  # and it holds the answer
    start: int  # characters of the best span, half-open; equal ends where there is none
    end: int
    score: float  # of that span against all others of the text


def probability(logit: float) -> float:
    """Returns the logistic function of a logit, held where it would overflow."""
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, logit))))


class QAModel(Protocol):
    """Predicts how relevant a text is, whether it answers the question, and with which words."""

    @property
    def name(self) -> str: ...

    def read(self, question: str, texts: Sequence[str], /) -> list[SpanPrediction]:
        """Returns one prediction per text, in their order; spans in characters of the text."""


class SentenceSelector(Protocol):
    """Tells which of some sentences answer a question."""

    @property
    def fingerprint(self) -> str:
        """Name and content hash of the model."""

    def cosines(self, question: str, sentences: Sequence[str], /) -> Vectors:
        """Returns shape (n,): the nearer to 1, the likelier a sentence answers."""


class LanguageModel(Protocol):
    """What is known of a language model before it writes."""

    @property
    def name(self) -> str: ...

    @property
    def context_window(self) -> int:
        """Tokens that prompt and answer may take together."""

    def count_tokens(self, text: str) -> int: ...


class Generator(LanguageModel, Protocol):
    """Writes an answer with [n] marks that point into `prompt.passages`, counted from 1."""

    def stream(self, prompt: Prompt, stop: Stop) -> Iterator[str]:
        """Yields text deltas; ends early once `stop()` is True."""


class Parts(TypedDict, total=False):
    """Replaceable parts for a library; those that are not given are made from the settings."""

    embedder: Embedder | None
    reranker: Reranker | None
    generator: Generator | None
    qa_model: QAModel | None
