"""Questions that lean on the chat are freed of it, and no others are touched."""

from __future__ import annotations

import re

import pytest

from rag.answering.follow_ups import leans_on_history, standalone
from rag.answering.question_rewriting import believable
from rag.schema import Turn

LEANS_ES = """
¿Cuánto cuesta eso y dónde se compra?
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
¿Qué partida se desvió?
¿En qué año se publicó?
¿Con qué margen?
¿Cuántos candidatos recibe?
¿Quién firma su publicación?
¿Qué dominaba antes?
¿Cuánto se gastó en mayo?
¿Qué partida se desvió en mayo?
¿Cuánto tarda de media?
¿Desde cuándo está en vigor?
"""
LEANS_EN = """
And when is it used and why?
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
What should be used instead?
Which values are usual?
Can such an answer be wrong?
What does the continuous kind do?
"""
STANDS_ES = """
¿Qué es la cuantización y para qué sirve eso?
¿Cuánto dura la garantía?
¿Quién es Carlos Ruiz?
¿Cuánto duró la charla de seguridad?
¿De dónde vienen las perlas?
¿Qué se mide en la segunda fase del piloto?
¿Quién dirige el proyecto Olivo?
¿Cómo se instala el modelo?
¿Cuántas góndolas tiene Venecia?
¿Qué es cuantizar?
¿Qué pide la paridad demográfica?
¿Qué cambió en el plan respecto al anterior?
¿Cómo cuida el museo a sus visitantes?
¿Cuánto se gastó en formación?
¿Qué tipos de sesgo hay?
¿Qué técnicas de cuantización existen?
¿Cuánto se sabe sobre neutrinos?
"""
STANDS_EN = """
What is nucleus sampling and when is it used?
How long is the warranty?
Who is the head of platform?
What is speculative decoding?
Why does a server need memory?
Android phones: which are allowed?
Which edition of the book is current?
How is token F1 computed?
Who stands in for the director when she is away?
Why is it wise to lock the door?
"""


def lines(text: str) -> list[str]:
    return text.strip().splitlines()


def freed(question: str, history: list[Turn], language: str = "es") -> str:
    return standalone(question, history, language)


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
    assert freed("¿Y cuánto costó?", history) == "¿Y cuánto costó? (piloto Olivo)"


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
    assert freed("¿Y cuándo vence la GARANTÍA?", history).endswith("(ascensor)")


def test_a_chain_of_follow_ups_keeps_its_subject() -> None:
    history = [
        Turn("¿Qué es la auditoría de mayo?", "Un examen."),
        Turn("¿Cuánto duró el piloto de Olivo?", "Duró 17 semanas."),
        Turn("¿Y cuánto costó?", "43.150 euros."),
    ]
    asked = freed("¿Quién lo pagó?", history)
    assert {"piloto", "Olivo"} <= set(re.findall(r"\w+", asked))
    assert "auditoría" not in asked
    assert "costó" not in asked


def test_follow_ups_do_not_pile_up() -> None:
    asked = ["¿Cuánto duró el piloto de Olivo?", "¿Y en Jaén?", "¿Y cuánto costó?", "¿Y por qué?"]
    question = freed("¿Quién lo pagó?", [Turn(text, "") for text in asked])
    assert question == "¿Quién lo pagó? (piloto Olivo Jaén)"


@pytest.mark.parametrize(
    ("last", "question", "added"),
    [
        ("How long did the Olivo pilot last?", "And how much did it cost?", "Olivo pilot"),
        ("What did the spare server cost?", "Why is it slower?", "spare server"),
        ("How many tokens are passages?", "And how many in four of them?", "tokens passages"),
    ],
)
def test_what_only_happens_is_not_added(last: str, question: str, added: str) -> None:
    assert freed(question, [Turn(last, "")], "en") == f"{question} ({added})"


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("¿Cuánto costó el piloto de Olivo?", True),
        ("¿Cuánto costó?", False),  # adds nothing
        ("", False),
        ("¿Cuánto costó el piloto de Olivo en 2031?", False),  # nobody named a year
        ("¿Cuánto costó la catedral gótica de mármol rosa?", False),
        ("¿Cuánto costó el piloto de Olivo? " * 20, False),
    ],
)
def test_a_models_version_is_taken_if_it_only_repeats_the_chat(written: str, taken: bool) -> None:
    history = [Turn("¿Cuánto duró el piloto de Olivo?", "Duró 17 semanas.")]
    assert believable(written, "¿Y cuánto costó?", history, "es") is taken
