"""ODT, ODS and ODP: headings by their level, tables and sheets as rows, slides as pages.

One XML part holds all of it, in document order. Deleted text, comments and what is only drawn are
left out. Knows nothing about styles.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from zipfile import ZipFile

from rag.parsing.archive import open_archive, parse_xml
from rag.parsing.builder import (
    LINE,
    PARAGRAPH,
    TextBuilder,
    encrypted,
    finish,
    sensible_title,
    unreadable,
)
from rag.parsing.characters import clean_line
from rag.parsing.file import Beat, File
from rag.parsing.sheet_tables import add_sheet
from rag.parsing.table_rows import row_lines
from rag.schema import ParsedDocument

_NS = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_TEXT, _TABLE, _DRAW, _OFFICE = (_NS % name for name in ("text", "table", "drawing", "office"))
_PRESENTATION = _NS % "presentation"
_DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_LITERAL = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
_SKIPPED = frozenset(
    [f"{_OFFICE}annotation", f"{_OFFICE}forms", f"{_TABLE}tracked-changes", f"{_DRAW}object"]
    + [_TEXT + name for name in """tracked-changes sequence-decls note-citation ruby-text
       table-of-content alphabetical-index""".split()]
    + ["{http://www.w3.org/2000/svg}desc"]
)  # fmt: skip
_ASIDE = frozenset({f"{_TEXT}note", f"{_DRAW}frame", f"{_DRAW}custom-shape"})
_MAX_COLUMNS = 1_000
_MAX_REPEATED = 100  # copies of a row; sheets are filled up with a million empty ones
_MAX_HEADING = 10


def parse_odt(file: File, beat: Beat) -> ParsedDocument:
    """Read an ODT file. Raises FileProblem: encrypted, bomb, unreadable or no_text."""
    body, title = _open(file, "text")
    builder = TextBuilder()
    _Writer(builder, beat).blocks(body)
    return finish(file, builder, title)


def parse_odp(file: File, beat: Beat) -> ParsedDocument:
    """Read an ODP file. Raises FileProblem: encrypted, bomb, unreadable or no_text."""
    body, title = _open(file, "presentation")
    builder = TextBuilder()
    for page in body.iterfind(f"{_DRAW}page"):
        builder.page()
        frames = page.findall(f".//*[@{_PRESENTATION}class='title']")
        words = " ".join(clean_line(_words(frame)) for frame in frames)
        builder.heading(words, 1)
        for element in page:  # the notes come last
            if element not in frames:
                _Writer(builder, beat).blocks([element])
    return finish(file, builder, sensible_title(title) or builder.opening_heading())


def parse_ods(file: File, beat: Beat) -> ParsedDocument:
    """Read an ODS file. Raises FileProblem: encrypted, bomb, unreadable or no_text."""
    body, title = _open(file, "spreadsheet")
    builder = TextBuilder()
    for table in body.iterfind(f"{_TABLE}table"):
        builder.page()
        name = clean_line(table.get(f"{_TABLE}name", ""))
        builder.heading(name, 1)
        add_sheet(builder, _rows(table), beat, name)
    return finish(file, builder, title)


def _open(file: File, kind: str) -> tuple[Any, str]:
    """The body of the content, and the title."""
    from lxml import etree

    with open_archive(file) as archive:
        try:
            if b"encryption-data" in archive.read("META-INF/manifest.xml"):
                raise encrypted(file)
            content = parse_xml(file, archive.read("content.xml"))
            meta = _part(file, archive, "meta.xml")
        except (KeyError, etree.XMLSyntaxError) as error:
            raise unreadable(file, f"it is no complete OpenDocument file ({error})") from error
    body = content.find(f"{_OFFICE}body/{_OFFICE}{kind}")
    if body is None:
        raise unreadable(file, "it has no body")
    titles = [] if meta is None else meta.iter(_DC_TITLE)
    return body, next((each.text or "" for each in titles), "")


def _part(file: File, archive: ZipFile, name: str) -> Any:
    return parse_xml(file, archive.read(name)) if name in archive.namelist() else None


class _Writer:
    """Walks blocks in document order; boxes and notes come after the paragraph they hang on."""

    def __init__(self, builder: TextBuilder, beat: Beat) -> None:
        self._builder = builder
        self._beat = beat
        self._after_item = False

    def blocks(self, elements: Iterable[Any], listed: bool = False) -> None:
        for element in elements:
            tag = element.tag
            if tag in _SKIPPED:
                continue
            if tag == f"{_TEXT}h":
                level = element.get(f"{_TEXT}outline-level", "1")
                number = min(int(level), _MAX_HEADING) if level.isdigit() else 1
                self._builder.heading(_words(element), number)
                self._after_item = False
            elif tag == f"{_TEXT}p":
                self._paragraph(element, listed)
            elif tag == f"{_TABLE}table":
                self._table(element)
            else:
                self.blocks(element, listed or tag == f"{_TEXT}list")

    def _paragraph(self, paragraph: Any, listed: bool) -> None:
        self._beat()
        words = _words(paragraph, inline=True).strip()
        if words:
            self._builder.add(words, LINE if listed and self._after_item else PARAGRAPH)
            self._after_item = listed
        for aside in _asides(paragraph):
            self.blocks(aside)

    def _table(self, table: Any) -> None:
        rows = list(_rows(table))
        if max((len(row) for row in rows), default=0) <= 1:  # a frame around text
            for cell in table.iter(f"{_TABLE}table-cell"):
                self.blocks(cell)
            return
        marked = table.find(f"{_TABLE}table-header-rows") is not None
        for index, line in enumerate(row_lines(rows, True if marked else None)):
            self._builder.append(line, LINE if index else PARAGRAPH)
        self._after_item = False


def _rows(table: Any) -> Iterator[list[str]]:
    """Cell texts row by row, without the repeated empty ones at the ends."""
    for row in table.iter(f"{_TABLE}table-row"):
        if next(row.iterancestors(f"{_TABLE}table")) is not table:
            continue  # of a table in a cell: part of that cell's text
        cells: list[str] = []
        for cell in row:
            if cell.tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
                room = _MAX_COLUMNS - len(cells)
                cells += [_cell(cell)] * min(_repeated(cell, "columns"), room)
        while cells and not cells[-1]:
            cells.pop()
        for _ in range(min(_repeated(row, "rows"), _MAX_REPEATED if cells else 1)):
            yield cells


def _cell(cell: Any) -> str:
    return clean_line(" ".join(_words(each) for each in cell if each.tag not in _SKIPPED))


def _repeated(element: Any, what: str) -> int:
    value = element.get(f"{_TABLE}number-{what}-repeated", "1")
    return max(1, int(value)) if value.isdecimal() and len(value) < 10 else 1


def _words(element: Any, inline: bool = False) -> str:
    """The text of an element; `inline` leaves out what hangs on it (see `_asides`)."""
    parts = [element.text or ""]
    for child in element:
        if child.tag in _LITERAL:
            parts.append(_LITERAL[child.tag])
        elif child.tag == f"{_TEXT}s":
            parts.append(" ")
        elif child.tag not in _SKIPPED and not (inline and child.tag in _ASIDE):
            block = child.tag in (f"{_TEXT}p", f"{_TEXT}h", f"{_TEXT}list-item")
            parts.append(f"{_words(child, inline)} " if block else _words(child, inline))
        parts.append(child.tail or "")
    return "".join(parts)


def _asides(paragraph: Any) -> Iterator[Any]:
    for child in paragraph:
        if child.tag in _ASIDE:
            yield child
        elif child.tag not in _SKIPPED:
            yield from _asides(child)
