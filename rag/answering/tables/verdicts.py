"""Whether one cell of a table is more or less than another, or than a figure of the question."""

from __future__ import annotations

import re
from decimal import Decimal

from rag.answering.tables.comparing import is_earlier, pair, pair_of_two
from rag.answering.tables.plans import Operand, Plan, alike, operand
from rag.answering.tables.requests import Condition, Operation, Request
from rag.answering.tables.selecting import Selection
from rag.text import query_terms, search_terms
from rag.text.computing import COMPUTING
from rag.text.languages import DATA

_COUNTED = re.compile(r"\s([^\W\d_]+)")  # the word behind a figure


def verdict_plan(selection: Selection) -> Plan | None:
    """Returns yes or no with the cells that say it; None where it is not sure which these are."""
    request = selection.request
    if request.condition is not None:
        row, column = selection.row(), selection.named_column()
        one = operand(selection.grid, row, column) if row is not None and column else None
        if one is None:
            return None
        plan = _said(selection, (one,), request.condition.holds(one.quantity.value))
        return plan if _counts(plan, request.condition, request) else None
    found = _two(selection)
    same = alike(found) if found else None
    if same is None:
        return None
    first, second = (
        abs(one.quantity.value) if _below(same) else one.quantity.value for one in same
    )
    less = wants_less(request)
    return _said(selection, tuple(same), first < second if less else first > second)


def _counts(plan: Plan, condition: Condition, request: Request) -> bool:
    """Tells whether the cell counts what the condition does: 170 tokens are not over 50 cents.

    Where its unit is not known to everybody, the word behind its figure is a name of the cell.
    """
    one = plan.operands[0]
    if condition.unit:
        return one.quantity.unit.partition("*")[0] in ("", condition.unit)
    question = request.question
    behind = _COUNTED.match(question.query[condition.end :])
    asked = query_terms(behind[1], question.language) if behind else []
    names = " ".join((plan.label(one), plan.name(one), one.quantity.unit))
    said = set(search_terms(names, plan.grid.document.language))
    return all(not said.isdisjoint(group) for group in asked)


def _below(same: list[Operand]) -> bool:
    """Tells whether both are paid out and written below nothing."""
    return all(one.quantity.value < Decimal(0) for one in same)


def _two(selection: Selection) -> tuple[Operand, Operand] | None:
    """Returns what the question is about, and what that is compared with."""
    found = pair(selection)
    if found is None:
        return pair_of_two(selection)
    early = is_earlier(selection.grid, *found) if found[0].row == found[1].row else None
    words = COMPUTING[selection.request.question.language]
    changes = re.search(words.moves, selection.request.question.query, re.IGNORECASE)
    return found[::-1] if changes and early else found


def wants_less(request: Request) -> bool:
    """Tells whether it asks for less and not for more."""
    words = COMPUTING[request.question.language]
    return re.search(words.less, request.question.query, re.IGNORECASE) is not None


def _said(selection: Selection, operands: tuple[Operand, ...], yes: bool) -> Plan:
    words = DATA[selection.request.question.language]
    told = words.yes if yes else words.no
    return Plan(selection.grid, Operation.VERDICT, operands, None, words=told)
