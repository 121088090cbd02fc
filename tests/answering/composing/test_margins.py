"""What stands apart from the text answers: a note, a letterhead, the only telephone number."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answering.composing import Material, compose
from rag.answering.question_types import answer_type
from rag.schema import DocumentBlock, DocumentBlockKind, Intent
from tests.answering.composing.test_compose import asked
from tests.helpers.answering import evidence_text, material_of

HEAD = "Aguas del Roble, S. A."
BODY = "El comité cierra la línea roja. Las pérdidas suben en otoño."
NOTE = "Las pérdidas son por el horno."
OTHER = "Hay que llamar a la imprenta."
TEXT = f"{HEAD}\n\n{BODY}\n\n{NOTE}\n{OTHER}"


def shown(question: str, language: str = "es", noted: bool = True) -> str:
    blocks = [
        DocumentBlock(TEXT.index(text), TEXT.index(text) + len(text), DocumentBlockKind.NOTE)
        for text in (NOTE, OTHER)
    ]
    asking = asked(question, Intent.SUMMARY, language)
    return evidence_text(material_of(asking, TEXT, "El comité", blocks=blocks if noted else ()))


@pytest.mark.parametrize(
    ("question", "note"),
    [
        ("¿Qué dice la nota sobre las pérdidas?", NOTE),
        ("¿Qué dice el comentario de la imprenta?", OTHER),
        ("Según la nota, ¿por qué hay pérdidas?", NOTE),
    ],
)
def test_the_note_that_says_most_of_the_rest_is_the_answer(question: str, note: str) -> None:
    assert shown(question) == f"{note} [1]"
    assert note not in shown(question, noted=False)


@pytest.mark.parametrize(
    "question",
    ["¿Qué nota sacó la clase?", "¿Qué dice la nota del alcalde?", "¿Qué hace el comité?"],
)
def test_no_note_answers_what_names_none_or_another(question: str) -> None:
    assert NOTE not in shown(question)
    assert OTHER not in shown(question)


def test_the_letterhead_is_what_a_document_opens_with() -> None:
    assert shown("¿Qué empresa firma el membrete?") == f"{HEAD} [1]"
    assert shown("¿Qué empresa firma?") != f"{HEAD} [1]"


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
