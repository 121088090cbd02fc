"""Documents that have been read -> chunks -> vectors, a batch at a time in a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np

from rag import scheduling
from rag.errors import FileProblem
from rag.indexing.chunking import Chunker
from rag.indexing.near_duplicates import sketch
from rag.indexing.sources import Source
from rag.models.batching import batches_by_length
from rag.protocols import Embedder, Stop, Vectors
from rag.schema import Chunk, Document, Outcome, ParsedDocument
from rag.storage import Entry, FileRecord
from rag.text import detect_language, search_terms

PASS_CHARACTERS = 16_000
"""What is handed to the model at once, some eight chunks. The bundled one reads a chunk a core, and
a question goes before the next ones: larger passes are slower, for they leave the cache."""


@dataclass(slots=True)
class PendingDocument:
    """A document that has been read and cut; `twins` are files with the same bytes."""

    source: Source
    record: FileRecord
    document: Document
    chunks: list[Chunk]
    sketch: bytes
    twins: list[tuple[Source, FileRecord]] = field(default_factory=list)

    @classmethod
    def from_parsed(
        cls,
        source: Source,
        record: FileRecord,
        parsed: ParsedDocument,
        chunker: Chunker,
        language: str,
    ) -> PendingDocument:
        """Cuts what was read; `language` is "auto" or a code. Raises FileProblem without text."""
        document = replace(
            parsed.document,
            path=source.path,
            content_hash=record.content_hash,
            language=detect_language(parsed.document.text, language),
        )
        chunks = chunker.split(document)
        if not chunks:
            raise FileProblem(Outcome.NO_TEXT, "holds no text", "scanned pages need OCR")
        record = replace(record, outcome=parsed.outcome, reason=parsed.reason)
        return cls(source, record, document, chunks, sketch(document.text))

    def entry(self, rows: Vectors) -> Entry:
        """Returns what the store takes, with vectors (chunks, dimension) and search terms."""
        document = self.document
        terms = map(self._terms, self.chunks)  # made as they are stored: a book's are large
        return Entry(document, self.record, self.chunks, rows, terms, self.sketch)

    def _terms(self, chunk: Chunk) -> list[str]:
        return chunk_terms(chunk, self.document.title, self.document.language)


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


class Embedding:
    """One batch at a time through the model, in a thread of its own."""

    def __init__(self, embedder: Callable[[], Embedder], batch_chunks: int) -> None:
        self._embedder = embedder
        self._batch_chunks = batch_chunks
        self._thread = ThreadPoolExecutor(1, "embedding", scheduling.step_back)
        self._loading = ThreadPoolExecutor(1, "loading")
        self._closed = threading.Event()
        self.seconds = 0.0

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
        cancelled = threading.Event()
        return InFlightBatch(batch, self._thread.submit(self._embed, batch, cancelled), cancelled)

    def _embed(self, batch: Sequence[PendingDocument], cancelled: threading.Event) -> list[Vectors]:
        """One array (chunks, dimension) a document; texts of all documents share the passes."""
        start = time.perf_counter()
        texts = [
            chunk.for_embedding(item.document.title) for item in batch for chunk in item.chunks
        ]
        step = self._batch_chunks
        parts: list[Vectors] = []
        for at in range(0, len(texts), step):
            if cancelled.is_set():
                break
            batch_texts = texts[at : at + step]
            parts.append(encode(self._embedder(), batch_texts, self._closed.is_set))
        self.seconds += time.perf_counter() - start
        ends = np.cumsum([len(item.chunks) for item in batch])
        whole = int(np.searchsorted(ends, sum(map(len, parts)), side="right"))
        return np.split(np.concatenate(parts), ends)[:whole] if whole else []


def encode(embedder: Embedder, texts: Sequence[str], stop: Stop = lambda: False) -> Vectors:
    """Returns the vectors (texts, dimension) of passages; those of like length share a pass.

    Raises InterruptedError when `stop()`.
    """
    rows = np.empty((len(texts), embedder.dimension), dtype=np.float32)
    for positions in batches_by_length([len(text) for text in texts], PASS_CHARACTERS):
        if stop():
            raise InterruptedError("the ingest was broken off")
        rows[positions] = embedder.encode_documents([texts[i] for i in positions])
    return rows
