"""Pages of measured lines -> a document with page offsets: headers gone, paragraphs joined.

A sentence that runs over a page break is one sentence in the text. Knows nothing about where the
lines come from: a text layer or a picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag.parsing.builder import TextBuilder, choose_title, make_parsed
from rag.parsing.file import File
from rag.parsing.lines import Line, continues, merge_rows, paragraphs, words_of
from rag.parsing.pdf_structure import Bookmark, Heading, find_headings, large_words, strip_running
from rag.parsing.pdf_table import join_tables
from rag.schema import Document, ParsedDocument

Page = list[Line] | None
"""The lines of a page; None where no library could read it."""


def assemble(
    file: File,
    pages: Sequence[Page],
    bookmarks: Sequence[Bookmark] = (),
    title: str = "",
    lacks: Sequence[str] = (),
) -> ParsedDocument:
    """The reading of pages of measured lines; PARTIAL where pages are None or something `lacks`."""
    kept = strip_running([page or [] for page in pages])
    known = set[str]().union(*map(words_of, kept))
    kept = [merge_rows(join_tables(page, known)) for page in kept]
    headings = find_headings(kept, bookmarks)
    builder = TextBuilder()
    starts = tuple(_write(builder, kept, headings, known))
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


def _write(
    builder: TextBuilder, pages: list[list[Line]], headings: list[Heading], known: set[str]
) -> Iterator[int]:
    """Add page after page; yields the offset at which each one starts."""
    unplaced: dict[int, list[Heading]] = {}
    for heading in headings:
        if heading.page is not None:
            unplaced.setdefault(heading.page, []).append(heading)
    last: Line | None = None
    for number, page in enumerate(pages):
        start = builder.length
        for index, paragraph in enumerate(paragraphs(page, known)):
            separator = paragraph.separator
            if index == 0 and last is not None and continues(last, paragraph.lines[0]):
                separator = " "
            offset = builder.append(paragraph.text, separator)
            start = offset if index == 0 else start
            if paragraph.heading is not None:
                heading = headings[paragraph.heading]
                builder.mark(offset, heading.level, heading.words)
            last = paragraph.lines[-1]
        for heading in unplaced.get(number, []):
            builder.mark(start, heading.level, heading.words)
        yield start


def ranges(numbers: Sequence[int]) -> str:
    """«1-3, 7» for [1, 2, 3, 7]."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)
