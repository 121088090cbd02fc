"""Documents and their slices: one text, addressed by character offsets.

The offset into `Document.text` is the one address: pages and headings derive from it, and every
quote is a slice of it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

_PARAGRAPH = re.compile(r"\S.*(?:\n.*\S.*)*")  # lines until an empty one

Span = tuple[int, int]
"""Half-open character range (start, end)."""


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of text under one path of headings, outermost first."""

    start: int
    end: int
    headings: tuple[str, ...]


class DocumentBlockKind(StrEnum):
    """What a stretch of a document is."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST_ITEM = "list_item"
    TABLE_TITLE = "table_title"
    HEADER_ROW = "header_row"  # a row that names the columns of the rows below it
    ROW = "row"
    NOTE = "note"  # a footnote, an endnote, a comment, a speaker's note
    CAPTION = "caption"
    FIELD = "field"  # of a form: its label with its value
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table's row; `headers` are the names of its column, outermost first, wherever
    the text has them."""

    start: int
    end: int
    headers: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentBlock:
    """A stretch of a document and what it is. Text between two blocks is a paragraph.

    `level` is the depth of a heading or a list item, 1 for the outermost. The first of the `cells`
    of a row says what the row is about.
    """

    start: int
    end: int
    kind: DocumentBlockKind
    level: int = 0
    cells: tuple[Cell, ...] = ()


class NoteKind(StrEnum):
    """Why something that a file holds is not in the document's text, or is there with doubt."""

    HIDDEN_TEXT = "hidden_text"  # nobody who looks at the document sees it
    HIDDEN_SHEET = "hidden_sheet"
    HIDDEN_ROWS = "hidden_rows"
    HIDDEN_COLUMNS = "hidden_columns"
    DELETED_TEXT = "deleted_text"  # a tracked deletion
    RUNNING_HEADS = "running_heads"  # heads and feet that repeat on the pages
    REPEATED = "repeated"  # what all documents of a site share
    NOT_COMPUTED = "not_computed"  # a formula without a stored value
    PICTURE = "picture"  # without text that could be read
    EMBEDDED_FILE = "embedded_file"
    UNREADABLE_PART = "unreadable_part"
    CUT = "cut"  # beyond what a document may hold
    REDACTED = "redacted"  # personal data made unreadable on purpose; `where` is its kind


@dataclass(frozen=True, slots=True)
class Note:
    """What the parser left out of the text, or read with doubt.

    `where` names the page, sheet or part, `count` says how many there were, and `text` holds the
    first words.
    """

    kind: NoteKind
    where: str = ""
    count: int = 1
    text: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One file as text. `pages` holds the start offset of each page, empty where there are none.

    `blocks` are sorted by start and do not overlap. `notes` say what was left out of the text.
    """

    path: str
    title: str
    text: str
    language: str = "en"
    pages: tuple[int, ...] = ()
    sections: tuple[Section, ...] = ()
    content_hash: str = ""
    id: int = 0
    blocks: tuple[DocumentBlock, ...] = ()
    notes: tuple[Note, ...] = ()

    def blocks_between(self, start: int, end: int) -> tuple[DocumentBlock, ...]:
        """Returns the blocks that share a character with [start, end)."""
        first = bisect_right(self.blocks, start, key=lambda block: block.end)
        last = bisect_left(self.blocks, end, key=lambda block: block.start)
        return self.blocks[first:last]

    def stretches(self, start: int = 0, end: int | None = None) -> Iterator[DocumentBlock]:
        """Gives the text from `start` to `end` in order: blocks, and the paragraphs between them.

        A block belongs to where it starts.
        """
        end = len(self.text) if end is None else end
        for block in self.blocks_between(start, end):
            if block.start >= start:
                yield from self._paragraphs(start, block.start)
                yield block
            start = block.end
        yield from self._paragraphs(start, end)

    def _paragraphs(self, start: int, end: int) -> Iterator[DocumentBlock]:
        for match in _PARAGRAPH.finditer(self.text, start, end):
            yield DocumentBlock(match.start(), match.end(), DocumentBlockKind.PARAGRAPH)

    def page_at(self, offset: int) -> int | None:
        """Returns the 1-based page of the character at `offset`; None for formats without pages."""
        return max(1, bisect_right(self.pages, offset)) if self.pages else None

    def page_end(self, offset: int) -> int:
        """Returns where the page that holds the offset ends; the end of a text without pages."""
        index = bisect_right(self.pages, offset)
        return self.pages[index] if index < len(self.pages) else len(self.text)

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
class FileInfo:
    """What is known of one file: of several with the same bytes each has its own."""

    path: str
    source: str  # absolute
    outcome: str  # of `schema.Outcome`, when it was last read
    reason: str
    modified: float  # seconds since 1970
    document_id: int | None


@dataclass(frozen=True, slots=True)
class PageImage:
    """A rendered page: PNG bytes, size in pixels, highlights as (left, top, right, bottom)."""

    png: bytes
    width: int
    height: int
    boxes: tuple[tuple[float, float, float, float], ...]
