"""The only telephone number of a document is believed, though its line shares no word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answering.composing import Material, compose
from rag.answering.question_types import answer_type
from tests.answering.composing.test_compose import asked
from tests.helpers.answering import material_of

SCHOOL = "IES Peña Rubia\n\nBienvenidos al instituto.\n\nTel.: 949 222 333\n"


def material(question: str, text: str = SCHOOL) -> Material:
    """As evidence is for such a question: only the sentences that hold a number are left."""
    whole = material_of(replace(asked(question), answer_type=answer_type(question)), text, "Tel.:")
    numbered = [sentence for sentence in whole.sentences if "949" in sentence.text]
    return replace(whole, sentences=numbered)


def test_the_only_number_of_what_is_asked_for_is_believed() -> None:
    composition = compose(material("¿Cuál es el teléfono del instituto?"))
    assert composition.sure
    assert SCHOOL[slice(*composition.pieces[0].span)] == "Tel.: 949 222 333"


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("¿Cuál es el teléfono del ayuntamiento?", SCHOOL),
        ("¿Cuál es el teléfono?", SCHOOL),
        ("¿Cuál es el teléfono del instituto?", f"{SCHOOL}\nTel. de noche: 949 000 111\n"),
        ("¿Cuándo abre el instituto?", SCHOOL),
    ],
)
def test_what_may_be_meant_otherwise_is_left_to_the_confidence(question: str, text: str) -> None:
    assert not compose(material(question, text)).sure
