"""Codes, dates and figures by value: however they are written, their token is the same.

«PPR-9087», «PPR9087» and «ppr 9087» are `ppr9087`; «5 de mayo de 2025», «5/5/2025» and «2025-05-05»
are `2025-05-05` and, by month, `2025-05`; «1.234,50», «1,234.5» and «1234.50» are `1234.5`. The
tokens stand beside the words as written, in the keyword index and among the terms of a question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from rag.text.languages import DATA, fold


@dataclass(frozen=True, slots=True)
class Value:
    """Where a value stands, and its tokens: more than one where it may be read in two ways."""

    start: int
    end: int
    text: str
    tokens: tuple[str, ...]
    is_code: bool = False

    @property
    def words(self) -> str:
        """Returns its letters and figures as separate words: a phrase of the keyword index."""
        return " ".join(_RUN.findall(fold(self.text)))


# Letters, then a figure. A space between them counts where the letters are capitals: «ISO 27001».
_CODE = re.compile(
    r"(?<![\w.,])(?<!\w[-/])([^\W\d_]{1,10})([-./_]?|\s(?=\d))(\d[^\W_]*(?:[-./:_][^\W_]+)*)(?!\w)"
)
_RUN = re.compile(r"[^\W\d_]+|\d+")
_MARK = re.compile(r"(?<=[^\W\d])[-./_\s]|[-./_\s](?=[^\W\d])")
_MONTHS = {
    fold(name): number
    for language in DATA.values()
    for number, names in enumerate(language.months, 1)
    for name in names
}
_MONTH = f"(?:{'|'.join(sorted(_MONTHS, key=len, reverse=True))})"
_OF = r"(?:\s+[^\W\d]{2,3})?\s+"  # a preposition, in either language
_WORDED = re.compile(
    rf"\b(?:(?P<day>\d{{1,2}})(?:º|st|nd|rd|th)?{_OF})?(?P<month>{_MONTH})"
    rf"(?:\s+(?P<late>\d{{1,2}})(?:st|nd|rd|th)?,)?{_OF}(?P<year>[12]\d{{3}})\b",
    re.IGNORECASE,
)
_ISO = re.compile(r"(?<![\w-])([12]\d{3})-(\d{1,2})-(\d{1,2})(?![\w-])")
_SLASHED = re.compile(r"(?<![\w/.-])(\d{1,2})([/.-])(\d{1,2})\2([12]\d{3})(?![\w/-])")
_FIGURE = re.compile(
    r"(?<![\w.,])\d{1,3}(?:[\u00a0\u202f ]\d{3})+(?:,\d+)?(?![\w.,]\d|\w)"
    r"|(?<![\w.,/-])\d+(?:[.,]\d+)+(?![\w/-])"
)
_GROUPED = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")


def values_in(text: str, language: str) -> list[Value]:
    """Returns the codes, dates and figures of a text, in order; a date's figures are not alone.

    `language` says whether «3/8/2024» begins with the day; in English it may begin with either.
    """
    found: list[Value] = []
    for value in (*_dates(text, language), *_codes(text), *_figures(text)):
        if not any(value.start < other.end and other.start < value.end for other in found):
            found.append(value)
    return sorted(found, key=lambda value: value.start)


def code_value(code: str) -> str:
    """Returns a code by value: in small letters, without the marks beside a letter."""
    return _MARK.sub("", fold(code))


def _codes(text: str) -> Iterator[Value]:
    for match in _CODE.finditer(text):
        letters, mark, _ = match.groups()
        if mark.isspace() and not (letters.isupper() and len(letters) > 1):
            continue
        yield Value(*match.span(), match.group(), (code_value(match.group()),), is_code=True)


def _dates(text: str, language: str) -> Iterator[Value]:
    for match in _ISO.finditer(text):
        yield from _value(match, [(int(match[1]), int(match[2]), int(match[3]))])
    for match in _SLASHED.finditer(text):
        first, _, second, year = match.groups()
        readings = [(int(year), int(second), int(first))]
        if language == "en":
            readings.append((int(year), int(first), int(second)))
        yield from _value(match, readings)
    for match in _WORDED.finditer(text):
        day = match["day"] or match["late"]
        month, year = _MONTHS[fold(match["month"])], int(match["year"])
        if day is None:
            yield Value(*match.span(), match.group(), (f"{year}-{month:02}",))
        else:
            yield from _value(match, [(year, month, int(day))])


def _value(match: re.Match[str], readings: Sequence[tuple[int, int, int]]) -> Iterator[Value]:
    tokens: list[str] = []
    for year, month, day in readings:
        try:
            token = date(year, month, day).isoformat()
        except ValueError:  # no such day: a section number, or the other reading
            continue
        tokens += [token, token[:7]]
    if tokens:
        yield Value(*match.span(), match.group(), tuple(dict.fromkeys(tokens)))


def _figures(text: str) -> Iterator[Value]:
    for match in _FIGURE.finditer(text):
        token = _figure(re.sub(r"\s", "", match.group()))
        if token:
            yield Value(*match.span(), match.group(), (token,))


def _figure(digits: str) -> str:
    """Returns a figure by value; three digits behind a mark are thousands. «» for «1.2.3»."""
    grouped = _GROUPED.fullmatch(digits)
    if grouped is not None and not digits.startswith("0"):
        return digits.replace(grouped[1], "")
    if digits.isdigit():
        return digits
    head, mark, tail = re.split(r"([.,])(?=[^.,]*$)", digits)
    if mark in head:
        return ""
    whole = re.sub(r"[.,]", "", head).lstrip("0") or "0"
    decimals = tail.rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole
