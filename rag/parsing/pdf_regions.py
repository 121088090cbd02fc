"""Rows, gaps and columns of a PDF's page: which lines stand level, where gaps run through them, and
what is a column of prose.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from itertools import pairwise

from rag.parsing.lines import SAME_SIZE, Line
from rag.parsing.pdf_cells import parts_of
from rag.parsing.pdf_header import cover, is_sign

Row = list[Line]
"""The pieces of one printed row, from left to right."""

_NEAR = 2.9  # line heights from one row to the next of a table, or of a column
_WIDE = 0.7  # of the rows' width
_LEVEL = 0.5  # line heights between the base lines of one row: a value may stand lower
_LEADING = 1.7  # line heights between two lines of a paragraph, at most
_RAISED = 0.3  # likewise, of smaller letters: those that are raised or lowered further are marks
_MAX_CELL = 60  # characters: longer pieces are prose
_ABOVE = 8  # rows over a table among which its title may be
_OVERLAP = 0.6  # line heights: a mark that stands so near to a line belongs to it
_PART_GAP = 0.5  # line heights between two cells that were drawn as one piece
_MIN_GAP = 0.5  # line heights between two columns
PROSE_LINE = 20  # characters, at least, of most lines in a column of prose
_SOME_LINES = 4  # of prose, at least, that tell a column with a table in it
_PROSE_DIGITS = 0.15  # of the characters, at most
_FULL = 0.75  # of the column's width, reached by most lines of prose


def printed_rows(lines: Sequence[Line]) -> list[Row]:
    """Returns the lines that stand level, from the top of the page down."""
    rows: list[Row] = []
    for line in sorted(lines, key=lambda line: (-line.baseline, line.left)):
        if rows and _is_level(rows[-1][0], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.left) for row in rows]


def _is_level(first: Line, line: Line) -> bool:
    small, large = sorted((first.size, line.size))
    most = _LEVEL if small > (1 - SAME_SIZE) * large else _RAISED
    return first.baseline - line.baseline < most * small


def is_near(above: Row, below: Row) -> bool:
    """Tells whether a row stands as close below another as rows of a table do."""
    size = max(above[0].size, below[0].size)
    return above[0].baseline - below[0].baseline < _NEAR * size


def gaps_of(row: Row) -> list[tuple[float, float]]:
    """Returns where the gaps between the pieces of a row begin and end."""
    parts = [part for line in row for part in parts_of(line) if not is_sign(part[0])]
    return [(right, left) for (_, _, right), (_, left, _) in pairwise(parts)]


def share_a_gap(first: Row, second: Row) -> bool:
    """Tells whether the same gap runs through two rows."""
    least = _MIN_GAP * min(first[0].size, second[0].size)
    return any(
        min(a[1], b[1]) - max(a[0], b[0]) >= least for a in gaps_of(first) for b in gaps_of(second)
    )


def fits(row: Row, others: Sequence[Row]) -> bool:
    """Tells whether a row of one piece has gaps where the others have them, as a narrow row of a
    table has, and no line of prose."""
    parts = wide_parts(row[0])
    columns = cover(part[1:] for other in others for line in other for part in parts_of(line))
    if len(parts) < 2 or any(len(text) > _MAX_CELL for text, _, _ in parts):
        return False
    over = [
        [at for at, (start, end) in enumerate(columns) if left < end and start < right]
        for _, left, right in parts
    ]
    under = [found[0] for found in over if found]
    if any(len(found) > 1 for found in over):
        return False
    # Names over several columns may stand over the gaps between them.
    if 2 * len(parts) <= len(columns) or (len(others) == 1 and 2 * len(columns) <= len(parts)):
        return True
    return 2 * len(under) >= len(parts) and len(set(under)) == len(under)


def wide_parts(line: Line) -> list[tuple[str, float, float]]:
    """Returns the words of a line between gaps that are wider than those of stretched prose."""
    parts: list[tuple[str, float, float]] = []
    for text, left, right in parts_of(line):
        if parts and left - parts[-1][2] < _PART_GAP * line.size:
            parts[-1] = (f"{parts[-1][0]} {text}", parts[-1][1], right)
        else:
            parts.append((text, left, right))
    return parts


def lines_above(rows: Sequence[Row], start: int) -> list[Line]:
    """Returns the lines that stand alone right above a row, the nearest last; no raised marks."""
    first = start
    while first > max(0, start - _ABOVE) and len(rows[first - 1]) == 1:
        line = rows[first - 1][0]
        if first > 1 and rows[first - 2][0].baseline - line.baseline < _OVERLAP * line.size:
            break
        first -= 1
    return [row[0] for row in rows[first:start]]


def is_wide(line: Line, rows: Sequence[Row]) -> bool:
    """Tells whether a line runs over most of the rows above it, as prose between tables does."""
    left, right = min(row[0].left for row in rows), max(row[-1].right for row in rows)
    return min(line.right, right) - max(line.left, left) > _WIDE * (right - left)


def with_tail(rows: Sequence[Row], end: int) -> int:
    """Returns the end moved below the further lines of the last row's cells."""
    while end < len(rows) and len(rows[end]) == 1 and len(rows[end - 1]) > 1:
        line, above = rows[end][0], rows[end - 1]
        over = [cell for cell in above if cell.left < line.right and line.left < cell.right]
        wraps = line.text[:1].islower() or (len(over) == 1 and over[0] is not above[0])
        if len(over) != 1 or not wraps or over[0].baseline - line.baseline > 1.4 * line.size:
            break
        end += 1
    return end


def split_at(rows: Sequence[Row], gutter: float) -> tuple[list[Line], list[Line]]:
    """Returns the lines on the left of a gutter, and those on its right."""
    lines = [line for row in rows for line in row]
    return (
        [line for line in lines if line.right <= gutter],
        [line for line in lines if line.left >= gutter],
    )


def end_of_columns(rows: Sequence[Row], end: int, gutter: float) -> int:
    """Returns the end moved below the last lines of the longer one of two columns."""
    while end < len(rows) and len(rows[end]) == 1:
        line = rows[end][0]
        inside = line.right <= gutter or line.left >= gutter
        above = next(
            (a for a in rows[end - 1] if (a.left >= gutter) == (line.left >= gutter)), None
        )
        if not inside or above is None or not _goes_on(above, line):
            break
        end += 1
    return end


def _goes_on(above: Line, line: Line) -> bool:
    """Whether a line is the next one of a column."""
    alike = above.bold == line.bold and abs(above.size - line.size) <= SAME_SIZE * above.size
    return alike and above.baseline - line.baseline < _LEADING * line.size


def gutters(lines: Sequence[Line]) -> list[float]:
    """Returns where the gaps end that run through all the lines, the widest first."""
    found: list[tuple[float, float]] = []
    reach = float("inf")
    for line in sorted(lines, key=lambda line: line.left):
        if line.left > reach:
            found.append((line.left - reach, line.left))
            reach = line.right
        reach = line.right if reach == float("inf") else max(reach, line.right)
    return [end for _, end in sorted(found, reverse=True)]


def are_columns(halves: Sequence[Sequence[Line]]) -> bool:
    """Tells whether both halves are prose, or one is and the other holds some, as above a table."""
    if all(map(_holds_prose, halves)):
        return True
    others = [half for half in halves if not _is_prose(half)]
    alone = [row[0] for half in others for row in printed_rows(half) if len(row) == 1]
    return len(others) == 1 and len(alone) >= _SOME_LINES and _is_prose(alone)


def _holds_prose(lines: Sequence[Line]) -> bool:
    """Whether lines are a column of prose, or several side by side."""
    if _is_prose(lines):
        return True
    rows = [[line] for line in lines]
    return any(all(map(_is_prose, split_at(rows, gutter))) for gutter in gutters(lines))


def _is_prose(column: Sequence[Line]) -> bool:
    if len(column) < 3:
        return False
    left, right = min(line.left for line in column), max(line.right for line in column)
    full = sum(line.right - left >= _FULL * (right - left) for line in column)
    text = "".join(line.text for line in column)
    digits = sum(character.isdigit() for character in text)
    return (
        statistics.median(len(line.text) for line in column) >= PROSE_LINE
        and 2 * full > len(column)
        and digits <= _PROSE_DIGITS * len(text)
        and max(line.size for line in column) * (1 - 3 * SAME_SIZE)
        <= min(line.size for line in column)
    )
