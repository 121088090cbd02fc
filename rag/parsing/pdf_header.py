"""Which rows of a PDF's table name its columns, and what they call them.

The rows above the first figures do, if they are no prose; in a table without figures the first row
does where it looks different from the others. A name may stand over several columns: «Three months
ended» is joined to each of the dates below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag.parsing.lines import Line

_MAX_NAME = 120  # characters: longer cells are prose, not names of columns
_MAX_PLAIN_NAME = 40  # characters, where only the place of a name tells that it is one
_FIGURE = re.compile(
    r"\W*(?:USD?|EUR|[A-Z]{1,2})?[\s$€£]*\W*\d[\d.,'\s]*\W*[a-zA-Z]{0,3}\W*|[-–—]+"
    r"|\d+[.,]\d+ [^\W\d]+"  # «11.6 years»; «12 months» may name a column
)
SIGN_BEFORE = re.compile(r"(?:US|U)?[$€£]\s?\(?|\(")
SIGN_AFTER = re.compile(r"\)\s?%?|%|€|pts?|bps?")
_DAY = re.compile(r"[0-3]?\d,")  # of a date whose year stands below it
_YEARS = re.compile(r"(?:(?:FY|Q[1-4])?\W*(?:19|20)\d\d(?:[/-]\d{2,4})?\W*)+")

Columns = list[tuple[float, float]]
"""The left and right edges of columns, from left to right."""


@dataclass(frozen=True, slots=True)
class TableCell:
    """The words of a cell; `line` is the line with which it begins."""

    text: str
    left: float
    right: float
    bold: bool
    line: Line


Row = Mapping[int, TableCell]
"""Cells by column."""


def column_of(columns: Columns, left: float, right: float) -> int:
    """The column that a piece shares most width with, else the nearest."""
    return max(
        range(len(columns)),
        key=lambda index: min(columns[index][1], right) - max(columns[index][0], left),
    )


def is_figure(text: str) -> bool:
    """Whether a cell holds an amount, and not words or years, which may name a column."""
    names = _YEARS.fullmatch(text) or _DAY.fullmatch(text)
    return _FIGURE.fullmatch(text) is not None and names is None


def is_sign(text: str) -> bool:
    """Tells whether a piece is a sign of currency or percent or a bracket that left its figure."""
    return SIGN_BEFORE.fullmatch(text) is not None or SIGN_AFTER.fullmatch(text) is not None


def cover(edges: Iterable[tuple[float, float]]) -> Columns:
    """Returns the stretches of the page's width that pieces with these edges cover."""
    columns: Columns = []
    for left, right in sorted(edges):
        if columns and left < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], right))
        else:
            columns.append((left, right))
    return columns


def is_unit(text: str) -> bool:
    """Whether a text is in brackets: «(in millions)», «(unaudited)»."""
    return text.startswith("(") and text.endswith(")")


def header_rows(rows: Sequence[Row], columns: Columns, ruled: bool = False) -> int:
    """How many rows at the top name the columns; `ruled`: rules part the rows."""
    if _stands_out(rows, columns) or (ruled and _are_plain_names(rows, columns)):
        return 1
    figures = [any(is_figure(cell.text) for column, cell in row.items() if column) for row in rows]
    count = figures.index(True) if True in figures else 0
    while count and rows[count - 1].keys() == {0}:  # a label alone belongs to what is below
        count -= 1
    if not count:
        return int(True not in figures and _has_names_of_words(rows, columns))
    named = all(map(_may_name, rows[:count]))
    if len(columns) == 2:
        filled = [row for row in rows[:count] if 0 in row and not is_unit(row[0].text)]
        named = named and (not filled or (len(filled) == 1 and not _are_pairs(rows, figures)))
    return count if named else 0


def column_names(rows: Sequence[Row], columns: Columns) -> list[str]:
    """The name of each column, from the rows of a header; "" where it has none."""
    names: list[list[str]] = [[] for _ in columns]
    for row in rows:
        for column, text in _spread(row, columns):
            if text not in names[column]:
                names[column].append(text)
    return [plain_name(" ".join(parts)) for parts in names]


def plain_name(text: str) -> str:
    """A name without the signs that part names from values."""
    return text.rstrip(": ").replace("; ", ", ").replace(": ", " ")


def _are_plain_names(rows: Sequence[Row], columns: Columns) -> bool:
    """Whether the first row of a grid of three columns or more has a short name for each."""
    names = [cell.text for cell in rows[0].values()]
    return (
        len(names) == len(columns) > 2
        and len(set(names)) == len(names)
        and len(rows) > 2
        and all(len(name) <= _MAX_PLAIN_NAME and not _has_digit(name) for name in names)
    )


def _may_name(row: Row) -> bool:
    """Whether a row without figures may be of a header: more than a label, and no prose."""
    return row.keys() != {0} and all(len(cell.text) <= _MAX_NAME for cell in row.values())


def _are_pairs(rows: Sequence[Row], figures: Sequence[bool]) -> bool:
    """Whether two columns are labels with values, as in a receipt, and the first row is one of
    them: some values are words, or the labels end as labels do."""
    below = [figure for row, figure in zip(rows, figures, strict=True) if len(row) > 1][1:]
    labels = any(row[0].text.endswith(":") for row in rows if 0 in row)
    return labels or len(below) < 2 or not all(below)


def _stands_out(rows: Sequence[Row], columns: Columns) -> bool:
    """Whether the first row names all columns in bold letters, and no other row is bold."""
    if len(rows) < 2 or len(rows[0]) < len(columns) or not _may_name(rows[0]):
        return False
    full = [row for row in rows if len(row) > 1]
    bold = [all(cell.bold for column, cell in row.items() if column) for row in full]
    return bold[0] and not any(bold[1:-1]) and len(full) > 1  # a total may be bold


def _has_names_of_words(rows: Sequence[Row], columns: Columns) -> bool:
    """Whether the first row of a table without figures names three columns or more of numbers or
    of longer cells."""
    if len(rows) < 2 or len(rows[0]) < len(columns) or not _may_name(rows[0]):
        return False
    full = [row for row in rows if len(row) > 1]
    names = [cell.text for cell in rows[0].values()]
    if len(names) < 3 or len(set(names)) < len(names) or any(map(_has_digit, names)):
        return False
    counted = [any(_has_digit(row[column].text) for column in row if column) for row in full[1:]]
    return 2 * sum(counted) > len(counted) or _are_shorter(rows)


def _are_shorter(rows: Sequence[Row]) -> bool:
    """Whether the cells of the first row are shorter than those below, in every column."""
    for column, cell in rows[0].items():
        below = [len(row[column].text) for row in rows[1:] if column in row]
        if below and len(cell.text) >= sum(below) / len(below):
            return False
    return True


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)


def _spread(row: Row, columns: Columns) -> Iterator[tuple[int, str]]:
    """The row's texts for all the columns that they stand over."""
    named = sorted(row.keys() - {0})
    share, rest = divmod(len(columns) - 1, max(len(named), 1))
    even = not rest and all((column - 1) // share == at for at, column in enumerate(named))
    free = set(range(1, len(columns))) - row.keys()
    for column, cell in sorted(row.items()):
        if column and even and len(named) > 1:  # «Three months ended | Six months ended»
            first = (column - 1) // share * share + 1
            over = range(first, first + share)
        else:
            over = _beneath(columns, column, (cell.left + cell.right) / 2, free)
        yield from ((other, cell.text) for other in over)


def _beneath(columns: Columns, column: int, middle: float, free: set[int]) -> range:
    """The columns, `column` and free ones beside it, over which a name is centred."""
    low = high = column
    while low - 1 in free:
        low -= 1
    while high + 1 in free:
        high += 1
    best, error = range(column, column + 1), abs(_middle(columns, column, column) - middle)
    for first in range(low, column + 1):
        for last in range(column, high + 1):
            off = abs(_middle(columns, first, last) - middle)
            if off < error - 2 or (off < error + 2 and last + 1 - first > len(best)):  # in points
                best, error = range(first, last + 1), min(off, error)
    return best


def _middle(columns: Columns, first: int, last: int) -> float:
    return (columns[first][0] + columns[last][1]) / 2
