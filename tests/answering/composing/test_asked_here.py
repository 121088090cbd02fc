"""What a document itself asks is answered with what it says below."""

from __future__ import annotations

import pytest

from rag.answering.composing import compose
from rag.schema import Intent, Section
from tests.answering.composing.test_compose import asked
from tests.helpers.answering import evidence_text, material_of

ROBOT = (
    "¿Sube escaleras el robot? No. Un sensor lo frena antes del borde.\n\n"
    "¿Friega el robot? El modelo grande lleva una mopa.\n\n"
    "¿Cómo se vacía el robot? Abra la tapa y saque el cajón. Sacúdalo.\n"
)


@pytest.mark.parametrize(
    ("question", "found", "expected"),
    [
        (
            "¿Puede subir escaleras el robot?",
            "¿Sube",
            "No.\nNo. Un sensor lo frena antes del borde.",
        ),
        ("¿Friega suelos el robot?", "¿Friega", "El modelo grande lleva una mopa."),
        ("¿El robot no sube escaleras?", "¿Sube", "No. Un sensor lo frena antes del borde."),
    ],
)
def test_yes_and_no_are_said_where_the_answer_begins_with_them(
    question: str, found: str, expected: str
) -> None:
    material = material_of(asked(question, Intent.YES_NO), ROBOT, found)
    assert evidence_text(material) == f"{expected} [1]"
    assert compose(material).sure


def test_the_answer_ends_before_the_next_question() -> None:
    question = asked("¿Cómo vacío el robot?", Intent.STEPS)
    material = material_of(question, ROBOT, "¿Cómo")
    assert evidence_text(material) == "Abra la tapa y saque el cajón. Sacúdalo. [1]"


@pytest.mark.parametrize("apart", [" ", "\n\n"])
def test_a_sentence_below_a_question_answers_it(apart: str) -> None:
    text = f"¿Cómo se vacía el robot?{apart}Abra la tapa. Saque el cajón.\n\nLlueve."
    material = material_of(asked("¿Cómo vacío el robot?", Intent.STEPS), text, "Saque")
    if apart == " ":
        assert evidence_text(material).startswith("Abra la tapa. Saque el cajón.")
    material = material_of(asked("¿Cómo vacío el robot?", Intent.STEPS), text, "Abra")
    assert evidence_text(material).startswith("Abra la tapa. Saque el cajón.")
    assert compose(material).sure


def test_a_heading_asks_too() -> None:
    text = "¿Se admiten perros?\n\nSí. Los perros van atados.\n\n¿Hay bar?\n\nHay uno.\n"
    at = text.index("¿Hay")
    sections = [Section(0, at, ("¿Se admiten perros?",)), Section(at, len(text), ("¿Hay bar?",))]
    question = asked("¿Se admiten perros?", Intent.YES_NO)
    material = material_of(question, text, "Los perros", sections)
    assert evidence_text(material) == "Sí.\nSí. Los perros van atados. [1]"


@pytest.mark.parametrize(
    ("question", "answers"),
    [("¿Por qué es silenciosa la bomba?", True), ("¿Cuánto pesa la bomba?", False)],
)
def test_a_heading_that_opens_with_the_asking_word_asks(question: str, answers: bool) -> None:
    text = "Por qué la bomba es silenciosa\n\nEl aspa gira despacio.\n\nPeso\n\nPoco.\n"
    at = text.index("Peso")
    sections = [Section(0, at, ("Por qué la bomba es silenciosa",)), Section(at, len(text), ())]
    material = material_of(asked(question, Intent.REASON), text, "El aspa", sections)
    assert compose(material).sure is answers


def test_the_list_below_is_the_answer() -> None:
    text = "¿Qué trae la caja?\n- Un cable\n- Un paño\n\n¿Pesa la caja?\nPoco.\n"
    material = material_of(asked("¿Qué trae la caja?", Intent.LIST), text, "¿Qué trae")
    assert evidence_text(material) == "• Un cable\n• Un paño [1]"


def test_another_question_is_not_taken_for_it() -> None:
    material = material_of(asked("¿Cuánto cuesta el cable?"), ROBOT, "¿Friega")
    assert not compose(material).sure
