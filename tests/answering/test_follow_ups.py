"""Questions that lean on the chat are freed of it, and no others are touched."""

from __future__ import annotations

import re

import pytest

from rag.answering.follow_ups import standalone
from rag.answering.leaning import Leaning
from rag.schema import Turn


def freed(question: str, history: list[Turn], language: str = "es") -> str:
    return standalone(question, history, language, Leaning())


def test_a_question_that_stands_alone_is_not_touched() -> None:
    assert freed("¿Cuánto dura la garantía?", [Turn("¿Qué es LoRA?", "Un método.")]) == (
        "¿Cuánto dura la garantía?"
    )


def test_what_is_to_be_done_is_added_too() -> None:
    history = [Turn("¿Cada cuánto hay que limpiar la caldera?", "Cada año.")]
    assert freed("¿Cómo se hace?", history) == "¿Cómo se hace? (limpiar caldera)"


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


def test_what_the_follow_up_before_asked_about_is_kept() -> None:
    asked = ["How much is the standard plan?", "Can I freeze it?"]
    question = freed("How much does that cost?", [Turn(text, "") for text in asked], "en")
    assert question == "How much does that cost? (standard plan freeze)"


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
