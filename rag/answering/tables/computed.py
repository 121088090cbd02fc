"""The answer that tables give to a question, where it is sure; else none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.answering.layout import LayoutOf
from rag.answering.prepared import Prepared
from rag.answering.tables.across import across, kin, newest
from rag.answering.tables.grid import Grid, grids
from rag.answering.tables.planning import plan_of
from rag.answering.tables.plans import Plan
from rag.answering.tables.requests import Operation, Request, request_of
from rag.answering.tables.selecting import OPENING
from rag.answering.tables.wording import either, worded
from rag.schema import DocumentInfo, Intent, Question
from rag.text import fold
from rag.text.computing import COMPUTING

_LEAST = 0.6  # share of the question that a table must explain
_ALL = 0.99  # of it, where all of it is the name of a row and of a column
_APART = 0.1  # by which the second best must stay behind, lest it be asked which is meant
_ELSEWHERE = (Intent.SUMMARY, Intent.LIBRARY, Intent.SMALL_TALK, Intent.YES_NO)
_LOOKED_UP = (Intent.COMPUTATION, Intent.TABLE, Intent.FACT, Intent.DEFINITION)
_OFTEN = 10  # times that a long document names who it is about
_LONG = 20_000  # characters of a document with a first page of its own
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
    if question.intent in _ELSEWHERE or question.subject.absent:
        return None
    request = request_of(question)
    documents = _of_the_named(request, documents, layout_of)
    if (series := across(request, kin(documents, infos), layout_of)) is not None:
        return series
    if re.search(COMPUTING[question.language].newest, question.query, re.IGNORECASE):
        documents = newest(documents, infos)
    best = _distinct(sorted(_plans(request, documents, layout_of), key=_order, reverse=True))
    if not best or best[0].explained < _LEAST or not _wanted(best[0], question):
        return None
    rivals = [plan for plan in best[1:] if plan.explained > best[0].explained - _APART]
    if rivals and best[0].operation is not rivals[0].operation:
        return None
    return either((best[0], rivals[0]), request) if rivals else worded(best[0], request)


def _of_the_named(request: Request, documents: Sequence[int], layout_of: LayoutOf) -> Sequence[int]:
    """Returns the documents without long ones that hardly name who another one is of.

    Of the filings of four companies that of the company that is asked about.
    """
    query = request.question.query
    words = [word.text for word in request.asked if query[word.start].isupper() and word.start]
    texts = {key: fold(layout.text) for key in documents if words and (layout := layout_of(key))}
    said = {word: {key: _counts(word, text) for key, text in texts.items()} for word in words}
    opens = {
        word: {key for key, text in texts.items() if _counts(word, text[:OPENING])}
        for word in words
    }
    kept = [
        key
        for key in documents
        if all(
            key in opens[word] or said[word].get(key, _OFTEN) >= _OFTEN
            for word in words
            if opens[word]
        )
        or len(texts.get(key, "")) < _LONG
    ]
    return kept or documents


def _counts(word: str, text: str) -> int:
    return len(re.findall(rf"\b{re.escape(word)}\b", text))


def _wanted(plan: Plan, question: Question) -> bool:
    """Tells whether a question of this kind is answered so; a cell is no comparison or list."""
    if plan.operation is not Operation.LOOKUP:
        return True
    # «What revenue does Europe have?» looks like a question for a list
    looked_up = question.intent in _LOOKED_UP or (
        question.intent is Intent.LIST and plan.explained > _ALL
    )
    return looked_up and not question.parts and not question.follow_up


def _order(plan: Plan) -> tuple[float, bool]:
    return plan.explained, plan.operation is not Operation.LOOKUP


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
