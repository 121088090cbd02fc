"""A question and a table -> the plan of the computation, where it is sure which cells count."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from rag.answering.tables.comparing import (
    days_plan,
    difference_plan,
    excluding_plan,
    share_plan,
    total_row,
)
from rag.answering.tables.explaining import explained_by, most_explained
from rag.answering.tables.grid import Grid, GridRow
from rag.answering.tables.plans import (
    Operand,
    Plan,
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
from rag.answering.tables.rows import (
    conditioned_column,
    counts_all,
    meeting,
    named_rows,
    of_kind_asked,
    ranged_rows,
    said_in,
)
from rag.answering.tables.selecting import LEAST_LABEL, Selection
from rag.answering.tables.turned import turned
from rag.answering.tables.verdicts import verdict_plan
from rag.schema import Intent
from rag.text.computing import COMPUTING

_EVERY = 0.99  # of the question, where all rows are counted
_ALIKE = 0.7  # share of a row's name, where it is looked for in several documents


def plan_of(grid: Grid, request: Request, least: float = 0.0) -> Plan | None:
    """Returns the computation that the question asks of this table; None where none is sure.

    A table that says less than the `least` share of the question is not looked into.
    """
    if most_explained(Selection(grid, request)) < least:
        return None
    made = _plan(grid, request)
    other = turned(grid) if made is None else None
    return _plan(other, request) if other is not None else made


def _plan(grid: Grid, request: Request) -> Plan | None:
    unconditioned = Selection(grid, replace(request, condition=None))
    request = request.without(unconditioned.whole_names())
    selection = Selection(grid, request)
    made = _PLANS[request.operation](selection)
    looks_up = request.operation in (Operation.COUNT, Operation.LIST, Operation.SHARE)
    if request.condition is not None and request.operation is Operation.COUNT:
        looks_up = False  # how many are more than that is no cell
    if looks_up and (made is None or made.mixed):  # a share may stand in the table
        made = _lookup(selection) or made
    if made is None:
        return None
    rows = list(dict.fromkeys([one.row for one in made.operands] + list(made.winners)))
    columns = [one.column for one in made.operands]
    if made.mixed and not selection.names_each(rows, columns):
        return None
    if made.winners and not made.operands:  # rows of which a cell is named, of a named column
        columns += [match.index for match in selection.texts if match.whole]
    named = len(selection.named(rows, columns))
    # rows that are summed unnamed say nothing of the question
    told = selection.told(rows) if request.excludes is None else rows
    explained = explained_by(selection, told, columns)
    whole = any(m.whole for m in selection.rows) and any(m.whole for m in selection.columns)
    every = made.operation is Operation.COUNT and not made.operands
    if every and len(rows) == len(grid.plain) and explained < _EVERY:
        return None  # how many there are is asked in no other words
    both = made.operation is Operation.LOOKUP and whole
    return replace(made, explained=explained, named=named, both=both)


def only_begins(plan: Plan, request: Request, labels: Iterable[str]) -> bool:
    """Tells whether the question names a row of which that of a look-up is but the beginning.

    «Total current liabilities» is no «Total current».
    """
    if plan.operation is not Operation.LOOKUP or not plan.operands:
        return False
    one = plan.operands[0]
    return Selection(plan.grid, request).only_begins(plan.label(one), plan.name(one), labels)


def cell_plan(grid: Grid, request: Request, also: frozenset[int], least: float) -> Plan | None:
    """Returns the cell that the question means, whatever it asks of it; None where none is sure.

    `also` are the words that the names of other documents say; with them a table must say the
    `least` share of the question.
    """
    selection = Selection(grid, request)
    if most_explained(selection, also) < least:
        return None
    row, column = selection.row(), selection.named_column()
    if row is None or column is None or not _surely_named(selection, row, column):
        return None
    one, words = operand(grid, row, column), cell_words(grid.rows[row], column)
    said = max((m.share for m in selection.rows if m.index == row), default=0.0)
    if one is None or said < _ALIKE:
        return None
    explained = explained_by(selection, [row], [column], also)
    return Plan(grid, Operation.LOOKUP, (one,), one.quantity, explained, words=words)


def _lookup(selection: Selection) -> Plan | None:
    """Returns the cell of the row and the column that are named."""
    grid = selection.grid
    row, column = selection.row(), selection.named_column()
    if selection.texts and (not selection.columns or _better(selection)):
        column = selection.texts[0].index
    if selection.request.clock:
        column = selection.clock_column()
    if column is None and row is not None:
        filled = [c for c in grid.rows[row].cells if c]
        column = filled[0] if len(filled) == 1 else None  # «IVA (21 %)» has an amount alone
    if column is None and row is not None and selection.request.operation is Operation.SHARE:
        column = _with_percent(grid.rows[row])
    if row is None and column is not None and not selection.rows:
        row = total_row(grid)
    ranged = _asks_amount(selection) and ranged_rows(selection)
    # «¿Cuánto gastamos en vivienda?» is asked of all that stands under it
    grouped = not selection.rows and len(selection.alike) > 1 and _asks_amount(selection)
    if ranged or grouped or (row is None and column is not None and counts_all(selection, column)):
        return _sum(Selection(grid, replace(selection.request, operation=Operation.SUM)))
    if row is None or column is None or not _surely_named(selection, row, column):
        return None
    if grid.turned and sum(match.whole for match in selection.rows) > 1:
        return None  # who names two cars compares them
    one = operand(grid, row, column)
    words = cell_words(grid.rows[row], column)
    if not words:
        return None
    if one is not None and (period := _period(selection, one)):
        return over_months(grid, one, period)
    if one is None:
        return Plan(grid, Operation.LOOKUP, (), None, winners=(row,), words=words)
    return Plan(grid, Operation.LOOKUP, (one,), one.quantity, words=words)


def _asks_amount(selection: Selection) -> bool:
    """Tells whether it asks how much, so that what lies between two months is added up."""
    question = selection.request.question
    return re.search(COMPUTING[question.language].asks, question.query, re.I) is not None


def _with_percent(row: GridRow) -> int | None:
    """Returns the one cell that speaks of a percentage: «below 5%»."""
    found = [column for column, cell in row.cells.items() if column and "%" in cell.text]
    return found[0] if len(found) == 1 else None


def _better(selection: Selection) -> bool:
    text, figure = selection.texts[0], selection.columns[0]
    return text.share > figure.share


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
    rows = ranged_rows(selection) or named_rows(selection)
    if rows is None:
        if request.operation is Operation.SUM and sum(row.is_total for row in grid.rows) > 1:
            return _grand_total(grid, column)
        if not selection.columns and any(word.line is not None for word in request.asked):
            return None  # «total net sales» is a line of accounts, and no sum of what stands here
        rows = plain_rows(grid)
    if rows == [total_row(grid)] and not any(m.whole for m in selection.rows):
        return _grand_total(grid, column)
    if len(rows) == 1 and request.operation is Operation.SUM:
        start, end = request.span
        joins = re.search(
            COMPUTING[request.question.language].joins, request.question.query[start:end]
        )
        return None if joins else _lookup(selection)  # «total» may be said of one figure
    return summed(grid, down(grid, rows, column), request.operation)


def _grand_total(grid: Grid, column: int) -> Plan | None:
    """Returns the total that the table itself gives: «Total due», below a subtotal and the tax."""
    total = total_row(grid)
    one = None if total is None else operand(grid, total, column)
    if total is None or one is None:
        return None
    words = cell_words(grid.rows[total], column)
    return Plan(grid, Operation.LOOKUP, (one,), one.quantity, words=words)


def _extreme(selection: Selection) -> Plan | None:
    """Returns the rows that have the greatest or least value of a column."""
    grid, request = selection.grid, selection.request
    column = selection.column()
    rows = [r for r in selection.alike if not grid.rows[r].is_total] or plain_rows(grid)
    if column is None:
        return None
    header = selection.header_said()  # «Other» is no row of «Accrued and other liabilities»
    if not selection.alike and any(m.whole and not m.used <= header for m in selection.rows):
        return None
    if not of_kind_asked(selection, rows):
        return None
    return extreme(grid, down(grid, rows, column), request.operation)


def _count(selection: Selection) -> Plan | None:
    """Returns how many rows meet a condition, or hold the word that is named."""
    grid, request = selection.grid, selection.request
    if request.excludes is not None:
        return excluding_plan(selection)
    if request.condition is not None:
        column = conditioned_column(selection)
        rows = list(selection.alike) or plain_rows(grid)
        if not of_kind_asked(selection, rows):
            return None
        met = meeting(selection, rows)
        if met is None or column is None:
            return None
        return counted(grid, met, len(down(grid, rows, column)), request.operation, column)
    if len(selection.rows) > 1 and request.ends and request.operation is Operation.COUNT:
        return _sum(Selection(grid, replace(request, operation=Operation.SUM)))
    if selection.columns or selection.rows:
        return None
    if selection.alike and (selection.header_said() or request.question.intent is Intent.LIST):
        rows = said_in(selection, [m.index for m in selection.texts if m.whole])
        return counted(grid, rows, len(grid.rows), request.operation, None)
    if selection.names_the_rows and request.operation is Operation.COUNT:
        rows = plain_rows(grid)  # «¿Cuántos trabajadores hay en las nóminas?»
        return counted(grid, rows, len(rows), request.operation, None)
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
    Operation.VERDICT: verdict_plan,
}
