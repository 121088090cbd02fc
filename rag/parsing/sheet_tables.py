"""Finds the tables on a sheet of any length and writes them one after the other.

Empty rows part tables, and so do empty columns where both sides have names of their own. Lone cells
above a table are its title. Rows are taken as they come: a long table is never held as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from rag.parsing.builder import LINE, PARAGRAPH, TextBuilder
from rag.parsing.file import Beat
from rag.parsing.table_looks import Covered, Row, header_levels, is_figure
from rag.parsing.table_rows import TableWriter
from rag.schema import DocumentBlockKind, Span

_AHEAD = 500  # rows held at a time: tables side by side are found apart up to this length
_ROWS_A_SECTION = 500
_ROWS_A_BEAT = 200


def add_sheet(builder: TextBuilder, rows: Iterable[Row], beat: Beat, heading: str = "") -> None:
    """Appends the tables of a sheet; long ones become several sections of the same `heading`."""
    _Sheet(builder, beat, heading).add(rows)


class _Sheet:
    """Appends the stretches between empty rows; knows the names of the columns so far."""

    def __init__(self, builder: TextBuilder, beat: Beat, heading: str) -> None:
        self._builder = builder
        self._beat = beat
        self._heading = heading
        self._table = TableWriter(builder)
        self._titles: list[Span] = []  # lone cells that the next table may be under
        self._rows = 0

    def add(self, rows: Iterable[Row]) -> None:
        source = iter(rows)
        while (first := next(filter(any, self._beaten(source)), None)) is not None:
            stretch = _until_empty(chain([first], self._beaten(source)))
            begin = list(islice(stretch, _AHEAD))
            parts = _side_by_side(begin) if len(begin) < _AHEAD else []
            for part in parts:
                self._table = TableWriter(self._builder)
                self._stretch(part, ())
            if not parts:
                self._stretch(begin, stretch)
            if self._builder.overflow:
                return

    def _beaten(self, rows: Iterator[Row]) -> Iterator[Row]:
        for row in rows:
            self._rows += 1
            if self._rows % _ROWS_A_BEAT == 0:
                self._beat()
            yield row

    def _stretch(self, rows: Sequence[Row], more: Iterable[Row]) -> None:
        """Appends rows without an empty one among them."""
        start = 0
        while start < len(rows) and _width(rows[start]) == 1:
            start += 1
        self._add_titles([_text(row) for row in rows[:start]])
        names = _behind_facts(rows, start)
        for row in rows[start:names]:
            own = [cell for cell in row if cell]
            self._table.fact(own[0].rstrip(": "), " ".join(own[1:]))
        if names > start:
            self._table.separator = PARAGRAPH
        if names < len(rows):
            self._add_table(rows[names:], more)

    def _add_titles(self, lines: list[str]) -> None:
        for index, line in enumerate(lines):
            start = self._builder.append(line, LINE if index else PARAGRAPH)
            self._titles.append((start, self._builder.length))
        self._table.separator = LINE if lines else PARAGRAPH

    def _add_table(self, rows: Sequence[Row], more: Iterable[Row]) -> None:
        for start, end in self._titles:
            self._builder.block(start, end, DocumentBlockKind.TABLE_TITLE)
        self._titles.clear()
        levels = self._header(rows)
        self._table.header(rows[:levels], rows[levels:])
        for number, row in enumerate(chain(rows[levels:], more), 1):
            if self._builder.overflow:
                return
            offset = self._table.row(row)
            if number % _ROWS_A_SECTION == 0:
                self._builder.mark(offset, 1, self._heading)

    def _header(self, rows: Sequence[Row]) -> int:
        """How many rows name columns; what was named before goes on where none does."""
        first = _columns(rows[:1])
        names = self._table.names
        # Further columns may have no names at all.
        for columns in (_columns(rows[:4]), first):
            around = [_cut(row, columns.start, columns.stop) for row in rows[:4]]
            if levels := header_levels(around):
                break
        known = len(names) >= first.stop and all(
            names[at] for at, cell in enumerate(rows[0]) if cell
        )
        # Words above words prove nothing once these columns have names: they may be a row like
        # others.
        if levels and known and not any(map(is_figure, around[levels])):
            levels = 0
        if not levels and first.stop > len(names):
            self._table = TableWriter(self._builder, self._table.separator)
        return levels


def _behind_facts(rows: Sequence[Row], start: int) -> int:
    """Where the names of a table stand below facts of two cells each; `start` where none do."""
    end = start
    while end < len(rows) and _width(rows[end]) == 2:
        end += 1
    below = rows[end : end + 4]
    if not below or _width(below[0]) < 3:
        return start
    columns = _columns(below)
    return (
        end if header_levels([_cut(row, columns.start, columns.stop) for row in below]) else start
    )


def _until_empty(rows: Iterator[Row]) -> Iterator[Row]:
    for row in rows:
        if not any(row):
            return
        yield row


def _side_by_side(rows: Sequence[Row]) -> list[list[Row]]:
    """The tables that empty columns part; none unless each names its own columns."""
    width = max(map(len, rows))
    used = [any(at < len(row) and row[at] for row in rows) for at in range(width)]
    edges = [at for at in range(width + 1) if [*used, False][at] != [False, *used][at]]
    parts: list[list[Row]] = [
        [row for row in (_cut(row, start, end) for row in rows) if any(row)]
        for start, end in zip(edges[::2], edges[1::2], strict=True)
    ]
    alone = len(parts) > 1 and all(
        header_levels(part[next((at for at, row in enumerate(part) if _width(row) > 1), 0) :][:4])
        for part in parts
    )
    return parts if alone else []


def _columns(rows: Sequence[Row]) -> range:
    filled = [at for row in rows for at, cell in enumerate(row) if cell]
    return range(min(filled), max(filled) + 1)


def _cut(row: Row, start: int, end: int) -> list[str]:
    cells = list(row[start:end])
    return cells + [""] * (end - start - len(cells))


def _width(row: Row) -> int:
    """The number of cells that are filled and not covered by another."""
    return sum(bool(cell) and not isinstance(cell, Covered) for cell in row)


def _text(row: Row) -> str:
    return next(cell for cell in row if cell)
