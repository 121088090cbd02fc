"""Questions that lean on the chat are freed of it, and no others are touched."""

from __future__ import annotations

import pytest

from rag.followups import leans_on_history, standalone
from rag.languages import STOP_WORDS
from rag.schema import Turn

LEANS_ES = """
¿Y cuánto costó?
y en Jaén?
¿Pero quién lo firmó?
Además, ¿qué cubre?
¿Se puede alargar ese plazo?
¿Qué dice de eso?
¿Quién la preside?
¿Por qué?
¿Cuánto?
¿Dónde se guardan?
¿Cuánto duró?
¿Conviene hacerlo antes de mayo?
¿Se gana tiempo usándola?
¿Cuánto cuesta la segunda?
¿Qué ventajas tiene el anterior?
¿Vale para ellos?
"""
LEANS_EN = """
And with 8 bits?
What about Jaén?
Who signed it?
Why?
How much?
How long?
When is it useless?
What does that mean?
Is the latter cheaper?
Do they pay?
So who decides?
"""
STANDS_ES = """
¿Cuánto dura la garantía?
¿Quién es Carlos Ruiz?
¿Cuánto duró la charla de seguridad?
¿De dónde vienen las perlas?
¿Qué se mide en la segunda fase del piloto?
¿Quién dirige el proyecto Olivo?
¿Cómo se instala el modelo?
¿Qué yacimiento se visita?
¿Cuántas góndolas tiene Venecia?
"""
STANDS_EN = """
How long is the warranty?
Who is the head of platform?
What is speculative decoding?
Why does a server need memory?
Android phones: which are allowed?
"""


def lines(text: str) -> list[str]:
    return text.strip().splitlines()


def freed(question: str, history: list[Turn], language: str = "es") -> str:
    return standalone(question, history, language, STOP_WORDS[language])


@pytest.mark.parametrize("question", lines(LEANS_ES))
def test_leans_in_spanish(question: str) -> None:
    assert leans_on_history(question, "es")


@pytest.mark.parametrize("question", lines(LEANS_EN))
def test_leans_in_english(question: str) -> None:
    assert leans_on_history(question, "en")


@pytest.mark.parametrize("question", lines(STANDS_ES))
def test_stands_alone_in_spanish(question: str) -> None:
    assert not leans_on_history(question, "es")
    assert freed(question, [Turn("¿Qué es LoRA?", "Un método.")]) == question


@pytest.mark.parametrize("question", lines(STANDS_EN))
def test_stands_alone_in_english(question: str) -> None:
    assert not leans_on_history(question, "en")
    assert freed(question, [Turn("What is LoRA?", "A method.")], "en") == question


def test_without_history_nothing_is_added() -> None:
    assert freed("¿Y cuánto costó?", []) == "¿Y cuánto costó?"


def test_the_naming_words_of_the_last_question_are_added() -> None:
    history = [Turn("¿Cuánto duró el piloto de Olivo?", "Duró 17 semanas.")]
    assert freed("¿Y cuánto costó?", history) == "¿Y cuánto costó? (duró piloto Olivo)"


@pytest.mark.parametrize(
    ("last", "language"),
    [("¿Cuándo, dónde, cómo, qué y cuánto?", "es"), ("When, where, how and what?", "en")],
)
def test_the_words_that_ask_are_never_added(last: str, language: str) -> None:
    # «Cuándo» in the new question would make it ask for a date
    question = {"es": "¿Y quién lo firma?", "en": "And who signs it?"}[language]
    assert freed(question, [Turn(last, "")], language) == question


def test_a_word_said_already_is_not_repeated() -> None:
    history = [Turn("¿Qué cubre la garantía del ascensor?", "Las piezas.")]
    assert freed("¿Y la GARANTÍA del montacargas?", history).endswith("(cubre ascensor)")


def test_a_chain_of_follow_ups_keeps_its_subject() -> None:
    history = [
        Turn("¿Qué es la auditoría de mayo?", "Un examen."),
        Turn("¿Cuánto duró el piloto de Olivo?", "Duró 17 semanas."),
        Turn("¿Y cuánto costó?", "43.150 euros."),
    ]
    asked = freed("¿Quién lo pagó?", history)
    assert {"piloto", "Olivo"} <= set(asked.strip(")").split())
    assert "auditoría" not in asked
