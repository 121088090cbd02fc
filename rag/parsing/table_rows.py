"""Turns the rows of a table into lines that explain themselves: «Header: value; Header: value».

A row cut out of its table still says what its numbers are, so it can be found and cited alone.
Knows nothing about formats.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise

Row = Sequence[str]
_MAX_HEADER = 60  # characters: longer cells are prose, not column names
_SIGNS_BEFORE = frozenset({"$", "€", "£", "(", "$(", "$ (", "US$"})
_SIGNS_AFTER = frozenset({")", "%", ")%", ") %", "€"})
_YEAR = re.compile("(19|20)[0-9]{2}")


def row_lines(rows: Sequence[Row], header: bool | None = None) -> list[str]:
    """One line a row, empty rows left out.

    `header` tells whether the first row names the columns; None leaves it to its looks.
    """
    rows = _without_empty_columns([_glued(row) for row in rows if any(row)])
    if not rows:
        return []
    if header is None:
        header = looks_like_header(rows)
    if not header or len(rows) == 1:
        return [plain_line(row) for row in rows]
    names = rows[0]
    return [plain_line(names), *(_named_line(names, row) for row in rows[1:])]


def stream_lines(rows: Iterable[Row]) -> Iterator[tuple[str, bool]]:
    """(line, whether a table begins with it) for rows of any number, one looked at ahead.

    An empty row ends a table. The next one is under the same names, unless its first row names
    columns itself; lone cells above a table are its title.
    """
    names: Row = ()
    fresh = opened = True  # before the first row of a table; before any line of it
    for row, below in pairwise(chain(rows, ((),))):
        filled = [index for index, cell in enumerate(row) if cell]
        if not filled:
            fresh = opened = True
            continue
        if fresh and len(filled) > 1:
            fresh = False
            if _names_columns(row, below, filled, names):
                names = row
                yield plain_line(row), opened
                opened = False
                continue
            if filled[-1] >= len(names):
                names = ()
        yield (plain_line(row) if fresh else _named_line(names, row)), opened
        opened = False


def _names_columns(row: Row, below: Row, filled: list[int], names: Row) -> bool:
    columns = slice(filled[0], filled[-1] + 1)
    head, body = list(row[columns]), list(below[columns])
    body += [""] * (len(head) - len(body))
    if not any(body) or not looks_like_header([head, body]):
        return False
    # Words above words prove nothing once these columns have names: they may be a row like others.
    known = len(names) > filled[-1] and all(names[index] for index in filled)
    return not known or any(map(_is_figure, filter(None, body)))


def _glued(row: Row) -> list[str]:
    """The row with signs that layout put into cells of their own back at their figures."""
    cells = list(row)
    for index, cell in enumerate(cells):
        if cell in _SIGNS_BEFORE and (after := _next_filled(cells, index)) is not None:
            cells[after] = f"{cell}{cells[after]}"
            cells[index] = ""
        elif cell in _SIGNS_AFTER:
            before = next((at for at in range(index - 1, -1, -1) if cells[at]), None)
            if before is not None:
                cells[before] += cell
                cells[index] = ""
    return cells


def _next_filled(cells: Row, index: int) -> int | None:
    return next((at for at in range(index + 1, len(cells)) if cells[at]), None)


def _without_empty_columns(rows: list[list[str]]) -> list[list[str]]:
    """Columns that are empty below the first row serve the layout only."""
    if len(rows) < 2:
        return rows
    used = {index for row in rows[1:] for index, cell in enumerate(row) if cell}
    return [[cell for index, cell in enumerate(row) if index in used] for row in rows]


def looks_like_header(rows: Sequence[Row]) -> bool:
    """Short, distinct, filled cells without figures above at least one row as wide."""
    if len(rows) < 2 or len(rows[0]) < 2 or len(rows[1]) != len(rows[0]):
        return False
    cells = [cell.strip() for cell in rows[0]]
    filled = [cell for cell in cells if cell]
    if len(filled) < max(2, len(cells) - 1) or len(set(filled)) < len(filled):
        return False
    return all(len(cell) <= _MAX_HEADER and not _is_figure(cell) for cell in filled)


def plain_line(row: Row) -> str:
    """The filled cells of a row, set apart by bars; merged cells that repeat appear once."""
    cells: list[str] = []
    for cell in row:
        if cell and (not cells or cells[-1] != cell):
            cells.append(cell)
    return " | ".join(cells)


def _named_line(names: Row, row: Row) -> str:
    cells: list[str] = []
    for index, cell in enumerate(row):
        name = names[index].rstrip(":") if index < len(names) else ""
        if cell:
            cells.append(f"{name}: {cell}" if name and name != cell else cell)
    return "; ".join(cells) if any(names) else plain_line(row)


def _is_figure(cell: str) -> bool:
    if _YEAR.fullmatch(cell):  # «2024» names a column as often as it fills one
        return False
    digits = sum(character.isdigit() for character in cell)
    return digits * 2 > len(cell.replace(" ", ""))
