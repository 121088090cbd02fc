"""Lists and tables of a document that came without blocks, found by how their lines look.

Plain text has no structure, and libraries made by an earlier version stored none. A line that
begins with a bullet or a number is a list item; a line of cells parted by tabs, by bars or by
«; Column: » is a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from rag.schema import Cell, Document, DocumentBlock, DocumentBlockKind, Span

_ITEM = re.compile(
    r"[ \t]*(?:[-–—•▪◦*‣▶►●○✓☐☑☒·]|(?:paso|step) \d{1,2} ?[.:)–—-]|"
    r"\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)])[ \t]+\S",
    re.IGNORECASE,
)
_BARS = re.compile(r"[ \t]*\|[ \t]*")
_RULE = re.compile(r"[\s|:+=-]*-[\s|:+=-]*")  # «|---|---|» below the header of a Markdown table
_YEAR = re.compile(r"(?:19|20)\d\d")
_LONGEST_NAME = 60  # characters: a longer cell is prose, not the name of a column
_LONGEST_CELL = 240  # where nothing names the columns: prose may hold both marks by chance
_NEXT, _NAMED = "; ", ": "


def inferred_blocks(document: Document) -> tuple[DocumentBlock, ...]:
    """Returns headings, list items, header rows and rows, sorted by start."""
    lines = list(_lines(document.text))
    headings = dict(_headings(document))
    blocks: list[DocumentBlock] = []
    for kind, group in groupby(lines, lambda span: _kind(document.text, span, headings)):
        run = list(group)
        if kind is DocumentBlockKind.HEADING:
            blocks += [DocumentBlock(*span, kind, headings[span[0]]) for span in run]
        elif kind is DocumentBlockKind.LIST_ITEM and len(run) > 1:
            blocks += [DocumentBlock(*span, kind, 1) for span in run]
        elif kind is DocumentBlockKind.ROW:
            blocks += _table(document.text, run)
    return tuple(blocks)


def _lines(text: str) -> Iterator[Span]:
    """Yields the spans of lines that hold something, without white space around them."""
    start = 0
    for line in text.splitlines(keepends=True):
        left = start + len(line) - len(line.lstrip(" \n\r"))
        right = start + len(line.rstrip())
        if right > left:
            yield left, right
        start += len(line)


def _headings(document: Document) -> Iterator[tuple[int, int]]:
    """Yields the start and the depth of each section whose text begins with its heading."""
    for section in document.sections:
        if not section.headings:
            continue
        stretch = document.text[section.start : section.end]
        start = section.start + len(stretch) - len(stretch.lstrip())
        if document.text.startswith(section.headings[-1], start):
            yield start, len(section.headings)


def _kind(text: str, span: Span, headings: dict[int, int]) -> DocumentBlockKind:
    line = text[slice(*span)]
    if span[0] in headings:
        return DocumentBlockKind.HEADING
    if "\t" in line or " | " in line or len(_named_cells(line, 0)) > 1:
        return DocumentBlockKind.ROW
    return DocumentBlockKind.LIST_ITEM if _ITEM.match(line) else DocumentBlockKind.PARAGRAPH


def _table(text: str, lines: Sequence[Span]) -> Iterator[DocumentBlock]:
    """Yields the rows of one run of lines, under the names of the row that opens it."""
    rows = [span for span in lines if not _RULE.fullmatch(text[slice(*span)])]
    names: Sequence[Span] = ()
    for index, (start, end) in enumerate(rows):
        line = text[start:end]
        named = _named_cells(line, start, [text[slice(*name)] for name in names])
        if named:
            yield DocumentBlock(start, end, DocumentBlockKind.ROW, 0, named)
            continue
        cells = list(_cells(line, start))
        below = rows[index + 1] if index + 1 < len(rows) else (end, end)
        if index == 0 and _names_columns(text, cells, below):
            names = cells
            plain = tuple(Cell(*cell) for cell in cells)
            yield DocumentBlock(start, end, DocumentBlockKind.HEADER_ROW, 0, plain)
            continue
        heads: list[tuple[Span, ...]] = [() for _ in cells]
        if len(cells) - len(names) in (0, 1):  # the first column may have no name
            heads[len(cells) - len(names) :] = [(name,) for name in names]
        filled = tuple(Cell(*cell, head) for cell, head in zip(cells, heads, strict=True))
        yield DocumentBlock(start, end, DocumentBlockKind.ROW, 0, filled)


def _cells(line: str, offset: int) -> Iterator[Span]:
    """Yields the cells of a row that is parted by tabs or bars."""
    mark = re.compile("\t") if "\t" in line else _BARS
    start = 0
    for end, following in (*(match.span() for match in mark.finditer(line)), (len(line),) * 2):
        cell = line[start:end]
        if cell.strip():
            left = start + len(cell) - len(cell.lstrip())
            yield offset + left, offset + left + len(cell.strip())
        start = following


def _named_cells(line: str, offset: int, names: Sequence[str] = ()) -> tuple[Cell, ...]:
    """Returns the cells of «Column: cell; Column: cell», each under its name; else nothing.

    A cell may hold the mark itself: where the `names` of the columns are known, they decide.
    """
    pieces: list[Span] = []
    start = 0
    for piece in line.split(_NEXT):
        end = start + len(piece)
        name, mark, _ = piece.partition(_NAMED)
        if mark and len(name) <= _LONGEST_NAME and (not names or name in names):
            pieces.append((start, end))
        elif len(pieces) > 0:
            pieces[-1] = pieces[-1][0], end
        else:
            pieces.append((start, end))  # what the row is about, in a column without a name
        start = end + len(_NEXT)
    if not names and any(end - start > _LONGEST_CELL for start, end in pieces):
        return ()
    cells = [_named_cell(line, offset, span, names) for span in pieces]
    named = sum(bool(cell.headers) for cell in cells)
    return tuple(cells) if named > 1 or (named and names) else ()


def _named_cell(line: str, offset: int, span: Span, names: Sequence[str]) -> Cell:
    start, end = span
    name, mark, _ = line[start:end].partition(_NAMED)
    if not mark or len(name) > _LONGEST_NAME or (names and name not in names):
        return Cell(offset + start, offset + end)
    colon = start + len(name)
    return Cell(offset + colon + len(_NAMED), offset + end, ((offset + start, offset + colon),))


def _names_columns(text: str, cells: Sequence[Span], below: Span) -> bool:
    """Tells whether a row names the columns: the row below says so, or it has no figures."""
    names = [text[slice(*cell)] for cell in cells]
    named = _named_cells(text[slice(*below)], below[0], names)
    if named:
        return True
    return (
        below[1] > below[0]
        and len(set(names)) > 1
        and all(len(name) <= _LONGEST_NAME and not _is_figure(name) for name in names)
    )


def _is_figure(cell: str) -> bool:
    """Tells whether most of a cell is digits; «2024» names a column as often as it fills one."""
    digits = sum(character.isdigit() for character in cell)
    return 2 * digits > len(cell.replace(" ", "")) and not _YEAR.fullmatch(cell)
