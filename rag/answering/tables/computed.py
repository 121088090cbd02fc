"""The answer that tables give to a question, where it is sure; else none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from rag.answering.layout import LayoutOf
from rag.answering.polarity import asks_whether
from rag.answering.prepared import Prepared
from rag.answering.tables.across import across
from rag.answering.tables.documents import kin, newest, of_the_named
from rag.answering.tables.grid import Grid, grids
from rag.answering.tables.planning import only_begins, plan_of
from rag.answering.tables.plans import Plan
from rag.answering.tables.requests import Operation, Request, request_of
from rag.answering.tables.wording import either, worded
from rag.schema import DocumentInfo, Intent, Question
from rag.text.computing import COMPUTING

_LEAST = 0.6  # share of the question that a table must explain
_TOTAL = 0.8  # and where its row sums up others
_ALL = 0.99  # of it, where all of it is the name of a row and of a column
_APART = 0.1  # by which the second best must stay behind, lest it be asked which is meant
_ELSEWHERE = (Intent.SUMMARY, Intent.LIBRARY, Intent.SMALL_TALK, Intent.YES_NO)
_ALONE = 3  # documents of which one is looked through for a row with its periods
_LOOKED_UP = (Intent.COMPUTATION, Intent.TABLE, Intent.FACT, Intent.DEFINITION)
_MOST_TABLES = 150  # of one document


def computed(
    question: Question,
    documents: Sequence[int],
    infos: Sequence[DocumentInfo],
    layout_of: LayoutOf,
) -> Prepared | None:
    """Returns what tables of the documents found say or add up to; None where it is not sure.

    `documents` are their ids, the best first; `infos` are all that may be looked into.
    """
    words = COMPUTING[question.language]
    changing = re.search(words.changing, question.query, re.IGNORECASE) is not None
    # «Has it changed over the quarters?» is answered by the figures
    elsewhere = question.intent in _ELSEWHERE
    judges = asks_whether(question)
    formula = re.search(words.defined, question.query, re.IGNORECASE) is not None
    if question.subject.absent or formula or (elsewhere and not judges):
        return None
    request = request_of(question, judges)
    documents = of_the_named(request, documents, layout_of)
    groups = kin(documents, infos)
    if not groups and changing:
        groups = [[info] for info in infos if info.id in documents[:_ALONE]]
    if not judges or changing:
        series = across(request, groups, layout_of)
        if series is not None or (judges and request.operation is not Operation.VERDICT):
            return series
    elif request.operation is not Operation.VERDICT:
        return None
    if re.search(words.newest, question.query, re.IGNORECASE):
        documents = newest(documents, infos)
    found = sorted(_plans(request, documents, layout_of), key=_order(question), reverse=True)
    best = _distinct(found)
    if not best or best[0].explained < _least(best[0]) or not _wanted(best[0], question):
        return None
    labels = (row.label for grid in _tables(documents, layout_of) for row in grid.rows)
    if only_begins(best[0], request, labels):
        return None
    rivals = [plan for plan in best[1:] if _rivals(plan, best[0], question)]
    if rivals and not _alike(best[0], rivals[0]):
        return None
    return either((best[0], rivals[0]), request) if rivals else worded(best[0], request)


def _wanted(plan: Plan, question: Question) -> bool:
    """Tells whether a question of this kind is answered so; a cell is no comparison or list."""
    if plan.operation is not Operation.LOOKUP:
        return True
    # «What revenue does Europe have?» looks like a question for a list
    looked_up = question.intent in _LOOKED_UP or (
        question.intent in (Intent.LIST, Intent.COMPARISON) and plan.explained > _ALL
    )
    return looked_up and not question.parts and not question.follow_up


def _alike(first: Plan, second: Plan) -> bool:
    """Tells whether two plans do the same with their figures."""
    operations = {first.operation, second.operation}
    return len(operations) == 1 or operations == {Operation.DIFFERENCE, Operation.GROWTH}


def _least(plan: Plan) -> float:
    """Returns the share of the question that a plan must explain."""
    rows = [plan.grid.rows[one.row] for one in plan.operands]
    if plan.operation is Operation.LOOKUP and any(row.is_total for row in rows):
        return _TOTAL  # what else is named may be a part of it that is not there
    return _LEAST - _APART if plan.both else _LEAST


def _order(question: Question) -> Callable[[Plan], tuple[float, ...]]:
    """Returns by what plans are ordered: of two that say as much the one in its language first."""

    def key(plan: Plan) -> tuple[float, ...]:
        said = round(plan.explained, 1), plan.grid.document.language == question.language
        computes = plan.operation is not Operation.LOOKUP
        return *said, plan.explained, plan.named, plan.mixed, computes

    return key


def _rivals(plan: Plan, best: Plan, question: Question) -> bool:
    """Tells whether another plan may be meant too; not beside one whose figures have two units."""
    near = plan.explained > best.explained - _APART
    languages = [one.grid.document.language == question.language for one in (plan, best)]
    return near and not best.mixed and plan.named >= best.named and languages[0] >= languages[1]


def _distinct(plans: Sequence[Plan]) -> list[Plan]:
    """Returns the plans without those that say the same as one before."""
    found: dict[tuple[object, ...], Plan] = {}
    for plan in plans:
        found.setdefault(plan.value, plan)
    return list(found.values())


def _plans(request: Request, documents: Sequence[int], layout_of: LayoutOf) -> Iterator[Plan]:
    for grid in _tables(documents, layout_of):
        plan = plan_of(grid, request, _LEAST - _APART)
        if plan is not None and plan.explained >= _LEAST - _APART:
            yield plan


def _tables(documents: Sequence[int], layout_of: LayoutOf) -> Iterator[Grid]:
    for document in documents:
        layout = layout_of(document)
        if layout is not None:
            yield from grids(layout)[:_MOST_TABLES]
