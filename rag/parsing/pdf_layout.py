"""Reading order and tables of a page, by where its lines stand.

pdfium gives lines in the order in which they were drawn, which mostly is the order of reading. Two
things are put right: columns of prose that were drawn row by row, and tables, whose rows become one
line each. Both are stretches of the page through which a gap runs from top to bottom.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence

from rag.parsing.lines import Line, Rule, Table, is_list_mark
from rag.parsing.pdf_cells import parts_of
from rag.parsing.pdf_header import is_figure
from rag.parsing.pdf_regions import (
    PROSE_LINE,
    Row,
    are_columns,
    end_of_columns,
    fits,
    gaps_of,
    gutters,
    is_near,
    is_wide,
    lines_above,
    printed_rows,
    share_a_gap,
    split_at,
    wide_parts,
    with_tail,
)
from rag.parsing.pdf_table import table_lines

_MARK = re.compile(r"[®™©*†‡§¶¹²³ ]+")
_LONE_ROWS = 5  # rows of one piece in sequence that a table may have inside: labels, wrapped cells
_REGULAR = 0.7  # of the rows of a table that was drawn column by column


def arrange(
    lines: Sequence[Line], rules: Sequence[Rule], known: set[str], before: Table | None
) -> tuple[list[Line], Table | None]:
    """Returns the lines in reading order, each row of a table as one line, and the page's last
    table.

    `rules` are the page's horizontal rules, `known` is as in `paragraphs`, and
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
        self, lines: Sequence[Line], rules: Sequence[Rule], known: set[str], before: Table | None
    ) -> None:
        self.replaced: dict[int, list[Line]] = {}
        self.table = before
        self._order = {id(line): number for number, line in enumerate(lines)}
        self._rules = rules
        self._known = known

    def read(self, lines: Sequence[Line]) -> None:
        """Reads some lines of the page: all of them, or a column."""
        rows = printed_rows(lines)
        start = 0
        while start < len(rows):
            end = self._end_of_region(rows, start)
            region = rows[start:end]
            gutter = self._gutter(region) if region else None
            if gutter is not None:
                end = end_of_columns(rows, end, gutter)
                self._read_columns(split_at(rows[start:end], gutter))
            elif (
                region
                and not _is_list(region)
                and (self._drawn_by_rows(region) or _is_grid(region))
            ):
                self._read_table(rows, start, end)
            start = max(end, start + 1)

    def _gutter(self, region: Sequence[Row]) -> float | None:
        """Where the second of two columns begins: both are prose, or one stands beside something
        that was drawn before or after it."""
        for gutter in gutters([line for row in region for line in row]):
            halves = split_at(region, gutter)
            if self._ruled(region, gutter - 1, gutter - 1):
                continue
            if are_columns(halves) or not (
                self._ruled(region) or self._interleaved(*halves) or _is_grid(region)
            ):
                return gutter
        return None

    def _drawn_by_rows(self, region: Sequence[Row]) -> bool:
        """Whether the pieces of most rows were drawn one after the other."""
        several = [row for row in region if len(row) > 1]
        if not several:  # each row is one piece
            return True
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

    def _read_columns(self, columns: Sequence[list[Line]]) -> None:
        for column in columns:
            self.read(column)
        (first, last), (begin, end) = (
            (min(order), max(order))
            for order in ([self._order[id(line)] for line in column] for column in columns)
        )
        if begin < last and first < end:
            lines = [
                line
                for column in columns
                for line in sorted(column, key=lambda line: self._order[id(line)])
            ]
            new = [new for line in lines for new in self.replaced.get(id(line), (line,))]
            self._replace(lines, new)

    def _read_table(self, rows: Sequence[Row], start: int, end: int) -> None:
        above = lines_above(rows, start)
        made = table_lines(rows[start:end], above, self._rules, self._known, self.table)
        if made is not None:
            self.table, lines, used = made
            self._replace(used, lines)

    def _replace(self, old: Sequence[Line], new: list[Line]) -> None:
        first = min(old, key=lambda line: self._order[id(line)])
        self.replaced |= {id(line): [] for line in old}
        self.replaced[id(first)] = new

    def _ruled(
        self,
        region: Sequence[Row],
        left: float = float("-inf"),
        right: float = float("inf"),
        least: int = 2,
    ) -> bool:
        """Whether so many rules part the rows somewhere between `left` and `right`, which no
        columns of prose have."""
        left = max(left, min(row[0].left for row in region))
        right = min(right, max(row[-1].right for row in region))
        top, bottom = region[0][0].baseline, region[-1][0].baseline
        inside = [
            height
            for height, start, end in self._rules
            if bottom < height < top and start <= right and left <= end
        ]
        return len(inside) >= least

    def _end_of_region(self, rows: Sequence[Row], start: int) -> int:
        """Where a stretch of rows ends through which the same gap runs; `start` for none."""
        if _are_marks(rows[start]) or (
            len(rows[start]) < 2 and not self._may_begin(rows[start : start + 2])
        ):
            return start
        inside = [start]
        for index in range(start + 1, len(rows)):
            if not is_near(rows[index - 1], rows[index]) or index - inside[-1] > _LONE_ROWS:
                break
            if _are_marks(rows[index]):
                continue
            above = [rows[at] for at in inside]
            if len(rows[index]) < 2:
                if fits(rows[index], above):
                    inside.append(index)
                elif is_wide(rows[index][0], rows[start : inside[-1] + 1]):
                    break
                continue
            if (
                len(above) == 1
                and len(above[0]) < 2
                and not fits(above[-1], rows[index : index + 1])
            ):
                break
            signs = not gaps_of(rows[index])  # «$» over «Change»: they may be names
            if not signs and not any(share_a_gap(row, rows[index]) for row in above[-3:]):
                break
            if not signs:
                inside.append(index)
        region = rows[start : inside[-1] + 1]
        if len(inside) < 2 or not (any(len(row) > 1 for row in region) or self._tells(region)):
            return start
        return with_tail(rows, inside[-1] + 1)

    def _may_begin(self, rows: Sequence[Row]) -> bool:
        """Whether a table may begin with a row of one piece: by its gaps, or by a rule below it."""
        parts = len(wide_parts(rows[0][0]))
        return parts > 2 or (parts == 2 and len(rows) > 1 and self._ruled(rows, least=1))

    def _tells(self, rows: Sequence[Row]) -> bool:
        """Whether rows of one piece each are a table and no prose with wide spaces."""
        figures = any(is_figure(text) for row in rows for text, _, _ in wide_parts(row[0])[1:])
        return figures and (self._ruled(rows) or all(len(wide_parts(row[0])) > 2 for row in rows))


def _are_marks(row: Row) -> bool:
    """Whether a row holds raised marks alone, which belong to the words of other rows."""
    return all(_MARK.fullmatch(line.text) for line in row)


def _is_list(region: Sequence[Row]) -> bool:
    """Whether the first column holds bullets or numbers of a list, and the second what they say."""
    marks = [row for row in region if len(row) == 2 and is_list_mark(row[0].text)]
    return bool(marks) and len(marks) == sum(len(row) > 1 for row in region)


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
    return len(region) >= 3 and full >= _REGULAR * len(region) and length < PROSE_LINE
