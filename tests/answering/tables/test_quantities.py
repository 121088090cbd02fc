"""Cells as quantities: marks for thousands and decimals, signs, units, scales, times and dates."""

from __future__ import annotations

from decimal import Decimal

import pytest

from rag.answering.tables.quantities import named_unit, quantity, writes_comma


@pytest.mark.parametrize(
    ("text", "comma", "value", "unit", "written"),
    [
        ("7.200 €", True, "7200", "eur", "7.200 €"),
        ("-1.050,5 €", True, "-1050.5", "eur", "-1.050,5 €"),
        ("$(1,234)", False, "-1234", "usd", "-$1,234"),
        ("(4,565)", False, "-4565", "", "-4,565"),
        ("$ 94,836 (1)", False, "94836", "usd", "$94,836"),
        ("11,0 %", True, "11.0", "%", "11,0 %"),
        ("12 477,50 €", True, "12477.50", "eur", "12.477,50 €"),
        ("14 GB", False, "14", "gb", "14 GB"),
        ("3,350 GB/s", False, "3350", "gb/s", "3,350 GB/s"),
        ("2 h 15 min", True, "135", "h:min", "2 h 15 min"),
        ("0.33", False, "0.33", "", "0.33"),
        ("2024", False, "2024", "", "2024"),
    ],
)
def test_a_cell_is_read_and_written_again(
    text: str, comma: bool, value: str, unit: str, written: str
) -> None:
    found = quantity(text, comma, "es" if comma else "en")
    assert found is not None
    assert (found.value, found.unit, found.written()) == (Decimal(value), unit, written)


def test_a_long_sentence_behind_a_figure_is_soon_known_as_none() -> None:
    # words that could be parted anywhere took longer with every word, hours for a paragraph
    assert quantity("12 " + "remaining obligations " * 40 + "(unaudited", False, "en") is None


@pytest.mark.parametrize(
    "text", ["above 25%", "3, 5 and 9", "1.2.3", "—", "6 horas semanales a 40 €", "Q4", ""]
)
def test_what_is_no_lone_quantity(text: str) -> None:
    assert quantity(text, False, "en") is None


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("Coste (€)", "eur"),
        ("(in millions, except per share)", "*1000000"),
        ("Importes en miles de euros", "eur*1000"),
        ("Superficie (ha)", "ha"),
        ("Satisfacción (sobre 5)", ""),
        ("Ceiling at 14 GB", ""),
    ],
)
def test_the_unit_in_a_name(name: str, unit: str) -> None:
    assert named_unit(name) == unit


def test_the_figures_of_a_table_show_its_decimal_mark() -> None:
    assert writes_comma(["1.105", "84,0 %"], "en")
    assert not writes_comma(["1,105", "0.5"], "es")
    assert writes_comma(["1.105"], "es")
    assert not writes_comma(["1.105"], "en")
