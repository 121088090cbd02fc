"""A fragment asks the question before it again, of what it names."""

from __future__ import annotations

import pytest

from rag.answering.elliptical_questions import asked_again


@pytest.mark.parametrize(
    ("fragment", "before", "whole"),
    [
        ("¿Y en junio?", "¿Cuánto llovió en marzo?", "¿Cuánto llovió en junio?"),
        ("¿Y el del año siguiente?", "¿Cuál fue el gasto de 2023?", "¿Cuál fue el gasto de 2024?"),
        ("¿Y el año anterior?", "¿Cuánto llovió en 2023?", "¿Cuánto llovió en 2022?"),
        ("¿Y el M-200?", "¿Qué par lleva el M-20?", "¿Qué par lleva el M-200?"),
        ("¿Y en Jaén?", "¿Cuánto duró la obra?", "¿Cuánto duró la obra en Jaén?"),
        (
            "¿Y la del patio?",
            "¿Cuánto mide la valla del huerto?",
            "¿Cuánto mide la valla del patio?",
        ),
        (
            "¿Y el soporte?",
            "¿Cuánto cuesta el pozo en Soria?",
            "¿Cuánto cuesta el soporte en Soria?",
        ),
        (
            "¿Y la fianza?",
            "¿Cuánto es la renta del piso en Soria?",
            "¿Cuánto es la fianza del piso en Soria?",
        ),
    ],
)
def test_in_spanish(fragment: str, before: str, whole: str) -> None:
    assert asked_again(fragment, before, "es") == whole


@pytest.mark.parametrize(
    ("fragment", "before", "whole"),
    [
        ("And in June?", "How much rain fell in March?", "How much rain fell in June?"),
        ("And the next year?", "What was spent in 2023?", "What was spent in 2024?"),
        ("And with 8 bits?", "What is lost with 4 bits?", "What is lost with 8 bits?"),
        (
            "And the deposit?",
            "How much is the rent of the flat?",
            "How much is the deposit of the flat?",
        ),
        ("And the pump?", "How much did the old boiler cost?", "How much did the pump cost?"),
        (
            "And the large one?",
            "What does it cost with the small van?",
            "What does it cost with the large van?",
        ),
        (
            "What about the second act?",
            "When does the first act end?",
            "When does the second act end?",
        ),
    ],
)
def test_in_english(fragment: str, before: str, whole: str) -> None:
    assert asked_again(fragment, before, "en") == whole


@pytest.mark.parametrize(
    ("fragment", "before"),
    [
        ("¿Y por qué?", "¿Cuánto duró la obra?"),  # asks something of its own
        ("¿Cuánto costó el pozo?", "¿Cuánto duró la obra?"),  # is whole
        ("¿Y el pozo?", "El huerto"),  # nothing was asked
        ("¿Y el pozo?", "¿Qué es un aljibe?"),  # a definition has no other subject
        ("¿Y el pozo que se abrió hace dos inviernos junto a la era?", "¿Cuánto costó la obra?"),
        ("¿Y?", "¿Cuánto costó la obra?"),
    ],
)
def test_what_is_no_fragment(fragment: str, before: str) -> None:
    assert asked_again(fragment, before, "es") is None
