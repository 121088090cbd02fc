"""Numbers with their units, in figures and in words: «3,5 millones» is «3.5 million»."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from rag.text.languages import DATA, either, fold

_WORD = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"(?<![\w.,])[-−]?\d[\d.,]*(?<![.,])")
_COUNTED = re.compile(r"(?<![\w.,])(\d[\d.,]*|[^\W\d_]+)(?=\s+([^\W\d_]{4,}))")
_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_SYMBOLS = {
    "%": "%", "€": "eur", "eur": "eur", "$": "usd", "s": "second", "ms": "ms", "min": "minute",
    "h": "hour", "km": "km", "m": "m", "kg": "kg", "gb": "gb", "mb": "mb",
}  # fmt: skip
UNITS = _SYMBOLS | {
    fold(word): unit
    for language in DATA.values()
    for unit, words in language.units.items()
    for word in words
}
_NUMERALS = {
    fold(word): float(value)
    for language in DATA.values()
    for word, value in language.numerals.items()
}
_SCALES = {
    fold(word): value for language in DATA.values() for word, value in language.scales.items()
}
_PER = re.compile(rf"\b{either(lambda language: language.per)}$")
_OF = {language.of for language in DATA.values()}
_PERCENT = re.compile(rf"{either(lambda language: language.percent)}\b")
_CURRENCIES = {"€": "eur", "$": "usd"}  # may also stand before the figure
_BEHIND = 30  # characters behind a figure in which its scale and unit are looked for
_WORDS_BEHIND = 4


@dataclass(frozen=True, slots=True)
class Number:
    """A number with all it may mean: «1.028» is a thousand or one and a bit; unit «» if none."""

    readings: frozenset[float]
    unit: str = ""
    text: str = field(default="", compare=False)

    def agrees(self, other: Number) -> bool:
        """Tells whether some reading is shared, and the units are, where both have one."""
        same_unit = self.unit == other.unit or not (self.unit and other.unit)
        return same_unit and not self.readings.isdisjoint(other.readings)


def numbers_in(text: str) -> Iterator[Number]:
    """Yields the numbers of a text, those in figures first."""
    for match in _DIGITS.finditer(text):
        scale, unit = _scale_and_unit(text[match.end() : match.end() + _BEHIND])
        unit = _CURRENCIES.get(text[match.start() - 1 : match.start()], unit)
        readings = _readings(match.group().lstrip("-−"))
        yield Number(frozenset(value * scale for value in readings), unit, match.group())
    for match in _WORD.finditer(text):
        numeral = _NUMERALS.get(fold(match.group()))
        if numeral is not None and not _belongs_to_figure(text, match):
            scale, unit = _scale_and_unit(text[match.end() : match.end() + _BEHIND])
            yield Number(frozenset({numeral * scale}), unit, match.group())


def counted_in(text: str) -> Iterator[tuple[Number, str]]:
    """Yields each number with the word right behind it, folded: «40 candidatos»."""
    for match in _COUNTED.finditer(text):
        for number in numbers_in(match[1]):
            yield number, fold(match[2])


def _belongs_to_figure(text: str, match: re.Match[str]) -> bool:
    """Tells whether a numeral is no number of its own: «mil» in «3 mil», «ciento» after «por»."""
    before = text[: match.start()].rstrip()
    scales = fold(match.group()) in _SCALES and before[-1:].isdigit()
    return scales or _PER.search(before) is not None


def _readings(digits: str) -> set[float]:
    """Returns all a figure may mean, with points and commas for thousands or for decimals."""
    readings = set()
    if _GROUPED.fullmatch(digits):
        readings.add(float(re.sub(r"[.,]", "", digits)))
    head, separator, tail = digits.replace(",", ".").rpartition(".")
    plain = f"{head.replace('.', '')}.{tail}" if separator else tail
    readings.add(float(plain))
    return readings


def _scale_and_unit(behind: str) -> tuple[float, str]:
    """Returns what the words behind a figure multiply it by, and its unit."""
    words = re.findall(r"[%€$]|[^\W\d_]+", fold(behind))[:_WORDS_BEHIND]
    scale = 1.0
    for index, word in enumerate(words):
        if word in _SCALES:
            scale *= _SCALES[word]
        elif word in UNITS:
            return scale, UNITS[word]
        elif _PERCENT.match(" ".join(words[index:])):
            return scale, "%"
        elif word not in _OF:
            break
    return scale, ""
