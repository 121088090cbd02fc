"""The computation that a question asks of one table: which cells, and what comes of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, DivisionByZero, InvalidOperation

from rag.answering.tables.grid import Grid, GridRow
from rag.answering.tables.quantities import DAYS, Quantity, as_minutes, is_known, is_money
from rag.answering.tables.requests import Operation, Request
from rag.text import fold
from rag.text.computing import COMPUTING

_RESULTS = re.compile("|".join(data.results for data in COMPUTING.values()))
_SHARE_DECIMALS = 1
_MEAN_DECIMALS = 2  # at least, unless the cells have more


@dataclass(frozen=True, slots=True)
class Operand:
    """A cell that counts, and its quantity."""

    row: int
    column: int
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class Plan:
    """A computation: its operands in the order of the formula, and its result.

    `shown` is the cell of a look-up; `winners` are the rows that a filter or an extreme gives.
    """

    grid: Grid
    operation: Operation
    operands: tuple[Operand, ...]
    result: Quantity | None
    explained: float = 0.0
    share: Quantity | None = None
    """Of a change, its share of what was before."""
    winners: tuple[int, ...] = ()
    checked: int | None = None
    """The row whose total agrees with a sum."""
    looked_at: int = 0
    """Rows that were compared or counted."""
    words: str = ""
    """The cell of a look-up as it stands, where it is no quantity."""
    mixed: bool = False
    """Whether nothing is computed, because the operands have several units."""
    both: bool = False
    """Whether the question says the row and the column of a look-up whole."""
    named: int = 0
    """Words of the question that name its rows and columns."""

    def label(self, operand: Operand) -> str:
        """Returns the name of an operand's row."""
        return self.grid.rows[operand.row].label

    def name(self, operand: Operand) -> str:
        """Returns the name of an operand's column."""
        return self.grid.name(operand.column)

    @property
    def value(self) -> tuple[object, ...]:
        """Returns what two plans must share to say the same."""
        labels = tuple(self.grid.rows[index].label for index in self.winners)
        result = None if self.result is None else (self.result.value, self.result.unit)
        return (result, labels, self.words, self.mixed)


def alike(operands: Iterable[Operand]) -> list[Operand] | None:
    """Returns the operands in one unit; None where they have several."""
    found = list(operands)
    units = {one.quantity.unit for one in found}
    if len(units) > 1 and units <= {"minute", "hour", "h:min"}:
        found = [replace(one, quantity=as_minutes(one.quantity)) for one in found]
        units = {one.quantity.unit for one in found}
    return found if len(units) == 1 else None


def mixed(grid: Grid, operation: Operation, found: Sequence[Operand]) -> Plan | None:
    """Returns that cells cannot be computed with, for their units; None where one is not known.

    Thousands and millions are two units. A column without any unit counts things.
    """
    units = {one.quantity.unit for one in found}
    known = all(
        is_known(one.quantity.unit) or (not one.quantity.unit and not grid.has_units(one.column))
        for one in found
    )
    return Plan(grid, operation, tuple(found), None, mixed=True) if known and units else None


def operand(grid: Grid, row: int, column: int) -> Operand | None:
    """Returns a cell as an operand; None where it holds no quantity."""
    found = grid.at(grid.rows[row], column)
    return None if found is None else Operand(row, column, found)


def down(grid: Grid, rows: Iterable[int], column: int) -> list[Operand]:
    """Returns the quantities of a column in these rows."""
    return [one for row in rows if (one := operand(grid, row, column)) is not None]


def plain_rows(grid: Grid) -> list[int]:
    """Returns the rows that sum up no others."""
    plain = {id(row) for row in grid.plain}
    return [index for index, row in enumerate(grid.rows) if id(row) in plain]


def summed(grid: Grid, found: Sequence[Operand], operation: Operation) -> Plan | None:
    """Returns the sum or the mean of cells of one unit; None where they cannot be added."""
    same = alike(found)
    if same is None:
        return mixed(grid, operation, found)
    if len(same) < 2 or same[0].quantity.unit == DAYS:
        return None
    first = written_like(same)
    total = sum((one.quantity.value for one in same), Decimal(0))
    if operation is Operation.SUM:
        return Plan(
            grid, operation, tuple(same), first.like(total), checked=_agrees(grid, same, total)
        )
    return Plan(grid, operation, tuple(same), mean_of(same))


def mean_of(same: Sequence[Operand]) -> Quantity:
    """Returns the mean of quantities of one unit, with a decimal or two more than they have."""
    first = written_like(same)
    mean = sum((one.quantity.value for one in same), Decimal(0)) / len(same)
    exact = -int(mean.normalize().as_tuple().exponent)
    most = first.decimals + (0 if first.decimals >= 2 and is_money(first.unit) else 1)
    decimals = min(max(exact, first.decimals), max(_MEAN_DECIMALS, most))
    return first.like(mean, decimals)


def _agrees(grid: Grid, same: Sequence[Operand], total: Decimal) -> int | None:
    """Returns the row of the table's own total if that is the sum of these cells."""
    column = {one.column for one in same}
    if grid.total is None or len(column) != 1:
        return None
    given = grid.at(grid.total, column.pop())
    return grid.rows.index(grid.total) if given and given.value == total else None


def difference(grid: Grid, first: Operand, second: Operand) -> Plan | None:
    """Returns the first less the second."""
    same = alike((first, second))
    if same is None:
        return mixed(grid, Operation.DIFFERENCE, (first, second))
    if same[0].quantity.unit == DAYS:
        return None
    like = written_like(same)
    value = same[0].quantity.value - same[1].quantity.value
    return Plan(grid, Operation.DIFFERENCE, tuple(same), like.like(value))


def growth(grid: Grid, before: Operand, after: Operand) -> Plan | None:
    """Returns how much more the later one is, and what share of the earlier one that is."""
    plan = difference(grid, after, before)
    share = (
        None if plan is None else _percent(plan.operands, plan.result, plan.operands[1].quantity)
    )
    if plan is None or share is None or before.quantity.unit == "%":
        return plan
    return replace(plan, operation=Operation.GROWTH, share=share)


def share(grid: Grid, part: Operand, whole: Operand) -> Plan | None:
    """Returns what share of the whole a part is."""
    same = alike((part, whole))
    if same is None:
        return mixed(grid, Operation.SHARE, (part, whole))
    if same[0].quantity.unit in ("%", DAYS):
        return None
    result = _percent(same, same[0].quantity, same[1].quantity)
    return None if result is None else Plan(grid, Operation.SHARE, tuple(same), result)


def _percent(like: Sequence[Operand], part: Quantity | None, whole: Quantity) -> Quantity | None:
    if part is None:
        return None
    try:
        value = part.value / abs(whole.value) * 100
    except (DivisionByZero, InvalidOperation):
        return None
    comma = like[0].quantity.comma
    return Quantity(value, "%", "", " %" if comma else "%", _SHARE_DECIMALS, comma)


def extreme(grid: Grid, found: Sequence[Operand], operation: Operation) -> Plan | None:
    """Returns the row, or the column, with the greatest or the least value; all that share it."""
    same = alike(found)
    if same is None or len(same) < 2:
        return None
    choose = max if operation is Operation.LARGEST else min
    # what is paid out may be written below nothing, and the largest is paid most
    size = abs if _paid_out(grid, same) else Decimal
    best = choose(size(one.quantity.value) for one in same)
    won = [one for one in same if size(one.quantity.value) == best]
    winners = tuple(one.row for one in won)
    return Plan(grid, operation, tuple(won), won[0].quantity, winners=winners, looked_at=len(same))


def _paid_out(grid: Grid, found: Sequence[Operand]) -> bool:
    """Tells whether figures are all below nothing in a table of others above it, and no results."""
    named = " ".join(f"{grid.rows[o.row].label} {grid.names[o.column]}" for o in found)
    if any(one.quantity.value > 0 for one in found) or _RESULTS.search(fold(named)):
        return False
    others = (grid.at(row, column) for row in grid.rows for column in grid.figures)
    return any(other and other.value > 0 for other in others)


def counted(
    grid: Grid, rows: Sequence[int], looked_at: int, operation: Operation, column: int | None
) -> Plan:
    """Returns how many rows meet a condition, and which."""
    operands = [] if column is None else down(grid, rows, column)
    count = Quantity(Decimal(len(rows)), grouped=False)
    return Plan(grid, operation, tuple(operands), count, winners=tuple(rows), looked_at=looked_at)


def over_months(grid: Grid, one: Operand, operation: Operation) -> Plan:
    """Returns what is given for a month as a year's, or the other way round."""
    value = one.quantity.value * 12 if operation is Operation.YEAR else one.quantity.value / 12
    decimals = one.quantity.decimals if value % 1 == 0 else max(2, one.quantity.decimals)
    return Plan(grid, operation, (one,), one.quantity.like(value, decimals))


def days(grid: Grid, first: Operand, second: Operand, request: Request) -> Plan | None:
    """Returns the days between two dates, in weeks where these are asked for and come out even."""
    if first.quantity.unit != DAYS or second.quantity.unit != DAYS:
        return None
    value = abs(second.quantity.value - first.quantity.value)
    weeks = "week" in request.question.subject.units
    suffix = {"es": (" días", " semanas"), "en": (" days", " weeks")}[request.question.language]
    if weeks:
        exact = value % 7 == 0
        made = Quantity(
            value / 7, "week", "", suffix[1], 0 if exact else 1, request.question.language == "es"
        )
    else:
        made = Quantity(value, "day", "", suffix[0], 0, request.question.language == "es")
    ordered = sorted((first, second), key=lambda one: one.quantity.value)
    return Plan(grid, Operation.DAYS, tuple(ordered), made)


def written_like(same: Sequence[Operand]) -> Quantity:
    """Returns a quantity that shows how the result is written: with all decimals and marks."""
    decimals = max(one.quantity.decimals for one in same)
    named = [one.quantity for one in same if one.quantity.prefix or one.quantity.suffix]
    like = named[0] if named else same[0].quantity
    grouped = all(one.quantity.grouped for one in same)
    return replace(like, decimals=decimals, grouped=grouped)


def cell_words(row: GridRow, column: int) -> str:
    """Returns a cell as it stands; «» where it is empty."""
    cell = row.cells.get(column)
    return "" if cell is None else cell.text
