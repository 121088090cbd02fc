"""What a question asks for: a kind of thing, a definition."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from rag.answering.question_types import answer_type, defines
from rag.schema import AnswerType


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        ("¿Qué es LoRA?", "LoRA es un método de ajuste.", 1),
        ("¿Qué es LoRA?", "LoRA (Low-Rank Adaptation) es un método.", 1),
        ("¿Qué son las alucinaciones?", "Las alucinaciones son frases falsas.", 1),
        ("Explícame qué es un token, por favor", "Un token es un fragmento de texto.", 1),
        ("¿En qué consiste el ajuste fino?", "El ajuste fino consiste en seguir.", 1),
        ("¿Qué es el few-shot?", "Se llama few-shot a incluir ejemplos.", 1),
        ("What is speculative decoding?", "Speculative decoding is a trick.", 1),
        ("What does LoRA mean?", "LoRA means low-rank adaptation.", 1),
        ("Explain what a token is.", "A token is a piece of text.", 1),
        ("What is GQA?", "Sharing heads, called GQA, saves memory.", 1),
        ("¿Qué se entiende por LLM?", "Un modelo grande, o LLM por sus siglas, es una red.", 0.5),
        ("¿Qué es el sesgo de medida?", "3. Sesgo de medida.", 1),
        ("¿Qué es LoRA?", "LoRA: un método de ajuste.", 1),
        ("¿Qué es LoRA?", "Se usó LoRA el martes.", 0),
        ("¿Cuándo se usa LoRA?", "LoRA es un método.", 0),
        ("¿Qué es lo que se hizo con LoRA en Jaén el martes?", "LoRA es un método.", 0),
    ],
)
def test_definitions(question: str, sentence: str, expected: float) -> None:
    assert defines(question, sentence) == expected


@given(st.text(max_size=20))
def test_a_topic_is_never_a_pattern(topic: str) -> None:
    assert defines(f"¿Qué es {topic}?", f"Nada de {topic}") == 0


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("¿En qué década nació?", "date"),
        ("¿Qué porcentaje acierta?", "percent"),
        ("¿Cuánto costó el piloto?", "money"),
        ("¿Cuántos litros de precipitación hubo?", "amount"),
        ("¿Cuántos capítulos y páginas tiene?", "amount"),
        ("¿Cada cuánto se revisa?", "time"),
        ("How long does it last?", "time"),
        ("How far is it?", "amount"),
        ("¿A quién se avisa?", "name"),
        ("Where is it?", "place"),
        ("What happens when it fails?", "text"),
        ("Cuando falla el disco, ¿quién avisa?", "name"),
        ("¿Qué cubre?", "text"),
        ("", "text"),
    ],
)
def test_the_first_word_that_asks_decides(question: str, kind: str) -> None:
    assert answer_type(question) == AnswerType(kind)


@given(st.text(st.sampled_from("¿?qué es why what is the how cómo por "), max_size=200))
def test_any_question_is_looked_at(question: str) -> None:
    assert answer_type(question) in AnswerType


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("¿Cuál es el teléfono del instituto?", "phone"),
        ("telefono instituto", "phone"),
        ("What is the phone number of the school?", "phone"),
        ("What is the school's telephone number?", "phone"),
        ("¿Cuál es el correo de secretaría?", "email"),
        ("Which email should I write to?", "email"),
        ("¿Cuál es la dirección de correo?", "email"),
        ("¿Cuál es la dirección del instituto?", "address"),
        ("What is the address of the school?", "address"),
        ("¿Tiene teléfono la casa?", "text"),
        ("¿Cuánto cuesta el teléfono?", "money"),
        ("¿Cuál es la dirección IP del servidor?", "text"),
    ],
)
def test_contacts(question: str, kind: str) -> None:
    assert answer_type(question) == AnswerType(kind)
