"""Documents and their slices: one text, addressed by character offsets.

The offset into `Document.text` is the one address: pages and headings derive from it, and every
quote is a slice of it.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

Span = tuple[int, int]
"""Half-open character range (start, end)."""


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
        """Returns the 1-based page of the character at `offset`; None for formats without pages."""
        return max(1, bisect_right(self.pages, offset)) if self.pages else None

    def headings_at(self, offset: int) -> tuple[str, ...]:
        """Returns the headings above the character at `offset`, outermost first."""
        index = bisect_right(self.sections, offset, key=lambda section: section.start) - 1
        if index >= 0 and offset < self.sections[index].end:
            return self.sections[index].headings
        return ()


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
        """Returns what is embedded and indexed: the text under its title and headings."""
        header = " > ".join(dict.fromkeys(part for part in (title, *self.headings) if part))
        return f"{header}\n{self.text}" if header else self.text


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
class PageImage:
    """A rendered page: PNG bytes, size in pixels, highlights as (left, top, right, bottom)."""

    png: bytes
    width: int
    height: int
    boxes: tuple[tuple[float, float, float, float], ...]
