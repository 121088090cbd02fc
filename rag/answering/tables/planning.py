"""A question and a table -> the plan of the computation, where it is sure which cells count."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from rag.answering.tables.comparing import (
    days_plan,
    difference_plan,
    excluding_plan,
    share_plan,
    total_row,
)
from rag.answering.tables.grid import Grid, GridRow
from rag.answering.tables.plans import (
    Operand,
    Plan,
    alike,
    cell_words,
    counted,
    down,
    extreme,
    operand,
    over_months,
    plain_rows,
    summed,
)
from rag.answering.tables.requests import Operation, Request
from rag.answering.tables.selecting import LEAST_LABEL, Selection
from rag.schema import Intent
from rag.text import fold
from rag.text.computing import COMPUTING, MONTHS
from rag.text.languages import DATA

_ALIKE = 0.7  # share of a row's name, where it is looked for in several documents


def plan_of(grid: Grid, request: Request, least: float = 0.0) -> Plan | None:
    """Returns the computation that the question asks of this table; None where none is sure.

    A table that says less than the `least` share of the question is not looked into.
    """
    selection = Selection(grid, request)
    if selection.most_explained() < least:
        return None
    unconditioned = Selection(grid, replace(request, condition=None))
    request = request.without(unconditioned.whole_names())
    selection = Selection(grid, request)
    made = _PLANS[request.operation](selection)
    looks_up = request.operation in (Operation.COUNT, Operation.LIST, Operation.SHARE)
    if looks_up and (made is None or made.mixed):  # a share may stand in the table
        made = _lookup(selection) or made
    if made is None:
        return None
    rows = [one.row for one in made.operands] + list(made.winners)
    columns = [one.column for one in made.operands]
    if made.mixed and not selection.names_each(rows, columns):
        return None
    named = len(selection.named(rows, columns))
    if request.excludes is None:  # rows that are summed unnamed say nothing of the question
        rows = selection.told(rows)
    return replace(made, explained=selection.explained(rows, columns), named=named)


def cell_plan(grid: Grid, request: Request, also: frozenset[int], least: float) -> Plan | None:
    """Returns the cell that the question means, whatever it asks of it; None where none is sure.

    `also` are the words that the names of other documents say; with them a table must say the
    `least` share of the question.
    """
    selection = Selection(grid, request)
    if selection.most_explained(also) < least:
        return None
    row, column = selection.row(), selection.named_column()
    if row is None or column is None or not _surely_named(selection, row, column):
        return None
    one, words = operand(grid, row, column), cell_words(grid.rows[row], column)
    said = max((m.share for m in selection.rows if m.index == row), default=0.0)
    if one is None or said < _ALIKE:
        return None
    explained = selection.explained([row], [column], also)
    return Plan(grid, Operation.LOOKUP, (one,), one.quantity, explained, words=words)


def _lookup(selection: Selection) -> Plan | None:
    """Returns the cell of the row and the column that are named."""
    grid = selection.grid
    row, column = selection.row(), selection.named_column()
    if selection.texts and (not selection.columns or _better(selection)):
        column = selection.texts[0].index
    if column is None and row is not None and selection.request.operation is Operation.SHARE:
        column = _with_percent(grid.rows[row])
    if row is None and column is not None and not selection.rows:
        row = total_row(grid)
    if row is None and column is not None and _counts_all(selection, column):
        return _sum(Selection(grid, replace(selection.request, operation=Operation.SUM)))
    if row is None or column is None or not _surely_named(selection, row, column):
        return None
    one = operand(grid, row, column)
    words = cell_words(grid.rows[row], column)
    if not words:
        return None
    if one is not None and (period := _period(selection, one)):
        return over_months(grid, one, period)
    if one is None:
        return Plan(grid, Operation.LOOKUP, (), None, winners=(row,), words=words)
    return Plan(grid, Operation.LOOKUP, (one,), one.quantity, words=words)


def _counts_all(selection: Selection, column: int) -> bool:
    """Tells whether things are counted in all rows of one name, the quarters of a region for one.

    Only what has no unit is added up unasked: prices or shares are not.
    """
    labels = [fold(selection.grid.rows[m.index].label) for m in selection.rows if m.whole]
    question = selection.request.question
    counts = re.search(DATA[question.language].asks_how_many, question.query, re.IGNORECASE)
    same = len(labels) > 1 and len(set(labels)) == 1
    return bool(counts) and same and not selection.grid.unit(column)


def _with_percent(row: GridRow) -> int | None:
    """Returns the one cell that speaks of a percentage: «below 5%»."""
    found = [column for column, cell in row.cells.items() if column and "%" in cell.text]
    return found[0] if len(found) == 1 else None


def _better(selection: Selection) -> bool:
    text, figure = selection.texts[0], selection.columns[0]
    return text.whole and not figure.whole


def _surely_named(selection: Selection, row: int, column: int) -> bool:
    """Tells whether the question says the row; of a total it must say the column whole."""
    match = next((m for m in selection.rows if m.index == row), None)
    content = match and any(not selection.request.asked[i].idle for i in match.used)
    # «Total net sales» said whole is no mere total
    plain = match and (match.whole or not selection.grid.rows[row].is_total)
    if match and content and match.share >= LEAST_LABEL and plain:
        return True
    named = [m for m in (*selection.columns, *selection.texts) if m.index == column]
    return any(m.whole for m in named) and (match is None or match.share >= LEAST_LABEL)


def _period(selection: Selection, one: Operand) -> Operation | None:
    """Returns the change of period where the column is by month and a year is asked for."""
    asked = selection.request.per
    name = selection.grid.names[one.column]
    languages = COMPUTING.values()
    months = any(re.search(data.by_month, name, re.IGNORECASE) for data in languages)
    years = any(re.search(data.by_year, name, re.IGNORECASE) for data in languages)
    if asked["year"] and months and not years:
        return Operation.YEAR
    if asked["month"] and years and not months and not asked["year"]:
        return Operation.MONTH
    return None


def _sum(selection: Selection) -> Plan | None:
    """Returns the sum over the rows or columns that are named, or over the whole column."""
    grid, request = selection.grid, selection.request
    column = selection.column()
    if len(selection.columns) > 1 and len(selection.rows) == 1:
        named = [m.index for m in selection.columns if m.whole]
        return summed(
            grid,
            [o for c in named if (o := operand(grid, selection.rows[0].index, c))],
            request.operation,
        )
    if column is None:
        return None
    rows = _ranged(selection) or _rows(selection)
    if rows is None:
        if request.operation is Operation.SUM and sum(row.is_total for row in grid.rows) > 1:
            return None
        if not selection.columns and any(word.line is not None for word in request.asked):
            return None  # «total net sales» is a line of accounts, and no sum of what stands here
        rows = plain_rows(grid)
    if len(rows) == 1 and request.operation is Operation.SUM:
        start, end = request.span
        joins = re.search(
            COMPUTING[request.question.language].joins, request.question.query[start:end]
        )
        return None if joins else _lookup(selection)  # «total» may be said of one figure
    return summed(grid, down(grid, rows, column), request.operation)


def _ranged(selection: Selection) -> list[int] | None:
    """Returns the rows from one end of a range to the other: «entre mayo y julio»."""
    ends, rows = selection.request.ends, selection.grid.rows
    if ends is None or len(selection.rows) < 2:
        return None
    first, second, end = ends
    sides = [selection.request.words_in(span) for span in ((first, second), (second, end))]
    found = [next((m.index for m in selection.rows if m.used & side), None) for side in sides]
    if None in found or found[0] == found[1]:
        return None
    if not all(_in_a_series(rows[index].label) for index in found if index is not None):
        return None  # «Loss from operations and revenues» are two rows
    low, high = sorted(index for index in found if index is not None)
    return list(range(low, high + 1))


def _in_a_series(label: str) -> bool:
    """Tells whether a row is one of a series: a month, a year, a week, a numbered step."""
    words = re.findall(r"\w+", fold(label))
    return any(word in MONTHS or any(map(str.isdigit, word)) for word in words)


def _rows(selection: Selection) -> list[int] | None:
    """Returns the rows that are named, by their first cell or by another one; None where none is.

    Rows whose value fails the condition of the question are left out.
    """
    named = [m.index for m in selection.rows if m.whole or m.share >= LEAST_LABEL]
    parts = [index for index in named if not selection.grid.rows[index].is_total]
    rows = parts or named or list(selection.alike) or None
    if selection.request.condition is None:
        return rows
    return _meeting(selection, rows or plain_rows(selection.grid))


def _meeting(selection: Selection, rows: Sequence[int]) -> list[int] | None:
    condition, column = selection.request.condition, _conditioned(selection)
    if condition is None or column is None:
        return None
    found = down(selection.grid, rows, column)
    same = alike(found)
    return None if same is None else [o.row for o in same if condition.holds(o.quantity.value)]


def _conditioned(selection: Selection) -> int | None:
    """Returns the column that the condition speaks of: the one named beside its figure."""
    condition = selection.request.condition
    if condition is None:
        return None
    behind = selection.request.words_in((condition.end, condition.end + 40))
    for match in selection.columns:
        if match.used & behind:
            return match.index
    return selection.column()


def _extreme(selection: Selection) -> Plan | None:
    """Returns the row, or with a row named the column, that has the greatest or least value."""
    grid, request = selection.grid, selection.request
    column = selection.column()
    rows = list(selection.alike) or plain_rows(grid)
    if column is not None:
        header = selection.header_said()  # «Other» is no row of «Accrued and other liabilities»
        if not selection.alike and any(m.whole and not m.used <= header for m in selection.rows):
            return None
        return extreme(grid, down(grid, rows, column), request.operation)
    row = selection.row()
    if row is None:
        return None
    cells = [o for c in grid.figures if (o := operand(grid, row, c)) is not None]
    return extreme(grid, cells, request.operation)


def _count(selection: Selection) -> Plan | None:
    """Returns how many rows meet a condition, or hold the word that is named."""
    grid, request = selection.grid, selection.request
    if request.excludes is not None:
        return excluding_plan(selection)
    if request.condition is not None:
        column = _conditioned(selection)
        rows = list(selection.alike) or plain_rows(grid)
        met = _meeting(selection, rows)
        if met is None or column is None:
            return None
        return counted(grid, met, len(rows), request.operation, column)
    if len(selection.rows) > 1 and request.ends and request.operation is Operation.COUNT:
        return _sum(Selection(grid, replace(request, operation=Operation.SUM)))
    if selection.columns or selection.rows:
        return None
    if selection.alike and (selection.header_said() or request.question.intent is Intent.LIST):
        rows = list(selection.alike)
        return counted(grid, rows, len(grid.rows), request.operation, None)
    return None


_PLANS: dict[Operation, Callable[[Selection], Plan | None]] = {
    Operation.LOOKUP: _lookup,
    Operation.SUM: _sum,
    Operation.AVERAGE: _sum,
    Operation.DIFFERENCE: difference_plan,
    Operation.GROWTH: difference_plan,
    Operation.SHARE: share_plan,
    Operation.LARGEST: _extreme,
    Operation.SMALLEST: _extreme,
    Operation.COUNT: _count,
    Operation.LIST: _count,
    Operation.YEAR: _lookup,
    Operation.MONTH: _lookup,
    Operation.DAYS: days_plan,
}
