"""One ingest: every file decided, read ahead, cut, embedded and stored, in the order of the names.

What a killed run had committed stays; the next run does the rest. A stop keeps all that has been
read, but does not wait long for a very long document: that one is for another time. The order of
commits depends on the files alone, not on which reader was faster.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from rag import languages
from rag.chunking import Chunker
from rag.config import Settings
from rag.errors import FileProblem
from rag.ingest.batches import Embedding, Flight, Pending
from rag.ingest.bookkeeping import Books
from rag.ingest.decisions import hash_of, limits_of, record_of, settled, worth_reading
from rag.ingest.reindex import require_same_model
from rag.ingest.similarity import Sketches, sketch
from rag.ingest.telling import OnProgress, Teller
from rag.ingest.window import POLL_SECONDS, Item, Window, reader_pool
from rag.protocols import Embedder, Stop
from rag.sandbox import Task
from rag.schema import FileReport, IngestReport, Outcome
from rag.sources import Source, discover
from rag.store import Entry, Store

GRACE_SECONDS = 10.0
"""For the batch in hand, after a stop; then it keeps the documents that are finished."""


class Ingest:
    """One run over some paths. Use once, inside the store's write lock."""

    def __init__(
        self,
        store: Store,
        embedder: Callable[[], Embedder],
        settings: Settings,
        progress: OnProgress | None = None,
        stop: Stop | None = None,
        again: bool = False,
    ) -> None:
        """`embedder` is called when the first file has to be read: an unchanged folder needs none.

        `progress` and `stop` are called in the thread that runs the ingest. `again`: read each file
        that failed once more, whatever is known of it.
        """
        self._store = store
        self._make_embedder = embedder
        self._settings = settings
        self._stop = stop or (lambda: False)
        self._tell = Teller(progress or (lambda _: None))
        self._again = again
        self._books = Books(store, self._tell)
        self._limits = limits_of(settings)
        self._pending: list[Pending] = []
        self._flying: Flight | None = None
        self._until = math.inf  # when a stop breaks the batch in hand off
        self._models: Future[object] | None = None
        self._on_the_way: dict[str, Pending | FileProblem | None] = {}
        """What became of the bytes of files that are not stored yet; None before they are read."""

    def run(self, paths: Sequence[Path], prune: bool = False) -> IngestReport:
        """Brings the library up to date with `paths`. Raises UsageError and ModelMismatch."""
        with self._tell.clock("total"):
            found = discover(paths, self._store.folder)
            sources = found.sources
            self._books.present = frozenset(source.key for source in sources)
            self._tell.total = len(sources) + len(found.left_out)
            for report in found.left_out:
                self._tell.report(report)
            with (
                reader_pool(self._settings) as pool,
                Embedding(lambda: self._embedder, self._settings.batch_chunks) as embedding,
            ):
                stopped = self._take(sources, Window(pool, self._tell, self._stop), embedding)
                self._land()
            stopped = stopped or self._until < math.inf
            self._tell.seconds["embedding"] = embedding.seconds
            if prune and not stopped and found.whole:  # else what was not met would count as gone
                self._books.prune(paths)
        return self._tell.result(stopped and self._tell.decided < self._tell.total)

    # --- from file to batch ---

    def _take(self, sources: Sequence[Source], window: Window, embedding: Embedding) -> bool:
        """True when it was asked to stop before the last file."""
        for source in sources:
            if self._stop():
                return self._wind_up(window, embedding)
            self._decide(source, window)
            if len(window) and self._models is None:
                self._models = embedding.prepare(lambda: self._chunker)
            if window.full and not self._leave(window, embedding):
                return self._wind_up(window, embedding)
        while len(window):
            if self._stop() or not self._leave(window, embedding):
                return self._wind_up(window, embedding)
        self._send(embedding)
        return False

    def _wind_up(self, window: Window, embedding: Embedding) -> bool:
        """Keeps the batch in hand; without one, the oldest file if it has been read."""
        if self._flying is None and self._models is not None and self._models.done():
            if not self._pending and window.ready:
                self._leave(window, embedding)
            self._send(embedding)
        return True

    def _decide(self, source: Source, window: Window) -> None:
        known = self._store.ledger.get(source.key)
        again = known is not None and worth_reading(known, self._limits, self._again)
        if known and not again and settled(known, source):
            self._books.repeat(source, known)
            return
        record = record_of(source, "", known, self._limits)
        try:
            digest = hash_of(source, self._settings.max_file_mb)
        except FileProblem as problem:
            self._books.fail(source, record, problem)
            return
        record = record_of(source, digest, known, self._limits)
        if known and not again and known.content_hash == digest:
            self._books.touch(source, known, record)
        elif digest in self._on_the_way:
            window.follow(source, record)
        elif not self._books.held(source, record):
            self._on_the_way[digest] = None
            window.read(source, record)

    @property
    def _enough(self) -> bool:
        return sum(len(each.chunks) for each in self._pending) >= self._settings.batch_chunks

    def _leave(self, window: Window, embedding: Embedding) -> bool:
        """Moves the oldest file of the window on. False when asked to stop before it was read."""
        with self._tell.clock("reading"):
            item = window.next(self._models)
            if item is not None:
                self._cut(item)
        if self._enough:
            self._send(embedding)
        return item is not None

    def _cut(self, item: Item) -> None:
        digest = item.record.content_hash
        try:
            if item.task is None:
                self._join(item, self._on_the_way.get(digest))
                return
            self._on_the_way[digest] = pending = self._read(item, item.task)
            self._pending.append(pending)
        except FileProblem as problem:
            self._on_the_way[digest] = problem
            self._books.fail(item.source, item.record, problem)

    def _join(self, item: Item, original: Pending | FileProblem | None) -> None:
        """A file with the bytes of one before it shares its fate."""
        if isinstance(original, Pending) and original.stored is None:
            original.twins.append((item.source, item.record))
        elif isinstance(original, FileProblem):
            reason = f"same bytes as another file, of which is said: {original.message}"
            raise FileProblem(original.outcome, reason, original.next_command)
        elif not self._books.held(item.source, item.record):
            raise AssertionError(f"{item.source.path} follows a file that is nowhere")

    def _read(self, item: Item, task: Task) -> Pending:
        reading = task.future.result()
        document = replace(
            reading.document,
            path=item.source.path,
            content_hash=item.record.content_hash,
            language=languages.detect(reading.document.text, self._settings.language),
        )
        chunks = self._chunker.split(document)
        if not chunks:
            raise FileProblem(Outcome.NO_TEXT, "holds no text", "scanned pages need OCR")
        record = replace(item.record, outcome=reading.outcome, reason=reading.reason)
        return Pending(item.source, record, document, chunks, sketch(document.text))

    # --- from batch to store ---

    def _send(self, embedding: Embedding) -> None:
        """Lets the model begin with what is pending, and stores what it has finished."""
        if not self._pending:
            return
        batch, self._pending = self._pending, []
        landed = self._flying
        self._await(landed)
        self._flying = embedding.start(batch)
        for item in batch:
            self._tell.beat(item.source.path, "embedding")
        self._keep(landed)

    def _land(self) -> None:
        flying, self._flying = self._flying, None
        self._await(flying)
        self._keep(flying)

    def _await(self, flight: Flight | None) -> None:
        with self._tell.clock("embedding"):
            while flight and not flight.vectors.done():
                wait([flight.vectors], POLL_SECONDS)
                if self._overdue():
                    flight.broken_off.set()
                self._tell.beat(flight.batch[-1].source.path, "embedding")

    def _overdue(self) -> bool:
        """Whether a stop has been asked for, and waited for long enough."""
        now = time.monotonic()
        if self._until == math.inf and self._stop():
            self._until = now + GRACE_SECONDS
        return now > self._until

    def _keep(self, flight: Flight | None) -> None:
        """Commits a batch, all in one transaction, then tells its files."""
        rows = flight.vectors.result() if flight else []
        if flight is None or not rows:
            return
        done = flight.batch[: len(rows)]
        with self._tell.clock("storing"):
            entries = [item.entry(row) for item, row in zip(done, rows, strict=True)]
            with self._store.transaction():
                self._store.generations.set_embedder(self._embedder.fingerprint)
                near = [self._store_one(*pair) for pair in zip(done, entries, strict=True)]
        for item, words in zip(done, near, strict=True):
            self._told(item, words)

    def _store_one(self, item: Pending, entry: Entry) -> str:
        """Stores a document with all its files; in words, which other one is nearly the same."""
        known = self._store.ledger.get(item.record.source)
        near = self._sketches.nearest(item.sketch, known.document_id if known else None)
        files = self._store.ledger.of_document(near[0]) if near else []
        item.stored = self._store.add(entry)
        for _, record in item.twins:
            self._store.record(record, item.stored)
        self._sketches.add(item.stored, item.sketch)
        return f"nearly the same as {files[0].path} ({near[1]:.0%})" if near and files else ""

    def _told(self, item: Pending, near: str) -> None:
        del self._on_the_way[item.record.content_hash]
        reason = "; ".join(filter(None, (item.record.reason, near)))
        counts = len(item.chunks), len(item.document.pages)
        report = FileReport(item.source.path, Outcome(item.record.outcome), reason, *counts)
        self._tell.report(report)
        for source, _ in item.twins:
            said = f"same bytes as {item.source.path}"
            self._tell.report(FileReport(source.path, Outcome.DUPLICATE, said))

    # --- made when they are needed ---

    @cached_property
    def _embedder(self) -> Embedder:
        embedder = self._make_embedder()
        require_same_model(self._store, embedder.fingerprint)
        return embedder

    @cached_property
    def _chunker(self) -> Chunker:
        size, overlap = self._settings.chunk_tokens, self._settings.chunk_overlap
        return Chunker(self._embedder.count_tokens, languages.sentences, size, overlap)

    @cached_property
    def _sketches(self) -> Sketches:
        return Sketches(self._store.documents.sketches())
