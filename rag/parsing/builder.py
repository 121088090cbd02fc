"""Builds a document's text block by block, and its sections from the headings it meets.

Sections are sorted, do not overlap and cover the whole text; a
heading line belongs to the section it opens.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.errors import FileProblem
from rag.parsing.characters import MAX_CHARACTERS, clean_code, clean_line, clean_text
from rag.parsing.file import File
from rag.parsing.titles import MAX_TITLE, choose_title
from rag.schema import (
    Cell,
    Document,
    DocumentBlock,
    DocumentBlockKind,
    Note,
    NoteKind,
    Outcome,
    ParsedDocument,
    Section,
)

PARAGRAPH = "\n\n"
LINE = "\n"
HIDDEN_SHEET = "hidden sheet"
MAX_NOTE = 200  # characters of what was left out: enough to recognise it
MAX_STRETCHES = 400_000
"""Blocks and cells; the rows of a longer table are found by their words alone, which name their
columns. So many take 40 MB on their way out of the sandbox."""


class TextBuilder:
    """Collects cleaned blocks. `length` is the number of characters so far; `overflow` says that
    there was more than a document may hold, and that further blocks are lost."""

    def __init__(self) -> None:
        self.length = 0
        self.pages: list[int] = []
        self.overflow = False
        self._page_is_open = False  # the last page has no block yet
        self.notes: list[Note] = []
        self._blocks: list[DocumentBlock] = []
        self._stretches = 0
        self._next: tuple[int, str] | None = None  # the section to open at the next block
        self._parts: list[str] = []
        self._headings: list[tuple[int, int, str]] = []  # offset, level, words

    def add(
        self,
        text: str,
        separator: str = PARAGRAPH,
        kind: DocumentBlockKind | None = None,
        level: int = 0,
    ) -> int:
        """Appends text behind `separator`; returns the offset at which it starts.

        Text of a `kind` becomes a block; text of none is a paragraph.
        """
        return self.append(clean_text(text), separator, kind, level)

    def code(self, text: str, separator: str = PARAGRAPH) -> int:
        """Appends a preformatted block, indentation kept."""
        return self.append(clean_code(text), separator, DocumentBlockKind.CODE)

    @property
    def takes_blocks(self) -> bool:
        """Tells whether there is room for more of them, and the last text was not cut off."""
        return self._stretches < MAX_STRETCHES and not self.overflow

    def block(
        self,
        start: int,
        end: int,
        kind: DocumentBlockKind,
        level: int = 0,
        cells: Sequence[Cell] = (),
    ) -> None:
        """Says what a stretch of the text already added is. Stretches do not overlap."""
        cells = () if self.overflow else cells  # they may lie in what was cut off
        self._stretches += 1 + len(cells)
        if start < end <= self.length and self._stretches <= MAX_STRETCHES:
            self._blocks.append(DocumentBlock(start, end, kind, level, tuple(cells)))

    def note(self, kind: NoteKind, where: str = "", count: int = 1, text: str = "") -> None:
        """Says what is left out of the text, with its first words."""
        self.notes.append(Note(kind, where, count, clean_line(text)[:MAX_NOTE]))

    def heading(self, text: str, level: int) -> None:
        """Append a heading of `level` >= 1 (0 for a second title) and open a section."""
        words = clean_line(text)
        if words:
            self.mark(self.append(words, PARAGRAPH, DocumentBlockKind.HEADING, level), level, words)

    def mark(self, offset: int, level: int, words: str) -> None:
        """Open a section at `offset` of the text already added; without words, a nameless one."""
        # every chunk of the section repeats its name: a «heading» of a megabyte must not
        self._headings.append((offset, level, words[:MAX_TITLE]))

    def sheet(self, name: str, hidden: bool, read_hidden: bool, text: str = "") -> bool:
        """Begins a page for a sheet of a workbook, under its name; tells whether to read it.

        A hidden one is marked, or left out and noted with the first words of its `text`.
        """
        if hidden and not read_hidden:
            self.note(NoteKind.HIDDEN_SHEET, name, text=text)
            return False
        self.page()
        self.heading(f"{name} ({HIDDEN_SHEET})" if hidden else name, 1)
        return True

    def open(self, level: int, words: str) -> None:
        """Open a section at the next block, with words that are not in the text."""
        self._next = (level, words)

    def page(self) -> None:
        """Begin a page, which also ends all sections; it starts at the next block."""
        self.pages.append(self.length)
        self._page_is_open = True
        self.open(1, "")

    def embed(self, document: Document, level: int) -> None:
        """Append the text of another document, its sections under the open one of `level` - 1."""
        offset = self.append(document.text)
        before: tuple[str, ...] = ()
        for section in document.sections:
            path = section.headings
            if path == before or offset + section.start >= self.length:  # the same, or cut off
                continue
            same = next(
                (i for i, (a, b) in enumerate(zip(before, path, strict=False)) if a != b),
                len(before),
            )
            for depth, words in list(enumerate(path))[same:] or [(len(path), "")]:
                self.mark(offset + section.start, level + depth, words)
            before = path
        for block in document.blocks:
            self.block(
                offset + block.start,
                offset + block.end,
                block.kind,
                block.level,
                [_moved(cell, offset) for cell in block.cells],
            )
        self.notes += document.notes

    @property
    def blocks(self) -> tuple[DocumentBlock, ...]:
        """Returns the blocks, sorted by start; of two that overlap, the one that begins first."""
        kept: list[DocumentBlock] = []
        for block in sorted(self._blocks, key=lambda block: block.start):
            if not kept or block.start >= kept[-1].end:
                kept.append(block)
        return tuple(kept)

    def text(self) -> str:
        """All blocks joined."""
        return "".join(self._parts)

    def main_heading(self) -> str:
        """The first heading if it stands above all others, as the title of a page does."""
        named = [(level, words) for _, level, words in self._headings if words]
        alone = named and all(level > named[0][0] for level, _ in named[1:])
        return named[0][1] if alone else ""

    def opening_heading(self) -> str:
        """The heading with which the text begins, if it does."""
        return next((words for offset, _, words in self._headings if words and offset == 0), "")

    def sections(self, title: str = "") -> tuple[Section, ...]:
        """One section a heading, one before the first; `headings` lists the open ones, outer first.

        A heading that is the document's `title` opens a section, but is not repeated as its name.
        """
        named = [
            (at, level, "" if words == title else words) for at, level, words in self._headings
        ]
        return make_sections(named, self.length)

    def append(
        self,
        text: str,
        separator: str = PARAGRAPH,
        kind: DocumentBlockKind | None = None,
        level: int = 0,
    ) -> int:
        """As `add`, for text that is clean already; tabs in it part the cells of a row."""
        if not text or self.overflow:
            return self.length
        room = MAX_CHARACTERS - self.length - len(separator)
        if len(text) > room:
            text, self.overflow = text[: max(room, 0)], True
        lead = separator if self._parts else ""
        self._parts.append(lead + text)
        self.length += len(lead) + len(text)
        offset = self.length - len(text)
        if kind is not None:
            self.block(offset, self.length, kind, level)
        if self._next is not None:
            self.mark(offset, *self._next)
            self._next = None
        if self._page_is_open:
            self.pages[-1], self._page_is_open = offset, False
        return offset


def make_sections(headings: list[tuple[int, int, str]], length: int) -> tuple[Section, ...]:
    """Sections over [0, length) from (offset, level, words), which are sorted here by offset."""
    sections: list[Section] = []
    open_levels: list[tuple[int, str]] = []
    start, path = 0, tuple[str, ...]()
    for offset, level, words in sorted(headings, key=lambda heading: heading[0]):
        if offset > start:
            sections.append(Section(start, offset, path))
        while open_levels and open_levels[-1][0] >= level:
            open_levels.pop()
        open_levels.append((level, words))
        start, path = offset, tuple(words for _, words in open_levels if words)
    if length > start or not sections:
        sections.append(Section(start, length, path))
    return tuple(sections)


def _moved(cell: Cell, offset: int) -> Cell:
    headers = tuple((start + offset, end + offset) for start, end in cell.headers)
    return Cell(cell.start + offset, cell.end + offset, headers)


def finish(
    file: File, builder: TextBuilder, title: str = "", lacks: Sequence[str] = ()
) -> ParsedDocument:
    """The reading of what was built; PARTIAL where something `lacks`.

    Raises FileProblem(NO_TEXT) when there is nothing.
    """
    text = builder.text()
    if not text.strip():
        raise no_text(file)
    title = choose_title(file, title, builder.main_heading())
    document = Document(
        path=file.name,
        title=title,
        text=text,
        pages=tuple(builder.pages),
        sections=builder.sections(title),
        blocks=builder.blocks,
        notes=tuple(builder.notes),
    )
    cut = ["the text is cut at 20 million characters"] if builder.overflow else []
    return make_parsed(document, [*lacks, *cut])


def make_parsed(document: Document, lacks: list[str]) -> ParsedDocument:
    """OK when nothing lacks, otherwise PARTIAL with the reasons."""
    outcome = Outcome.PARTIAL if lacks else Outcome.OK
    return ParsedDocument(document, outcome, "; ".join(lacks))


def no_text(file: File) -> FileProblem:
    """The problem to raise for a file that opens well and says nothing."""
    return FileProblem(
        Outcome.NO_TEXT, f"{file.name} holds no text", "add a document that has text in it"
    )


def unreadable(file: File, cause: str) -> FileProblem:
    """The problem to raise for a damaged file; `cause` in a few words."""
    return FileProblem(
        Outcome.UNREADABLE,
        f"{file.name} cannot be read: {cause}",
        "open it in its own program, save it again and repeat the ingest",
    )


def encrypted(file: File) -> FileProblem:
    """The problem to raise for a file that asks for a password."""
    return FileProblem(
        Outcome.ENCRYPTED,
        f"{file.name} is protected by a password",
        "open it with the password, save a copy without it and add that",
    )
