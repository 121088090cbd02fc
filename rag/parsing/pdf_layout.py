"""Reading order and tables of a page, by where its lines stand.

pdfium gives lines in the order in which they were drawn, which mostly is the order of reading. Two
things are put right: columns of prose that were drawn row by row, and tables, whose rows become one
line each. Both are stretches of the page through which a gap runs from top to bottom.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from itertools import pairwise

from rag.parsing.lines import SAME_SIZE, Line, Table, is_list_mark
from rag.parsing.pdf_header import is_figure
from rag.parsing.pdf_table import is_sign, parts_of, table_lines

Row = list[Line]
"""The pieces of one printed row, from left to right."""

_NEAR = 2.9  # line heights from one row to the next of a table, or of a column
_LONE_ROWS = 5  # rows of one piece in sequence that a table may have inside: labels, wrapped cells
_WIDE = 0.7  # of the rows' width
_LEVEL = 0.5  # line heights between the base lines of one row: a value may stand lower
_RAISED = 0.3  # likewise, of smaller letters: those that are raised or lowered further are marks
_MIN_GAP = 0.5  # line heights between two columns
_PROSE_LINE = 20  # characters, at least, of most lines in a column of prose
_PROSE_DIGITS = 0.15  # of the characters, at most
_REGULAR = 0.7  # of the rows of a table that was drawn column by column
_FULL = 0.75  # of the column's width, reached by most lines of prose


def arrange(
    lines: Sequence[Line], rules: Sequence[float], known: set[str], before: Table | None
) -> tuple[list[Line], Table | None]:
    """Returns the lines in reading order, each row of a table as one line, and the page's last
    table.

    `rules` are the heights of the page's horizontal rules, `known` is as in `paragraphs`, and
    `before` is the last table of the page before, whose names a table without names takes over.
    """
    turns = statistics.mode(line.turns for line in lines) if lines else 0
    level = [line for line in lines if line.turns == turns and line.kind is None]
    page = _Page(level, rules if turns == 0 else (), known, before)
    page.read(level)
    done = [new for line in lines for new in page.replaced.get(id(line), (line,))]
    return done, page.table


class _Page:
    """Collects what becomes of the lines: those that are not in `replaced` stay as they are."""

    def __init__(
        self, lines: Sequence[Line], rules: Sequence[float], known: set[str], before: Table | None
    ) -> None:
        self.replaced: dict[int, list[Line]] = {}
        self.table = before
        self._order = {id(line): number for number, line in enumerate(lines)}
        self._rules = rules
        self._known = known

    def read(self, lines: Sequence[Line]) -> None:
        """Reads some lines of the page: all of them, or a column."""
        rows = printed_rows(lines)
        for start, end in _regions(rows):
            region = rows[start:end]
            columns = [] if self._ruled(region) else self._columns(region)
            if columns:
                self._read_columns(region, columns)
            elif not _is_list(region) and (self._drawn_by_rows(region) or _is_grid(region)):
                self._read_table(rows, start, end)

    def _columns(self, region: Sequence[Row]) -> list[list[Line]]:
        """Two columns of prose, or one beside something that was drawn before or after it."""
        lines = [line for row in region for line in row]
        for gutter in _gutters(lines):
            halves = (
                [line for line in lines if line.right <= gutter],
                [line for line in lines if line.left >= gutter],
            )
            apart = not self._interleaved(*halves) and not _is_grid(region)
            if apart or all(map(_is_prose, halves)):
                return list(halves)
        return []

    def _drawn_by_rows(self, region: Sequence[Row]) -> bool:
        """Whether the pieces of most rows were drawn one after the other."""
        several = [row for row in region if len(row) > 1]
        rows = [[self._order[id(line)] for line in row] for row in _telling(several)]
        return 2 * sum(max(row) - min(row) < 2 * len(row) for row in rows) > len(rows)

    def _interleaved(self, left: Sequence[Line], right: Sequence[Line]) -> bool:
        """Whether the two columns were drawn row by row."""
        first = {self._order[id(line)] for line in left}
        printed = _telling(printed_rows([*left, *right]))
        rows = [[self._order[id(line)] for line in row] for row in printed]
        both = [row for row in rows if row[0] in first and row[-1] not in first]
        changes = [any(at not in first and at - 1 in first for at in row) for row in both]
        return 2 * sum(changes) > len(both)

    def _read_columns(self, region: Sequence[Row], columns: Sequence[list[Line]]) -> None:
        for column in columns:
            self.read(column)
        if self._interleaved(*columns):
            lines = [line for column in columns for line in column]
            new = [new for line in lines for new in self.replaced.get(id(line), (line,))]
            self._replace(lines, new)

    def _read_table(self, rows: Sequence[Row], start: int, end: int) -> None:
        above = [row[0] for row in rows[max(0, start - 8) : start] if len(row) == 1]
        made = table_lines(rows[start:end], above, self._rules, self._known, self.table)
        if made is not None:
            self.table, lines, used = made
            self._replace(used, lines)

    def _replace(self, old: Sequence[Line], new: list[Line]) -> None:
        first = min(old, key=lambda line: self._order[id(line)])
        self.replaced |= {id(line): [] for line in old}
        self.replaced[id(first)] = new

    def _ruled(self, region: Sequence[Row]) -> bool:
        """Whether rules part the rows, as no columns of prose have them."""
        top, bottom = region[0][0].baseline, region[-1][0].baseline
        return sum(bottom < rule < top for rule in self._rules) >= 2


def printed_rows(lines: Sequence[Line]) -> list[Row]:
    """The lines that stand level, from the top of the page down."""
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


def _regions(rows: Sequence[Row]) -> Iterator[tuple[int, int]]:
    """Stretches of rows through which the same gap runs."""
    start = 0
    while start < len(rows):
        end = _end_of_region(rows, start)
        if end > start:
            yield start, end
        start = max(end, start + 1)


def _end_of_region(rows: Sequence[Row], start: int) -> int:
    """Where the region that begins with the row `start` ends; `start` where none begins."""
    if len(rows[start]) < 2:
        return start
    inside = [start]
    for index in range(start + 1, len(rows)):
        if not _near(rows[index - 1], rows[index]) or index - inside[-1] > _LONE_ROWS:
            break
        if len(rows[index]) < 2:
            if _is_wide(rows[index][0], rows[start : inside[-1] + 1]):
                break
            continue
        signs = not _gaps(rows[index])  # «$» over «Change»: they may be names
        if not signs and not any(_share_a_gap(rows[above], rows[index]) for above in inside[-3:]):
            break
        if not signs:
            inside.append(index)
    return _with_tail(rows, inside[-1] + 1) if len(inside) > 1 else start


def _is_wide(line: Line, rows: Sequence[Row]) -> bool:
    """Whether a line runs over most of the rows above it, as prose between two tables does."""
    left, right = min(row[0].left for row in rows), max(row[-1].right for row in rows)
    return min(line.right, right) - max(line.left, left) > _WIDE * (right - left)


def _with_tail(rows: Sequence[Row], end: int) -> int:
    """The end moved below the further lines of the last row's cells."""
    while end < len(rows) and len(rows[end]) == 1 and len(rows[end - 1]) > 1:
        line, above = rows[end][0], rows[end - 1]
        over = [cell for cell in above if cell.left < line.right and line.left < cell.right]
        wraps = line.text[:1].islower() or (len(over) == 1 and over[0] is not above[0])
        if len(over) != 1 or not wraps or over[0].baseline - line.baseline > 1.4 * line.size:
            break
        end += 1
    return end


def _near(above: Row, below: Row) -> bool:
    size = max(above[0].size, below[0].size)
    return above[0].baseline - below[0].baseline < _NEAR * size


def _gaps(row: Row) -> list[tuple[float, float]]:
    parts = [part for line in row for part in parts_of(line) if not is_sign(part[0])]
    return [(right, left) for (_, _, right), (_, left, _) in pairwise(parts)]


def _share_a_gap(first: Row, second: Row) -> bool:
    least = _MIN_GAP * min(first[0].size, second[0].size)
    return any(
        min(a[1], b[1]) - max(a[0], b[0]) >= least for a in _gaps(first) for b in _gaps(second)
    )


def _is_list(region: Sequence[Row]) -> bool:
    """Whether the first column holds bullets or numbers of a list, and the second what they say."""
    marks = [row for row in region if len(row) == 2 and is_list_mark(row[0].text)]
    return len(marks) == sum(len(row) > 1 for row in region)


def _telling(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows that tell how a table was drawn: those of figures, if there are any. Names of
    columns that are set in several lines are drawn one name after the other."""
    counts = [sum(is_figure(text) for line in row for text, _, _ in parts_of(line)) for row in rows]
    return [row for row, count in zip(rows, counts, strict=True) if count > 1] or rows


def _is_grid(region: Sequence[Row]) -> bool:
    """Whether most rows have short words in every column, in whatever order they were drawn."""
    most = max(map(len, region))
    full = sum(len(row) == most for row in region)
    length = statistics.median(len(line.text) for row in region for line in row)
    return len(region) >= 3 and full >= _REGULAR * len(region) and length < _PROSE_LINE


def _gutters(lines: Sequence[Line]) -> list[float]:
    """Where the gaps end that run through all the lines, the widest first."""
    found: list[tuple[float, float]] = []
    reach = float("inf")
    for line in sorted(lines, key=lambda line: line.left):
        if line.left > reach:
            found.append((line.left - reach, line.left))
            reach = line.right
        reach = line.right if reach == float("inf") else max(reach, line.right)
    return [end for _, end in sorted(found, reverse=True)]


def _is_prose(column: Sequence[Line]) -> bool:
    if len(column) < 3:
        return False
    left, right = min(line.left for line in column), max(line.right for line in column)
    full = sum(line.right - left >= _FULL * (right - left) for line in column)
    text = "".join(line.text for line in column)
    digits = sum(character.isdigit() for character in text)
    return (
        statistics.median(len(line.text) for line in column) >= _PROSE_LINE
        and 2 * full > len(column)
        and digits <= _PROSE_DIGITS * len(text)
        and max(line.size for line in column) * (1 - 3 * SAME_SIZE)
        <= min(line.size for line in column)
    )
