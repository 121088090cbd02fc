"""Whether the figure of a sentence keeps the bound that a question names: «more than 50 cents»."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping

from rag.schema import Question
from rag.text import fold
from rag.text.computing import COMPUTING
from rag.text.numbers import Number, numbers_in

_COMPARES: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_UNIT = re.compile(r"\s?[^\W\d_]{3,}")
_ENDING = 2  # letters by which a singular and its plural differ


def keeps_bound(question: Question, sentence: str) -> bool | None:
    """Returns whether the one figure of that unit in a sentence is as the question asks.

    None where it names no bound, where the sentence has no such figure or several, and where a
    figure may be read in two ways that differ.
    """
    for comparison, pattern in COMPUTING[question.language].filters:
        if match := re.search(pattern, question.query, re.IGNORECASE):
            bound = _first(question.query[max(0, match.start(1) - 1) :])
            stated = [one for one in _figures(sentence) if bound and _same_unit(one, bound)]
            if bound is None or len(stated) != 1:
                return None
            compare = _COMPARES[comparison]
            read = {
                compare(value, limit)
                for value in stated[0][0].readings
                for limit in bound[0].readings
            }
            return read.pop() if len(read) == 1 else None
    return None


_Figure = tuple[Number, str]  # with the word behind it, folded


def _first(text: str) -> _Figure | None:
    return next(iter(_figures(text)), None)


def _figures(text: str) -> list[_Figure]:
    """Returns the numbers of a text, in figures first, each with the word behind it."""
    found, at = [], 0
    for number in numbers_in(text):
        start = text.find(number.text, at if number.text[:1].isdigit() else 0)
        behind = _UNIT.match(text, start + len(number.text))
        found.append((number, fold(behind.group().strip()) if behind else ""))
        at = start + len(number.text)
    return found


def _same_unit(one: _Figure, other: _Figure) -> bool:
    """Tells whether two figures count the same: by their units, else by the word behind them."""
    if one[0].unit or other[0].unit:
        return one[0].unit == other[0].unit
    shorter, longer = sorted((one[1], other[1]), key=len)
    return bool(shorter) and longer.startswith(shorter) and len(longer) - len(shorter) <= _ENDING
