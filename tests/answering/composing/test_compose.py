"""One coherent answer by what the question wants, on texts without stored blocks."""

from __future__ import annotations

import pytest

from rag.answering.composing import Piece, compose, distinct
from rag.schema import BlockKind, Intent, Question, Section
from tests.helpers.answering import evidence_text, material_of
from tests.helpers.fakes import make_question

WARRANTY = (
    "La garantía dura dos años. Llueve mucho. El taller la atiende en Jaén.\n"
    "Retiramos el medidor. Lo leían mal y daba sustos. Nadie lo echa de menos."
)
STEPS = (
    "Así se pide una copia:\n1. Escriba al archivo.\n2. Espere **tres** días.\n3. Pase a recogerla."
)
BULLETS = "Requisitos\n\nTraiga los documentos:\n▶ DNI\n▶ Libro de familia\n▶ Certificado de padrón"
TABLE = (
    "Partida\tPresupuesto\tGasto real\n"
    "Formación\t4.000 €\t2.950 €\n"
    "Limpieza de documentos\t5.500 €\t7.200 €\n"
)


def asked(text: str, intent: Intent = Intent.FACT, language: str = "es") -> Question:
    return make_question(text, language, intent=intent)


def test_a_fact_is_its_sentence_alone() -> None:
    material = material_of(asked("¿Cuánto dura la garantía?"), WARRANTY, "La garantía")
    assert evidence_text(material) == "La garantía dura dos años. [1]"


def test_a_sentence_that_points_back_takes_its_subject_along() -> None:
    material = material_of(asked("¿Quién leía mal?"), WARRANTY, "Lo leían")
    assert evidence_text(material) == "Retiramos el medidor. Lo leían mal y daba sustos. [1]"


def test_a_fact_takes_the_next_sentence_only_for_what_is_still_open() -> None:
    material = material_of(asked("¿Cuánto dura la garantía en el taller?"), WARRANTY, "La garantía")
    assert evidence_text(material) == "La garantía dura dos años. [1]", (
        "the next one says nothing of it"
    )
    text = "La garantía dura dos años. Para el taller es de tres meses."
    material = material_of(asked("¿Cuánto dura la garantía del taller?"), text, "La garantía")
    assert evidence_text(material) == f"{text} [1]"


def test_a_name_before_a_sentence_is_its_subject() -> None:
    text = "Calefactor Brasa 200. Potencia de 9.\nCalefactor Brasa 300. Potencia de 1.500 W."
    material = material_of(asked("¿Qué potencia tiene el Brasa 300?"), text, "Potencia de 1.500")
    assert evidence_text(material) == "Calefactor Brasa 300. Potencia de 1.500 W. [1]"


def test_an_answer_does_not_end_with_what_introduces_something_else() -> None:
    text = "Un token es un trozo de texto. Puede ser una sílaba. Los hay de tres clases:\n\nOtra."
    material = material_of(asked("¿Qué es un token?", Intent.DEFINITION), text, "Un token")
    assert evidence_text(material) == "Un token es un trozo de texto. Puede ser una sílaba. [1]"


def test_a_reason_keeps_cause_and_consequence_together() -> None:
    question = asked("¿Por qué se retiró el medidor?", Intent.REASON)
    expected = "Retiramos el medidor. Lo leían mal y daba sustos. Nadie lo echa de menos. [1]"
    assert evidence_text(material_of(question, WARRANTY, "Retiramos")) == expected
    text = "Se retiró el medidor porque daba sustos. Llueve."
    assert evidence_text(material_of(question, text, "Se retiró")) == (
        "Se retiró el medidor porque daba sustos. [1]"
    )


def test_a_reason_is_looked_for_in_the_next_two_sentences_only() -> None:
    text = "Se retiró el medidor en mayo. Uno. Dos. Tres. Cuatro."
    question = asked("¿Por qué se retiró el medidor?", Intent.REASON)
    assert evidence_text(material_of(question, text, "Se retiró")) == (
        "Se retiró el medidor en mayo. Uno. Dos. [1]"
    )


def test_a_definition_goes_on_with_what_follows_it() -> None:
    question = asked("¿Qué es un token?", Intent.DEFINITION)
    text = "Licencia libre.\nUn token es un trozo de texto. Puede ser una sílaba.\nOtra cosa."
    assert evidence_text(material_of(question, text, "Un token")) == (
        "Un token es un trozo de texto. Puede ser una sílaba. [1]"
    )


@pytest.mark.parametrize("best", ["Así se pide", "Espere", "2. Espere"])
def test_steps_are_the_whole_list_with_its_lead_in(best: str) -> None:
    question = asked("¿Cómo se pide una copia?", Intent.STEPS)
    assert evidence_text(material_of(question, STEPS, best)) == (
        "Así se pide una copia:\n1. Escriba al archivo.\n2. Espere tres días.\n"
        "3. Pase a recogerla. [1]"
    )


def test_a_lead_in_never_stands_alone() -> None:
    material = material_of(asked("¿Qué documentos se traen?"), BULLETS, "Traiga")
    assert evidence_text(material) == (
        "Traiga los documentos:\n• DNI\n• Libro de familia\n• Certificado de padrón [1]"
    )


def test_a_section_whose_heading_is_the_question_answers_with_its_paragraphs() -> None:
    text = "Qué no funciona\n\nLas mayúsculas no ayudan.\n\nLa lista de palabras tampoco.\n\nFin"
    sections = [
        Section(0, text.index("Fin"), ("Qué no funciona",)),
        Section(text.index("Fin"), len(text), ("Fin",)),
    ]
    question = asked("¿Qué cosas no funcionan?", Intent.LIST)
    shown = evidence_text(material_of(question, text, "La lista", sections))
    assert shown == "Las mayúsculas no ayudan. [1]\nLa lista de palabras tampoco. [2]"


def test_a_row_says_the_names_of_its_columns() -> None:
    question = asked("¿Cuánto se gastó en limpieza de documentos?")
    assert evidence_text(material_of(question, TABLE, "Limpieza")) == (
        "Limpieza de documentos – Presupuesto: 5.500 €; Gasto real: 7.200 € [1]"
    )


def test_a_row_that_the_question_names_goes_before_prose_that_says_less_of_it() -> None:
    text = f"Todo ha costado menos de lo presupuestado en total.\n{TABLE}"
    question = asked("¿Cuál era el presupuesto de formación?", Intent.TABLE)
    assert evidence_text(material_of(question, text, "Todo")).startswith("Formación – ")
    other = asked("¿Qué ha costado menos de lo presupuestado?")
    assert evidence_text(material_of(other, text, "Todo")).startswith("Todo ha costado")


def test_the_column_whose_whole_name_is_asked_for_is_meant() -> None:
    text = "Área\tMinutos por documento, antes\tAhora\nCalidad\t9\t3\nCompras\t8\t4\n"
    question = asked("¿Cuántos minutos por documento tarda ahora Calidad?", Intent.TABLE)
    (piece,) = compose(material_of(question, text, "Calidad")).pieces
    assert piece.asked == 2


def test_a_comparison_gives_both_rows_or_both_columns() -> None:
    rows = asked("Compara formación y limpieza de documentos", Intent.COMPARISON)
    assert evidence_text(material_of(rows, TABLE, "Formación")).count("Presupuesto:") == 2
    columns = asked("Compara el presupuesto y el gasto real", Intent.COMPARISON)
    assert evidence_text(material_of(columns, TABLE, "Formación")).count("[") == 2


def test_a_comparison_in_prose_cites_a_sentence_for_each_side() -> None:
    text = "La intrínseca contradice el texto.\nAl mediodía se come.\nLa extrínseca añade algo."
    question = asked("¿Qué diferencia hay entre intrínseca y extrínseca?", Intent.COMPARISON)
    assert evidence_text(material_of(question, text, "La intrínseca")) == (
        "La intrínseca contradice el texto. [1]\nLa extrínseca añade algo. [2]"
    )


def test_the_side_of_a_comparison_speaks_like_the_other_one() -> None:
    text = (
        "La intrínseca contradice textos.\nUn caso de extrínseca se vio ayer en mayo.\n"
        "La extrínseca añade textos."
    )
    question = asked("¿Qué diferencia hay entre intrínseca y extrínseca?", Intent.COMPARISON)
    shown = evidence_text(material_of(question, text, "La intrínseca"))
    assert shown == "La intrínseca contradice textos. [1]\nLa extrínseca añade textos. [2]"


def test_the_sentence_that_gives_a_reason_goes_before_one_that_only_scores_higher() -> None:
    text = "El daño suele ser pequeño.\nUn aviso indirecto es peor, porque llega de otro."
    question = asked("¿Por qué es peor un aviso indirecto?", Intent.REASON)
    assert evidence_text(material_of(question, text, "El daño")) == (
        "Un aviso indirecto es peor, porque llega de otro. [1]"
    )
    table = f"Aviso\tPeor\nIndirecto\tsí\n\n{text}"
    assert evidence_text(material_of(question, table, "Indirecto")).startswith("Un aviso")


def test_without_sentences_there_is_nothing_to_say() -> None:
    material = material_of(asked("¿Qué?"), "", "")
    assert evidence_text(material) == ""


def test_a_piece_that_lies_in_one_before_it_is_left_out() -> None:
    whole, part = Piece(0, (0, 90)), Piece(0, (10, 50))
    elsewhere, longer = Piece(1, (10, 50)), Piece(0, (40, 120))
    assert distinct([whole, part, whole, elsewhere]) == (whole, elsewhere)
    assert distinct([part, elsewhere, whole]) == (whole, elsewhere), "the longer one stands for it"
    assert distinct([part, elsewhere, longer]) == (Piece(0, (10, 120)), elsewhere)
    row = Piece(0, (40, 120), BlockKind.ROW)
    assert distinct([whole, row]) == (whole, row), "a row is no part of a sentence"


def test_entries_that_open_with_what_is_asked_for_are_all_of_them() -> None:
    text = (
        "Calefactor Brasa 100. Potencia de 750 W.\nLas ventas suben. Calefactor en oferta.\n"
        "Calefactor Brasa 200. Potencia de 9 W.\nSolo el Calefactor Brasa 300 no.\n"
    )
    question = asked("¿Qué calefactores hay?", Intent.LIST)
    composed = compose(material_of(question, text, "Las ventas"))
    assert [text[slice(*piece.span)][:20] for piece in composed.pieces] == [
        "Calefactor Brasa 100",
        "Calefactor Brasa 200",
    ]
