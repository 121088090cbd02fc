"""Keeps the FAISS file in step with the store: opens, rebuilds and publishes it, and reports.

The file is derived: whatever is wrong with it, the vectors in the store make a new one without
embedding anything again.
"""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np

from rag.errors import LibraryDamaged, ModelMismatch, RagError
from rag.protocols import VectorIndex
from rag.schema import PURGED, Purge, Status
from rag.storage import Generation, Store, of_system
from rag.storage.privacy import is_private
from rag.storage.vector_index import FaissIndex, set_aside, sweep

log = logging.getLogger(__name__)

Made = tuple[FaissIndex, int]
"""An index, and the id of its generation (0 for one that is not on disk)."""

MANY_GONE = 0.25  # share of an index; a removal moves what lies behind it


def open_index(store: Store) -> Made:
    """Returns the index to search with, and its generation's id (0 for one that is not on disk).

    A current file is read. A stale one is renewed, or, while another process writes, read as it
    is: it may miss the newest chunks. A damaged or missing one is rebuilt.
    """
    generation = store.generations.current()
    if generation and generation.revision == store.revision():
        index = _read(store, generation)
        if index is not None:
            return index, generation.id
    try:
        with store.writing(patience=0):
            return publish(store)
    except RagError as error:  # another process writes, or the disk takes nothing
        log.info("the index is not renewed: %s", error)
        index = _read(store, generation) if generation else None
        if index is not None and generation is not None:
            return index, generation.id
        return _build(store)[0], 0


def index_of(store: Store) -> tuple[VectorIndex, int]:
    """Returns what `open_index` does, or the index that a database has itself, and 0."""
    return (store.index, 0) if store.index is not None else open_index(store)


def renew(store: Store) -> Made | None:
    """Publishes when the chunks have changed; returns None when they have not.

    Call inside the write lock.
    """
    if store.index is not None:
        store.index.renew()
        return None
    generation = store.generations.current()
    return None if generation and is_current(store, generation) else publish(store)


def settle(store: Store, patience: float | None = None) -> tuple[Made | None, Purge]:
    """Renews the index after a change, and takes what was removed off the disk.

    Returns what `renew` gives, and how far the purge has come. Index files that hold vectors of
    removed chunks go first, those set aside as damaged too. Waits up to `patience` seconds for
    those who read, some by default. Call inside the write lock.
    """
    if not store.purging.due:
        return renew(store), PURGED
    try:
        made = renew(store)
        if store.index is None:
            current = store.generations.current()
            sweep(store.folder, current.file if current else "", set_aside=True)
    except OSError as error:
        return None, Purge(False, of_system(store.folder, error).message)
    except RagError as error:  # what was removed stays removed
        return None, Purge(False, error.message)
    return made, store.purging.run(patience)


def resume(store: Store) -> None:
    """Goes on with a purge that an earlier command could not finish, unless another one writes."""
    if not (store.writable and store.purging.due):
        return
    try:
        with store.writing(patience=0):
            purge = settle(store, 0)[1]
    except RagError as error:
        log.info("the purge waits for the process that writes: %s", error)
        return
    if not purge.complete:
        log.warning("removed text is still in the library's files: %s", purge.reason)


class CurrentIndex:
    """The index that a process searches with, as long as it is the published one."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held: tuple[VectorIndex, int] | None = None

    def get(self, fingerprint: str) -> VectorIndex:
        """Returns the published index; opens it again when another one has been published.

        Raises ModelMismatch where its vectors are not of the model with this fingerprint: another
        process may have embedded everything again since the model was loaded.
        """
        generation = self._store.generations.current()
        if self._held is None or (generation and generation.id != self._held[1]):
            opened = index_of(self._store)
            require_same_model(self._store, fingerprint)
            self._held = opened
        return self._held[0]

    def settle(self) -> Purge:
        """Does what `settle` does, and searches with what it has made."""
        made, purge = settle(self._store)
        self._held = made or self._held
        return purge


def is_current(store: Store, generation: Generation) -> bool:
    """Tells whether a generation holds what the store does, and its file has the recorded size.

    Whoever opens the file checks its hash first.
    """
    try:
        size = (store.folder / generation.file).stat().st_size
    except OSError:
        return False
    facts = (generation.revision, generation.fingerprint, generation.bytes)
    return facts == (store.revision(), store.generations.embedder(), size)


def require_same_model(store: Store, fingerprint: str) -> None:
    """Raises ModelMismatch when the stored vectors come from another model."""
    stored = store.generations.embedder()
    if not stored or stored == fingerprint:  # to count takes long in a large library
        return
    if chunks := store.documents.counts()[1]:
        begun = store.pending.embedder() == fingerprint
        done = f"; a reindex has done {store.pending.count()} of {chunks} passages" if begun else ""
        raise ModelMismatch(
            f"the library holds vectors of {stored}, the configured embedder is {fingerprint}: "
            f"vectors of two models, or of one computed in two ways, do not compare{done}",
            "rag reindex",
        )


def status_of(store: Store, embedder: str, fingerprint: str | None) -> Status:
    """Counts, and checks all parts; renews a stale index on the way.

    `embedder` is the configured one's name, `fingerprint` its own where that is known. A library
    that cannot be searched with it is not consistent: the problem names the command that helps.
    """
    problems = store.check()
    index, _ = index_of(store)
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
        generation=_generation_facts(store),
        consistent=not problems,
        problems=tuple(problems),
        embedder=store.generations.embedder() or embedder,
        languages=store.documents.languages(),
        private=is_private(store.folder),
        engine="; ".join(
            [store.engine.version(), *([store.index.health()] if store.index else [])]
        ),
    )


def _generation_facts(store: Store) -> dict[str, object] | None:
    """Returns the current generation for a status; `current`: it holds what the store does."""
    generation = store.generations.current()
    if generation is None:
        return None
    return {
        "id": generation.id,
        "file": generation.file,
        "vectors": generation.count,
        "current": generation.revision == store.revision(),
    }


def publish(store: Store) -> Made:
    """Writes an index of all vectors and makes it current. Call inside the write lock.

    Where there is a good file of before, what has come and gone since is all that is changed.
    """
    generation = store.generations.current()
    index = _read(store, generation) if generation else None
    if index and generation and generation.revision == store.revision():
        return index, generation.id
    made = (index and _caught_up(store, index)) or _build(store)
    return _switch(store, *made)


def _switch(store: Store, index: FaissIndex, revision: int) -> Made:
    """Writes an index and makes it current."""
    try:
        written = index.write(store.folder, "index")
    except OSError as error:
        raise of_system(store.folder, error) from error
    with store.transaction():
        generation_id = store.generations.switch(
            replace(written, fingerprint=store.generations.embedder(), revision=revision)
        )
    sweep(store.folder, keep=written.file)
    return index, generation_id


def _build(store: Store) -> tuple[FaissIndex, int]:
    """Makes an index of all vectors; returns it with the revision of the store that it holds."""
    with store.snapshot():
        revision = store.revision()
        expected = store.documents.counts()[1]
        index: FaissIndex | None = None
        for ids, rows in store.documents.vector_blocks():
            index = index or FaissIndex.empty(rows.shape[1], expected)
            index.add(ids, rows)
    return index or FaissIndex.empty(1), revision


def _caught_up(store: Store, index: FaissIndex) -> tuple[FaissIndex, int] | None:
    """Adds the chunks that came since and removes those that went; returns index and revision.

    Returns None when it is better built anew: much has gone, or it would be held in another way.
    """
    with store.snapshot():
        revision = store.revision()
        held, wanted = index.ids(), store.documents.vector_ids()
        gone = np.setdiff1d(held, wanted, assume_unique=True)
        last = int(held[-1]) if len(held) else 0
        fits = len(gone) <= MANY_GONE * len(held) and index.fits(len(wanted))
        # ids only grow: what is new lies above all that is held
        if (
            not len(held)
            or not fits
            or len(held) - len(gone) + np.sum(wanted > last) != len(wanted)
        ):
            return None
        index.remove(gone)
        for ids, rows in store.documents.vector_blocks(above=last):
            index.add(ids, rows)
    return index, revision


def _read(store: Store, generation: Generation) -> FaissIndex | None:
    if generation.fingerprint != store.generations.embedder():
        return None  # a reindex is under way: these are another model's vectors
    try:
        return FaissIndex.read(store.folder, generation)
    except LibraryDamaged as error:
        log.warning("%s; it is rebuilt from the stored vectors", error)
        set_aside(store.folder, generation.file)
        return None
