"""What the rows of a table look like: names of columns, titles, groups, or facts beside names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

Row = Sequence[str]
MAX_HEADER = 60  # characters: longer cells are prose, not column names
_MAX_LEVELS = 3  # of names of columns
_WORDS = re.compile(r"[^\W\d_]{2}")  # no sign for a missing value, error or formula
_FEW = 0.2  # of the cells of a column: «—» among figures
_DAY = re.compile(r"(?:\d{4}-\d\d|\d\d?[/.-]\d\d?)[/.-]\d\d")  # of any order
_YEAR = re.compile("(19|20)[0-9]{2}")
LEVEL = " – "
"""Stands between the names of one column."""


class Covered(str):
    """The text of a merged cell, at a cell to its right that it covers."""

    __slots__ = ()


def facts_of(own: Sequence[tuple[int, str]]) -> list[tuple[str, str]]:
    """Returns the names with their values that a row consists of: names end with colons."""
    cells = [cell for _, cell in own]
    pairs = list(zip(cells[::2], cells[1::2], strict=False))
    named = all(name.endswith(":") and len(name) <= MAX_HEADER for name, _ in pairs)
    if len(cells) % 2 or not named:
        return []
    return [(name.rstrip(": "), value) for name, value in pairs]


def first_filled(row: Row) -> int:
    """Returns the first column of a row that is filled."""
    return next((at for at, cell in enumerate(row) if cell), len(row))


def has_groups(body: Sequence[Row], first: int) -> bool:
    """Tells whether labels that stand alone name the rows below them: the first row is one."""
    labels = [is_label(row, first) for row in body]
    return (
        len(body) > 1
        and max(map(len, body)) - first > 2
        and labels[0]
        and not labels[-1]
        and not any(map(all, pairwise(labels)))
    )


def is_label(row: Row, first: int) -> bool:
    """Tells whether a row holds one short cell, in its first column or over all of them."""
    own = [at for at, cell in enumerate(row) if is_own(cell)]
    return own == [first] and len(row[first]) <= MAX_HEADER and not is_figure(row[first])


def title_rows(rows: Sequence[Row]) -> int:
    """Returns how many of the first rows are one cell over all columns, above a table."""
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
        if any(len(cell) > MAX_HEADER or is_figure(cell) for row in head for cell in row):
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
    days = [_DAY.match(value) is not None for value in values if is_figure(value)]
    if any(days) and not all(days):
        return True
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
    return [LEVEL.join(dict.fromkeys(column)) for column in columns]


def is_figure(cell: str) -> bool:
    """Tells whether a cell is a number rather than a name; a year may be either, and counts as a
    name."""
    if _YEAR.fullmatch(cell):
        return False
    digits = sum(character.isdigit() for character in cell)
    return digits * 2 > len(cell.replace(" ", ""))


def is_own(cell: str) -> bool:
    """Tells whether a cell is filled, and not by one that covers it."""
    return bool(cell) and not isinstance(cell, Covered)
