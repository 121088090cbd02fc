"""Days of the week and series of months, quarters and years, as names of rows and columns."""

from __future__ import annotations

import pytest

from rag.text.computing import days_in, series_of


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("los sábados y domingos", {5, 6}),
        ("Monday to Friday", {0, 1, 2, 3, 4}),
        ("de lunes a miércoles", {0, 1, 2}),
        ("Tuesday – Thursday, and Sundays", {1, 2, 3, 6}),
        ("a sunny day", set()),
    ],
)
def test_days_are_told_in_both_languages(text: str, days: set[int]) -> None:
    assert days_in(text) == days


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["Enero", "Febrero", "Total"], "month"),
        (["Q1", "Q2", "Q3", "Year"], "quarter"),
        (["2023", "2024"], "year"),
        (["Monday", "Tuesday"], "day"),
        (["17 de marzo", "8 de mayo"], "day"),
        (["Luz", "Agua", "Mayo"], None),
        ([], None),
    ],
)
def test_names_of_one_kind_are_a_series(names: list[str], kind: str | None) -> None:
    assert series_of(names) == kind
