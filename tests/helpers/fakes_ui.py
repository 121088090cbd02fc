"""A library for tests of the web app: it answers what it was told to, and loads nothing."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from rag.config import Settings
from rag.conversations import Conversations
from rag.errors import EmptyLibrary, FileProblem, LibraryBusy, RagError
from rag.library import Library
from rag.schema import (
    PURGED,
    UPLOADS,
    Answer,
    Block,
    Chunk,
    Citation,
    Document,
    DocumentInfo,
    FileInfo,
    FileReport,
    Filters,
    IngestReport,
    Note,
    Outcome,
    PageImage,
    Passage,
    Progress,
    Purge,
    Removal,
    Signals,
    Turn,
)
from tests.helpers.fakes import FakeEmbedder, make_answer

HOSTILE = (
    "<img src=x onerror=alert(1)> ![x](http://evil.example/x.png) [click](javascript:alert(1)) "
    "$x$ :smile: :material/home: :red[stop] www.evil.example me@evil.example </div><script>"
)


def passage(text: str, path: str = "informe.pdf", page: int | None = 2, number: int = 1) -> Passage:
    """A passage that is the whole of its document."""
    chunk = Chunk(number, 0, len(text), text, page, page, ("Resumen", "Cifras"), "es", number)
    return Passage(chunk, path, path, 0.9, Signals(dense=0.5))


def answer(question: str, text: str, *passages: Passage, short: str | None = None) -> Answer:
    """An answer that cites each passage whole; without a text it is a «not found»."""
    citations = tuple(
        Citation(
            number,
            passage,
            0,
            len(passage.chunk.text),
            passage.chunk.text,
            passage.page,
            passage.chunk.headings,
        )
        for number, passage in enumerate(passages, 1)
    )
    return make_answer(
        text or "No lo encuentro.",
        question,
        short=short,
        citations=citations if text else (),
        nearest=() if text else citations[:3],
        passages=passages,
        found=bool(text),
        confidence=0.9,
        signals={"coverage": 0.7},
        seconds={"total": 0.34},
    )


class FakeStream:
    """The stream of one prepared answer."""

    def __init__(self, prepared: Answer, stop: Callable[[], bool] = lambda: False) -> None:
        self.stop = stop
        self.passages = prepared.passages
        self.answer = prepared
        self.extractive = prepared.extractive
        self.blocks: tuple[Block, ...] = ()
        self.progress = None

    def __iter__(self) -> Iterator[str]:
        for block in self.answer.blocks:
            self.blocks = (*self.blocks, block)
            yield block.text


class FakeCollections:
    """Names with ids of documents, in memory."""

    def __init__(self) -> None:
        self.held: dict[str, set[int]] = {}

    def names(self) -> dict[str, int]:
        return {name: len(self.held[name]) for name in sorted(self.held)}

    def of_documents(self) -> dict[int, tuple[str, ...]]:
        ids = {key for held in self.held.values() for key in held}
        return {key: tuple(name for name in self.names() if key in self.held[name]) for key in ids}

    def add(self, name: str, documents: Iterable[int] = ()) -> None:
        self.held.setdefault(name, set()).update(documents)

    def take_out(self, name: str, documents: Iterable[int]) -> None:
        self.held[name] -= set(documents)

    def rename(self, name: str, new: str) -> None:
        self.held[new] = self.held.pop(name)

    def delete(self, name: str) -> None:
        del self.held[name]


@dataclass
class FakeLibrary:
    """Answers by question; `ingest` takes every file for a document of that name."""

    folder: Path
    answers: dict[str, Answer] = field(default_factory=dict)
    infos: list[DocumentInfo] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    asked: list[tuple[str, list[Turn]]] = field(default_factory=list)
    scopes: list[Filters | None] = field(default_factory=list)  # of what was asked
    removed: list[Path] = field(default_factory=list)
    busy: bool = False
    purge: Purge = PURGED
    gate: threading.Event | None = None  # an ingest waits here before each file
    undrawn: Outcome | None = None  # why no page can be drawn
    ranked: list[Passage] = field(default_factory=list)  # what a search finds, whatever is asked
    refused: RagError | None = None  # what trying other settings raises
    failed: list[FileInfo] = field(default_factory=list)
    whole: dict[int, Document] = field(default_factory=dict)
    left_out: dict[int, tuple[Note, ...]] = field(default_factory=dict)  # by document

    def __post_init__(self) -> None:
        self.settings = Settings(library=self.folder / "library")
        self.settings.library.mkdir(exist_ok=True)
        self.conversations = Conversations(self.settings.library)
        self.embedder = FakeEmbedder()
        self.collections = FakeCollections()

    def add(self, path: str, title: str = "", pages: int = 0, source: str = "") -> DocumentInfo:
        """Puts a document into the list."""
        source_path = source or str(self.folder / path)
        info = DocumentInfo(
            len(self.infos) + 1, path, title or path, "es", 1, pages, source_path, Path(path).suffix
        )
        self.infos.append(info)
        return info

    def documents(self, filters: Filters | None = None) -> list[DocumentInfo]:
        return [info for info in self.infos if not filters or info.path in filters.paths]

    def document(self, document_id: int) -> Document | None:
        texts = {
            passage.chunk.document_id: passage.chunk.text
            for prepared in self.answers.values()
            for passage in prepared.passages
        }
        if document_id in self.whole:
            return self.whole[document_id]
        text = texts.get(document_id)
        return None if text is None else Document("a.md", "a", text)

    def fits(self, filters: Filters) -> bool:
        return any(info.path in filters.paths for info in self.infos) or not filters.paths

    def notes(self, document_ids: Iterable[int]) -> dict[int, tuple[Note, ...]]:
        return {key: self.left_out[key] for key in document_ids if key in self.left_out}

    def search(self, question: str, k: int = 10, filters: Filters | None = None) -> list[Passage]:
        return [item for item in self.ranked if not filters or item.path in filters.paths][:k]

    def configure(self, settings: Settings) -> None:
        if self.refused is not None:
            raise self.refused
        self.settings = settings

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        filters: Filters | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> FakeStream:
        self.asked.append((question, list(history)))
        self.scopes.append(filters)
        if not self.infos:
            raise EmptyLibrary("the library holds no documents", "rag ingest FOLDER")
        return FakeStream(self.answers[question], stop)

    def ingest(
        self,
        paths: Sequence[Path],
        progress: Callable[[Progress], None],
        stop: Callable[[], bool],
        retry: bool = False,
    ) -> IngestReport:
        reports: list[FileReport] = []
        for done, path in enumerate(paths):
            if self.gate is not None:
                self.gate.wait(20)
            progress(Progress(done, len(paths), path.name, "reading"))
            if stop():
                return IngestReport(tuple(reports), 0, stopped=True)
            outcome = Outcome.OK if retry else self.outcomes.get(path.name, Outcome.OK)
            report = FileReport(path.name, outcome)
            reports.append(report)
            if outcome == Outcome.OK:
                self.add(path.name, source=str(path))
            stage = "ready" if outcome == Outcome.OK else "failed"
            progress(Progress(done + 1, len(paths), path.name, stage, report))
        return IngestReport(tuple(reports), len(reports))

    def remove(self, paths: Sequence[Path]) -> Removal:
        if self.busy:
            raise LibraryBusy("another process is writing", "wait for it to end")
        self.removed += paths
        gone = {str(path) for path in paths}
        self.infos = [info for info in self.infos if info.source not in gone]
        uploaded = [path for path in paths if path.is_relative_to(self.settings.library / UPLOADS)]
        for path in uploaded:
            path.unlink()
        return Removal(tuple(sorted(gone)), tuple(map(str, uploaded)), self.purge)

    def files(self) -> list[FileInfo]:
        found = [FileInfo(i.path, i.source, "ok", "", 0.0, i.id) for i in self.infos]
        return found + self.failed

    @property
    def originals(self) -> FakeLibrary:
        return self

    def path(self, document_id: int) -> Path | None:
        info = next(info for info in self.infos if info.id == document_id)
        return Path(info.source) if Path(info.source).exists() else None

    def content(self, document_id: int) -> bytes:
        path = self.path(document_id)
        return path.read_bytes() if path else b""

    def cited(self, citation: Citation, scale: float = 2.0) -> PageImage:
        if citation.page is None:
            raise FileProblem(Outcome.UNREADABLE, "has no pages")
        return self.page(0, citation.page)

    def page(self, document_id: int, number: int, scale: float = 2.0) -> PageImage:
        if self.undrawn is not None:
            raise FileProblem(self.undrawn, "is beyond its limits")
        from PIL import Image

        buffer = io.BytesIO()
        Image.new("RGB", (20, 40), "white").save(buffer, "PNG")
        return PageImage(buffer.getvalue(), 20, 40, ((2.0, 10.0, 18.0, 14.0),))

    def as_library(self) -> Library:
        """Itself, for callers that are typed for the real one."""
        return cast(Library, self)
