"""One library: ingest, remove, search, ask, status. The only file that joins the parts.

    with Library.open(Path(".rag")) as library:
        library.ingest([Path("documents")])
        answer = library.ask("¿Qué es RAG?").answer

Models load at the first call that needs them, so listing and removing are instant. May be used from
several threads; one process writes at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Unpack

from rag import factory, scheduling
from rag.answering import Answerer, AnswerStream as AnswerStream, QuestionAnalyzer
from rag.answering.evidence import Evidence, EvidenceScorer
from rag.config import Settings, load
from rag.conversations import Conversations
from rag.errors import EmptyLibrary, UsageError
from rag.indexing import Ingest, OnProgress, Pace as Pace, Queued, Worker, reindex, remove, watch
from rag.indexing.index_sync import CurrentIndex, require_same_model, resume, status_of
from rag.indexing.originals import Originals
from rag.indexing.preview import preview as preview
from rag.llms import adapters as adapters, overview as overview, shop as shop
from rag.models.artefacts import describe_bundled as describe_bundled
from rag.parsing import ocr as ocr
from rag.protocols import Embedder, Parts, Stop, VectorIndex
from rag.retrieval import QAPassageScorer, Retriever
from rag.schema import (
    Document,
    DocumentInfo,
    FileInfo,
    Filters,
    IngestReport,
    Message,
    Note,
    Passage,
    Prompt,
    Purge,
    Reindexed,
    Removal,
    Status,
    Turn,
)
from rag.storage import Store


class Library:
    """A folder with everything that was ingested into it, and the models to ask it."""

    def __init__(self, settings: Settings, **parts: Unpack[Parts]) -> None:
        self.settings = settings
        self._embedder, self._generator = parts.get("embedder"), parts.get("generator")
        self._reranker, self._qa_model = parts.get("reranker"), parts.get("qa_model")
        self._store = Store(settings.library, settings.database)
        self.originals = Originals(self._store, settings.reader_memory_mb)
        usage_days = settings.keep_questions_days
        self.conversations = Conversations(settings.library, self._store.database, usage_days)
        self.collections, self.shared_jobs = self._store.collections, self._store.shared_jobs()
        self._loading = threading.RLock()
        self._index = CurrentIndex(self._store)
        resume(self._store)

    @classmethod
    def open(
        cls, path: Path | None = None, settings: Settings | None = None, **parts: Unpack[Parts]
    ) -> Library:
        """Opens or creates the library at `path`. Raises LibraryDamaged when it fails its checks.

        Parts that are not given are made from the settings when first needed.
        """
        settings = settings or load({"library": path} if path else {})
        settings = replace(settings, library=path, database="") if path else settings
        return cls(settings, **parts)

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the database and ends all children. The library must not be used afterwards."""
        self.originals.close()
        self._store.close()

    # --- changing it ---

    def ingest(
        self,
        paths: Sequence[Path],
        prune: bool = False,
        progress: OnProgress | None = None,
        stop: Stop | None = None,
        retry: bool = False,
        again: bool = False,
        named: bool = True,
    ) -> IngestReport:
        """Brings the library up to date with files and folders; a bad file never ends the batch.

        `retry`: files that were given up, or read in part, are read once more. Files that were
        removed come back with `again` all, with `named` those that are named themselves.

        Raises UsageError for a path that is not there, LibraryBusy while another process writes,
        and ModelMismatch when the library was built with another embedder.
        """
        if self.settings.queue:
            queued = Queued(self._store, self.settings, progress, stop)
            return queued.run(paths, prune, retry, again, named)
        with self._store.writing():
            known = self._fingerprint()
            if known is not None:  # otherwise seen once a file makes the model load
                require_same_model(self._store, known)
            run = Ingest(self._store, lambda: self._passage_embedder, self.settings, progress, stop)
            return replace(run.run(paths, prune, retry, again, named), purge=self._settle())

    def work(self, progress: OnProgress, stop: Stop, once: bool = False) -> None:
        """Reads what is queued until `stop()`, or all `once`. Raises UsageError for a folder."""
        Worker(self._store, lambda: self._passage_embedder, self.settings, progress, stop).run(once)

    def watch(
        self,
        paths: Sequence[Path],
        on_report: Callable[[IngestReport], None],
        progress: OnProgress | None = None,
        stop: Stop | None = None,
        retry: bool = False,
        again: bool = False,
    ) -> None:
        """Keeps the library in sync with files and folders until `stop()`; what is gone goes.

        `on_report` gets each report. `retry`, `again` and the names of files count for the first
        ingest: what is removed later stays removed. Raises as `ingest` does, but LibraryBusy.
        """

        def ingest(first: bool) -> None:
            flags = {"retry": retry and first, "again": again and first, "named": first}
            on_report(self.ingest(paths, True, progress, stop, **flags))

        watch(paths, self._store.folder, ingest, stop or (lambda: False))

    def remove(self, paths: Sequence[Path]) -> Removal:
        """Removes files, or all files below a folder, and takes their text off the disk.

        A path is one on disk or one as the library shows it. Raises UsageError for unknown ones.
        What was uploaded into the library's folder is deleted; files elsewhere stay where they
        are, and out of the library until `ingest` is asked for them.
        """
        with self._store.writing():
            removed, copies = remove(self._store, paths, self.conversations)
            return Removal(removed, copies, self._settle())

    def reindex(
        self, progress: Callable[[int, int], None] | None = None, stop: Stop | None = None
    ) -> Reindexed:
        """Embeds all passages again with the configured embedder, and reads no file for it.

        Until the last one is done, whoever has the old model is answered from the old vectors.
        After `stop()` the next call goes on. `progress` gets (done, total).
        """
        show, stop = progress or (lambda done, total: None), stop or (lambda: False)
        with self._store.writing():
            result = reindex(self._store, self._passage_embedder, show, stop)
            self._settle()
            return result

    def _settle(self) -> Purge:
        if self._store.purging.due:
            adapters.forget(self.settings.library)
        return self._index.settle()

    # --- asking it ---

    def search(self, question: str, k: int = 10, filters: Filters | None = None) -> list[Passage]:
        """Returns the k best passages, best first. Raises EmptyLibrary and ModelMismatch."""
        self._require_content()
        with scheduling.asking():
            analyzer, retriever, _ = self._parts()
            return retriever.search(analyzer.analyze(question, filters), k)

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        filters: Filters | None = None,
        stop: Stop | None = None,
    ) -> AnswerStream:
        """Gives passages at once, then verified text. Raises EmptyLibrary and ModelMismatch."""
        if not question.strip():
            raise UsageError("the question is empty", "type a question")
        self._require_content()
        with scheduling.asking():
            return self._parts()[2].ask(question, history, filters, stop or (lambda: False))

    def score_evidence(
        self, question: str, filters: Filters | None = None
    ) -> tuple[list[Passage], Evidence]:
        """Returns what an answer would rest on, without one: for calibration."""
        self._require_content()
        analyzer, retriever, answerer = self._parts()
        asked = analyzer.analyze(question, filters)
        passages = retriever.search(asked, self.settings.passages)
        return passages, answerer.score_evidence(asked, passages)

    def configure(self, settings: Settings) -> None:
        """Answers by other settings of answering from the next question on.

        A language model has to load and to write first: what that raises leaves all as it was.
        """
        generator = factory.make_generator(settings)
        if generator is not None:
            next(generator.stream(Prompt((Message("user", "1 + 1 ="),)), lambda: False), None)
        with self._loading:
            self.settings, self._generator = settings, generator
            for part in ("_analyzer", "_retriever", "_answerer"):
                self.__dict__.pop(part, None)

    def _parts(self) -> tuple[QuestionAnalyzer, Retriever, Answerer]:
        # Python 3.11 locks each cached property: two threads must not take these in two orders
        with self._loading:
            return self._analyzer, self._retriever, self._answerer

    def documents(self, filters: Filters | None = None) -> list[DocumentInfo]:
        """Returns the documents that pass the filters, or all, by path."""
        return self._store.documents.infos(filters)

    def files(self) -> list[FileInfo]:
        """Returns all files that were ever read, also those that gave no document, by path."""
        return self._store.ledger.infos()

    def fits(self, filters: Filters) -> bool:
        """Tells whether anything in the library passes the filters."""
        return bool(self._store.documents.allowed(filters))

    def document(self, document_id: int) -> Document | None:
        """Returns a document with its whole text; None when it is gone."""
        return self._store.documents.get(document_id)

    def notes(self, document_ids: Iterable[int]) -> dict[int, tuple[Note, ...]]:
        """Returns what was left out of these documents, by id, for those of which something was."""
        return self._store.documents.notes(document_ids)

    def status(self) -> Status:
        """Returns counts, and whether all parts agree. A stale index is renewed on the way."""
        return status_of(self._store, self.settings.embedder, self._fingerprint())

    def _fingerprint(self) -> str | None:
        made = self._embedder  # a bundled one is known without being loaded
        return made.fingerprint if made else factory.embedder_fingerprint(self.settings)

    @property
    def embedder(self) -> Embedder:
        """Returns the embedder; loading takes seconds the first time."""
        with self._loading:
            self._embedder = self._embedder or factory.make_embedder(self.settings)
            return self._embedder

    @cached_property
    def _passage_embedder(self) -> Embedder:
        return factory.passage_embedder(self.embedder, self.settings)

    @cached_property
    def _retriever(self) -> Retriever:
        require_same_model(self._store, self.embedder.fingerprint)
        reranker = self._reranker or factory.make_reranker(self.settings)
        model = self._qa_model = self._qa_model or factory.make_qa_model(self.settings)
        qa_scorer = QAPassageScorer(model, self.settings.qa_chars) if model else None
        return Retriever(
            self._store, self.embedder, self._current_index, self.settings, reranker, qa_scorer
        )

    @cached_property
    def _analyzer(self) -> QuestionAnalyzer:
        return QuestionAnalyzer(self._store, self.settings.language, self.embedder)

    @cached_property
    def _answerer(self) -> Answerer:
        selector = factory.make_selector(self.settings)
        scorer = EvidenceScorer(self.embedder, qa_model=self._qa_model, selector=selector)
        generator = self._generator or factory.make_generator(self.settings)
        analyzer, get = self._analyzer, self._store.documents.get
        return Answerer(
            analyzer, self._retriever, scorer, get, generator, self.settings, self.embedder
        )

    def _current_index(self) -> VectorIndex:
        with self._loading:
            return self._index.get(self.embedder.fingerprint)

    def _require_content(self) -> None:
        if not self._store.documents.counts()[1]:
            name = self._store.engine.name
            raise EmptyLibrary(f"the library {name} holds no documents", "rag ingest FOLDER")
