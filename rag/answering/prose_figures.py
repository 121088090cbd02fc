"""Figures computed from one sentence that holds all of them: a sum, a rest, a share, days between.

Careful rather than complete: the sentence was chosen as the answer already, all figures in it have
one unit, and what each of them counts is named in the question. Else the sentence stands alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rag.answering.prepared import Citations, Prepared
from rag.answering.tables.quantities import Quantity, quantity, writes_comma
from rag.answering.tables.requests import Operation, request_of
from rag.schema import Block, BlockKind, Document, Question, Span, Support
from rag.text import search_terms
from rag.text.computing import COMPUTING
from rag.text.numbers import UNITS
from rag.text.values import values_in

_FIGURE = re.compile(r"(?:[$€£]\s?)?\d+(?:[.,]\d+)*(?:\s?(?:%|[$€£]|[^\W\d_]+))?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_MOST = 4  # figures of a sum: more are a list
_CONFIDENCE = 0.9  # the figures are the documents' own, and which of them count is read from words


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a sentence, with the stems before it and behind it, up to the next figure."""

    quantity: Quantity
    before: frozenset[str]
    behind: frozenset[str]


def computed_in_prose(question: Question, document: Document, span: Span) -> Prepared | None:
    """Returns what the question asks to be computed of a sentence; None where it is not sure."""
    text = document.text[slice(*span)]
    operation = request_of(question).operation
    if operation is Operation.DAYS:
        made = _days(text, question.language, document.language)
    else:
        made = _arithmetic(operation, question, text, document.language)
    if made is None:
        return None
    result, formula = made
    citations = Citations()
    mark = citations.number(document, span)
    words = f"{result} = {formula} [{mark}]."
    blocks = (
        Block(BlockKind.COMPUTED, words, (mark,), Support.SUPPORTED, 1.0),
        Block(BlockKind.SENTENCE, text, (mark,), Support.SUPPORTED, 1.0, "\n"),
    )
    return Prepared(blocks, tuple(citations.made), result, _CONFIDENCE)


def _arithmetic(
    operation: Operation, question: Question, text: str, language: str
) -> tuple[str, str] | None:
    """Returns the result and its formula."""
    figures = list(_figures(text, language))
    words = COMPUTING[question.language]
    if len(figures) < 2 or len({one.quantity.unit for one in figures}) > 1:
        return None
    part_of = re.search(COMPUTING[language].part_of, text, re.IGNORECASE) is not None
    if len(figures) == 2 and part_of:
        whole, part = sorted((one.quantity for one in figures), key=lambda one: -one.value)
        if re.search(words.rest, question.query, re.IGNORECASE):
            return _joined([whole, part], " − ", whole.value - part.value)
        if operation is Operation.SHARE and whole.value:
            sign = {"es": " %", "en": "%"}[question.language]
            share = Quantity(part.value / whole.value * 100, "%", "", sign, 1, whole.comma)
            return share.written(), f"{part.written()} ÷ {whole.written()}"
        return None
    if operation is Operation.SUM and len(figures) <= _MOST and _each_is_named(question, figures):
        summed = sum((one.quantity.value for one in figures), Decimal())
        return _joined([one.quantity for one in figures], " + ", summed)
    return None


def _joined(parts: Sequence[Quantity], sign: str, value: Decimal) -> tuple[str, str]:
    decimals = max(part.decimals for part in parts)
    return parts[0].like(value, decimals).written(), sign.join(part.written() for part in parts)


def _each_is_named(question: Question, figures: Sequence[Figure]) -> bool:
    """Tells whether the question names what each figure counts, by a word of its own.

    «A consultation costs $65» has it before the figure, «18 nurses» behind it.
    """
    asked = set(search_terms(question.query, question.language))
    for stems in ([one.before for one in figures], [one.behind for one in figures]):
        own = [
            words.difference(*(other for other in stems if other is not words)) for words in stems
        ]
        if all(asked & words for words in own):
            return True
    return False


def _figures(text: str, language: str) -> Iterator[Figure]:
    """Yields the figures that are no dates or years."""
    dates = [value for value in values_in(text, language) if "-" in value.tokens[0]]
    matches = [
        match
        for match in _FIGURE.finditer(text)
        if not _YEAR.fullmatch(match.group().split()[0])
        and not any(match.start() < value.end and value.start < match.end() for value in dates)
    ]
    comma = writes_comma([match.group() for match in matches], language)
    for index, match in enumerate(matches):
        found = _quantity(match.group(), comma, language)
        if found is None:
            continue
        end = matches[index + 1].start() if index + 1 < len(matches) else len(text)
        start = matches[index - 1].end() if index else 0
        before, behind = text[start : match.start()], text[match.start() : end]
        stems = (frozenset(search_terms(words, language)) for words in (before, behind))
        yield Figure(found, *stems)


def _quantity(text: str, comma: bool, language: str) -> Quantity | None:
    """Returns the quantity; a word behind it that is no unit names what it counts."""
    figure, _, unit = text.partition(" ")
    known = not unit or unit in "%$€£" or unit.casefold() in UNITS
    return quantity(text if known else figure, comma, language)


def _days(text: str, language: str, written: str) -> tuple[str, str] | None:
    """Returns the days between the two dates of a sentence."""
    dates = [value for value in values_in(text, written) if len(value.tokens[0]) == 10]
    days = [{token for token in value.tokens if len(token) == 10} for value in dates]
    if len(days) != 2 or any(len(readings) != 1 for readings in days):
        return None
    first, last = (date.fromisoformat(readings.pop()) for readings in days)
    unit = {"es": "días", "en": "days"}[language]
    return f"{abs((last - first).days)} {unit}", f"{dates[0].text} → {dates[1].text}"
