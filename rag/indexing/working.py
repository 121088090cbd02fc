"""A worker: reads, embeds and stores the files of a queue, beside any number of others.

Each takes a job at a time. Files whose bytes another worker has in hand are left for later; what a
killed one had committed stays, and the rest of its job is done by whoever takes it over.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from rag import scheduling
from rag.config import Settings
from rag.errors import LibraryBusy, RagError
from rag.indexing.beats import Asked, Beats
from rag.indexing.index_sync import settle
from rag.indexing.ingest import Ingest
from rag.indexing.progress import OnProgress
from rag.indexing.queued import Portion, queue_of, written_error
from rag.indexing.read_ahead import Kept, parser_pool
from rag.protocols import Embedder, Stop
from rag.storage import Store

MOST_TRIES = 20
"""After which a job is given up: a file that ends its process must not end all workers."""

_LATER_SECONDS = 2  # until files are looked at again whose bytes another worker has in hand

log = logging.getLogger(__name__)


class Worker:
    """One process at the queue of a library."""

    def __init__(
        self,
        store: Store,
        embedder: Callable[[], Embedder],
        settings: Settings,
        progress: OnProgress,
        stop: Stop,
    ) -> None:
        """`embedder` is called when the first file has to be read. `progress` is of a job.

        Raises UsageError for a library in a folder, which has no queue.
        """
        self._queue = queue_of(store)
        self._store, self._embedder, self._settings = store, embedder, settings
        self._progress, self._stop = progress, stop
        self._kept = Kept(parser_pool(settings), self._queue.database.claim)

    def run(self, once: bool) -> None:
        """Works until `stop()`; with `once` until no job is left."""
        from rag.storage.postgres.working import work

        if self._settings.embed_at:  # a server that is not the one is named before a job is taken
            self._embedder()
        with self._kept.pool:
            work(self._store.address, self._do, self._stop, once)
            while once and self._queue.waiting() and not self._stop():  # for a time to come
                time.sleep(_LATER_SECONDS)
                work(self._store.address, self._do, self._stop, once)

    def _do(self, job: int, values: Mapping[str, Any]) -> None:
        """Does a job. Raises PutBack and Withdrawn when something of it is left."""
        from rag.storage.postgres.working import PutBack, Withdrawn, is_final

        scheduling.step_back()
        asked, tried = Asked(self._stop, self._queue, job), self._queue.tried(job)
        if tried >= MOST_TRIES:
            raise RuntimeError(f"it was begun {tried} times, and no worker came to its end")
        self._queue.note_tried(job, tried + 1)
        try:
            left_over = self._ingest(job, Portion.of(values), asked)
        except InterruptedError:
            left_over = True
        except RagError as error:
            if is_final(error):
                self._queue.note(job, "", "failed", written_error(error))
            raise
        self._queue.note_tried(job, tried)
        if asked():
            raise Withdrawn if asked.withdrawn else PutBack
        if left_over:
            raise PutBack(_LATER_SECONDS)

    def _ingest(self, job: int, portion: Portion, stop: Stop) -> bool:
        """Takes the files of a job; returns whether another worker has some of them in hand."""
        redact = ",".join(filter(None, (self._settings.redact, portion.redact)))
        with self._queue.database.sharing(stop):
            self._kept.renew(self._store, portion.root)
            done = {file.path for file in self._queue.files([job]) if file.report}
            ingest = Ingest(
                self._store,
                self._embedder,
                replace(self._settings, redact=redact),
                Beats(self._progress, self._queue, job),
                stop,
                self._kept,
            )
            found = portion.found(self._store.folder, done)
            ingest.take(found, portion.retry, portion.restored, portion.restored)
        self._settle()
        return ingest.left_over

    def _settle(self) -> None:
        """Does what is to be done once all is read, if it is and nobody else is at work."""
        if self._queue.waiting():
            return
        try:
            with self._store.writing(patience=0):
                settle(self._store)
                self._queue.sweep()
        except LibraryBusy:
            log.info("another worker is at work, and will settle the library")
