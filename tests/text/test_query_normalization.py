"""Greeting, request and thanks are no part of what is asked."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from rag.answering.question_types import defines
from rag.text import normalize_query


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Hola, ¿me puedes decir qué es un token?", "¿Qué es un token?"),
        ("Por favor, explícame qué es RAG.", "¿Qué es RAG?"),
        ("explicame que es RAG", "¿Que es RAG?"),
        ("Buenos días. ¿Cuántos socios hay? Muchas gracias.", "¿Cuántos socios hay?"),
        ("¿Sabes quién lo firma?", "¿Quién lo firma?"),
        ("¿Podría usted indicarme cuánto cuesta?", "¿Cuánto cuesta?"),
        ("Me gustaría que me explicaras por qué falla", "¿Por qué falla?"),
        ("Quisiera saber cuándo abre, por favor", "¿Cuándo abre?"),
        ("Explica la cuantización", "la cuantización"),
        ("Hi, could you please tell me: what is RAG?", "What is RAG?"),
        ("I'd like to know who signed it. Thanks!", "Who signed it?"),
        ("Do you know when it opens?", "When it opens?"),
        ("que es un token", "¿Que es un token?"),
        ("cuántos socios hay??", "¿Cuántos socios hay?"),
        ("what is RAG", "What is RAG?"),
        ("Please explain the difference", "the difference"),
        ("How much was spent in FY2019? Answer in USD millions.", "How much was spent in 2019?"),
        ("What is the rate? Please round to two decimals.", "What is the rate?"),
        ("¿Cuánto se gastó en FY 2019? Redondea a euros, por favor.", "¿Cuánto se gastó en 2019?"),
        ("¿Cuánto se gastó? Da la respuesta en miles.", "¿Cuánto se gastó?"),
        ("Who did it? And when?", "Who did it? And when?"),
    ],
)
def test_manners_go(question: str, asked: str) -> None:
    assert normalize_query(question) == asked


@pytest.mark.parametrize(
    "question",
    [
        "¿Qué es un token?",
        "¿Explica el contrato la cláusula 4?",
        "¿Puedes usar Olivo en casa?",
        "¿Sabe Olivo leer tablas?",
        "¿Qué dice el contrato de las gracias?",
        "Can you use it at home?",
        "What does the manual explain?",
        "Gracias",
        "Explícame",
        "",
    ],
)
def test_what_is_asked_stays(question: str) -> None:
    assert normalize_query(question) == question


@given(st.text(max_size=60))
def test_a_part_of_the_question_and_stable(text: str) -> None:
    asked = normalize_query(text)
    assert len(asked) <= len(text) + 2
    assert normalize_query(asked) == asked
    assert bool(asked.strip()) == bool(text.strip())


def test_a_definition_is_known_without_the_request() -> None:
    asked = normalize_query("Could you tell me what a token is?")
    assert defines(asked, "A token is a piece of text.") == 1
