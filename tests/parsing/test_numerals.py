"""The numbers of list items, as Word writes them."""

from __future__ import annotations

import pytest

from rag.parsing.numerals import numeral


@pytest.mark.parametrize(
    ("number", "form", "shown"),
    [
        (4, "decimal", "4"),
        (4, "upperRoman", "IV"),
        (1994, "lowerRoman", "mcmxciv"),
        (1, "lowerLetter", "a"),
        (26, "upperLetter", "Z"),
        (28, "lowerLetter", "bb"),
        (7, "decimalZero", "07"),
        (12, "decimalZero", "12"),
        (3, "numberInDash", "- 3 -"),
        (2, "chicago", "†"),
        (5, "chicago", "**"),
        (3, "decimalEnclosedCircle", "③"),
        (21, "decimalEnclosedCircle", "21"),
        (9, "none", ""),
        (9, "bullet", ""),
        (9, "koreanDigital", "9"),
        (0, "upperRoman", "0"),
        (10**8, "lowerRoman", "100000000"),
    ],
)
def test_a_number_in_figures_and_letters(number: int, form: str, shown: str) -> None:
    assert numeral(number, form) == shown


@pytest.mark.parametrize(
    ("number", "form", "spanish", "english"),
    [
        (1, "ordinal", "1º", "1st"),
        (12, "ordinal", "12º", "12th"),
        (23, "ordinal", "23º", "23rd"),
        (1, "ordinalText", "Primero", "First"),
        (11, "ordinalText", "Undécimo", "Eleventh"),
        (18, "ordinalText", "Decimoctavo", "Eighteenth"),
        (20, "ordinalText", "Vigésimo", "Twentieth"),
        (21, "ordinalText", "Vigésimo primero", "Twenty-first"),
        (100, "ordinalText", "100º", "100th"),
        (16, "cardinalText", "Dieciséis", "Sixteen"),
        (31, "cardinalText", "Treinta y uno", "Thirty-one"),
        (40, "cardinalText", "Cuarenta", "Forty"),
    ],
)
def test_a_number_in_words(number: int, form: str, spanish: str, english: str) -> None:
    assert (numeral(number, form, "es"), numeral(number, form, "en")) == (spanish, english)
