"""How computations over tables are asked for, in any capitals, and worded; data by language."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.text.computing.data import ComputingData as ComputingData
from rag.text.computing.en import ENGLISH
from rag.text.computing.es import SPANISH
from rag.text.languages import DATA, fold
from rag.text.numbers import UNITS

COMPUTING = {"es": SPANISH, "en": ENGLISH}
MONTHS = {
    fold(name): number
    for data in DATA.values()
    for number, names in enumerate(data.months, start=1)
    for name in names
}
"""Names of months, folded, with their numbers."""
WEEKDAYS = {
    fold(name): number
    for data in DATA.values()
    for number, name in enumerate(data.weekdays.split())
}
"""Names of days of the week, folded, with their numbers."""
_QUARTERS = [word for data in COMPUTING.values() for word in data.quarters.split()]
SERIES = {
    **{word: kind for word, kind in UNITS.items() if kind in ("day", "month", "year")},
    **dict.fromkeys(_QUARTERS, "quarter"),
}
"""Words, folded, for what rows or columns may be one after another."""
_LONGER = 3  # digits of a number that is no day of a month
_UNTIL = {"-", "–", *(word for data in COMPUTING.values() for word in data.until.split())}
_QUARTER = re.compile(rf"[qt][1-4]|[1-4][qtº]?\.? ?(?:{'|'.join(_QUARTERS)}|t)", re.IGNORECASE)


def days_in(text: str) -> frozenset[int]:
    """Returns the days of the week that a text names, Monday as 0; of «Monday to Friday» all."""
    words = re.findall(r"[^\W\d_]+|[-–]", fold(text))
    days = [WEEKDAYS.get(word, WEEKDAYS.get(word.removesuffix("s"))) for word in words]
    found = {day for day in days if day is not None}
    for word, first, last in zip(words[1:], days, days[2:], strict=False):
        if word in _UNTIL and first is not None and last is not None:
            found.update(range(first, last + 1))
    return frozenset(found)


def series_of(names: Sequence[str]) -> str | None:
    """Returns what all of some names are: «month», «quarter», «year», «day»; None for nothing.

    One may be another, as a total is.
    """
    kinds = [_kind(fold(name)) for name in names if name]
    found = max(kinds, key=kinds.count, default=None)
    return found if kinds.count(found) > 1 and kinds.count(found) >= len(kinds) - 1 else None


def _kind(name: str) -> str | None:
    words = re.findall(r"\w+", name)
    if days_in(name):
        return "day"
    if any(word in MONTHS for word in words):  # and «17 de marzo» is a day of one
        return "day" if any(word.isdigit() and len(word) < _LONGER for word in words) else "month"
    if _QUARTER.match(name):
        return "quarter"
    return "year" if re.search(r"\b(?:19|20)\d\d\b", name) else None
