"""Keeps the FAISS file in step with the store: opens the current one, rebuilds it, publishes.

The file is derived: whatever is wrong with it, the vectors in the store make a new one without
embedding anything again. Knows nothing about files that people ingest, or about questions.
"""

from __future__ import annotations

import logging

from rag.errors import LibraryBusy, LibraryDamaged
from rag.store import Generation, Store
from rag.vectors import FaissIndex, IndexFile, set_aside, sweep

log = logging.getLogger(__name__)


def open_index(store: Store) -> tuple[FaissIndex, int]:
    """The index to search with, and the id of its generation (0 for one that is not on disk).

    A current file is read. A stale one is renewed, or, while another process writes, read as it
    is: it may miss the newest chunks. A damaged or missing one is rebuilt.
    """
    generation = store.generations.current()
    if generation and generation.revision == store.documents.revision():
        index = _read(store, generation)
        if index is not None:
            return index, generation.id
    try:
        with store.writing():
            return publish(store)
    except LibraryBusy:
        index = _read(store, generation) if generation else None
        if index is not None and generation is not None:
            return index, generation.id
        return _build(store)[0], 0


def publish(store: Store) -> tuple[FaissIndex, int]:
    """Writes an index of all vectors and makes it current. Call inside the write lock."""
    generation = store.generations.current()
    if generation and generation.revision == store.documents.revision():
        index = _read(store, generation)
        if index is not None:
            return index, generation.id
    index, revision = _build(store)
    written = index.write(store.folder, "index")
    record = Generation(
        written.file,
        written.sha256,
        written.bytes,
        written.count,
        written.dimension,
        store.generations.embedder() or "",
        written.first_id,
        written.last_id,
        revision,
    )
    store.generations.switch(record)
    sweep(store.folder, keep=written.file)
    current = store.generations.current()
    return index, current.id if current else 0


def _build(store: Store) -> tuple[FaissIndex, int]:
    with store.snapshot():
        revision = store.documents.revision()
        return FaissIndex.build(*store.documents.vectors()), revision


def _read(store: Store, generation: Generation) -> FaissIndex | None:
    if generation.fingerprint != (store.generations.embedder() or ""):
        return None  # a reindex is under way: these are another model's vectors
    expected = IndexFile(
        generation.file,
        generation.sha256,
        generation.bytes,
        generation.count,
        generation.dimension,
        generation.first_id,
        generation.last_id,
    )
    try:
        return FaissIndex.read(store.folder, expected)
    except LibraryDamaged as error:
        log.warning("%s; it is rebuilt from the stored vectors", error)
        set_aside(store.folder, generation.file)
        return None
