"""Paths -> sandbox -> chunks -> vectors -> store, in batches, each batch one transaction.

A file is known by the hash of its bytes: an unchanged one costs a look at its size and date, a
renamed or copied one is not embedded again, a broken one becomes a typed outcome and the batch goes
on. What a killed run had committed stays; the next run does the rest. Knows nothing about search.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from rag import languages
from rag.chunking import Chunker
from rag.config import Settings
from rag.errors import FileProblem, ModelMismatch
from rag.protocols import Embedder, Stop, Vectors
from rag.sandbox import Sandbox
from rag.schema import FAILURES, Chunk, Document, FileReport, IngestReport, Outcome, Progress
from rag.sources import Source, discover, key_of, root_of
from rag.store import Entry, FileRecord, Store

ATTEMPTS = 3  # a file that failed this often is not read again until its bytes change
SETTLED_NS = 2_000_000_000  # a date this close to the last look may hide a later change
_BLOCK = 1 << 20

OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class _Pending:
    """A document that has been read and waits for its batch to be embedded and committed."""

    source: Source
    record: FileRecord
    document: Document
    chunks: list[Chunk]


class Ingest:
    """One run over some paths. Use once, inside the store's write lock."""

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        settings: Settings,
        progress: OnProgress = lambda _: None,
        stop: Stop = lambda: False,
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._settings = settings
        self._progress = progress
        self._stop = stop
        self._chunker = Chunker(
            embedder.count_tokens,
            languages.sentences,
            settings.chunk_tokens,
            settings.chunk_overlap,
        )
        self._pending: list[_Pending] = []
        self._reports: list[FileReport] = []
        self._seconds = dict.fromkeys(("reading", "embedding", "storing", "total"), 0.0)
        self._present: frozenset[str] = frozenset()
        self._chunks = 0

    def run(self, paths: Sequence[Path], prune: bool = False) -> IngestReport:
        """Brings the library up to date with `paths`. Raises UsageError and ModelMismatch."""
        require_same_model(self._store, self._embedder)
        with self._clock("total"):
            sources = discover(paths, self._store.folder)
            self._present = frozenset(source.key for source in sources)
            self._store.generations.set_embedder(self._embedder.fingerprint)
            stopped = self._take(sources)
            self._flush()
            if prune and not stopped:
                self._prune(paths)
        return IngestReport(tuple(self._reports), self._chunks, dict(self._seconds), stopped)

    def _take(self, sources: Sequence[Source]) -> bool:
        """True when it was asked to stop before the last file."""
        settings = self._settings
        with Sandbox(settings.read_timeout, settings.reader_memory_mb) as sandbox:
            for source in sources:
                if self._stop():
                    return True
                self._decide(source, sandbox)
                if sum(len(each.chunks) for each in self._pending) >= settings.batch_chunks:
                    self._flush()
        return False

    def _decide(self, source: Source, sandbox: Sandbox) -> None:
        known = self._store.ledger.get(source.key)
        if known and _settled(known, source) and not _worth_retrying(known):
            self._repeat(source, known)
            return
        self._beat(source, "reading")
        try:
            with self._clock("reading"):
                record = self._look(source, known)
                if self._known_bytes(source, record, known):
                    return
                self._pending.append(self._read(source, record, sandbox))
        except FileProblem as problem:
            self._fail(source, known, problem)

    def _look(self, source: Source, known: FileRecord | None) -> FileRecord:
        """The file's record with the hash of its bytes. Raises FileProblem."""
        if source.size > self._settings.max_file_mb * 1_000_000:
            reason = f"{source.size // 1_000_000} MB, the limit is {self._settings.max_file_mb} MB"
            raise FileProblem(Outcome.TOO_LARGE, reason, "raise max_file_mb, or split the file")
        digest = _hash(source)
        return _record(source, digest, known, Outcome.OK)

    def _known_bytes(self, source: Source, record: FileRecord, known: FileRecord | None) -> bool:
        """Whether these bytes are in the library already; notes the path and reports it if so."""
        if known and known.content_hash == record.content_hash and not _worth_retrying(known):
            dates = {"modified_ns": record.modified_ns, "seen_ns": record.seen_ns}
            self._store.record(replace(known, **dates), known.document_id)  # type: ignore[arg-type]
            self._repeat(source, known)
            return True
        if any(each.record.content_hash == record.content_hash for each in self._pending):
            self._flush()
        document_id = self._store.documents.find(record.content_hash)
        if document_id is None:
            return False
        before = self._store.ledger.of_document(document_id)
        vanished = [
            each.source
            for each in before
            if each.source not in self._present and not Path(each.source).exists()
        ]
        with self._store.transaction():
            self._store.record(record, document_id)
            self._store.ledger.forget(vanished)
        outcome = Outcome.RENAMED if vanished else Outcome.DUPLICATE
        self._report(FileReport(source.path, outcome, f"same bytes as {before[0].path}"))
        return True

    def _read(self, source: Source, record: FileRecord, sandbox: Sandbox) -> _Pending:
        reading = sandbox.read(source.location)
        document = replace(
            reading.document,
            path=source.path,
            content_hash=record.content_hash,
            language=languages.detect(reading.document.text, self._settings.language),
        )
        chunks = self._chunker.split(document)
        if not chunks:
            raise FileProblem(Outcome.NO_TEXT, "holds no text", "scanned pages need OCR")
        record = replace(record, outcome=reading.outcome, reason=reading.reason)
        return _Pending(source, record, document, chunks)

    def _flush(self) -> None:
        """Embeds what is pending and commits it, all in one transaction."""
        if not self._pending:
            return
        batch, self._pending = self._pending, []
        with self._clock("embedding"):
            vectors = self._embed(batch)
        with self._clock("storing"), self._store.transaction():
            for item, rows in zip(batch, vectors, strict=True):
                self._store.add(_entry(item, rows))
        for item in batch:
            report = FileReport(
                item.source.path, Outcome(item.record.outcome), item.record.reason, len(item.chunks)
            )
            self._chunks += len(item.chunks)
            self._report(report)

    def _embed(self, batch: Sequence[_Pending]) -> Iterator[Vectors]:
        """One array (chunks, dimension) an item; texts of all items share the model's batches."""
        texts = [
            chunk.for_embedding(item.document.title) for item in batch for chunk in item.chunks
        ]
        step = self._settings.batch_chunks
        parts = []
        for start in range(0, len(texts), step):
            self._beat(batch[-1].source, "embedding")
            parts.append(self._embedder.encode_documents(texts[start : start + step]))
        rows = np.concatenate(parts)
        bounds = np.cumsum([len(item.chunks) for item in batch])[:-1]
        return iter(np.split(rows, bounds))

    def _fail(self, source: Source, known: FileRecord | None, problem: FileProblem) -> None:
        digest = ""
        with contextlib.suppress(FileProblem):
            digest = _hash(source) if problem.outcome != Outcome.TOO_LARGE else ""
        record = _record(source, digest, known, problem.outcome)
        self._store.record(replace(record, reason=str(problem)), None)
        self._report(FileReport(source.path, Outcome(problem.outcome), str(problem)))

    def _prune(self, paths: Sequence[Path]) -> None:
        """Removes files that are gone, only below the ingested paths."""
        for path in paths:
            for record in self._store.ledger.below(key_of(root_of(path))):
                # what is there but was not walked (uploads inside the library, say) is not gone
                if record.source not in self._present and not os.path.lexists(record.source):
                    self._store.forget([record.source])
                    self._report(FileReport(record.path, Outcome.REMOVED, "no longer there"))

    def _repeat(self, source: Source, known: FileRecord) -> None:
        failed = known.outcome in FAILURES
        outcome = Outcome(known.outcome) if failed else Outcome.UNCHANGED
        self._report(FileReport(source.path, outcome, known.reason))

    def _report(self, report: FileReport) -> None:
        self._reports.append(report)
        stage = "failed" if report.outcome in FAILURES else "ready"
        self._progress(Progress(len(self._reports), len(self._present), report.path, stage, report))

    def _beat(self, source: Source, stage: str) -> None:
        self._progress(Progress(len(self._reports), len(self._present), source.path, stage))

    @contextlib.contextmanager
    def _clock(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self._seconds[stage] += time.perf_counter() - start


def require_same_model(store: Store, embedder: Embedder) -> None:
    """Raises ModelMismatch when the stored vectors come from another model."""
    stored = store.generations.embedder()
    if stored is not None and stored != embedder.fingerprint and store.documents.counts()[1]:
        raise ModelMismatch(
            f"the library holds vectors of {stored}, the configured embedder is "
            f"{embedder.fingerprint}",
            "rag reindex",
        )


def reindex(store: Store, embedder: Embedder, progress: Callable[[int, int], None]) -> int:
    """Embeds every stored chunk again with `embedder`; one transaction, returns their number."""
    ids, _ = store.documents.vectors()
    batch = 256
    with store.transaction():
        for start in range(0, len(ids), batch):
            rows = store.documents.chunks(int(each) for each in ids[start : start + batch])
            texts = [chunk.for_embedding(title) for chunk, title, _ in rows.values()]
            store.documents.replace_vectors(list(rows), embedder.encode_documents(texts))
            progress(min(start + batch, len(ids)), len(ids))
        store.generations.set_embedder(embedder.fingerprint)
    return len(ids)


def _record(source: Source, digest: str, known: FileRecord | None, outcome: str) -> FileRecord:
    same = known is not None and known.content_hash == digest
    return FileRecord(
        source=source.key,
        path=source.path,
        size=source.size,
        modified_ns=source.modified_ns,
        seen_ns=time.time_ns(),
        content_hash=digest,
        outcome=outcome,
        attempts=known.attempts + 1 if known and same else 1,
    )


def _entry(item: _Pending, rows: Vectors) -> Entry:
    document = item.document
    terms = [
        languages.terms(chunk.for_embedding(document.title), document.language)
        for chunk in item.chunks
    ]
    return Entry(document, item.record, item.chunks, rows, terms)


def _settled(known: FileRecord, source: Source) -> bool:
    same = (known.size, known.modified_ns) == (source.size, source.modified_ns)
    return same and known.seen_ns - known.modified_ns > SETTLED_NS


def _worth_retrying(known: FileRecord) -> bool:
    # without a hash its bytes were never seen: too large, or not permitted, and that may change
    return known.outcome in FAILURES and (known.attempts < ATTEMPTS or not known.content_hash)


def _hash(source: Source) -> str:
    hasher = hashlib.sha256()
    try:
        with source.location.open("rb") as stream:
            while block := stream.read(_BLOCK):
                hasher.update(block)
    except OSError as error:
        raise FileProblem(
            Outcome.UNREADABLE, f"cannot be opened: {error.strerror}", "check its permissions"
        ) from error
    return hasher.hexdigest()
