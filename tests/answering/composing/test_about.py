"""What is about something else, or holds no figure where one is asked for, is no answer."""

from __future__ import annotations

import pytest

from rag.schema import AnswerType
from tests.answering.composing.test_compose import asked
from tests.helpers.answering import evidence_text, material_of
from tests.helpers.fakes import make_question

MANAGER = "El grupo Roble ha nombrado directora general a Sonia Vilar, ingeniera de Vigo."
WARRANTY = "The warranty of the Tern pump lasts seven years."


@pytest.mark.parametrize(
    ("question", "text", "language"),
    [
        ("¿Quién es la directora general del grupo Roble?", MANAGER, "es"),
        ("Según la nota añadida, ¿quién es la directora del grupo Roble?", MANAGER, "es"),
        ("¿Quién es la directora del grupo al pie de la carta?", MANAGER, "es"),
        ("¿Quién es el director del grupo Roble?", MANAGER, "es"),
        ("What is the warranty of the Tern pump?", WARRANTY, "en"),
        ("How long is the warranty of a pump?", WARRANTY, "en"),
    ],
)
def test_what_says_the_things_that_are_named_answers(
    question: str, text: str, language: str
) -> None:
    shown = evidence_text(
        material_of(asked(question, language=language), text, text, language=language)
    )
    assert shown == f"{text} [1]"


@pytest.mark.parametrize(
    ("question", "text", "language"),
    [
        ("¿Quién es el director financiero de la filial?", MANAGER, "es"),
        ("What is the warranty of the Tern radiators in the bathroom?", WARRANTY, "en"),
    ],
)
def test_what_leaves_them_unsaid_does_not(question: str, text: str, language: str) -> None:
    asking = asked(question, language=language)
    assert evidence_text(material_of(asking, text, text, language=language)) == ""


@pytest.mark.parametrize(
    ("question", "text", "answers"),
    [
        ("¿Cuántos socios tiene el club?", "El club tiene 40 socios.", True),
        ("¿Cuántos socios tiene el club?", "El club tiene socios de pago.", False),
        ("¿Cuántos socios tiene el club?", "El club no tiene socios.", True),
        ("¿Cuántos hijos tiene el club?", "El club tiene 40 pistas.", False),
        ("¿Cuántos hijos tuvo el rey?", "El rey tuvo hijos a los 40 años, en 1861.", False),
        ("¿Cuántas personas van al club?", "Al club van 40 jinetes.", True),
    ],
)
def test_what_is_counted_is_said_with_a_figure(question: str, text: str, answers: bool) -> None:
    asking = make_question(question, "es", answer_type=AnswerType.AMOUNT)
    assert bool(evidence_text(material_of(asking, text, text))) is answers
