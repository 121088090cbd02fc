"""Writes tables as lines that explain themselves: «Header: value; Header: value».

A row cut out of its table still says what its numbers are, so it can be found and cited alone. The
lines become blocks: a row knows its cells, and a cell the names of its column.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from rag.parsing.builder import LINE, PARAGRAPH, TextBuilder
from rag.parsing.table_looks import (
    LEVEL,
    MAX_HEADER,
    Covered,
    Row,
    column_names,
    facts_of,
    filled_groups,
    first_filled,
    has_groups,
    header_levels,
    is_figure,
    is_label,
    is_own,
    title_rows,
)
from rag.schema import Cell, DocumentBlockKind, Span

_BAR, _NEXT, _OVER = " | ", "; ", " / "
_SAMPLE = 20  # rows that tell where a table begins
_TOTAL = re.compile(r"(?:sub)?total", re.IGNORECASE)
_SIGNS_BEFORE = frozenset({"$", "€", "£", "(", "$(", "$ (", "US$"})
_SIGNS_AFTER = frozenset({")", "%", ")%", ") %", "€"})


def add_table(
    builder: TextBuilder,
    rows: Sequence[Row],
    headers: int | None = None,
    separator: str = PARAGRAPH,
) -> None:
    """Appends a table, one line a row; empty rows are left out.

    `headers` is the number of rows that name the columns; None leaves it to their looks. A cell
    that is merged downwards is expected in every row that it covers, one that is merged to the
    right as `Covered` in every column.
    """
    grid = _without_empty_columns([_glued(row) for row in rows if any(row)])
    titles = title_rows(grid)
    for row in grid[:titles]:
        builder.append(row[0], separator, DocumentBlockKind.TABLE_TITLE)
        separator = LINE
    grid = grid[titles:]
    levels = header_levels(grid) if headers is None else max(headers - titles, 0)
    if len(grid) <= levels:
        levels = 0
    table = TableWriter(builder, separator)
    table.header(grid[:levels], grid[levels:])
    for row in grid[levels:]:
        table.row(row)


class TableWriter:
    """Appends the lines of one table. `separator` stands before the first one."""

    def __init__(self, builder: TextBuilder, separator: str = PARAGRAPH) -> None:
        self._builder = builder
        self.separator = separator
        self.names: list[str] = []
        """The name of each column; "" where it has none."""

        self._prefixes: list[str] = []  # the names as they stand before a cell
        self._first = 0  # the first column that is filled
        self._grouped = False  # lone cells name the rows below them
        self._group = ""  # the one that the next rows are under, and where it stands
        self._group_span: tuple[Span, ...] = ()
        self._spans: list[tuple[Span, ...]] = []  # of the names of each column, outermost first

    def header(self, rows: Sequence[Row], body: Sequence[Row] = ()) -> None:
        """Appends the rows that name the columns from here on; `body` are rows below them."""
        if not rows:
            return
        self._first = min(map(first_filled, [*rows, *body[:_SAMPLE]]))
        self._grouped = has_groups(body, self._first)
        self._open_group("", ())
        rows = filled_groups(rows)
        self.names = column_names(rows)
        prefixes = [f"{name.rstrip(':')}: " if name else "" for name in self.names]
        self._prefixes = prefixes if any(prefixes) else []
        self._spans = [()] * len(self.names)
        for level, row in enumerate(rows):
            fresh = [cell if not level or cell != rows[level - 1][at] else ""
                     for at, cell in enumerate(row)]  # fmt: skip
            _, cells = self._line(_plain(fresh), DocumentBlockKind.HEADER_ROW)
            at: Span | None = None
            for column, name in enumerate(row):
                at = at if isinstance(name, Covered) else cells.get(column)
                if name and at is not None:
                    self._spans[column] += (at,)

    def row(self, row: Row) -> int:
        """Appends a row under the names of its columns; returns the offset at which it starts."""
        own = [(at, cell) for at, cell in enumerate(row) if is_own(cell)]
        if not self._prefixes and (facts := facts_of(own)):
            starts = [self.fact(name, value) for name, value in facts]
            return starts[0]
        # A lone cell that spreads over columns, or holds prose, belongs to none of them.
        names_rows = self._grouped and is_label(row, self._first)
        spread = len(own) == 1 and (sum(map(bool, row)) > 1 or len(own[0][1]) > MAX_HEADER)
        if spread or names_rows or not self._prefixes:
            parts = _plain(row, blanks=True)
            start, spans = self._line(parts, DocumentBlockKind.ROW, alone=True)
            if names_rows:
                self._open_group(own[0][1].rstrip(": "), tuple(spans.values()))
            return start
        if self._group and _TOTAL.match(own[0][1]):  # it closes its group
            self._open_group("", ())
        parts = [(at, self._name_before(row, at), cell) for at, cell in own]
        between = _NEXT if any(name for _, name, _ in parts) else _BAR
        return self._line(parts, DocumentBlockKind.ROW, between)[0]

    def _name_before(self, row: Row, at: int) -> str:
        """What stands before a cell: the names of the columns that it covers, and before the first
        one the group that the row is in."""
        covers = at + 1 < len(row) and isinstance(row[at + 1], Covered)
        if not covers and (at > self._first or not self._group):
            named = at < len(self._prefixes) and row[at] != self.names[at]
            return self._prefixes[at] if named else ""
        end = next(
            (e for e in range(at + 1, len(row)) if not isinstance(row[e], Covered)), len(row)
        )
        over = [name.rstrip(":") for name in self.names[at:end] if name and name != row[at]]
        names = _OVER.join(dict.fromkeys(over))
        words = LEVEL.join(filter(None, ["" if at > self._first else self._group, names]))
        return f"{words}: " if words else ""

    def _open_group(self, words: str, span: tuple[Span, ...]) -> None:
        self._group, self._group_span = words, span

    def fact(self, name: str, value: str) -> int:
        """Appends «name: value», a row that names its only cell itself; returns where it starts."""
        start = self._builder.append(f"{name}: {value}", self.separator)
        self.separator = LINE
        label = (start, start + len(name))
        end = self._builder.length
        cells = [Cell(*label), Cell(end - len(value), end, (label,))]
        self._builder.block(start, end, DocumentBlockKind.ROW, cells=cells)
        return start

    def _line(
        self,
        parts: Sequence[tuple[int, str, str]],
        kind: DocumentBlockKind,
        between: str = _BAR,
        alone: bool = False,
    ) -> tuple[int, dict[int, Span]]:
        """Appends (column, name, cell) one after the other; returns where the line starts and
        where the cells stand. `alone`: they are in no column."""
        texts = [f"{name}{cell}" for _, name, cell in parts]
        start = at = self._builder.append(between.join(texts), self.separator)
        self.separator = LINE
        end = self._builder.length
        if not self._builder.takes_blocks:
            return start, {}
        spans: dict[int, Span] = {}
        for (column, _, cell), text in zip(parts, texts, strict=True):
            at += len(text)
            if cell:
                spans[column] = (at - len(cell), at)
            at += len(between)
        cells = [
            Cell(*span, () if alone else self._headers(column)) for column, span in spans.items()
        ]
        self._builder.block(start, end, kind, cells=cells)
        return start, spans

    def _headers(self, column: int) -> tuple[Span, ...]:
        group = () if column > self._first else self._group_span
        return group + (self._spans[column] if column < len(self._spans) else ())


def _plain(row: Row, blanks: bool = False) -> list[tuple[int, str, str]]:
    """The cells of a row without names; inner blank ones stay where the columns have none."""
    filled = [at for at, cell in enumerate(row) if is_own(cell)]
    inner = range(filled[0], filled[-1] + 1) if filled and blanks else filled
    return [(at, "", row[at]) for at in inner]


def _glued(row: Row) -> list[str]:
    """The row with signs that layout put into cells of their own back at their figures."""
    cells = list(row)
    for index, cell in enumerate(cells):
        if isinstance(cell, Covered):
            continue
        if cell in _SIGNS_BEFORE and (after := _next_filled(cells, index)) is not None:
            if is_figure(cells[after].strip("()")):
                cells[after] = f"{cell}{cells[after]}"
                cells[index] = ""
        elif cell in _SIGNS_AFTER:
            before = next((at for at in range(index - 1, -1, -1) if is_own(cells[at])), None)
            if before is not None and is_figure(cells[before].strip("($€£ ")):
                cells[before] += cell
                cells[index] = ""
    return cells


def _next_filled(cells: Row, index: int) -> int | None:
    return next((at for at in range(index + 1, len(cells)) if is_own(cells[at])), None)


def _without_empty_columns(rows: list[list[str]]) -> list[list[str]]:
    """Columns that are empty below a first cell that says nothing new serve the layout only."""
    width = max(map(len, rows), default=0)
    rows = [row + [""] * (width - len(row)) for row in rows]
    used = {index for row in rows[1:] for index, cell in enumerate(row) if is_own(cell)}
    index = 0
    for text, run in groupby(rows[0] if rows else ()):  # a merged cell may repeat
        columns = range(index, index := index + len(list(run)))
        if text and not used.intersection(columns):
            used.add(columns[0])
    return [_kept(row, used) for row in rows]


def _kept(row: list[str], used: set[int]) -> list[str]:
    """The cells in the `used` columns; a merged cell begins in the first of them that it covers."""
    kept: list[str] = []
    lost = False  # the merged cell began in a column that is left out
    for index, cell in enumerate(row):
        if not isinstance(cell, Covered):
            lost = index not in used
        if index in used:
            kept.append(str(cell) if lost else cell)
            lost = False
    return kept
