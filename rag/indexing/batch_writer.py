"""Documents that have been read are collected to batches, embedded, and stored in their order.

While one batch is embedded, the next one is collected. A stop does not wait long for a very long
document: that one is for another time.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from functools import cached_property

from rag.config import Settings
from rag.indexing.batches import Embedding, InFlightBatch, PendingDocument
from rag.indexing.chunking import Chunker
from rag.indexing.near_duplicates import Sketches
from rag.indexing.progress import ProgressReporter
from rag.indexing.read_ahead import POLL_SECONDS
from rag.indexing.reindex import require_same_model
from rag.indexing.sources import Source
from rag.protocols import Embedder, Stop
from rag.schema import FileReport, Outcome, ParsedDocument
from rag.storage import Entry, FileRecord, Store

GRACE_SECONDS = 10.0
"""For the batch in hand, after a stop; then it keeps the documents that are finished."""


class BatchWriter:
    """The documents of one ingest between their reading and their commit."""

    def __init__(
        self,
        store: Store,
        embedder: Callable[[], Embedder],
        settings: Settings,
        reporter: ProgressReporter,
        stop: Stop,
    ) -> None:
        self._store = store
        self._make_embedder = embedder
        self._settings = settings
        self._reporter = reporter
        self._stop = stop
        self._collected: list[PendingDocument] = []
        self._in_flight: InFlightBatch | None = None
        self._deadline = math.inf  # of the batch in hand, once a stop has been asked for
        self.embedding = Embedding(lambda: self._embedder, settings.batch_chunks)
        self.models: Future[object] | None = None  # done once embedder and chunker are loaded
        self.unstored: dict[str, PendingDocument] = {}
        """The documents that have been added and not stored yet, by the hash of their bytes."""

    @property
    def stopped(self) -> bool:
        """Whether a stop was asked for while a batch was embedded."""
        return self._deadline < math.inf

    @property
    def can_start(self) -> bool:
        """Whether a batch would be embedded at once: nothing has to load or to end before."""
        return self._in_flight is None and self.models is not None and self.models.done()

    @property
    def is_empty(self) -> bool:
        """Whether no document is collected for the next batch."""
        return not self._collected

    def load_models(self) -> None:
        """Begins to load the models, once."""
        if self.models is None:
            self.models = self.embedding.prepare(lambda: self._chunker)

    def add(self, source: Source, record: FileRecord, parsed: ParsedDocument) -> None:
        """Cuts a document and collects it. Raises FileProblem when it holds no text."""
        document = PendingDocument.from_parsed(
            source, record, parsed, self._chunker, self._settings.language
        )
        self._collected.append(document)
        self.unstored[record.content_hash] = document

    def start_if_full(self) -> None:
        """Starts the next batch if it has as many chunks as the settings say."""
        if sum(len(item.chunks) for item in self._collected) >= self._settings.batch_chunks:
            self.start()

    def start(self) -> None:
        """Starts to embed what is collected, and stores the batch before it."""
        if self._collected:
            batch, self._collected = self._collected, []
            finished = self._wait_for_batch()
            self._in_flight = self.embedding.start(batch)
            for item in batch:
                self._reporter.report_stage(item.source.path, "embedding")
            self._store_batch(finished)

    def finish(self) -> None:
        """Stores the batch that is being embedded."""
        self._store_batch(self._wait_for_batch())

    def _wait_for_batch(self) -> InFlightBatch | None:
        """Returns the batch that was in flight once it is embedded, or cancelled after a stop."""
        batch, self._in_flight = self._in_flight, None
        with self._reporter.measure("embedding"):
            while batch and not batch.vectors.done():
                wait([batch.vectors], POLL_SECONDS)
                if self._is_overdue():
                    batch.cancelled.set()
                self._reporter.report_stage(batch.documents[-1].source.path, "embedding")
        return batch

    def _is_overdue(self) -> bool:
        """Tells whether a stop has been asked for, and waited for long enough."""
        now = time.monotonic()
        if not self.stopped and self._stop():
            self._deadline = now + GRACE_SECONDS
        return now > self._deadline

    def _store_batch(self, batch: InFlightBatch | None) -> None:
        """Commits a batch, all in one transaction, then reports its files."""
        vectors = batch.vectors.result() if batch else []
        if batch is None or not vectors:
            return
        done = batch.documents[: len(vectors)]
        with self._reporter.measure("storing"):
            entries = [item.entry(rows) for item, rows in zip(done, vectors, strict=True)]
            with self._store.transaction():
                self._store.generations.set_embedder(self._embedder.fingerprint)
                notes = [
                    self._store_document(item, entry)
                    for item, entry in zip(done, entries, strict=True)
                ]
        for item, note in zip(done, notes, strict=True):
            self._report(item, note)

    def _store_document(self, item: PendingDocument, entry: Entry) -> str:
        """Stores a document with all its files; says which other one is nearly the same."""
        known = self._store.ledger.get(item.record.source)
        near = self._sketches.nearest(item.sketch, known.document_id if known else None)
        files = self._store.ledger.of_document(near[0]) if near else []
        document_id = self._store.add(entry)
        for _, record in item.twins:
            self._store.record(record, document_id)
        self._sketches.add(document_id, item.sketch)
        return f"nearly the same as {files[0].path} ({near[1]:.0%})" if near and files else ""

    def _report(self, item: PendingDocument, note: str) -> None:
        del self.unstored[item.record.content_hash]
        reason = "; ".join(filter(None, (item.record.reason, note)))
        document, path = item.document, item.source.path
        outcome, counts = Outcome(item.record.outcome), (len(item.chunks), len(document.pages))
        self._reporter.report_file(FileReport(path, outcome, reason, *counts, document.notes))
        for twin, _ in item.twins:
            report = FileReport(twin.path, Outcome.DUPLICATE, f"same bytes as {path}")
            self._reporter.report_file(report)

    @cached_property
    def _embedder(self) -> Embedder:
        embedder = self._make_embedder()
        require_same_model(self._store, embedder.fingerprint)
        return embedder

    @cached_property
    def _chunker(self) -> Chunker:
        size, overlap = self._settings.chunk_tokens, self._settings.chunk_overlap
        return Chunker(self._embedder.count_tokens, size, overlap)

    @cached_property
    def _sketches(self) -> Sketches:
        return Sketches(self._store.documents.sketches())
