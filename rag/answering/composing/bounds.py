"""Whether the figure of a sentence keeps the bound that a question names: «more than 50 cents»."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rag.schema import Question
from rag.text import query_terms
from rag.text.computing import COMPUTING
from rag.text.numbers import Number, numbers_in

_COMPARES: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_WORD = re.compile(r"\s?([^\W\d_]{3,})")


def keeps_bound(question: Question, sentence: str, language: str) -> bool | None:
    """Returns whether the one figure of that unit in a sentence is as the question asks.

    `language` is that of the sentence. None where the question names no bound, and where the
    sentence has no such figure or several.
    """
    for comparison, pattern in COMPUTING[question.language].filters:
        if match := re.search(pattern, question.query, re.IGNORECASE):
            limits = _figures(question.query[max(0, match.start(1) - 1) :], question.language)
            figures = _figures(sentence, language)
            stated = [one for one in figures if limits and one.same_unit(limits[0])]
            if len(stated) != 1:
                return None
            return _COMPARES[comparison](stated[0].value, limits[0].value)
    return None


@dataclass(frozen=True, slots=True)
class _Figure:
    """A number, its unit («» where none is known), and the stems of the word behind it."""

    value: float
    unit: str
    counted: frozenset[str]

    def same_unit(self, other: _Figure) -> bool:
        """Tells whether both count the same: by their units, else by the word behind them."""
        if self.unit or other.unit:
            return self.unit == other.unit
        return not self.counted.isdisjoint(other.counted)


def _figures(text: str, language: str) -> list[_Figure]:
    """Returns the numbers of a text, in figures first."""
    found, at = [], 0
    for number in numbers_in(text):
        start = text.find(number.text, at if number.text[:1].isdigit() else 0)
        at = start + len(number.text)
        behind = _WORD.match(text, at)
        groups = query_terms(behind[1], language) if behind else []
        counted = frozenset(term for group in groups for term in group)
        found.append(_Figure(_value(number, language), number.unit, counted))
    return found


def _value(number: Number, language: str) -> float:
    """Returns what a figure is in a language: «43.150» is 43,150 in Spanish alone."""
    thousands = ("." in number.text) == (language == "es")
    return max(number.readings) if thousands else min(number.readings)
