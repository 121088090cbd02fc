"""What is about something else says less; what holds no figure asked for is no answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answering.composing import compose
from rag.schema import AnswerType, Intent, Section, Subject
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
        ("How is the warranty of the Tern pump handled?", WARRANTY, "en"),
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
def test_what_leaves_them_unsaid_says_so(question: str, text: str, language: str) -> None:
    asking = asked(question, language=language)
    assert compose(material_of(asking, text, text, language=language)).unsaid > 0.3


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


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("El club tiene 40 pistas.\n\nLos socios pagan poco.", False),
        ("El club tiene 40, todos ellos adultos. Los socios pagan poco.", True),
    ],
)
def test_what_is_counted_is_said_in_the_same_paragraph(text: str, answers: bool) -> None:
    asking = make_question("¿Cuántos socios tiene el club?", answer_type=AnswerType.AMOUNT)
    section = Section(0, len(text), ("El club",))
    assert bool(evidence_text(material_of(asking, text, text, [section]))) is answers


def test_what_is_said_leaves_nothing_unsaid() -> None:
    whole = compose(material_of(asked("¿Quién es la directora del grupo?"), MANAGER, MANAGER))
    assert whole.unsaid == 0


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("El piloto duró 17 semanas.", True),
        ("El piloto no duró ningún día.", True),
        ("Apertura del piloto: el 3 de marzo de 2025.", False),
    ],
)
def test_days_that_are_counted_are_a_time(text: str, answers: bool) -> None:
    asking = make_question("¿Cuántos días duró el piloto?", answer_type=AnswerType.TIME)
    asking = replace(asking, subject=Subject(units=("day",)))
    assert bool(evidence_text(material_of(asking, text, text))) is answers


POOL = "Horario\n\nDía\tBaño libre\tCierre\nLunes\t7:30\t21:30\nMartes\t8:00\t21:00\n"
WINTER = (
    "Horario de octubre\n\nParada\tBaño libre\tCierre\nLunes\t7:30\t21:30\nCentro\t8:00\t22:00\n"
)


@pytest.mark.parametrize(
    ("question", "text", "answers"),
    [
        ("¿A qué hora es el baño libre el lunes?", POOL, True),
        ("¿A qué hora es el baño libre el domingo?", POOL, False),
        ("¿A qué hora es el baño libre el lunes en agosto?", WINTER, False),
        ("¿A qué hora es el baño libre el lunes en octubre?", WINTER, True),
        # a date in figures may be of any month
        ("¿A qué hora es el baño libre el lunes en agosto?", f"{WINTER}\n\nDel 1/8/2025", True),
    ],
)
def test_a_row_of_another_day_or_month_is_no_answer(
    question: str, text: str, answers: bool
) -> None:
    asking = asked(question, Intent.TABLE)
    assert bool(evidence_text(material_of(asking, text, "Lunes"))) is answers
