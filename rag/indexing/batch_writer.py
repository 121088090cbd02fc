"""Documents that have been read are cut, collected to batches, embedded, and stored in their order.

While one batch is embedded, the next one is collected. A stop does not wait long for a very long
document: that one is for another time.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from rag import scheduling
from rag.config import Settings
from rag.errors import FileProblem
from rag.indexing.chunking import Chunker
from rag.indexing.near_duplicates import Sketches, sketch
from rag.indexing.progress import POLL_SECONDS, ProgressReporter
from rag.indexing.sources import Source
from rag.models.batching import batches_by_length
from rag.protocols import Embedder, Stop, Vectors
from rag.schema import Chunk, Document, FileReport, Outcome, ParsedDocument
from rag.storage import Entry, FileRecord, Store
from rag.text import detect_language, search_terms

PASS_CHARACTERS = 16_000
"""What is handed to the model at once, some eight chunks. The bundled one reads a chunk a core, and
a question goes before the next ones: larger passes are slower, for they leave the cache."""

GRACE_SECONDS = 10.0
"""For the batch in hand, after a stop; then it keeps the documents that are finished."""


@dataclass(slots=True)
class PendingDocument:
    """A document that has been read and cut; `twins` are files with the same bytes."""

    source: Source
    record: FileRecord
    document: Document
    chunks: list[Chunk]
    sketch: bytes
    twins: list[tuple[Source, FileRecord]] = field(default_factory=list)

    def entry(self, rows: Vectors) -> Entry:
        """Returns what the store takes, with vectors (chunks, dimension) and search terms."""
        document = self.document
        terms = (  # made as they are stored: a book's are large
            chunk_terms(chunk, document.title, document.language) for chunk in self.chunks
        )
        return Entry(document, self.record, self.chunks, rows, terms, self.sketch)


def chunk_terms(chunk: Chunk, title: str, language: str) -> list[str]:
    """Returns the terms under which a chunk is found, those of title and headings among them."""
    return search_terms(chunk.for_embedding(title), language)


@dataclass(frozen=True, slots=True)
class InFlightBatch:
    """A batch that is being embedded: its documents, and one array of vectors for each to come.

    Once it is `cancelled` there come arrays only for the documents at its front that were done.
    """

    documents: list[PendingDocument]
    vectors: Future[list[Vectors]]
    cancelled: threading.Event

    def at(self, embedded: int) -> tuple[PendingDocument, int]:
        """Returns the document at hand after so many passages, and how many of its own they are."""
        ends = np.cumsum([len(item.chunks) for item in self.documents])
        at = min(int(np.searchsorted(ends, embedded, "right")), len(ends) - 1)
        item = self.documents[at]
        return item, embedded - int(ends[at]) + len(item.chunks)


class Embedding:
    """One batch at a time through the model, in a thread of its own."""

    def __init__(self, embedder: Callable[[], Embedder], batch_chunks: int) -> None:
        self._embedder = embedder
        self._batch_chunks = batch_chunks
        self._thread = ThreadPoolExecutor(1, "embedding", scheduling.step_back)
        self._loading = ThreadPoolExecutor(1, "loading")
        self._closed = threading.Event()
        self.seconds = 0.0
        self.embedded = 0  # passages of the batch in hand

    def __enter__(self) -> Embedding:
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        for thread in (self._loading, self._thread):
            thread.shutdown(wait=True, cancel_futures=True)

    def prepare(self, load: Callable[[], object]) -> Future[object]:
        """Calls `load` in one more thread: models take seconds, in which files can be read.

        That one has not stepped back. It imports, which holds Python's lock: where other programs
        leave no core idle it would have it for minutes, and everybody here would wait.
        """
        return self._loading.submit(load)

    def start(self, batch: list[PendingDocument]) -> InFlightBatch:
        """Begins to embed a batch; its vectors come later."""
        self.embedded = 0
        cancelled = threading.Event()
        return InFlightBatch(batch, self._thread.submit(self._embed, batch, cancelled), cancelled)

    def _embed(self, batch: Sequence[PendingDocument], cancelled: threading.Event) -> list[Vectors]:
        """Returns an array (chunks, dimension) per document; all their texts share the passes."""
        start = time.perf_counter()
        texts = [
            chunk.for_embedding(item.document.title) for item in batch for chunk in item.chunks
        ]
        parts: list[Vectors] = []
        for at in range(0, len(texts), self._batch_chunks):
            if cancelled.is_set():
                break
            batch_texts = texts[at : at + self._batch_chunks]
            parts.append(encode(self._embedder(), batch_texts, self._closed.is_set))
            self.embedded += len(batch_texts)
        self.seconds += time.perf_counter() - start
        ends = np.cumsum([len(item.chunks) for item in batch])
        whole = int(np.searchsorted(ends, sum(map(len, parts)), side="right"))
        return np.split(np.concatenate(parts), ends)[:whole] if whole else []


def encode(embedder: Embedder, texts: Sequence[str], stop: Stop = lambda: False) -> Vectors:
    """Returns the vectors (texts, dimension) of passages; those of like length share a pass.

    Raises InterruptedError when `stop()`.
    """
    rows = np.empty((len(texts), embedder.dimension), dtype=np.float32)
    room = getattr(embedder, "pass_characters", PASS_CHARACTERS)  # a server takes more
    for positions in batches_by_length([len(text) for text in texts], room):
        if stop():
            raise InterruptedError("the ingest was broken off")
        rows[positions] = embedder.encode_documents([texts[i] for i in positions])
    return rows


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
        """Tells whether a stop was asked for while a batch was embedded."""
        return self._deadline < math.inf

    @property
    def can_start(self) -> bool:
        """Tells whether a batch would be embedded at once: nothing has to load or end before."""
        return self._in_flight is None and self.models is not None and self.models.done()

    @property
    def is_empty(self) -> bool:
        """Tells whether no document is collected for the next batch."""
        return not self._collected

    def load_models(self) -> None:
        """Begins to load the models, once."""
        if self.models is None:
            self.models = self.embedding.prepare(lambda: self._chunker)

    def add(self, source: Source, record: FileRecord, parsed: ParsedDocument) -> None:
        """Cuts a document and collects it. Raises FileProblem when it holds no text."""
        document = replace(
            parsed.document,
            path=source.path,
            content_hash=record.content_hash,
            language=detect_language(parsed.document.text, self._settings.language),
        )
        chunks = self._chunker.split(document)
        if not chunks:
            raise FileProblem(Outcome.NO_TEXT, "holds no text", "scanned pages need OCR")
        record = replace(record, outcome=parsed.outcome, reason=parsed.reason)
        pending = PendingDocument(source, record, document, chunks, sketch(document.text))
        self._collected.append(pending)
        self.unstored[record.content_hash] = pending

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
                item, done = batch.at(self.embedding.embedded)
                self._reporter.report_stage(item.source.path, "embedding", done, len(item.chunks))
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
                # asked for again: another worker may have stored the first vectors meanwhile
                self._store.generations.set_embedder(self._make_embedder().fingerprint)
                notes = [
                    self._store_document(item, entry)
                    for item, entry in zip(done, entries, strict=True)
                ]
        for item, note in zip(done, notes, strict=True):
            self._report(item, note)

    def _store_document(self, item: PendingDocument, entry: Entry) -> str:
        """Stores a document with all its files; says which other one is nearly the same."""
        known = self._store.ledger.get(item.record.source)
        near = self.sketches.nearest(item.sketch, known.document_id if known else None)
        files = self._store.ledger.of_document(near[0]) if near else []
        document_id = self._store.add(entry)
        for _, record in item.twins:
            self._store.record(record, document_id)
        self.sketches.add(document_id, item.sketch)
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
        return self._make_embedder()

    @cached_property
    def _chunker(self) -> Chunker:
        size, overlap = self._settings.chunk_tokens, self._settings.chunk_overlap
        return Chunker(self._embedder.count_tokens, size, overlap)

    @cached_property
    def sketches(self) -> Sketches:
        """Returns those of the library; who has them at hand may set them."""
        return Sketches(self._store.documents.sketches())
