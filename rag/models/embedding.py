"""The bundled embedder: texts to unit vectors, with onnxruntime alone.

Means over the token states of the bundled encoder. Knows nothing about documents or the store.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from rag.models.artefacts import Artefact
from rag.models.session import Ids, Passes, Session
from rag.protocols import Vectors


class BundledEmbedder:
    """Unit vectors of texts, and one vector a token. Thread-safe."""

    def __init__(self, artefact: Artefact, threads: int = 0) -> None:
        """`threads` 0: one a core. Raises ModelMissing when the artefact does not load."""
        self._session = Session(artefact, threads)
        prefixes = self._session.tokenize([artefact.query_prefix, artefact.passage_prefix])
        self._asked, self._read = (list(each.ids) for each in prefixes)
        self.dimension = artefact.dimension
        self.fingerprint = artefact.fingerprint

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Shape (n, dimension), unit length."""
        return self._encode(self._ids(texts, self._asked), self._session.run)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Shape (n, dimension), unit length; a text is read up to the model's window."""
        return self._encode(self._ids(texts, self._read), self._session.run_beside)

    def encode_tokens(self, texts: Sequence[str]) -> list[Vectors]:
        """One array (tokens, dimension) of unit rows a text, without special tokens and prefix."""
        found: list[Vectors] = [np.empty((0, self.dimension), dtype=np.float32)] * len(texts)
        rows = self._ids(texts, self._read)
        for batch, _, (states,) in self._session.run(rows):
            for place, each in zip(batch, states, strict=True):
                found[place] = _unit(each[1 + len(self._read) : len(rows[place]) - 1])
        return found

    def count_tokens(self, text: str) -> int:
        """Length in the model's own tokens, without special ones."""
        return len(self._session.tokenize([text])[0].ids)

    def _encode(self, rows: list[list[int]], run: Callable[[list[list[int]]], Passes]) -> Vectors:
        vectors = np.empty((len(rows), self.dimension), dtype=np.float32)
        for batch, mask, (states,) in run(rows):
            vectors[batch] = _unit(_mean(states, mask))
        return vectors

    def _ids(self, texts: Sequence[str], prefix: Sequence[int] = ()) -> list[list[int]]:
        session = self._session
        room = session.max_tokens - 2 - len(prefix)
        encoded = session.tokenize(texts)
        return [[session.start, *prefix, *each.ids[:room], session.end] for each in encoded]


def _mean(states: Vectors, mask: Ids) -> Vectors:
    """Mean (batch, dimension) of the states (batch, length, dimension) that are no padding."""
    weights = mask.astype(np.float32) / mask.sum(axis=1, keepdims=True)
    return np.asarray(np.matmul(weights[:, None, :], states)[:, 0])


def _unit(rows: Vectors) -> Vectors:
    norms = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.maximum(norms, 1e-12), dtype=np.float32)
