"""What of a passage can be quoted, how the QA model reads it, and what kind of thing it holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answering.candidates import candidates, holds_type
from rag.answering.layout import Layout
from rag.answering.question_types import answer_type
from rag.schema import Chunk, Document, Passage
from tests.helpers.fakes import make_question

TEXT = "Traiga lo siguiente:\n- El DNI\n- El padrón\n\nNada más hay que traer."


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


@pytest.mark.parametrize(
    ("question", "holder", "other"),
    [
        ("¿Cuál es el teléfono?", "Tel.: 949 222 333", "Inaugurado el 12-03-1998."),
        ("What is the phone number?", "Call +44 20 7946 0958.", "On 2025-05-05 it closed."),
        ("¿Cuál es el teléfono?", "Llame al 949222333.", "Cuesta 12.345.678 euros."),
        ("¿Cuál es el correo?", "secretaria@ies.example", "Escríbanos sin falta."),
        ("¿Cuál es la dirección?", "Calle de la Fragua, 14", "Bienvenidos al instituto."),
        ("What is the address?", "12 Harbour Street, Hull", "Welcome to the school."),
    ],
)
def test_contacts_have_a_form_of_their_own(question: str, holder: str, other: str) -> None:
    test_the_kind_of_thing_asked_for(question, holder, other)


def test_what_introduces_a_list_is_read_with_its_items() -> None:
    document = Document("g.md", "Guía", TEXT, "es", id=1)
    passage = Passage(Chunk(1, 0, len(TEXT), TEXT, language="es", id=1), "Guía", "g.md", 0.9)
    layout = Layout(document)
    found = candidates(make_question("¿Y el padrón?"), [passage], lambda _: layout)
    lead = next(candidate for candidate in found if candidate.sentence.text.endswith(":"))
    assert lead.reading.text.endswith("Traiga lo siguiente:\n- El DNI\n- El padrón")
    assert lead.features["covers"] == 1, "the list holds the word that its lead-in lacks"
    start = lead.reading.text.index("padrón")
    assert lead.reading.in_document(start, start + 6) == (
        TEXT.index("padrón"),
        TEXT.index("padrón") + 6,
    )
    other = next(candidate for candidate in found if candidate.sentence.text.startswith("Nada"))
    assert other.reading.text.endswith("Nada más hay que traer.")
    assert "DNI" not in other.reading.text.rsplit("\n", 1)[-1]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("Jarabe para la tos seca\n\nEl jarabe alivia la tos.", ["El jarabe alivia la tos."]),
        ("El jarabe alivia la tos.\n\nDura un año.", ["El jarabe alivia la tos.", "Dura un año."]),
    ],
)
def test_the_title_of_a_plain_text_is_not_quoted(text: str, quoted: list[str]) -> None:
    passage = Passage(Chunk(1, 0, len(text), text, language="es", id=1), "folleto", "f.txt", 0.9)
    layout = Layout(Document("f.txt", "folleto", text, "es", id=1))
    found = candidates(make_question("¿Qué alivia?"), [passage], lambda _: layout)
    assert [one.sentence.text for one in found] == quoted
