"""Pages of measured lines -> a document with page offsets: headers gone, paragraphs joined.

A sentence that runs over a page break is one sentence in the text. Knows nothing about where the
lines come from: a text layer or a picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag.parsing.builder import TextBuilder, make_parsed
from rag.parsing.file import File
from rag.parsing.lines import (
    Line,
    Paragraph,
    Rule,
    Table,
    TableRow,
    continues,
    merge_rows,
    paragraphs,
    words_of,
)
from rag.parsing.pdf_layout import arrange
from rag.parsing.pdf_structure import Bookmark, Heading, find_headings, large_words, strip_running
from rag.parsing.titles import choose_title
from rag.schema import Cell, Document, DocumentBlockKind, Note, NoteKind, ParsedDocument, Span

_TABLE_LEVEL = 9  # below all headings

Page = list[Line] | None
"""The lines of a page; None where no library could read it."""


def assemble(
    file: File,
    pages: Sequence[Page],
    bookmarks: Sequence[Bookmark] = (),
    title: str = "",
    lacks: Sequence[str] = (),
    rules: Sequence[Sequence[Rule]] = (),
    notes: Sequence[Note] = (),
) -> ParsedDocument:
    """The reading of pages of measured lines; PARTIAL where pages are None or something `lacks`."""
    whole = [page or [] for page in pages]
    kept = strip_running(whole)
    kept_lines = {id(line) for page in kept for line in page}
    known = set[str]().union(*map(words_of, kept))
    kept = list(_arranged(kept, rules, known))
    headings = find_headings(kept, bookmarks)
    builder = TextBuilder()
    builder.notes += notes
    _note_running(builder, whole, kept_lines)
    starts = tuple(_Pages(builder, headings).write(kept, known))
    # Without an outline, headings are guessed: the one at the very start is the title.
    opening = builder.main_heading() if bookmarks else builder.opening_heading()
    title = choose_title(file, title, large_words(kept), opening)
    document = Document(
        path=file.name,
        title=title,
        text=builder.text(),
        pages=starts,
        sections=builder.sections(title),
        blocks=builder.blocks,
        notes=tuple(builder.notes),
    )
    failed = [number for number, page in enumerate(pages, 1) if page is None]
    reasons = list(lacks)
    if failed:
        reasons.append(f"{len(failed)} of {len(pages)} pages are damaged: {ranges(failed)}")
    if builder.overflow:
        reasons.append("the text is cut at 20 million characters")
    return make_parsed(document, reasons)


def _note_running(builder: TextBuilder, pages: Sequence[list[Line]], kept: set[int]) -> None:
    """Says which heads and feet were left out, and on which pages."""
    left_out = [(number, line) for number, page in enumerate(pages, 1) for line in page]
    left_out = [(number, line) for number, line in left_out if id(line) not in kept]
    if left_out:
        where = f"pages {ranges(sorted({number for number, _ in left_out}))}"
        words = " · ".join(dict.fromkeys(line.text for _, line in left_out))
        builder.note(NoteKind.RUNNING_HEADS, where, len(left_out), words)


def _arranged(
    pages: Sequence[list[Line]], rules: Sequence[Sequence[Rule]], known: set[str]
) -> Iterator[list[Line]]:
    """The pages with columns in order and tables in rows; a table may go on over pages."""
    table: Table | None = None
    for number, page in enumerate(pages):
        lines, table = arrange(page, rules[number] if rules else (), known, table)
        yield merge_rows(lines)


class _Pages:
    """Writes pages, and says what their stretches are."""

    def __init__(self, builder: TextBuilder, headings: Sequence[Heading]) -> None:
        self._builder = builder
        self._headings = headings
        self._titled: dict[int, Span] | None = None  # the table whose title names the open section

    def write(self, pages: Sequence[list[Line]], known: set[str]) -> Iterator[int]:
        """Adds page after page; yields the offset at which each one starts."""
        last: Line | None = None
        for number, page in enumerate(pages):
            start = self._builder.length
            parts = paragraphs(page, known)
            for index, paragraph in enumerate(parts):
                separator = paragraph.separator
                if index == 0 and last is not None and continues(last, paragraph.lines[0]):
                    separator = " "
                offset = self._paragraph(paragraph, separator, parts[index + 1 :])
                start = offset if index == 0 else start
                last = paragraph.lines[-1]
            for heading in self._headings:
                if heading.page == number:
                    self._builder.mark(start, heading.level, heading.words)
            yield start

    def _paragraph(
        self, paragraph: Paragraph, separator: str, following: Sequence[Paragraph]
    ) -> int:
        builder, row = self._builder, paragraph.lines[0].row
        offset = builder.append(paragraph.text, separator)
        end = offset + len(paragraph.text)
        if self._titled is not None and (row is None or row.table.spans is not self._titled):
            builder.mark(offset, _TABLE_LEVEL, "")
            self._titled = None
        if paragraph.heading is not None:
            heading = self._headings[paragraph.heading]
            builder.mark(offset, heading.level, heading.words)
            builder.block(offset, end, DocumentBlockKind.HEADING, heading.level)
        elif kind := paragraph.lines[0].kind:
            builder.block(offset, end, kind)
        elif row is not None:
            self._row(row, offset, end)
            if row.kind is DocumentBlockKind.TABLE_TITLE and self._titled is None:
                titles = (part.text for part in (paragraph, *following) if _is_title(part, row))
                builder.mark(offset, _TABLE_LEVEL, " ".join(titles))
                self._titled = row.table.spans
        return offset

    def _row(self, row: TableRow, offset: int, end: int) -> None:
        spans = row.table.spans
        cells = [(column, offset + start, offset + stop) for (start, stop), column in row.cells]
        if row.kind is DocumentBlockKind.HEADER_ROW:
            spans |= {column: (start, stop) for column, start, stop in cells}
        self._builder.block(
            offset,
            end,
            row.kind,
            cells=[
                Cell(start, stop, (spans[column],) if column in spans else ())
                for column, start, stop in cells
            ],
        )


def _is_title(paragraph: Paragraph, row: TableRow) -> bool:
    other = paragraph.lines[0].row
    return other is not None and other.kind is row.kind and other.table is row.table


def ranges(numbers: Sequence[int]) -> str:
    """«1-3, 7» for [1, 2, 3, 7]."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)
