"""Which printed lines are rows of a PDF's table, and in which rows a cell stands.

A cell of several lines is told from several rows by rules, by the distance between the lines and by
cells that are still empty; one that is merged over rows is in each of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.parsing.hyphens import runs_on
from rag.parsing.lines import Line, Rule
from rag.parsing.pdf_header import Columns, column_of, is_figure

_TIGHT = 1.3  # steps up to so many times the smallest one may stay inside a row
_LEVEL = 0.85  # line heights: lines nearer than this cannot stand below one another
_BORDER = 1.8  # line heights to the border of the table, at most
_CLOSE = 1.6  # line heights between two lines of a cell


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a line that stand in one column."""

    text: str
    left: float
    right: float
    line: Line


PieceRow = dict[int, list[Piece]]
"""By column, from top to bottom."""


def parts_of(line: Line) -> tuple[tuple[str, float, float], ...]:
    """Returns the words of a line between gaps that are wider than spaces, with their edges."""
    return line.parts or ((line.text, line.left, line.right),)


def table_rows(
    printed: Sequence[list[Piece]], columns: Columns, rules: Sequence[Rule]
) -> tuple[list[PieceRow], bool]:
    """Returns the rows as they were meant, and whether rules part them: the further lines of a cell
    are in the row of its first."""
    placed: list[PieceRow] = []
    for pieces in printed:
        row: PieceRow = {}
        for piece in pieces:
            row.setdefault(column_of(columns, piece.left, piece.right), []).append(piece)
        placed.append(row)
    heights = [pieces[0].line.baseline for pieces in printed]
    steps = [above - below for above, below in pairwise(heights)]
    rules = [r for r in rules if r[1] < columns[-1][1] and columns[0][0] < r[2]]
    bands = _bands(heights, rules)
    tight = _TIGHT * min((step for step in steps if step > 0), default=0.0)
    uneven = max(steps, default=0.0) > tight
    rows: list[PieceRow] = []
    starts: list[float] = []  # the height of the first line of each row
    ends: list[float] = []  # and of the last one
    for index, row in enumerate(placed):
        if rows and (
            _same_band(rows[-1], row, steps[index - 1], bands[index] - bands[index - 1])
            if bands
            else _same_row(rows[-1], row, steps[index - 1], tight, uneven)
        ):
            for column, cell in row.items():
                rows[-1].setdefault(column, []).extend(cell)
            ends[-1] = heights[index]
        else:
            rows.append(row)
            starts.append(heights[index])
            ends.append(heights[index])
    if bands:
        size = max(piece.line.size for pieces in printed for piece in pieces)
        tops = [heights[0] + _BORDER * size, *ends]
        feet = [*starts, heights[-1] - _BORDER * size]
        gaps = list(zip(tops, feet, strict=True))
        parted = [any(b < rule[0] < a for rule in rules) for a, b in gaps]
        for column, (left, right) in enumerate(columns):
            across = [rule[0] for rule in rules if rule[1] < (left + right) / 2 < rule[2]]
            edges = [any(b < rule < a for rule in across) for a, b in gaps]
            if sum(edges) > 1 and not all(edges):
                _carry(rows, column, edges, parted)
    return rows, bool(bands)


def _same_band(row: PieceRow, below: PieceRow, step: float, parted: int) -> bool:
    """Whether the pieces below are further lines of the row's cells, where rules part the rows:
    none parts them, they are close, and no column has figures in both."""
    size = next(iter(below.values()))[0].line.size
    return (
        not parted
        and step < _CLOSE * size
        and not any(
            is_figure(row[column][-1].text) and is_figure(below[column][0].text)
            for column in row.keys() & below.keys()
        )
    )


def _carry(
    rows: list[PieceRow], column: int, edges: Sequence[bool], parted: Sequence[bool]
) -> None:
    """Repeats the cells of a column in all rows over which they are merged: those between two of
    its rules, which other rules part. `edges` tells of the column's rules above each row and below
    the last one, `parted` of those of any column."""
    ruled = [at for at, edge in enumerate(edges) if edge]
    for start, end in pairwise(ruled):
        filled = [row[column] for row in rows[start:end] if column in row]
        if len(filled) == 1 and all(parted[start + 1 : end]):
            for row in rows[start:end]:
                row[column] = filled[0]


def _bands(heights: Sequence[float], rules: Sequence[Rule]) -> list[int]:
    """For each printed row the number of rules above it; none where rules do not part the rows."""
    inside = {round(rule[0]) for rule in rules if heights[-1] < rule[0] < heights[0]}
    bands = [sum(rule > height for rule in inside) for height in heights]
    parted = len(set(bands))
    return bands if parted >= 3 and 2 * parted >= len(bands) else []


def _same_row(row: PieceRow, below: PieceRow, step: float, tight: float, uneven: bool) -> bool:
    """Whether the pieces below are further lines of the row's cells."""
    pieces = [piece for cell in below.values() for piece in cell]
    last = max(row.values(), key=lambda cell: cell[-1].line.baseline)[-1]
    if step < _LEVEL * min(last.line.size, pieces[0].line.size):
        return True
    both = row.keys() & below.keys()
    if step < _CLOSE * last.line.size and any(
        is_broken(row[column][-1]) or runs_on(row[column][-1].text, below[column][0].text)
        for column in both
    ):
        return True
    if step > tight or any(
        is_figure(row[column][-1].text) or is_figure(below[column][0].text) for column in both
    ):
        return False
    lower = sum(piece.text[0].islower() for piece in pieces)
    small = lower == len(pieces) if 0 in below else 2 * lower >= len(pieces)
    headless = 0 not in below
    figures = any(is_figure(piece.text) for piece in pieces)
    if 0 in both and len(row) == 1:  # a label alone: it goes on, or it names a group
        return below[0][0].text[0].islower()
    one_cell = len(below) == 1 and not figures and uneven
    inside = below.keys() <= row.keys()  # dates below «Tres meses hasta» are no further lines
    return (headless and (not both or (one_cell and inside))) or (
        small and inside and (uneven or headless or len(below) == 1)
    )


def is_broken(piece: Piece) -> bool:
    """Tells whether a piece ends with a hyphen that is no more in its text."""
    return piece.line.hyphen and piece.text == parts_of(piece.line)[-1][0]
