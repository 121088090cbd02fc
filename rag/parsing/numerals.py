"""Writes the number of a list item in the format that a document asks for: 4, IV, d, 4.º, fourth.

The formats have the names that Word gives them. Bullets are not written: they say no more than
that something is an item, which its block says.
"""

from __future__ import annotations

from collections.abc import Callable

_ROMAN = list(
    zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        "m cm d cd c xc l xl x ix v iv i".split(),
        strict=True,
    )
)
_MAX_ROMAN = 5_000  # beyond it nobody counts in letters either
_CHICAGO = "*†‡§"
_CARDINALS = {
    "en": """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
        fifteen sixteen seventeen eighteen nineteen""".split(),
    "es": """cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce
        quince dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés
        veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve""".split(),
}
_TENS = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety".split(),
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa".split(),
}
_ORDINALS = {
    "en": """_ first second third fourth fifth sixth seventh eighth ninth tenth eleventh
        twelfth""".split(),
    "es": """_ primero segundo tercero cuarto quinto sexto séptimo octavo noveno décimo undécimo
        duodécimo decimotercero decimocuarto decimoquinto decimosexto decimoséptimo decimoctavo
        decimonoveno""".split(),
}
_ORDINAL_TENS = """vigésimo trigésimo cuadragésimo quincuagésimo sexagésimo septuagésimo octogésimo
    nonagésimo""".split()


def numeral(number: int, form: str, language: str = "en") -> str:
    """Returns `number` as `form` writes it («upperRoman», «ordinal», …), in figures where it is
    unknown. `language`: "es" or "en", for what is written in words."""
    if form in ("none", "bullet"):
        return ""
    if form in _BY_WORDS:
        return _BY_WORDS[form](number, language)
    return _BY_SIGNS[form](number) if form in _BY_SIGNS and number > 0 else str(number)


def _roman(number: int) -> str:
    if number > _MAX_ROMAN:
        return str(number)
    parts = []
    for value, letters in _ROMAN:
        parts.append(letters * (number // value))
        number %= value
    return "".join(parts)


def _letters(number: int) -> str:
    """a … z, aa, bb, … as Word counts."""
    return chr(ord("a") + (number - 1) % 26) * min((number - 1) // 26 + 1, 30)


def _ordinal(number: int, language: str) -> str:
    if language == "es":
        return f"{number}º"
    teen = number % 100 in (11, 12, 13)
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _cardinal_words(number: int, language: str) -> str:
    words = _CARDINALS[language]
    if not 0 <= number < 100:
        return str(number)
    if number < len(words):
        return words[number].capitalize()
    tens, unit = _TENS[language][number // 10 - 2], number % 10
    joint = " y " if language == "es" else "-"
    return f"{tens}{joint}{words[unit]}".capitalize() if unit else tens.capitalize()


def _ordinal_words(number: int, language: str) -> str:
    words = _ORDINALS[language]
    if not 0 < number < 100:
        return _ordinal(number, language)
    if number < len(words):
        return words[number].capitalize()
    if language == "es":
        tens, unit = _ORDINAL_TENS[number // 10 - 2], number % 10
        return f"{tens} {words[unit]}".capitalize() if unit else tens.capitalize()
    if number > 20 and number % 10:
        return f"{_TENS['en'][number // 10 - 2]}-{words[number % 10]}".capitalize()
    return f"{_cardinal_words(number, 'en').removesuffix('y')}{'ieth' if number > 19 else 'th'}"


_BY_WORDS: dict[str, Callable[[int, str], str]] = {
    "ordinal": _ordinal,
    "cardinalText": _cardinal_words,
    "ordinalText": _ordinal_words,
}
_BY_SIGNS: dict[str, Callable[[int], str]] = {
    "lowerRoman": _roman,
    "upperRoman": lambda number: _roman(number).upper(),
    "lowerLetter": _letters,
    "upperLetter": lambda number: _letters(number).upper(),
    "decimalZero": lambda number: f"{number:02}",
    "numberInDash": lambda number: f"- {number} -",
    "hex": lambda number: f"{number:X}",
    "chicago": lambda number: _CHICAGO[(number - 1) % 4] * ((number - 1) // 4 + 1),
    "decimalEnclosedCircle": lambda number: chr(0x245F + number) if number <= 20 else str(number),
}
