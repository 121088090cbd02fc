"""Writes tables as lines that explain themselves: «Header: value; Header: value».

A row cut out of its table still says what its numbers are, so it can be found and cited alone. The
lines become blocks: a row knows its cells, and a cell the names of its column.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby, pairwise

from rag.parsing.builder import LINE, PARAGRAPH, TextBuilder
from rag.schema import Cell, DocumentBlockKind, Span

Row = Sequence[str]
_MAX_HEADER = 60  # characters: longer cells are prose, not column names
_MAX_LEVELS = 3  # of names of columns
_WORDS = re.compile(r"[^\W\d_]{2}")  # no sign for a missing value, error or formula
_FEW = 0.2  # of the cells of a column: «—» among figures
_BAR, _NEXT, _LEVEL = " | ", "; ", " – "
_SIGNS_BEFORE = frozenset({"$", "€", "£", "(", "$(", "$ (", "US$"})
_SIGNS_AFTER = frozenset({")", "%", ")%", ") %", "€"})
_YEAR = re.compile("(19|20)[0-9]{2}")


class Covered(str):
    """The text of a merged cell, at a cell to its right that it covers."""

    __slots__ = ()


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
    titles = _titles(grid)
    for row in grid[:titles]:
        builder.append(row[0], separator, DocumentBlockKind.TABLE_TITLE)
        separator = LINE
    grid = grid[titles:]
    levels = header_levels(grid) if headers is None else max(headers - titles, 0)
    if len(grid) <= levels:
        levels = 0
    table = TableWriter(builder, separator)
    table.header(grid[:levels])
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
        self._spans: list[tuple[Span, ...]] = []  # of the names of each column, outermost first

    def header(self, rows: Sequence[Row]) -> None:
        """Appends the rows that name the columns from here on."""
        if not rows:
            return
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
        own = [(at, cell) for at, cell in enumerate(row) if _is_own(cell)]
        # A lone cell that spreads over columns, or holds prose, belongs to none of them.
        spread = len(own) == 1 and (sum(map(bool, row)) > 1 or len(own[0][1]) > _MAX_HEADER)
        if not self._prefixes and len(own) == 2 and own[0][1].endswith(":"):
            return self.fact(own[0][1].rstrip(": "), own[1][1])
        if spread or not self._prefixes:
            return self._line(_plain(row, blanks=True), DocumentBlockKind.ROW)[0]
        known = len(self.names)
        parts = [
            (at, self._prefixes[at] if at < known and cell != self.names[at] else "", cell)
            for at, cell in own
        ]
        between = _NEXT if any(name for _, name, _ in parts) else _BAR
        return self._line(parts, DocumentBlockKind.ROW, between)[0]

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
        self, parts: Sequence[tuple[int, str, str]], kind: DocumentBlockKind, between: str = _BAR
    ) -> tuple[int, dict[int, Span]]:
        """Appends (column, name, cell) one after the other; returns where the line starts and
        where the cells stand."""
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
        cells = [Cell(*span, self._headers(column)) for column, span in spans.items()]
        self._builder.block(start, end, kind, cells=cells)
        return start, spans

    def _headers(self, column: int) -> tuple[Span, ...]:
        return self._spans[column] if column < len(self._spans) else ()


def _titles(rows: Sequence[Row]) -> int:
    """How many of the first rows are one cell over all columns, above a table of its own."""
    last = len(rows) - 2  # a table has two rows at least: names and values
    return next(
        (
            at
            for at, row in enumerate(rows)
            if at >= last or len(row) < 2 or not all(isinstance(cell, Covered) for cell in row[1:])
        ),
        0,
    )


def header_levels(rows: Sequence[Row]) -> int:
    """Returns how many of the first rows name the columns, judged by their looks; 0 to 3.

    One row of short, distinct cells without figures, above a row as wide; or several whose joined
    cells are that, where the upper ones hold merged cells or stand above figures.
    """
    found = 0
    if _are_facts(rows):
        return 0
    for levels in range(1, min(_MAX_LEVELS + 1, len(rows))):
        head, body = rows[:levels], rows[levels]
        if len(head[0]) < 2 or any(len(row) != len(body) for row in head):
            break
        if any(len(cell) > _MAX_HEADER or is_figure(cell) for row in head for cell in row):
            break
        names = [name for name in column_names(filled_groups(head)) if name]
        distinct = len(set(names)) == len(names) >= max(2, len(body) - 1)
        merged = any(isinstance(cell, Covered) for cell in head[0])
        if distinct and (levels == 1 or merged or any(map(is_figure, body))):
            found = levels
            # A gap above a name may be a group's; a full row needs no further names.
            if not any(below and not cell for cell, below in zip(head[0], body, strict=True)):
                break
    return found


def _are_facts(rows: Sequence[Row]) -> bool:
    """Tells whether two columns are facts beside their names: by a colon, or by values of which
    some are figures and others words, as no column has them."""
    if not rows or len(rows[0]) != 2:
        return False
    if rows[0][0].endswith(":") and not rows[0][1].endswith(":"):
        return True
    values = [row[1] for row in rows[1:] if len(row) == 2 and row[1]]
    figures = sum(map(is_figure, values))
    words = sum(_WORDS.match(value) is not None for value in values if not is_figure(value))
    return min(figures, words) > _FEW * len(values)


def filled_groups(rows: Sequence[Row]) -> list[list[str]]:
    """Returns the rows of a header with each name of a group carried over its columns."""
    filled = [list(row) for row in rows]
    for row, below in pairwise(filled):
        for at in range(1, len(row)):
            if not row[at] and row[at - 1] and at < len(below) and below[at]:
                row[at] = Covered(row[at - 1])
    return filled


def column_names(rows: Sequence[Row]) -> list[str]:
    """Returns the name of each column: its cells of all levels, each once."""
    width = max(map(len, rows), default=0)
    columns = [[str(row[at]) for row in rows if at < len(row) and row[at]] for at in range(width)]
    return [_LEVEL.join(dict.fromkeys(column)) for column in columns]


def is_figure(cell: str) -> bool:
    """Tells whether a cell is a number rather than a name; a year may be either, and counts as a
    name."""
    if _YEAR.fullmatch(cell):
        return False
    digits = sum(character.isdigit() for character in cell)
    return digits * 2 > len(cell.replace(" ", ""))


def _is_own(cell: str) -> bool:
    return bool(cell) and not isinstance(cell, Covered)


def _plain(row: Row, blanks: bool = False) -> list[tuple[int, str, str]]:
    """The cells of a row without names; inner blank ones stay where the columns have none."""
    filled = [at for at, cell in enumerate(row) if _is_own(cell)]
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
            before = next((at for at in range(index - 1, -1, -1) if _is_own(cells[at])), None)
            if before is not None and is_figure(cells[before].strip("($€£ ")):
                cells[before] += cell
                cells[index] = ""
    return cells


def _next_filled(cells: Row, index: int) -> int | None:
    return next((at for at in range(index + 1, len(cells)) if _is_own(cells[at])), None)


def _without_empty_columns(rows: list[list[str]]) -> list[list[str]]:
    """Columns that are empty below a first cell that says nothing new serve the layout only."""
    width = max(map(len, rows), default=0)
    rows = [row + [""] * (width - len(row)) for row in rows]
    used = {index for row in rows[1:] for index, cell in enumerate(row) if _is_own(cell)}
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
