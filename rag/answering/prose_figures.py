"""Figures computed from prose that holds them all: a sum, a difference, a rest, a share, a rate.

Careful rather than complete: the prose was chosen as the answer already, the figures that count
have one unit, and it says itself that the one is a part of the other or compared with it, or the
question names what each of them counts. Else nothing is computed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from rag.answering.prepared import Citations, Prepared
from rag.answering.tables.quantities import Quantity, quantity, writes_comma
from rag.answering.tables.requests import Operation, request_of
from rag.schema import Block, BlockKind, Document, Question, Span, Support
from rag.text import fold, search_terms
from rag.text.computing import COMPUTING
from rag.text.facts import NEGATION
from rag.text.languages import either
from rag.text.numbers import UNITS
from rag.text.values import values_in

_SCALES = sorted({word for data in COMPUTING.values() for word in data.scales}, key=len)
_SCALE = rf"(?:\s(?:{'|'.join(reversed(_SCALES))})\b)?"
_UNIT = rf"(?:\s?[%$€£]|{_SCALE}(?:\s(?:{either(lambda one: one.of)}\s)?[^\W\d_]+)?)"
_FIGURE = re.compile(rf"(?:[$€£]\s?)?\d+(?:[.,]\d+)*{_UNIT}")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_MOST = 4  # figures of a sum: more are a list
_CONFIDENCE = 0.9  # the figures are the documents' own, and which of them count is read from words
_CURRENCIES = ("eur", "usd", "gbp", "jpy")
_MONTHS = 12
_KNOWN = frozenset((*UNITS, *_SCALES))


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a text, with the stems before it and behind it, up to the next figure."""

    quantity: Quantity
    span: Span
    before: frozenset[str]
    behind: frozenset[str]

    def same_unit(self, other: Figure) -> bool:
        """Tells whether both count the same: «86 millones de euros» and «72 millones»."""
        units = [one.quantity.unit.partition("*") for one in (self, other)]
        return units[0][2] == units[1][2] and (
            units[0][0] == units[1][0] or "" in units[0][:1] + units[1][:1]
        )


def computed_in_prose(
    question: Question, document: Document, spans: Sequence[Span]
) -> Prepared | None:
    """Returns what the question asks to be computed of the first span that allows it."""
    for span in spans:
        text = document.text[slice(*span)]
        operation = request_of(question).operation
        if operation is Operation.DAYS:
            made = _days(text, question.language, document.language)
        else:
            made = _arithmetic(operation, question, text, document.language)
        if made is not None:
            return _worded(*made, document, span)
    return None


def _worded(result: str, formula: str, document: Document, span: Span) -> Prepared:
    citations = Citations()
    mark = citations.number(document, span)
    words = f"{result} = {formula} [{mark}]."
    blocks = (
        Block(BlockKind.COMPUTED, words, (mark,), Support.SUPPORTED, 1.0),
        Block(
            BlockKind.SENTENCE, document.text[slice(*span)], (mark,), Support.SUPPORTED, 1.0, "\n"
        ),
    )
    return Prepared(blocks, tuple(citations.made), result, _CONFIDENCE)


def _arithmetic(
    operation: Operation, question: Question, text: str, language: str
) -> tuple[str, str] | None:
    """Returns the result and its formula."""
    figures = list(_figures(text, language))
    if parted := _part_of(figures, text, language):
        return _of_a_part(operation, question, text, *parted)
    if operation is Operation.SUM:
        alike = len({one.quantity.unit for one in figures}) == 1
        if alike and 2 <= len(figures) <= _MOST and _each_is_named(question, figures):
            summed = sum((one.quantity.value for one in figures), Decimal())
            return _joined([one.quantity for one in figures], " + ", summed)
    if operation in (Operation.DIFFERENCE, Operation.GROWTH):
        return _compared(operation, question, figures, text, language)
    return _rated(question, figures, text, language)


def _part_of(figures: Sequence[Figure], text: str, language: str) -> tuple[Figure, Figure] | None:
    """Returns the whole and the part of it: «820 butacas, de las que 640», «17 of the 28»."""
    words = COMPUTING[language]
    for one, two in pairwise(figures):
        between = text[one.span[0] : two.span[0]]
        if one.same_unit(two) and re.search(words.part_of, between, re.IGNORECASE):
            whole, part = (one, two) if one.quantity.value > two.quantity.value else (two, one)
            return whole, part
    return None


def _of_a_part(
    operation: Operation, question: Question, text: str, whole: Figure, part: Figure
) -> tuple[str, str] | None:
    """Returns what is left of the whole, or the share that the part is of it."""
    if NEGATION.search(text) is None and _asks_for_rest(question, part):
        return _joined(
            [whole.quantity, part.quantity], " − ", whole.quantity.value - part.quantity.value
        )
    if operation is Operation.SHARE and whole.quantity.value:
        sign = {"es": " %", "en": "%"}[question.language]
        value = part.quantity.value / whole.quantity.value * 100
        share = Quantity(value, "%", "", sign, 1, whole.quantity.comma)
        return share.written(), f"{part.quantity.written()} ÷ {whole.quantity.written()}"
    return None


def _asks_for_rest(question: Question, part: Figure) -> bool:
    """Tells whether what is left is asked for, or those of whom the sentence does not speak."""
    words, query = COMPUTING[question.language], question.query
    if re.search(words.rest, query, re.IGNORECASE):
        return True
    excludes = question.subject.negated or re.search(words.except_for, query, re.IGNORECASE)
    asked = {term for group in question.terms.groups for term in group}
    return bool(excludes) and not asked.isdisjoint(part.before | part.behind)


def _compared(
    operation: Operation, question: Question, figures: Sequence[Figure], text: str, language: str
) -> tuple[str, str] | None:
    """Returns by how much the one figure is more than the other, where the text compares them."""
    groups = [[one for one in figures if one.same_unit(first)] for first in figures]
    pairs = [group for group in groups if len(group) == 2]
    if not pairs or any(pair != pairs[0] for pair in pairs):
        return None
    first, second = pairs[0]
    years = [_year(one, figures, text) for one in (first, second)]
    asked = set(map(str, question.subject.years))
    if not asked <= set(_YEAR.findall(text)):
        return None
    between = text[first.span[1] : second.span[0]]
    compares = re.search(COMPUTING[language].compares, between, re.IGNORECASE)
    if not (compares or all(years) or _each_is_named(question, (first, second))):
        return None
    quantities = sorted((first.quantity, second.quantity), key=lambda one: -one.value)
    if operation is Operation.GROWTH and all(years):
        quantities = [first.quantity, second.quantity]
        if years[0] < years[1]:
            quantities.reverse()
    more, less = quantities
    result, formula = _joined(quantities, " − ", more.value - less.value)
    if operation is Operation.GROWTH and all(years) and less.value:
        sign = {"es": " %", "en": "%"}[question.language]
        share = Quantity((more.value / less.value - 1) * 100, "%", "", sign, 1, less.comma)
        result = f"{result} ({share.written(signed=True)})"
    return result, formula


def _year(figure: Figure, figures: Sequence[Figure], text: str) -> str:
    """Returns the year that stands behind a figure before the next one; «» for none."""
    after = [one.span[0] for one in figures if one.span[0] > figure.span[0]]
    found = _YEAR.search(text, figure.span[1], min(after, default=len(text)))
    return found.group() if found else ""


def _rated(
    question: Question, figures: Sequence[Figure], text: str, language: str
) -> tuple[str, str] | None:
    """Returns an amount of money by month for the year that is asked for."""
    asked, words = COMPUTING[question.language], COMPUTING[language]
    if not re.search(asked.per_year, question.query, re.IGNORECASE):
        return None
    money = [one for one in figures if one.quantity.unit in _CURRENCIES]
    monthly = [
        one
        for one in money
        if re.match(rf"\W*{words.per_month}", text[one.span[1] :], re.IGNORECASE)
    ]
    if len(money) != 1 or not monthly:
        return None
    found = money[0].quantity
    return _joined([found], "", found.value * _MONTHS)[0], f"{found.written()} × {_MONTHS}"


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
        found, end = _quantity(match.group(), comma, language)
        if found is None:
            continue
        behind = matches[index + 1].start() if index + 1 < len(matches) else len(text)
        before = matches[index - 1].end() if index else 0
        around = text[before : match.start()], text[match.start() : behind]
        stems = (frozenset(search_terms(words, language)) for words in around)
        yield Figure(found, (match.start(), match.start() + end), *stems)


def _quantity(text: str, comma: bool, language: str) -> tuple[Quantity | None, int]:
    """Returns the quantity and its length without a word behind it that is no unit."""
    words = text.split(" ")
    while len(words) > 1 and not (words[-1] in "%$€£" or fold(words[-1]) in _KNOWN):
        words.pop()
    kept = " ".join(words)
    return quantity(kept, comma, language), len(kept)


def _days(text: str, language: str, written: str) -> tuple[str, str] | None:
    """Returns the days between the two dates of a sentence."""
    dates = [value for value in values_in(text, written) if len(value.tokens[0]) == 10]
    days = [{token for token in value.tokens if len(token) == 10} for value in dates]
    if len(days) != 2 or any(len(readings) != 1 for readings in days):
        return None
    first, last = (date.fromisoformat(readings.pop()) for readings in days)
    unit = {"es": "días", "en": "days"}[language]
    return f"{abs((last - first).days)} {unit}", f"{dates[0].text} → {dates[1].text}"
