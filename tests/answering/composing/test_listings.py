"""Lists, steps and sections: which one answers, also where no passage holds it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answering.composing import Material, compose
from rag.schema import Intent, Passage, Section
from tests.answering.composing.test_compose import asked
from tests.helpers.answering import evidence_text, material_of

DEFENCES = (
    "Defensas que ayudan\n\nEl filtro marca lo dudoso. Los permisos se miran antes.\n"
    "La copia se guarda.\n\n"
    "Qué no ayuda\n\nLas mayúsculas. El secreto se sabe pronto. La lista de palabras se rodea.\n"
)


def sections_of(text: str, *headings: str) -> list[Section]:
    """Each section from its heading to the next one."""
    starts = [text.index(heading) for heading in headings]
    ends = [*starts[1:], len(text)]
    return [
        Section(start, end, (heading,))
        for start, end, heading in zip(starts, ends, headings, strict=True)
    ]


def shortened(material: Material, end: int) -> Material:
    """The material with a passage, and sentences nobody is sure of, that end there."""
    (passage,) = material.passages
    chunk = replace(passage.chunk, end=end, text=passage.chunk.text[:end])
    sentences = [
        replace(sentence, score=0.5) for sentence in material.sentences if sentence.end <= end
    ]
    passages: list[Passage] = [replace(passage, chunk=chunk)]
    return replace(material, passages=passages, sentences=sentences)


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("¿Qué cosas no ayudan como defensa?", "Las mayúsculas."),
        ("¿Qué cosas ayudan como defensa?", "El filtro marca lo dudoso."),
    ],
)
def test_a_question_with_a_not_wants_the_section_whose_heading_says_so(
    question: str, first: str
) -> None:
    sections = sections_of(DEFENCES, "Defensas que ayudan", "Qué no ayuda")
    material = material_of(asked(question, Intent.LIST), DEFENCES, "El filtro", sections)
    material = shortened(material, len(DEFENCES))
    assert evidence_text(material).startswith(first)


def test_the_steps_are_found_in_another_section_of_the_document() -> None:
    text = (
        "El permiso de obra\n\nEl permiso de obra es obligatorio.\n\n"
        "Procedimiento para el permiso\n\n1. Rellene el impreso.\n2. Pague la tasa.\n"
    )
    sections = sections_of(text, "El permiso de obra", "Procedimiento para el permiso")
    question = asked("¿Cómo se obtiene el permiso de obra?", Intent.STEPS)
    material = material_of(question, text, "El permiso de obra es", sections)
    material = shortened(material, text.index("Procedimiento"))
    assert evidence_text(material) == "1. Rellene el impreso.\n2. Pague la tasa. [1]"
    other = asked("¿Cómo se paga la multa de tráfico?", Intent.STEPS)
    assert "Rellene" not in evidence_text(replace(material, question=other))


def test_the_item_that_is_asked_for_goes_before_one_that_speaks_alike() -> None:
    text = (
        "1. Escribir la guía. Responsable: Ana, 12 de mayo.\n"
        "2. Probar la renovación. Responsable: Luis, 20 de mayo.\n"
    )
    material = material_of(asked("¿Quién se ocupa de probar la renovación?"), text, "Responsable")
    assert evidence_text(material) == "2. Probar la renovación. Responsable: Luis, 20 de mayo. [1]"


def test_a_list_of_something_else_gives_way_to_the_sentence_that_says_it() -> None:
    text = (
        "Para pedir una reparación urgente llame al taller.\n\nCómo pedir las vacaciones\n\n"
        "1. Entre en el portal.\n2. Elija las fechas.\n"
    )
    sections = sections_of(text, "Para pedir", "Cómo pedir")
    question = asked("¿Cómo pido una reparación urgente?", Intent.STEPS)
    assert evidence_text(material_of(question, text, "Para", sections)).startswith("Para pedir")


def test_words_of_order_make_steps_of_prose() -> None:
    text = (
        "La revisión sigue siempre el mismo orden. Primero se mira el aceite; después, las ruedas. "
        "Por último se anota. Llueve."
    )
    question = asked("¿En qué orden se hace la revisión?", Intent.STEPS)
    assert evidence_text(material_of(question, text, "Llueve")) == (
        "La revisión sigue siempre el mismo orden. Primero se mira el aceite; después, las ruedas. "
        "Por último se anota. [1]"
    )
    text = "La revisión tiene dos partes. La primera parte es corta y la segunda después cambia."
    material = material_of(question, text, "La revisión")
    assert len(compose(material).pieces) == 1
    assert evidence_text(material).startswith("La revisión tiene dos partes.")


def test_a_table_whose_first_column_has_the_name_of_the_things_lists_them() -> None:
    text = "Aviso\tPlazo\nGrave\t15 minutos\nLeve\t3 días\n"
    question = asked("¿Qué avisos hay?", Intent.LIST)
    assert evidence_text(material_of(question, text, "Leve")).startswith("Grave – Plazo")


def test_a_long_section_shows_the_first_sentence_of_each_paragraph() -> None:
    more = " Y esto se explica con muchas palabras que nadie lee entero." * 5
    text = f"Medidas que ayudan\n\nFiltrar las entradas.{more}\nPedir permiso antes.{more}\n"
    text += f"Guardar una copia.{more}\n"
    question = asked("¿Qué medidas ayudan?", Intent.LIST)
    sections = sections_of(text, "Medidas que ayudan")
    (piece,) = compose(material_of(question, text, "Guardar", sections)).pieces
    assert len(piece.lines) == 3
    assert all(end - start < 90 for start, end in piece.lines)


def test_several_sentences_come_from_one_section() -> None:
    text = "Uno\n\nSe avisa al jefe.\n\nDos\n\nSe avisa al seguro.\n"
    sections = sections_of(text, "Uno", "Dos")
    question = asked("¿Qué hay que hacer si se avisa?", Intent.STEPS)
    material = material_of(question, text, "Se avisa al seguro", sections)
    sentences = [sentence for sentence in material.sentences if sentence.text.endswith(".")]
    assert len(sentences) == 2
    assert evidence_text(replace(material, sentences=sentences)) == "Se avisa al seguro. [1]"


@pytest.mark.parametrize(
    ("question", "sure"), [("¿Cómo se pide una copia?", True), ("¿Cómo se vende la casa?", False)]
)
def test_a_list_that_is_introduced_by_the_question_is_believed(question: str, sure: bool) -> None:
    text = "Así se pide una copia:\n1. Escriba al archivo.\n2. Espere.\n3. Pase a recogerla."
    assert compose(material_of(asked(question, Intent.STEPS), text, "Así")).sure is sure


def test_the_line_above_a_list_says_what_it_is() -> None:
    text = (
        "El taller abre a las nueve.\n\nReclamaciones\n1. Rellene la hoja.\n2. Déjela en caja.\n\n"
        "Visitas\n1. Pida cita.\n2. Traiga casco.\n"
    )
    question = asked("¿Cómo se hacen las reclamaciones?", Intent.STEPS)
    shown = evidence_text(material_of(question, text, "El taller"))
    assert shown.startswith("1. Rellene la hoja.")
