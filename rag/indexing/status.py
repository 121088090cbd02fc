"""The state of a library: what it holds, whether its parts agree, and what is to be done."""

from __future__ import annotations

from rag.errors import ModelMismatch
from rag.indexing.index_sync import model_of, open_index
from rag.indexing.reindex import require_same_model
from rag.schema import Status
from rag.storage import Store


def status_of(store: Store, embedder: str, fingerprint: str | None) -> Status:
    """Counts, and checks all parts; renews a stale index on the way.

    `embedder` is the configured one's name, `fingerprint` its own where that is known. A library
    that cannot be searched with it is not consistent: the problem names the command that helps.
    """
    problems = store.check()
    index, _ = open_index(store)
    documents, chunks = store.documents.counts()
    if index.count > chunks:
        problems.append(f"the index holds {index.count} vectors for {chunks} chunks")
    if fingerprint is not None:
        try:
            require_same_model(store, fingerprint)
        except ModelMismatch as error:
            problems.append(str(error))
    return Status(
        documents=documents,
        chunks=chunks,
        files=store.ledger.counts(),
        generation=store.generations.describe(store.documents.revision()),
        consistent=not problems,
        problems=tuple(problems),
        embedder=model_of(store) or embedder,
        languages=store.documents.languages(),
        private=store.private,
    )
