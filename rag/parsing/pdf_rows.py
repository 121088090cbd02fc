"""Writes the rows of a PDF's table as lines: «Group: label; Column: value; Column: value».

A label without values names the group of the rows below it. Rows of columns without names are cells
parted by tabs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.parsing.lines import Line, Table, TableRow
from rag.parsing.pdf_header import (
    Columns,
    Row,
    TableCell,
    column_names,
    header_rows,
    is_figure,
    is_unit,
    plain_name,
)
from rag.schema import DocumentBlockKind, Span

_ROW = DocumentBlockKind.ROW
_CELL = "\t"
_NAMED = "; "
_NAMES = " | "

_SAME_PLACE = 0.5  # of a column's width, shared with the column of the page before
_MIN_PAIRS = 3  # rows of labels with values: fewer may be alike by chance
_TOTAL = re.compile(r"(?:sub)?total", re.IGNORECASE)


@dataclass(slots=True)
class _Group:
    """A label that stands alone, and whether the rows below it stand further in."""

    left: float
    words: str
    indented: bool | None = None


def row_lines(
    rows: Sequence[Row], columns: Columns, before: Table | None, ruled: bool = False
) -> list[Line]:
    """Returns a line for each row, but one for all rows of a header; each knows its table.

    `before` is the table that may go on in this one; `ruled`: rules part the rows. Where labels
    stand beside their values several times in a row, as in forms, each label with its value is a
    line.
    """
    start, end = _pairs_among(rows)
    if start == end:
        return _Writer(columns, before).lines(rows, ruled)
    writer = _Writer(columns, before)
    done = [*(writer.lines(rows[:start]) if start else ()), *writer.pairs(rows[start:end])]
    used = sorted({column for row in rows[end:] for column in row})
    rest = [{used.index(column): cell for column, cell in row.items()} for row in rows[end:]]
    return [*done, *row_lines(rest, [columns[column] for column in used], None)] if rest else done


class _Writer:
    """Writes rows under the names that the columns have at that point."""

    def __init__(self, columns: Columns, before: Table | None) -> None:
        self._columns = columns
        self._table = Table(columns)
        self._before = before
        self._groups: list[_Group] = []
        self._by_groups = False  # labels in the middle name the rows below them

    def lines(self, rows: Sequence[Row], ruled: bool = False) -> list[Line]:
        count = header_rows(rows, self._columns, ruled)
        if not count:
            self._take_over()
        done: list[Line] = []
        while rows:
            done += self._header(rows[:count]) if count else []
            ends = (at for at in range(count + 1, len(rows)) if self._names_anew(rows[at:]))
            end = next(ends, len(rows))
            self._by_groups = end > count and self._is_centred(rows[count])
            done += [self._line(row) for row in rows[count:end]]
            rows = rows[end:]
            count = header_rows(rows, self._columns)
        return done

    def pairs(self, rows: Sequence[Row]) -> list[Line]:
        """Returns «label: value» lines, those of the first labels of all rows before the others."""
        self._table = Table(self._columns)
        every = [pair for row in rows for pair in _pairs(row)]
        done: list[Line] = []
        for (at, label), (_, value) in sorted(every, key=lambda pair: pair[0][0]):
            parts = [("", label.text.rstrip(": "), 0), ("", value.text, 1)]
            line = self._made([{at: label, at + 1: value}], *_joined(parts, ": "), _ROW)
            done.append(line)
        return done

    def _take_over(self) -> None:
        """The names of the table on the page before, where this one has the same columns."""
        other = self._before
        if other is None or len(other.columns) != len(self._columns):
            return
        for (a, b), (c, d) in zip(self._columns, other.columns, strict=True):
            if min(b, d) - max(a, c) < _SAME_PLACE * min(b - a, d - c):
                return
        self._table = Table(self._columns, other.names, other.spans)

    def _names_anew(self, rows: Sequence[Row]) -> bool:
        """Whether a row inside the table begins another header."""
        first = rows[0]
        if not any(self._table.names) or 0 in first:
            return False
        return header_rows(rows, self._columns) > (len(first) == 1)  # one alone is over others

    def _header(self, rows: Sequence[Row]) -> list[Line]:
        """The row of names, and before it a unit that stands in the corner or over all of them."""
        units = [row for row in rows if len(row) == 1 and is_unit(_only(row).text)]
        rows = [row for row in rows if row not in units]
        names = column_names(rows, self._columns)
        self._table = Table(self._columns, names)
        self._groups = []
        if is_unit(names[0]):
            units += [{0: row[0]} for row in rows if 0 in row]
            names[0] = ""
        done = [
            self._made([row], _only(row).text, [], DocumentBlockKind.TABLE_TITLE) for row in units
        ]
        parts = [("", name, column) for column, name in enumerate(names) if name]
        if not parts:
            return done
        return [*done, self._made(rows, *_joined(parts, _NAMES), DocumentBlockKind.HEADER_ROW)]

    def _line(self, row: Row) -> Line:
        names = dict(enumerate(self._table.names))
        if group := self._group(row):
            names[0] = group
        parts = [(names.get(column, ""), row[column].text, column) for column in sorted(row)]
        if len(parts) > 1 and any(name for name, _, _ in parts):
            joined = _joined(parts, _NAMED)
        else:
            joined = _joined([("", text, column) for _, text, column in parts], _CELL)
        return self._made([row], *joined, _ROW)

    def _group(self, row: Row) -> str:
        """The words of the group that the row is in; a label without values opens one."""
        if self._by_groups and self._is_centred(row):
            self._groups = [_Group(float("-inf"), plain_name(_only(row).text))]
            return ""
        if 0 not in row:
            return ""
        label, alone = row[0], len(row) == 1
        while self._groups and self._is_outside(label.left, alone):
            self._groups.pop()
        if alone:
            self._groups.append(_Group(label.left, plain_name(label.text)))
            return ""
        if not self._groups:
            return ""
        if _TOTAL.match(label.text):  # it closes its group
            self._groups.pop()
            return ""
        group = self._groups[-1]
        if group.indented is None:
            group.indented = label.left > group.left + 1
        return group.words

    def _is_centred(self, row: Row) -> bool:
        """Whether a row is a label in the middle of the table, for the rows below it."""
        if len(row) > 1 or len(self._columns) < 3 or not any(self._table.names):
            return False
        cell = _only(row)
        middle = (self._columns[0][0] + self._columns[-1][1]) / 2
        centred = abs((cell.left + cell.right) / 2 - middle) < 2 * cell.line.size
        apart = cell.left > self._columns[0][0] + 2 * cell.line.size
        return centred and apart and not (is_figure(cell.text) or is_unit(cell.text))

    def _is_outside(self, left: float, alone: bool) -> bool:
        """Whether a row that begins at `left` is not in the last group."""
        group = self._groups[-1]
        level = abs(left - group.left) <= 1
        return left < group.left - 1 or (level and (alone or group.indented is True))

    def _made(
        self, rows: Sequence[Row], text: str, cells: list[tuple[Span, int]], kind: DocumentBlockKind
    ) -> Line:
        every = [cell for row in rows for cell in row.values()]
        return replace(
            every[0].line,
            text=text,
            left=min(cell.left for cell in every),
            right=max(cell.right for cell in every),
            tabular=True,
            hyphen=False,
            parts=(),
            row=TableRow(kind, self._table, tuple(cells)),
        )


def _pairs(row: Row) -> list[tuple[tuple[int, TableCell], tuple[int, TableCell]]]:
    """The labels of a row with their values, if it holds nothing else: labels end with colons, or
    are bold where values are not."""
    cells = sorted(row.items())
    if len(cells) % 2:
        return []
    pairs = list(zip(cells[::2], cells[1::2], strict=True))
    label = all(a.text.endswith(":") or (a.bold and not b.bold) for (_, a), (_, b) in pairs)
    return pairs if label else []


def _pairs_among(rows: Sequence[Row]) -> tuple[int, int]:
    """Where rows of several labels with their values begin and end; an empty range for none."""
    counts = [len(_pairs(row)) for row in rows]
    start = next((at for at, count in enumerate(counts) if count > 1), 0)
    end = next((at for at in range(start, len(rows)) if not counts[at]), len(rows))
    several = sum(count > 1 for count in counts[start:end])
    return (start, end) if several >= _MIN_PAIRS else (0, 0)


def _only(row: Row) -> TableCell:
    """The cell of a row that has one."""
    return next(iter(row.values()))


def _joined(
    parts: Sequence[tuple[str, str, int]], separator: str
) -> tuple[str, list[tuple[Span, int]]]:
    """The text of (name, value, column) parts, and where the values stand in it."""
    text = ""
    cells: list[tuple[Span, int]] = []
    for name, value, column in parts:
        text += (separator if text else "") + (f"{name}: " if name and name != value else "")
        cells.append(((len(text), len(text) + len(value)), column))
        text += value
    return text, cells
