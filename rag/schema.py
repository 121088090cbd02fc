"""The shapes that flow through the pipeline, all frozen. Knows no files, models or databases.

The character offset into `Document.text` is the one address: pages, headings, quotes go by it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rag.claims import Claim, Conflict
from rag.purge import PURGED, Purge

Span = tuple[int, int]
"""Half-open character range (start, end)."""


class Outcome(StrEnum):
    """What became of one file. `FAILURES` lists those that put nothing into the library."""

    OK = "ok"
    PARTIAL = "partial"  # indexed, but some pages could not be read
    UNCHANGED = "unchanged"
    RENAMED = "renamed"
    DUPLICATE = "duplicate"  # same bytes as another file of the library; both paths are known
    REMOVED = "removed"
    ENCRYPTED = "encrypted"  # this one and all below: FAILURES
    NO_TEXT = "no_text"
    UNSUPPORTED = "unsupported"
    TOO_LARGE = "too_large"
    BOMB = "bomb"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASHED = "crashed"
    UNREADABLE = "unreadable"
    OUTSIDE = "outside"  # a link that leads out of the ingested folder


FAILURES = frozenset(tuple(Outcome)[tuple(Outcome).index(Outcome.ENCRYPTED) :])


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of text under one path of headings, outermost first."""

    start: int
    end: int
    headings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One file as text. `pages` holds the start offset of each page, empty where there are none."""

    path: str
    title: str
    text: str
    language: str = "en"
    pages: tuple[int, ...] = ()
    sections: tuple[Section, ...] = ()
    content_hash: str = ""
    id: int = 0

    def page_at(self, offset: int) -> int | None:
        """1-based page that holds the character at `offset`; None for formats without pages."""
        return max(1, bisect_right(self.pages, offset)) if self.pages else None

    def headings_at(self, offset: int) -> tuple[str, ...]:
        """Headings above the character at `offset`, outermost first."""
        index = bisect_right(self.sections, offset, key=lambda section: section.start) - 1
        if index >= 0 and offset < self.sections[index].end:
            return self.sections[index].headings
        return ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of a file; PARTIAL comes with the `reason`: what is missing."""

    document: Document
    outcome: Outcome = Outcome.OK
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A retrievable slice. Invariant: `document.text[start:end] == text`."""

    document_id: int
    start: int
    end: int
    text: str
    page_first: int | None = None
    page_last: int | None = None
    headings: tuple[str, ...] = ()
    language: str = "en"
    id: int = 0

    def for_embedding(self, title: str) -> str:
        """What is embedded and indexed: title and headings say what the bare text leaves out."""
        header = " > ".join(dict.fromkeys(part for part in (title, *self.headings) if part))
        return f"{header}\n{self.text}" if header else self.text


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrieved chunk with its score in [0, 1] and the signals that made it."""

    chunk: Chunk
    title: str
    path: str
    score: float
    signals: Mapping[str, float] = field(default_factory=dict)
    answer_span: Span | None = None

    @property
    def page(self) -> int | None:
        """The page on which the passage begins."""
        return self.chunk.page_first


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a passage, addressed in the document, with how well it answers in [0, 1]."""

    passage: int  # index into the passages it came from
    start: int
    end: int
    text: str
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Citation:
    """A verified quote. Invariant, checked before it is shown: `quote == text[start:end]`."""

    number: int
    passage: Passage
    start: int
    end: int
    quote: str
    page: int | None
    headings: tuple[str, ...] = ()

    @property
    def answer_span(self) -> Span | None:
        """Characters of the quote that answer, where they are fewer than all of it."""
        if self.passage.answer_span is None:
            return None
        start = max(0, self.passage.answer_span[0] - self.start)
        end = min(len(self.quote), self.passage.answer_span[1] - self.start)
        return (start, end) if 0 < end - start < len(self.quote) else None


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier exchange of a chat."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message for a language model; `role` is system, user or assistant."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """All a generator may need: the messages for a model, the evidence for an extractive one."""

    question: str
    language: str
    messages: tuple[Message, ...]
    passages: tuple[Passage, ...]
    evidence: tuple[Sentence, ...]
    short: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The finished answer. `found` is False when the documents do not hold it."""

    question: str
    text: str
    short: str | None
    citations: tuple[Citation, ...]
    passages: tuple[Passage, ...]
    found: bool
    confidence: float
    model: str
    language: str
    standalone: str  # the question that was searched: as asked, or freed of the chat before it
    signals: Mapping[str, float] = field(default_factory=dict)
    """What the confidence was made of."""
    seconds: Mapping[str, float] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()  # the sentences of `text` that say something, in order
    conflicts: tuple[Conflict, ...] = ()
    used: int = 0  # passages that the generator was shown, the first ones of `passages`
    flagged: tuple[int, ...] = ()  # passages (indices) with hidden or forged characters
    quick: Answer | None = None  # the verbatim answer that came before a written one


@dataclass(frozen=True, slots=True)
class Filters:
    """Restricts a search before it ranks. Empty tuples do not restrict."""

    paths: tuple[str, ...] = ()  # a file, or a folder and all below it
    languages: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()  # ".pdf"

    def __bool__(self) -> bool:
        return bool(self.paths or self.languages or self.suffixes)


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file of an ingest: its path relative to the ingested root, and what became of it."""

    path: str
    outcome: Outcome
    reason: str = ""
    chunks: int = 0
    pages: int = 0  # of formats that have pages


@dataclass(frozen=True, slots=True)
class Progress:
    """A beat of a running ingest. `report` is set when a file has been decided."""

    done: int
    total: int
    path: str
    stage: str  # queued | reading | embedding | ready | failed | indexing
    report: FileReport | None = None


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest did, file by file, in the order decided."""

    files: tuple[FileReport, ...]
    chunks: int
    seconds: Mapping[str, float] = field(default_factory=dict)
    stopped: bool = False
    purge: Purge = PURGED  # of what was edited or pruned

    @property
    def failed(self) -> tuple[FileReport, ...]:
        """The files that put nothing into the library."""
        return tuple(report for report in self.files if report.outcome in FAILURES)

    def counts(self) -> dict[str, int]:
        """Number of files per outcome, for those that occurred."""
        return dict(Counter[str](report.outcome for report in self.files))


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """One row of the list of documents."""

    id: int
    path: str
    title: str
    language: str
    chunks: int
    pages: int
    source: str  # absolute path of the file as last read
    suffix: str


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a library, for `rag status` and the web app."""

    documents: int
    chunks: int
    files: Mapping[str, int]
    generation: Mapping[str, object] | None
    consistent: bool
    problems: tuple[str, ...]
    embedder: str
    languages: Mapping[str, int]
    private: bool = True  # no other user of the machine may read or change it


@dataclass(frozen=True, slots=True)
class PageImage:
    """A rendered page: PNG bytes, size in pixels, highlights as (left, top, right, bottom)."""

    png: bytes
    width: int
    height: int
    boxes: tuple[tuple[float, float, float, float], ...]
