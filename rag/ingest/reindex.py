"""Whether the stored vectors come from the configured model, and how they come to."""

from __future__ import annotations

from collections.abc import Callable

from rag.errors import ModelMismatch
from rag.protocols import Embedder
from rag.store import Store

BATCH = 256


def require_same_model(store: Store, fingerprint: str) -> None:
    """Raises ModelMismatch when the stored vectors come from another model."""
    stored = store.generations.embedder()
    if stored is not None and stored != fingerprint and store.documents.counts()[1]:
        raise ModelMismatch(
            f"the library holds vectors of {stored}, the configured embedder is {fingerprint}: "
            "vectors of two models, or of one computed in two ways, do not compare",
            "rag reindex",
        )


def reindex(store: Store, embedder: Embedder, progress: Callable[[int, int], None]) -> int:
    """Embeds every stored chunk again with `embedder`; one transaction, returns their number."""
    ids = store.documents.vector_ids()
    with store.transaction():
        for start in range(0, len(ids), BATCH):
            rows = store.documents.chunks(int(each) for each in ids[start : start + BATCH])
            texts = [chunk.for_embedding(title) for chunk, title, _ in rows.values()]
            store.documents.replace_vectors(list(rows), embedder.encode_documents(texts))
            progress(min(start + BATCH, len(ids)), len(ids))
        store.generations.set_embedder(embedder.fingerprint)
        store.generations.drop()  # its file holds other vectors under the same ids
    return len(ids)
