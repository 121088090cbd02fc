"""PDF: text with page offsets, title, and sections from the outline or from the letter sizes.

pdfium reads; pypdf (not strict) steps in for files and pages that pdfium refuses, and the other
way round the file is given up only when both fail. Encrypted files are tried with the empty
password. Pages that are pictures are recognised where the extra `ocr` is installed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rag.errors import FileProblem
from rag.parsing import ocr
from rag.parsing.builder import MAX_NOTE, encrypted, no_text, unreadable
from rag.parsing.characters import clean_characters, clean_line
from rag.parsing.file import Beat, File, openable
from rag.parsing.lines import Line, Rule, lines_of_text
from rag.parsing.paged import Page, assemble
from rag.parsing.pdf_reading import read_page
from rag.parsing.pdf_structure import Bookmark
from rag.parsing.pdf_xfa import xfa_texts
from rag.parsing.scan import unread_pictures
from rag.schema import DocumentBlockKind, Note, NoteKind, Outcome, ParsedDocument

_PASSWORD_ERROR = 4  # FPDF_ERR_PASSWORD
_MAX_BOOKMARKS = 5_000
_MAX_ATTACHMENTS = 50  # named in the note
_MAX_DEPTH = 6


@dataclass(slots=True)
class _Found:
    """What pdfium has of a file. `unread`: 1-based pages that are pictures still."""

    pages: list[Page] = field(default_factory=list)
    bookmarks: list[Bookmark] = field(default_factory=list)
    title: str = ""
    unread: list[int] = field(default_factory=list)
    rules: list[list[Rule]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def parse_pdf(file: File, beat: Beat) -> ParsedDocument:
    """Read a PDF file. Raises FileProblem: encrypted, no_text or unreadable."""
    found = _by_pdfium(file, beat)
    seen = any(found.pages) or found.notes  # pypdf reads what is hidden as well
    pages = found.pages if seen else _by_pypdf(file, found.pages, beat)
    if not pages or all(page is None for page in pages):
        raise unreadable(file, "the PDF is damaged")
    if not any(pages):
        raise _no_text(file, found)
    lacks = [unread_pictures(found.unread)] if found.unread else []
    return assemble(
        file, pages, found.bookmarks, found.title, lacks, rules=found.rules, notes=found.notes
    )


def _no_text(file: File, found: _Found) -> FileProblem:
    if found.notes:
        reason = f"{file.name} holds hidden text only, which nobody who opens it sees"
        return FileProblem(Outcome.NO_TEXT, reason, "add a document that shows its text")
    if not found.unread:
        return no_text(file)
    reason = f"{file.name} has no text layer: it holds images only"
    advice = "split the file" if ocr.is_installed() else ocr.HOW_TO_GET
    return FileProblem(Outcome.NO_TEXT, reason, advice)


def _by_pdfium(file: File, beat: Beat) -> _Found:
    import pypdfium2

    found = _Found()
    try:
        document = pypdfium2.PdfDocument(openable(file))
    except pypdfium2.PdfiumError as error:
        if error.err_code == _PASSWORD_ERROR:
            raise encrypted(file) from error
        return found
    try:
        document.init_forms()
        count = len(document)
        for number in range(count):
            beat.page(number + 1, count)
            found.pages.append(_pdfium_page(document, number, found, beat))
        if any(found.pages):
            _mend(file, found.pages)
        _add_form(found, xfa_texts(file, document))
        found.notes += _attachments(document)
        found.bookmarks = _bookmarks(document)
        found.title = document.get_metadata_value("Title")
        return found
    finally:
        document.close()


def _add_form(found: _Found, texts: list[str]) -> None:
    """Adds what a form shows that no page has, below the lines of the first one."""
    first = (found.pages and found.pages[0]) or []
    below = min((line.baseline for line in first), default=0.0)
    form = [
        Line(text, 0.0, 1.0, below - 20 * number, 10.0, kind=DocumentBlockKind.FIELD)
        for number, text in enumerate(texts, 1)
    ]
    if form:
        found.pages[:1] = [[*first, *form]]


def _attachments(document: Any) -> list[Note]:
    count = document.count_attachments()
    names = [document.get_attachment(at).get_name() for at in range(min(count, _MAX_ATTACHMENTS))]
    return [Note(NoteKind.EMBEDDED_FILE, "", count, ", ".join(names)[:MAX_NOTE])] if names else []


def _pdfium_page(document: Any, number: int, found: _Found, beat: Beat) -> Page:
    """The lines of a page; what is to be said of it goes to `found`."""
    import pypdfium2

    try:
        page = document[number]
        try:
            read = read_page(page, document.formenv, beat)
        finally:
            page.close()
    except pypdfium2.PdfiumError:
        found.rules.append([])
        return None
    found.rules.append(read.rules)
    found.unread += [number + 1] if read.unread else []
    if read.hidden:
        where, words = f"page {number + 1}", clean_line(read.hidden)[:MAX_NOTE]
        found.notes.append(Note(NoteKind.HIDDEN_TEXT, where, text=words))
    return read.lines


def _mend(file: File, pages: list[Page]) -> None:
    """Ask pypdf for the pages that pdfium could not load."""
    missing = [number for number, page in enumerate(pages) if page is None]
    if missing and (document := _open_pypdf(file)) is not None:
        for number in missing:
            pages[number] = _pypdf_page(document, number)


def _by_pypdf(file: File, pages: list[Page], beat: Beat) -> list[Page]:
    """All pages by pypdf; what pdfium had (pages without text) where pypdf has no more to say."""
    document = _open_pypdf(file)
    if document is None:
        return pages
    try:
        count = len(document.pages)
    except Exception:  # any error of a damaged page tree
        return pages
    found: list[Page] = []
    for number in range(count):
        beat.page(number + 1, count)
        found.append(_pypdf_page(document, number))
    return found if any(found) or not pages else pages


def _open_pypdf(file: File) -> Any:
    import logging

    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it warns of every oddity it forgives
    try:
        document = PdfReader(openable(file), strict=False)
        if document.is_encrypted and not document.decrypt(""):
            raise encrypted(file)
    except (FileProblem, MemoryError):
        raise
    except Exception:  # pypdf raises whatever its parsing stumbles over
        return None
    return document


def _pypdf_page(document: Any, number: int) -> Page:
    try:
        return lines_of_text(clean_characters(document.pages[number].extract_text()))
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
