"""PDF: text with page offsets, title, and sections from the outline or from the letter sizes.

pdfium reads; pypdf (not strict) steps in for files and pages that pdfium refuses, and the other
way round the file is given up only when both fail. Encrypted files are tried with the empty
password. Knows nothing about images: a scan without a text layer has no text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rag.errors import FileProblem
from rag.readers.builder import (
    TextBuilder,
    choose_title,
    make_reading,
    unreadable,
)  # fmt: skip
from rag.readers.clean import clean_characters
from rag.readers.lines import Line, continues, lines_of_text, merge_rows, paragraphs, words_of
from rag.readers.pdf_page import PageText
from rag.readers.pdf_structure import Bookmark, Heading, find_headings, large_words, strip_running
from rag.readers.pdf_table import join_tables
from rag.schema import Document, Outcome, Reading

Page = list[Line] | None
"""The lines of a page; None where no library could read it."""

_PASSWORD_ERROR = 4  # FPDF_ERR_PASSWORD
_MAX_BOOKMARKS = 5_000
_MAX_DEPTH = 6


def read_pdf(path: Path, beat: Callable[[], None]) -> Reading:
    """Read a PDF file. Raises FileProblem: encrypted, no_text or unreadable."""
    pages, bookmarks, title = _by_pdfium(path, beat)
    if not any(pages):
        pages = _by_pypdf(path, pages, beat)
    if not pages or all(page is None for page in pages):
        raise unreadable(path, "the PDF is damaged")
    if not any(pages):
        raise FileProblem(
            Outcome.NO_TEXT,
            f"{path.name} has no text layer: it holds images only",
            "recognise its text with an OCR tool (for example ocrmypdf) and add the result",
        )
    return _assemble(path, pages, bookmarks, title)


def _assemble(path: Path, pages: list[Page], bookmarks: list[Bookmark], title: str) -> Reading:
    kept = strip_running([page or [] for page in pages])
    known = set[str]().union(*map(words_of, kept))
    kept = [merge_rows(join_tables(page, known)) for page in kept]
    headings = find_headings(kept, bookmarks)
    builder = TextBuilder()
    starts = tuple(_write(builder, kept, headings, known))
    # Without an outline, headings are guessed: the one at the very start is the title.
    opening = builder.main_heading() if bookmarks else builder.opening_heading()
    title = choose_title(path, title, large_words(kept), opening)
    document = Document(
        path=path.name,
        title=title,
        text=builder.text(),
        pages=starts,
        sections=builder.sections(title),
    )
    failed = [number for number, page in enumerate(pages, 1) if page is None]
    lacks = (
        [f"{len(failed)} of {len(pages)} pages are damaged: {_ranges(failed)}"] if failed else []
    )
    if builder.overflow:
        lacks.append("the text is cut at 20 million characters")
    return make_reading(document, lacks)


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


def _by_pdfium(path: Path, beat: Callable[[], None]) -> tuple[list[Page], list[Bookmark], str]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if error.err_code == _PASSWORD_ERROR:
            raise _encrypted(path) from error
        return [], [], ""
    try:
        pages: list[Page] = []
        for number in range(len(document)):
            beat()
            pages.append(_pdfium_page(document, number))
        if any(pages):
            _mend(path, pages)
        return pages, _bookmarks(document), document.get_metadata_value("Title")
    finally:
        document.close()


def _pdfium_page(document: Any, number: int) -> Page:
    import pypdfium2

    try:
        page = document[number]
        textpage = page.get_textpage()
        try:
            return PageText(textpage).lines()
        finally:
            textpage.close()
            page.close()
    except pypdfium2.PdfiumError:
        return None


def _mend(path: Path, pages: list[Page]) -> None:
    """Ask pypdf for the pages that pdfium could not load."""
    missing = [number for number, page in enumerate(pages) if page is None]
    if missing and (reader := _open_pypdf(path)) is not None:
        for number in missing:
            pages[number] = _pypdf_page(reader, number)


def _by_pypdf(path: Path, pages: list[Page], beat: Callable[[], None]) -> list[Page]:
    """All pages by pypdf; what pdfium had (pages without text) where pypdf has no more to say."""
    reader = _open_pypdf(path)
    if reader is None:
        return pages
    try:
        count = len(reader.pages)
    except Exception:  # any error of a damaged page tree
        return pages
    found: list[Page] = []
    for number in range(count):
        beat()
        found.append(_pypdf_page(reader, number))
    return found if any(found) or not pages else pages


def _open_pypdf(path: Path) -> Any:
    import logging

    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it warns of every oddity it forgives
    try:
        reader = PdfReader(path, strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise _encrypted(path)
    except (FileProblem, MemoryError):
        raise
    except Exception:  # pypdf raises whatever its parsing stumbles over
        return None
    return reader


def _pypdf_page(reader: Any, number: int) -> Page:
    try:
        return lines_of_text(clean_characters(reader.pages[number].extract_text()))
    except MemoryError:
        raise
    except Exception:  # as above; one page must not cost the others
        return None


def _bookmarks(document: Any) -> list[Bookmark]:
    found: list[Bookmark] = []
    for item in document.get_toc(max_depth=_MAX_DEPTH):
        target = item.get_dest()
        page = target.get_index() if target is not None else None
        if page is not None:
            found.append(Bookmark(item.level + 1, item.get_title(), page))
        if len(found) >= _MAX_BOOKMARKS:
            break
    return found


def _encrypted(path: Path) -> FileProblem:
    return FileProblem(
        Outcome.ENCRYPTED,
        f"{path.name} is protected by a password",
        "open it with the password, save a copy without it and add that",
    )


def _ranges(numbers: list[int]) -> str:
    """«1-3, 7» for [1, 2, 3, 7]."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)
