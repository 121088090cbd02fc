"""Two cells of a table that a question compares: which they are, and what comes of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

from rag.answering.tables.grid import Grid
from rag.answering.tables.matching import Match, pick
from rag.answering.tables.plans import (
    Operand,
    Plan,
    days,
    difference,
    down,
    growth,
    operand,
    plain_rows,
    share,
    summed,
)
from rag.answering.tables.requests import Operation
from rag.answering.tables.selecting import LEAST_LABEL, Selection
from rag.text import fold
from rag.text.computing import COMPUTING

_YEARS = range(1900, 2100)
_BEFORE = re.compile("|".join(data.before for data in COMPUTING.values()))
_DIFFERENCES = re.compile("|".join(data.differences for data in COMPUTING.values()))


def total_row(grid: Grid) -> int | None:
    """Returns the index of the row that sums up all others; None where there is none."""
    return None if grid.total is None else grid.rows.index(grid.total)


def pair(selection: Selection) -> tuple[Operand, Operand] | None:
    """Returns two cells in the order in which the question names them."""
    grid = selection.grid
    columns = [m for m in selection.columns if m.whole] or selection.columns
    rows = list({m.used: m for m in selection.rows if m.share >= LEAST_LABEL}.values())
    if len(rows) >= 2 and (column := selection.column()) is not None:
        ordered = sorted(rows[:2], key=lambda m: min(m.used))
        found = [operand(grid, match.index, column) for match in ordered]
    elif len(selection.columns) >= 2:
        row = rows[0].index if rows else total_row(grid)
        best = columns[:2] if len(columns) >= 2 else selection.columns[:2]
        ordered = sorted(best, key=lambda m: min(m.used))
        found = [operand(grid, row, m.index) for m in ordered] if row is not None else []
    else:
        return None
    return (found[0], found[1]) if len(found) == 2 and found[0] and found[1] else None


def difference_plan(selection: Selection) -> Plan | None:
    """Returns how much more one cell is than another."""
    grid, request = selection.grid, selection.request
    found = pair(selection) or _counterpart(selection) or pair_of_two(selection)
    if found is None:
        return None
    first, second = found
    if first.row == second.row and (early := is_earlier(grid, first, second)) is not None:
        return growth(grid, *((first, second) if early else (second, first)))
    if request.operation is Operation.GROWTH:
        return growth(grid, first, second)
    made = difference(grid, first, second)
    if made and made.result and made.result.value < 0:
        return difference(grid, second, first)
    return made


def is_earlier(grid: Grid, first: Operand, second: Operand) -> bool | None:
    """Tells whether the first column is of an earlier time; None where no names tell."""
    before = [_BEFORE.search(fold(grid.names[one.column])) is not None for one in (first, second)]
    if before[0] != before[1]:
        return before[0]
    years = []
    for one in (first, second):
        words = "".join(c if c.isdigit() else " " for c in grid.names[one.column]).split()
        years.append(
            next((int(word) for word in words if word.isdigit() and int(word) in _YEARS), 0)
        )
    return years[0] < years[1] if all(years) and years[0] != years[1] else None


def _counterpart(selection: Selection) -> tuple[Operand, Operand] | None:
    """Returns the named cell and the one it is compared with, by a column that is their difference.

    «Diferencia» is the spending less the budget in every row, so what is asked of either is that.
    """
    grid = selection.grid
    row = selection.row()
    row = total_row(grid) if row is None and not selection.rows else row
    if row is None:
        return None
    said = [c for c in grid.figures if _DIFFERENCES.search(fold(grid.names[c]))]
    for made, more, less in permutations(grid.figures, 3):
        if made in (said or grid.figures[-1:]) and _derived(grid, made, more, less):
            pair = operand(grid, row, more), operand(grid, row, less)
            return (pair[0], pair[1]) if pair[0] and pair[1] else None
    return None


def pair_of_two(selection: Selection) -> tuple[Operand, Operand] | None:
    """Returns the named row in both columns of a table of two: what is, and what was before.

    The one that the question names is what the other is compared with: «que en marzo». Of more
    columns the last one is compared with that since which something is asked.
    """
    grid, row = selection.grid, selection.row()
    if row is None or len(selection.rows) != 1:
        return None
    figures = grid.figures
    if len(figures) > 2 and len(selection.columns) == 1 and selection.request.since:
        figures = (figures[-1], selection.columns[0].index)  # «since January»: until the last
    if len(set(figures)) != 2:
        return None
    first, second = figures
    named = selection.columns[0].index if len(selection.columns) == 1 else second
    pair = operand(grid, row, first if named == second else second), operand(grid, row, named)
    return (pair[0], pair[1]) if pair[0] and pair[1] else None


def _derived(grid: Grid, made: int, more: int, less: int) -> bool:
    """Tells whether a column is the difference of two others in every row."""
    rows = 0
    for row in grid.rows:
        values = [grid.at(row, column) for column in (made, more, less)]
        if any(value is None for value in values):
            continue
        one, two, three = (value.value for value in values if value is not None)
        if one != two - three:
            return False
        rows += 1
    return rows > 1


def excluding_plan(selection: Selection) -> Plan | None:
    """Returns the whole less the part that does not count."""
    grid, request = selection.grid, selection.request
    column, total = selection.column(), total_row(grid)
    if request.excludes is None or column is None:
        return None
    behind = request.words_in((request.excludes, len(request.question.query)))
    out = [m.index for m in _named_by(selection, behind)]
    totals = [i for i, row in enumerate(grid.rows) if row.is_total]
    named = [m.index for m in selection.rows if m.index in totals]
    whole = named[0] if named else total
    if len(out) != 1 or out[0] == whole:
        return None
    if whole is None:
        rest = [index for index in plain_rows(grid) if index not in out]
        return summed(grid, down(grid, rest, column), Operation.SUM)
    pair = operand(grid, whole, column), operand(grid, out[0], column)
    return difference(grid, pair[0], pair[1]) if pair[0] and pair[1] else None


def _named_by(selection: Selection, words: frozenset[int]) -> Sequence[Match]:
    asked = selection.request.asked
    others = frozenset(range(len(asked))) - words
    names = [(i, row.label) for i, row in enumerate(selection.grid.rows) if row.label]
    found = pick(names, selection.language, asked, 0.0, others)
    return [match for match in found if match.used & words][:1]


def share_plan(selection: Selection) -> Plan | None:
    """Returns what share one cell is of another, or of the sum of its column."""
    grid, request = selection.grid, selection.request
    found = pair(selection)
    if found is not None:
        first, second = found
        if request.whole is not None:
            behind = request.words_in((request.whole, len(request.question.query)))
            names = {m.index: min(m.used & behind, default=None) for m in selection.columns}
            rows = {m.index: min(m.used & behind, default=None) for m in selection.rows}
            places = [
                names[one.column] if first.row == second.row else rows[one.row]
                for one in (first, second)
            ]
            # «what percentage of B is A», and «what percentage is A of B»
            if places[0] is not None and (places[1] is None or places[0] < places[1]):
                first, second = second, first
        return share(grid, first, second)
    row, column = selection.row(), selection.column()
    if row is None or column is None or len(selection.rows) > 1:
        return None
    part, total = operand(grid, row, column), total_row(grid)
    if part is None or total == row:
        return None
    if total is not None:
        whole = operand(grid, total, column)
        return share(grid, part, whole) if whole else None
    everything = summed(grid, down(grid, plain_rows(grid), column), Operation.SUM)
    if everything is None or everything.result is None:
        return None
    made = share(grid, part, Operand(row, column, everything.result))
    return made and replace(made, operands=(part, *everything.operands))


def days_plan(selection: Selection) -> Plan | None:
    """Returns the days between the dates of two rows."""
    pair = _dates(selection)
    return None if pair is None else days(selection.grid, *pair, selection.request)


def _dates(selection: Selection) -> tuple[Operand, Operand] | None:
    grid = selection.grid
    columns = [c for c in grid.figures if grid.unit(c) == "date"]
    rows = selection.rows
    if len(columns) != 1 or len(rows) < 2:
        return None
    first, second = (operand(grid, m.index, columns[0]) for m in rows[:2])
    return (first, second) if first and second else None
