"""Which sentences may hold the kind of thing that a question asks for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answering.candidates import holds_type
from rag.answering.question_types import answer_type
from tests.helpers.fakes import make_question


@pytest.mark.parametrize(
    ("question", "holder", "other"),
    [
        ("¿Cuándo empezó?", "Empezó en 2017.", "Empezó tarde."),
        ("¿En qué siglo nació?", "Nació en el siglo XIX.", "Nació lejos."),
        ("When did it start?", "It started in 2017.", "It started late."),
        ("¿Cuántas personas caben?", "Caben ocho personas.", "Caben todas."),
        ("How many fit?", "Eight fit, or 8.", "All of them fit."),
        ("¿Quién lo firma?", "Lo firma Marta.", "Lo firma el director."),
        ("Who signs it?", "It is signed by Marta.", "Nobody signs it."),
    ],
)
def test_the_kind_of_thing_asked_for(question: str, holder: str, other: str) -> None:
    asked = replace(make_question(question), answer_type=answer_type(question))
    assert holds_type(asked, holder)
    assert not holds_type(asked, other)


def test_a_question_of_no_kind_takes_anything() -> None:
    assert holds_type(make_question("¿Qué cubre la garantía?"), "Las piezas.")
