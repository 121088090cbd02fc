"""Embeds all that is stored again, with another model."""

from __future__ import annotations

from collections.abc import Callable

from rag.indexing.batch_writer import chunk_terms, encode
from rag.protocols import Embedder, Stop
from rag.schema import Reindexed
from rag.storage import Store

BATCH = 128
"""Passages that are committed at once, some ten seconds of work: what a stop may cost."""


def reindex(
    store: Store, embedder: Embedder, progress: Callable[[int, int], None], stop: Stop
) -> Reindexed:
    """Embeds and indexes every stored chunk again; call inside the write lock.

    What is done is committed beside the old vectors, which are searched until all are done: after
    a stop or a kill the next call for the same model goes on.
    """
    store.pending.begin(embedder.fingerprint)
    missing = store.pending.missing()
    total = store.documents.counts()[1]
    for start in range(0, len(missing), BATCH):
        if stop():
            break
        rows = store.documents.chunks(missing[start : start + BATCH])
        texts = [chunk.for_embedding(title) for chunk, title, _ in rows.values()]
        store.pending.add(list(rows), encode(embedder, texts))
        store.keywords.replace(  # an older version knew fewer terms, such as codes by value
            (key, chunk_terms(chunk, title, chunk.language))
            for key, (chunk, title, _) in rows.items()
        )
        progress(total - len(missing) + start + len(rows), total)
    done = store.pending.count()
    if done == total:
        store.pending.adopt()
    return Reindexed(done, total)
