"""A question that asks two things is two questions, each standing alone."""

from __future__ import annotations

import pytest

from rag.answering.question_parts import parts_of


@pytest.mark.parametrize(
    ("question", "language", "parts"),
    [
        (
            "¿Qué es QLoRA y cuánto más tarda?",
            "es",
            ("¿Qué es QLoRA?", "¿Cuánto más tarda? (QLoRA)"),
        ),
        (
            "¿Cuándo y de qué murió Isabel?",
            "es",
            ("¿Cuándo murió Isabel?", "¿De qué murió Isabel?"),
        ),
        (
            "¿Qué es un foco? ¿Cuánto cuesta?",
            "es",
            ("¿Qué es un foco?", "¿Cuánto cuesta? (foco)"),
        ),
        ("What was the total in 2021? Please answer in millions. Round it.", "en", ()),
        ("¿Cuánto costó? Responde en miles.", "es", ()),
        (
            "Explica qué es el barbecho y enumera sus ventajas",
            "es",
            ("Explica qué es el barbecho", "Enumera sus ventajas (Explica barbecho)"),
        ),
        (
            "Who was Rose and how many sons did she have?",
            "en",
            ("Who was Rose?", "How many sons did she have? (Rose)"),
        ),
        (
            "When and where was Ada born?",
            "en",
            ("When was Ada born?", "Where was Ada born?"),
        ),
    ],
)
def test_two_questions_in_one(question: str, language: str, parts: tuple[str, ...]) -> None:
    assert parts_of(question, language) == parts


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("¿Qué diferencia hay entre el cobre y el estaño?", "es"),
        ("¿Quién dirige la obra y la escuela?", "es"),
        ("¿Qué pasa con la casa y que nadie vea?", "es"),
        ("List the parks and their areas", "en"),
        ("Which town lies between Rome and Naples?", "en"),
        ("The man who came and who left", "en"),
        ("hola", "es"),
        ("", "es"),
    ],
)
def test_one_question_stays_one(question: str, language: str) -> None:
    assert parts_of(question, language) == ()
