"""A value reads as its cell shows it."""

from __future__ import annotations

import datetime

import pytest

from rag.parsing.cell_values import Value, shown

_EUROS = '_-* #,##0.00\\ "€"_-;\\-* #,##0.00\\ "€"_-;_-* "-"??\\ "€"_-;_-@_-'
_DOLLARS = '_("$"* #,##0.00_);_("$"* \\(#,##0.00\\);_("$"* "-"??_);_(@_)'
_PHONE = "[<=9999999]###-####;(###) ###-####"
DURATIONS: list[tuple[Value, str, str]] = [
    (26.5 / 24, "[h]:mm", "26:30"), (26.5 / 24, "[hh]:mm:ss", "26:30:00"), (0.5, "[m]", "720"),
    (0.0105, "mm:ss", "15:07"), (-0.1, "[h]:mm", "-2:24"), (0.0105, "h:mm AM/PM", "12:15 AM"),
    (8.5 / 24, 'h" h "mm" min"', "8 h 30 min"),
    (datetime.timedelta(hours=26, minutes=30), "[h]:mm", "26:30"),
]  # fmt: skip
DAYS: list[tuple[Value, str, str]] = [
    (45366, "dd/mm/yyyy", "15/03/2024"), (45366, "mmm-yy", "Mar-24"), (45366, "yyyy", "2024"),
    (45366, '[$-C0A]d" de "mmmm" de "yyyy', "15 de marzo de 2024"),
    (45366, '[$-C0A]dddd, d "de" mmmm "de" yyyy;@', "viernes, 15 de marzo de 2024"),
    (45366, "[$-es-ES]dd-mmm-yyyy", "15-mar-2024"), (45366, "[$-040A]d mmmm yyyy", "15 marzo 2024"),
    (45366, "[$-409]mmmm d, yyyy", "March 15, 2024"), (45366.5, "dd/mm/yy hh:mm", "15/03/24 12:00"),
    (45366, "mm-dd-yy", "2024-03-15"), (45366, "[$-F800]dddd\\,\\ mmmm\\ dd", "2024-03-15"),
    (45366, "[$-x-sysdate]dddd, mmmm dd, yyyy", "2024-03-15"),
    (60, "dd/mm/yyyy", "29/02/1900"), (59, "dd/mm/yyyy", "28/02/1900"), (1, "d/m/yyyy", "1/1/1900"),
    (datetime.datetime(2024, 3, 15), "dd/mm/yyyy", "15/03/2024"),
]  # fmt: skip
NUMBERS: list[tuple[Value, str, str]] = [
    (123456.789, "0.00E+00", "1.23E+05"), (123456.789, "##0.0E+0", "123.5E+3"),
    (1.25, "# ?/?", "1 1/4"), (1 / 3, "# ??/??", "1/3"), (2.625, "?/8", "2 5/8"),
    (1234.5, _EUROS, "1234.50 €"), (-1234.5, _EUROS, "-1234.50 €"),
    (-1234.5, _DOLLARS, "$(1234.50)"),
    (1234.5, "#,##0.00\\ [$€-C0A]", "1234.50 €"), (1234.5, "[$$-409]#,##0.00", "$1234.50"),
    (-5, "#,##0_);[Red](#,##0)", "(5)"), (-5, "#,##0;[Red]-#,##0", "-5"),
    (0.0325, "0.0%", "3.3%"), (0.075, "0.00%", "7.50%"), (0.125, "0.0\\ %", "12.5 %"),
    (1234567, '#,##0.0,,\\ "M€"', "1.2 M€"), (5, '0" unidades"', "5 unidades"),
    (1e21, "General", "1E+21"), (0.1 + 0.2, "General", "0.3"), (1234.5, "GENERAL", "1234.5"),
    (12, "Estándar", "12"), (True, "General", "TRUE"), (1, '[=1]"Sí";[=0]"No";General', "Sí"),
    ("#DIV/0!", "0.00", "#DIV/0!"), ("abc", '@" (nota)"', "abc (nota)"), (5, ";;;", ""),
    (-3, "0;;;", ""),
]  # fmt: skip
CODES: list[tuple[Value, str, str]] = [
    (5001, "00000", "05001"), (471, "0000000", "0000471"), (5551234, _PHONE, "555-1234"),
    (9495551234, _PHONE, "(949) 555-1234"), (949222333, "### ### ###", "949 222 333"),
    (949222333, "000 00 00 00", "949 22 23 33"), (34949222333, "+00\\ 000\\ 000\\ 000",
    "+34 949 222 333"), (12345678, '00000000"-Z"', "12345678-Z"),
    (12345678, "##\\.###\\.###", "12.345.678"), (280790001, "000-00-0000", "280-79-0001"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "number_format", "text"), [*DURATIONS, *DAYS, *NUMBERS, *CODES])
def test_shown(value: Value, number_format: str, text: str) -> None:
    assert shown(value, number_format) == text


def test_days_of_the_mac() -> None:
    assert shown(43874, "dd/mm/yyyy", mac_dates=True) == "14/02/2024"
