"""One ingest: every file decided, read ahead, cut, embedded and stored, in the order of the names.

What a killed run had committed stays; the next run does the rest. A stop keeps all that has been
read. The order of commits depends on the files alone, not on which parser was faster.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

from rag.config import Settings
from rag.errors import FileProblem
from rag.indexing.batch_writer import BatchWriter
from rag.indexing.decisions import (
    chosen,
    hash_of,
    limits_of,
    record_of,
    unchanged_since_scan,
    unreadable,
    worth_reading,
)
from rag.indexing.index_sync import require_same_model
from rag.indexing.ledger_updater import LedgerUpdater
from rag.indexing.progress import OnProgress, ProgressReporter
from rag.indexing.read_ahead import Item, Kept, Window, parser_pool
from rag.indexing.sources import Found, Source, discover, key_of
from rag.protocols import Embedder, Stop
from rag.schema import IngestReport
from rag.storage import Store


class Ingest:
    """One run over some paths. Use once, inside the store's write lock."""

    def __init__(
        self,
        store: Store,
        embedder: Callable[[], Embedder],
        settings: Settings,
        progress: OnProgress | None = None,
        stop: Stop | None = None,
        kept: Kept | None = None,
    ) -> None:
        """`embedder` is called when the first file has to be read: an unchanged folder needs none.

        `progress` and `stop` are called in the thread that runs the ingest. `kept` is a worker's.
        """
        self._store = store
        self._settings = settings
        self._stop = stop or (lambda: False)
        self._removed = store.ledger.removed_hashes()
        self._limits = limits_of(settings)
        self._redacted = chosen(settings.redact)
        self._reporter = ProgressReporter(progress or (lambda _: None))
        self._ledger = LedgerUpdater(store, self._reporter)

        def checked() -> Embedder:
            model = embedder()
            require_same_model(store, model.fingerprint)
            return model

        self._writer = BatchWriter(store, checked, settings, self._reporter, self._stop)
        self._kept = kept
        if kept:
            self._writer.sketches = kept.sketches
            self._ledger.below = key_of(kept.root)
        self.left_over = False  # a file whose bytes another worker has in hand
        self._being_read: set[str] = set()  # hashes of the files in the window
        self._problems: dict[str, FileProblem] = {}  # of the bytes that gave no document, by hash

    def run(
        self,
        paths: Sequence[Path],
        prune: bool = False,
        retry: bool = False,
        again: bool = False,
        named: bool = True,
    ) -> IngestReport:
        """Brings the library up to date with `paths`. Raises UsageError and ModelMismatch.

        `retry` reads each file that failed, or was read in part, once more. Of the files that a
        person removed, `again` brings all back, and `named` those that are named themselves.
        """
        with self._reporter.measure("total"):
            found = discover(paths, self._store.folder)
            self._ledger.present = frozenset(source.key for source in found.sources)
            stopped = self.take(found, retry, again, named)
            if prune and not stopped and found.whole:  # else what was not met would count as gone
                self._ledger.remove_missing(paths)
        return self._reporter.result(stopped and self._reporter.files_done < self._reporter.total)

    def take(self, found: Found, retry: bool, again: bool, named: bool) -> bool:
        """Brings the library up to date with what was found; returns whether it was stopped."""
        reporter, writer = self._reporter, self._writer
        self._retry, self._again, self._named = retry, again, named
        reporter.total = len(found.sources) + len(found.left_out)
        for report in found.left_out:
            reporter.report_file(report)
        pool = (
            contextlib.nullcontext(self._kept.pool) if self._kept else parser_pool(self._settings)
        )
        with pool as parsers, writer.embedding:
            window = Window(parsers, reporter, self._stop)
            finished = self._take_all(found.sources, window)
            if not finished:
                self._keep_what_is_read(window)
            writer.finish()
        reporter.seconds["embedding"] = writer.embedding.seconds
        return not finished or writer.stopped

    def _take_all(self, sources: Sequence[Source], window: Window) -> bool:
        """Returns False when asked to stop before the last file."""
        for source in sources:
            if self._stop():
                return False
            self._decide(source, window)
            if len(window):
                self._writer.load_models()
            if window.full and not self._take_oldest(window):
                return False
        while len(window):
            if self._stop() or not self._take_oldest(window):
                return False
        self._writer.start()
        return True

    def _keep_what_is_read(self, window: Window) -> None:
        """Keeps the batch in hand after a stop, or else the oldest file if it has been read."""
        if self._writer.can_start:
            if self._writer.is_empty and window.ready:
                self._take_oldest(window)
            self._writer.start()

    def _decide(self, source: Source, window: Window) -> None:
        """Notes what is known of a file, or sends it to a parser."""
        known = self._store.ledger.get(source.key)
        again = known is not None and worth_reading(known, self._limits, self._retry)
        in_part = known.document_id if known is not None and again else None
        if in_part and len(self._store.ledger.of_document(in_part)) > 1:
            again, in_part = False, None  # it is also another file's
        kinds = unreadable(self._redacted, known)
        if known and not again and known.redacted == kinds and unchanged_since_scan(known, source):
            self._ledger.report_unchanged(source, known)
            return
        restored = self._again or (self._named and source.named)
        if not known and self._ledger.keeps_out(source, restored):
            return
        try:
            bytes_hash = hash_of(source, self._settings.max_file_mb)
        except FileProblem as problem:
            record = record_of(source, "", known, self._limits)
            self._ledger.record_failure(source, record, problem)
            return
        # another choice of what is unreadable makes another document
        digest = "-".join((bytes_hash, *kinds))
        record = record_of(source, digest, known, self._limits)
        if known and not again and known.content_hash == digest:
            self._ledger.update_dates(source, known, record)
        elif any(
            digest in met for met in (self._being_read, self._problems, self._writer.unstored)
        ):
            window.follow(source, record)
        elif self._kept and not self._kept.claim(digest):
            self.left_over = True
        elif not in_part and self._ledger.link_to_stored(source, record):
            pass
        elif not known and bytes_hash in self._removed and not restored:
            self._ledger.keep_out(source, bytes_hash)
        else:
            self._being_read.add(digest)
            window.read(source, record)

    def _take_oldest(self, window: Window) -> bool:
        """Moves the oldest file of the window on. False when asked to stop before it was read."""
        with self._reporter.measure("reading"):
            item = window.next(self._writer.models)
            if item is not None:
                self._take(item)
        self._writer.start_if_full()
        return item is not None

    def _take(self, item: Item) -> None:
        """Hands a file that has been read to the writer, or notes why it gave no document."""
        digest = item.record.content_hash
        try:
            self._being_read.discard(digest)  # a twin's original has left the window before it
            parsed = item.parsed()
            if parsed is None:
                self._join_original(item)
            else:
                self._writer.add(item.source, item.record, parsed)
        except FileProblem as problem:
            self._problems.setdefault(digest, problem)
            self._ledger.record_failure(item.source, item.record, problem)

    def _join_original(self, item: Item) -> None:
        """Gives a file the document, or the problem, of the file before it with the same bytes."""
        digest = item.record.content_hash
        if problem := self._problems.get(digest):
            reason = f"same bytes as another file, which could not be read: {problem.message}"
            raise FileProblem(problem.outcome, reason, problem.next_command)
        if document := self._writer.unstored.get(digest):
            document.twins.append((item.source, item.record))
        elif not self._ledger.link_to_stored(item.source, item.record):
            raise AssertionError(f"{item.source.path} follows a file that is nowhere")
