"""Reranks with the embedder's own token vectors: each question token meets its best match.

MaxSim of ColBERT (Khattab and Zaharia 2020, arXiv 2004.12832), without training for it: the mean
over question tokens of the largest cosine with any token of the passage.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.protocols import TokenEncoder, Vectors
from rag.schema import Passage, Question


class LateInteractionReranker:
    """Scores in [-1, 1] for (question, passage) pairs."""

    name = "late-interaction"

    def __init__(self, encoder: TokenEncoder) -> None:
        self._encoder = encoder

    def rerank(self, question: Question, passages: Sequence[Passage]) -> list[float]:
        """Returns one score per passage, in their order."""
        texts = [passage.chunk.for_embedding(passage.title) for passage in passages]
        asked, *found = self._encoder.encode_tokens([question.query, *texts])
        return [_max_sim(asked, tokens) for tokens in found]


def _max_sim(question: Vectors, passage: Vectors) -> float:
    """Mean over question tokens (m, d) of the best cosine with passage tokens (n, d)."""
    if not len(question) or not len(passage):
        return 0.0
    return float((question @ passage.T).max(axis=1).mean())
