"""Finds tables among the lines of a page and writes each row as one line, cells parted by tabs.

A PDF knows no tables. What gives one away are pieces of text that stand beside one another, and
again below; a cell of several lines is told from several rows by the distance between the lines,
by small initials, and by cells that are still empty. Knows nothing about PDF libraries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from rag.parsing.lines import SAME_SIZE, Line, before_next

_AHEAD = 12  # lines looked at for a neighbour on the same row
_LONGEST = 400  # pieces looked at together: the search is quadratic
_NEAR = 2.6  # line heights from one row to the next
_TIGHT = 1.3  # steps up to so many times the smallest one stay inside a row

CELL = "\t"  # white space: a row still compares equal to the words of the page

Columns = list[tuple[float, float]]
Row = dict[int, list[Line]]
"""Pieces by column, from top to bottom."""


def join_tables(lines: Sequence[Line], known: set[str]) -> list[Line]:
    """The lines with each table's pieces replaced by one line a row; `known` as in `paragraphs`."""
    done: list[Line] = []
    start = tables = 0
    while start < len(lines):
        end = _end_of_table(lines, start)
        rows = _rows(lines[start:end]) if end - start >= 4 else []
        if sum(len(row) >= 2 for row in rows) >= 2:
            done += [_line(row, tables, known) for row in rows]
            start, tables = end, tables + 1
        else:
            done.append(lines[start])
            start += 1
    return done


def _end_of_table(lines: Sequence[Line], start: int) -> int:
    if not _has_neighbour(lines, start, start):
        return start
    end = start + 1
    while end < min(len(lines), start + _LONGEST) and _belongs(lines, start, end):
        end += 1
    return end


def _belongs(lines: Sequence[Line], start: int, at: int) -> bool:
    """Whether line `at` goes on with the table that began at `start`."""
    line, run = lines[at], lines[start:at]
    if line.turns or not _same_size(line, run[0]):
        return False
    if any(_beside(other, line) for other in run[-_AHEAD:]):
        return True
    over = [other for other in run if _overlap(other, line) and other.baseline > line.baseline]
    touched = {_column(_columns(run), other) for other in over}
    if not over or len(touched) != 1:
        return False  # nothing above, or a line across several columns
    if _has_neighbour(lines, at, start):  # a new row: measured from the longest cell above
        return min(other.baseline for other in run) - line.baseline < _NEAR * line.size
    step = min(other.baseline for other in over) - line.baseline
    return step < 1.4 * line.size and line.right < max(other.right for other in run) + line.size


def _has_neighbour(lines: Sequence[Line], at: int, start: int) -> bool:
    around = range(max(start, at - _AHEAD), min(at + _AHEAD, len(lines)))
    return any(_beside(lines[at], lines[other]) for other in around if other != at)


def _beside(first: Line, second: Line) -> bool:
    """On the same baseline, with a clear gap between them."""
    level = abs(first.baseline - second.baseline) < 0.3 * min(first.size, second.size)
    gap = max(first.left, second.left) - min(first.right, second.right)
    return level and _same_size(first, second) and gap > 0.5 * first.size


def _same_size(first: Line, second: Line) -> bool:
    return abs(first.size - second.size) <= SAME_SIZE * max(first.size, second.size)


def _overlap(first: Line, second: Line) -> bool:
    return first.left < second.right and second.left < first.right


def _columns(run: Sequence[Line]) -> Columns:
    """The stretches of the page's width that the pieces cover, from left to right."""
    columns: Columns = []
    for line in sorted(run, key=lambda line: line.left):
        if columns and line.left < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], line.right))
        else:
            columns.append((line.left, line.right))
    return columns


def _column(columns: Columns, line: Line) -> int:
    return next(index for index, (_, right) in enumerate(columns) if line.left < right)


def _rows(run: Sequence[Line]) -> list[Row]:
    columns = _columns(run)
    printed = _printed_rows(run)
    baselines = [pieces[0].baseline for pieces in printed]
    steps = [above - below for above, below in pairwise(baselines)]
    tight = _TIGHT * min(steps, default=0.0)
    uneven = max(steps, default=0.0) > tight
    rows: list[Row] = []
    for index, pieces in enumerate(printed):
        row: Row = {}
        for piece in pieces:
            row.setdefault(_column(columns, piece), []).append(piece)
        if rows and steps[index - 1] <= tight and _goes_on(rows[-1], row, uneven):
            for column, cell in row.items():
                rows[-1].setdefault(column, []).extend(cell)
        else:
            rows.append(row)
    return rows


def _printed_rows(run: Sequence[Line]) -> list[list[Line]]:
    printed: list[list[Line]] = []
    for line in sorted(run, key=lambda line: (-line.baseline, line.left)):
        if printed and printed[-1][0].baseline - line.baseline < 0.3 * line.size:
            printed[-1].append(line)
        else:
            printed.append([line])
    return printed


def _goes_on(row: Row, below: Row, uneven: bool) -> bool:
    """Whether the pieces below are further lines of the row's cells."""
    pieces = [piece for cell in below.values() for piece in cell]
    small = 2 * sum(piece.text[0].islower() for piece in pieces) >= len(pieces)
    headless = 0 not in below
    return (headless and not row.keys() & below.keys()) or (small and (uneven or headless))


def _line(row: Row, table: int, known: set[str]) -> Line:
    pieces = [piece for cell in row.values() for piece in cell]
    cells = [_cell(row[column], known) for column in sorted(row)]
    return replace(
        pieces[0],
        text=CELL.join(cells),
        left=min(piece.left for piece in pieces),
        right=max(piece.right for piece in pieces),
        tabular=True,
        hyphen=False,
        table=table,
    )


def _cell(pieces: Sequence[Line], known: set[str]) -> str:
    parts = [before_next(piece, below, known) for piece, below in pairwise(pieces)]
    return "".join([*parts, pieces[-1].text])
