"""Names, dates and amounts in a text.

`ENTITIES` finds the kinds of thing that a question asks for; `months_in` and `names_in` give what
two texts must have in common to say the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.text.languages import CAPITALS, DATA, either, fold

WORD = re.compile(r"[^\W_]+(?:['’]t\b)?")
_DOUBTFUL = {
    name: (number, re.compile(language.doubtful_months[name]))
    for language in DATA.values()
    for number, names in enumerate(language.months, 1)
    for name in names
    if name in language.doubtful_months
}
_MONTHS = {
    name: number
    for language in DATA.values()
    for number, names in enumerate(language.months, 1)
    for name in names
    if name not in _DOUBTFUL
}

_MONTH = f"(?:{'|'.join([*_MONTHS, *_DOUBTFUL])})"
_DATES = either(lambda language: language.dates.replace("{months}", _MONTH))
DATE_WITH_MONTH = re.compile(_DATES, re.IGNORECASE)
DATE = re.compile(
    rf"{_DATES}"
    r"|\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}/\d{1,2}/\d{2,4}\b"
    rf"|\b{either(lambda language: language.centuries)}\b"
    r"|\b(?:1\d{3}|20\d{2})\b",
    re.IGNORECASE,
)

_NUMERALS = either(lambda language: [*language.numerals, *map(fold, language.numerals)])
_NUMBER = rf"(?:[-−]?\d[\d.,]*(?<![.,])|{_NUMERALS}\b)"
_SCALE = rf"(?:\s{either(lambda language: language.scales)}\b)?"
_LINK = rf"(?:\s{either(lambda language: language.unit_link)})?"
# what stands behind a figure and counts nothing: «died at the age of 60 after…»
_NO_UNITS = either(lambda language: sorted({*language.no_units, *language.stop_words}))
_PERCENT = rf"(?:%|{either(lambda language: language.percent)})"
_UNIT = (
    rf"(?:\s?(?:€|\$|{_PERCENT})"
    rf"|{_SCALE}(?:{_LINK}\s(?!{_NO_UNITS}\b)[^\W\d_]+)?)"
)
TIMES = frozenset(("ms", "second", "minute", "hour", "day", "week", "month", "year"))
"""Units of time."""
_TIME_UNITS = either(lambda language: [w for unit in TIMES for w in language.units[unit]])
_NAME = rf"[{CAPITALS}][\w’'.-]*(?<![.'’-])"

AMOUNT = re.compile(rf"(?:[$€£]\s?)?\b{_NUMBER}{_UNIT}", re.IGNORECASE)
MONEY = re.compile(
    rf"[$€£]\s?\d[\d.,]*(?<![.,]){_SCALE}"
    rf"|\b{_NUMBER}{_SCALE}{_LINK}"
    rf"\s?(?:€|\$|(?:euros?|eur|usd|{either(lambda language: language.money)})\b)",
    re.IGNORECASE,
)
TIME = re.compile(
    rf"(?:\b{either(lambda language: language.every)}\s)?\b{_NUMBER}"
    rf"(?:\s{either(lambda language: language.and_a_half)})?\s?(?:{_TIME_UNITS}|ms|s|min|h)\b",
    re.IGNORECASE,
)
PERCENT = re.compile(rf"\b{_NUMBER}\s?{_PERCENT}", re.IGNORECASE)
SIZE = re.compile(
    rf"\b{_NUMBER}\s?(?:[kmgt]i?b|{either(lambda language: language.byte_sizes)})\b", re.IGNORECASE
)
OPENERS = frozenset().union(*(language.openers for language in DATA.values()))
"""Function words, folded, whose capital says only that a sentence begins."""
_PARTICLE = rf"(?:{either(lambda language: language.name_particles)}|von|van|&)"
NAME = re.compile(rf"\b{_NAME}(?:\s(?:{_PARTICLE}\s)*{_NAME})*")
PHONE = re.compile(
    r"(?<![\w.,/+-])(?!\d{4}-\d\d-\d\d|\d\d?-\d\d?-\d{4})(?:\+\d{1,3}[ .-]?)?(?:\(\d{1,5}\)[ .-]?)?"
    r"(?:\d{9}|\d{2,4}(?:[ -]\d{2,4}){2,4}|\d{3}\.\d{3}\.\d{3,4})(?![\w/]|[.,-]\d)"
)
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
ADDRESS = re.compile(
    rf"\b(?:{either(lambda language: language.streets)})\b[^\n;]{{0,60}}\d"
    rf"|\b\d{{1,5}}[A-Z]? {_NAME}(?: {_NAME})? (?:{either(lambda language: language.streets)})\b",
    re.IGNORECASE,
)
ENTITIES = {
    "phone": PHONE,
    "email": EMAIL,
    "address": ADDRESS,
    "date": DATE,
    "percent": PERCENT,
    "money": MONEY,
    "time": TIME,
    "size": SIZE,
    "amount": AMOUNT,
    "name": NAME,
    "place": NAME,
}
"""Kind of thing -> where a text may hold one."""


def months_in(text: str) -> Iterator[int]:
    """Yields the months that a text names, from 1; «may» counts only where it cannot be a verb."""
    for word in WORD.findall(text):
        if (month := _MONTHS.get(fold(word))) is not None:
            yield month
    for number, month_pattern in _DOUBTFUL.values():
        if month_pattern.search(text):
            yield number


def names_in(text: str) -> Iterator[str]:
    """Yields words with a capital inside a sentence, and codes: «ARB-77» by its parts; folded."""
    for match in WORD.finditer(text):
        word, before = match.group(), text[: match.start()].rstrip(" \t\"'«“(¿¡")
        if word.isdigit() or fold(word) in _MONTHS:
            continue
        opens = not before or before[-1] in ".!?…:\n"
        is_code = any(char.isdigit() for char in word) or (len(word) > 1 and word.isupper())
        if is_code or (word[0].isupper() and not opens and len(word) > 1):
            yield fold(word)
