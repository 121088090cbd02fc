"""The bundled embedder and sentence selector: texts to unit vectors, with onnxruntime alone.

A vector is the mean over the token states of the bundled encoder.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from rag.models.artefacts import Artefact
from rag.models.batching import unit
from rag.models.session import Ids, Passes, Session
from rag.protocols import Vectors


class BundledEmbedder:
    """Unit vectors of texts. Thread-safe."""

    def __init__(self, artefact: Artefact, threads: int = 0, parallel: bool = False) -> None:
        """`threads` 0: one a core; `parallel`: queries are encoded beside documents alone.

        Raises ModelMissing when the artefact does not load.
        """
        self._session = Session(artefact, threads, parallel)
        prefixes = self._session.tokenize([artefact.query_prefix, artefact.passage_prefix])
        self._asked, self._read = (list(prefix.ids) for prefix in prefixes)
        self.query_prefix, self.passage_prefix = artefact.query_prefix, artefact.passage_prefix
        self.dimension = artefact.dimension
        self.fingerprint = artefact.fingerprint

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Returns shape (n, dimension), rows of unit length."""
        return self._encode(self._ids(texts, self._asked), self._session.run)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Returns shape (n, dimension), unit rows; a text is read up to the model's window."""
        return self._encode(self._ids(texts, self._read), self._session.run_parallel)

    def encode_together(self, queries: Sequence[str], documents: Sequence[str]) -> Vectors:
        """Returns shape (queries + documents, dimension): few of both share their passes."""
        rows = self._ids(queries, self._asked) + self._ids(documents, self._read)
        return self._encode(rows, self._session.run_parallel)

    def count_tokens(self, text: str) -> int:
        """Returns the length in the model's own tokens, without special ones."""
        return len(self._session.tokenize([text])[0].ids)

    def _encode(self, rows: list[list[int]], run: Callable[[list[list[int]]], Passes]) -> Vectors:
        vectors = np.empty((len(rows), self.dimension), dtype=np.float32)
        for batch, mask, (states,) in run(rows):
            vectors[batch] = unit(_mean(states, mask))
        return vectors

    def _ids(self, texts: Sequence[str], prefix: Sequence[int] = ()) -> list[list[int]]:
        session = self._session
        room = session.max_tokens - 2 - len(prefix)
        encoded = session.tokenize(texts)
        return [[session.start, *prefix, *text.ids[:room], session.end] for text in encoded]


class BundledSelector:
    """Cosines of sentences to a question, by the model that learnt which answer. Thread-safe."""

    def __init__(self, artefact: Artefact, threads: int = 0) -> None:
        """`threads` 0: one a core. Raises ModelMissing when the artefact does not load."""
        self._embedder = BundledEmbedder(artefact, threads, parallel=True)
        self.fingerprint = artefact.fingerprint

    def cosines(self, question: str, sentences: Sequence[str]) -> Vectors:
        """Returns shape (n,): the nearer to 1, the likelier a sentence answers."""
        asked, *rows = self._embedder.encode_together([question], sentences)
        return np.array([row @ asked for row in rows], dtype=np.float32)


def _mean(states: Vectors, mask: Ids) -> Vectors:
    """Returns the mean (batch, dimension) over the states (batch, length, dimension)."""
    weights = mask.astype(np.float32) / mask.sum(axis=1, keepdims=True)
    return np.asarray(np.matmul(weights[:, None, :], states)[:, 0])
