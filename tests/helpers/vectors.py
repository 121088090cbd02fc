"""All vectors of a store at once, and an index of some: production takes them in blocks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rag.protocols import Vectors
from rag.storage import Store
from rag.storage.vector_index import FaissIndex

Ids = NDArray[np.int64]


def all_vectors(store: Store) -> tuple[Ids, Vectors]:
    """Returns all chunk ids (n,) ascending, and their vectors (n, dimension)."""
    blocks = list(store.documents.vector_blocks())
    if not blocks:
        return np.empty(0, np.int64), np.empty((0, 0), np.float32)
    ids, rows = zip(*blocks, strict=True)
    return np.concatenate(ids), np.concatenate(rows)


def index_of(ids: Ids, vectors: Vectors) -> FaissIndex:
    """Makes an index of ids (n,), ascending and unique, and vectors (n, dimension)."""
    index = FaissIndex.empty(vectors.shape[1] if len(ids) else 1, len(ids))
    index.add(ids, vectors)
    return index
