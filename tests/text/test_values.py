"""Codes, dates and figures are the same value however they are written, and no other."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from rag.text import query_terms, search_terms
from rag.text.values import code_value, values_in


@pytest.mark.parametrize(
    ("texts", "token"),
    [
        (("PPR-9087", "ppr9087", "PPR 9087", "PPR.9087"), "ppr9087"),
        (("ISO 27001:2013", "iso-27001:2013"), "iso27001:2013"),
        (("5 de mayo de 2025", "5/5/2025", "2025-05-05", "05.05.2025", "5 May 2025"), "2025-05-05"),
        (("May 5, 2025", "5th of May 2025", "1 de mayo del 2025", "mayo de 2025"), "2025-05"),
        (("1.234,5", "1,234.5", "1234,50", "1 234,5"), "1234.5"),
        (("123.456", "123,456", "123 456"), "123456"),
    ],
)
def test_one_value_many_spellings(texts: tuple[str, ...], token: str) -> None:
    for text in texts:
        assert token in values_in(f"ver {text} aquí", "es")[0].tokens, text


@pytest.mark.parametrize(
    ("text", "other"),
    [("M-20", "M-200"), ("M-20", "M-2"), ("PPR-9087", "PPR-9088"), ("5/5/2025", "15/5/2025")],
)
def test_near_values_are_other_values(text: str, other: str) -> None:
    one, two = (
        set(values_in(sentence, "es")[0].tokens) - {"2025-05"} for sentence in (text, other)
    )
    assert not one & two


def test_the_day_comes_first_in_spanish_and_either_way_in_english() -> None:
    assert values_in("3/8/2024", "es")[0].tokens == ("2024-08-03", "2024-08")
    assert {"2024-08-03", "2024-03-08"} <= set(values_in("3/8/2024", "en")[0].tokens)


@pytest.mark.parametrize("text", ["1.2.3", "192.168.1.1", "en 2024", "31/31/2024", "a las 9:00"])
def test_what_is_no_value(text: str) -> None:
    assert values_in(text, "es") == []


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("¿Qué pasó el 3 de agosto de 2024?", "El 03/08/2024 se inauguró."),
        ("¿Qué hubo en mayo de 2025?", "2025-05-05;Feria"),
        ("¿Quién debe 1234,56 euros?", "Los Olmos debe 1.234,56 €."),
        ("¿Qué es PPR9087?", "Incidencia PPR-9087."),
        ("¿Qué es PPR-9087?", "Incidencia PPR9087."),
    ],
)
def test_a_question_meets_a_text_by_value(question: str, text: str) -> None:
    terms = set(search_terms(text, "es"))
    for group in query_terms(question, "es"):
        if any(char.isdigit() for char in group[0]):
            assert terms & set(group), group


def test_a_day_is_not_met_by_its_month() -> None:
    groups = query_terms("¿Qué hubo el 5 de mayo de 2025?", "es")
    terms = set(search_terms("2025-05-15", "es")) - {"2025", "05"}
    assert not any(terms & set(group) for group in groups)


@given(st.text(max_size=60))
def test_any_text_is_looked_through(text: str) -> None:
    for language in ("es", "en"):
        for value in values_in(text, language):
            assert text[value.start : value.end] == value.text
            assert all(value.tokens)


def test_a_code_by_value() -> None:
    assert code_value("PPR-90.87/A") == "ppr90.87a"
