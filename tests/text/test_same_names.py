"""A name has other forms, in its own language and in the other."""

from __future__ import annotations

import pytest

from rag.text.same_names import same_names


@pytest.mark.parametrize(
    ("text", "language", "other"),
    [
        ("RGPD", "es", ("GDPR", "en")),
        ("la Segunda Guerra Mundial en Varsovia", "es", ("la World War II en Varsovia", "en")),
        ("Soviet Union", "en", ("USSR", "en")),
    ],
)
def test_other_forms(text: str, language: str, other: tuple[str, str]) -> None:
    assert other in same_names(text, language)


@pytest.mark.parametrize("text", ["tell us more", "la isla", "aceite"])
def test_a_word_is_no_abbreviation(text: str) -> None:
    assert same_names(text, "en") == []
