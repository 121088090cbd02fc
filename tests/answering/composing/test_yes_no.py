"""Yes and no are said where a sentence or a cell says them, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answering.composing import Material, compose
from rag.answering.polarity import asks_whether
from rag.schema import Intent
from tests.answering.composing.test_compose import asked
from tests.helpers.answering import evidence_text, material_of


def affirming(material: Material, chance: float | None) -> Material:
    """The material whose best sentence says yes with this probability."""
    best, *others = material.sentences
    return replace(material, sentences=[replace(best, affirms=chance), *others])


@pytest.mark.parametrize(
    ("question", "text", "chance", "expected"),
    [
        ("¿Se indexan las nóminas?", "Las nóminas nunca se indexan.", 0.1, "No."),
        ("¿Se indexan las nóminas?", "Las nóminas se indexan cada noche.", 0.9, "Sí."),
        ("¿Se indexan las nóminas?", "Las nóminas se archivan.", 0.5, ""),
        ("¿Se indexan las nóminas?", "Las nóminas se archivan.", None, ""),
        ("¿Abre la sala a 30 grados?", "La sala abre a 20 grados.", 0.9, ""),
        ("¿Abre la sala de Ruiz?", "La sala de Gil abre siempre.", 0.9, ""),
        ("¿Abre la sala de Ruiz?", "La sala de Gil no abre.", 0.1, ""),
        ("¿Se puede vender el piano de la sala azul?", "El piano se afina.", 0.9, ""),
    ],
)
def test_yes_and_no_are_said_as_surely_as_the_sentence_says_them(
    question: str, text: str, chance: float | None, expected: str
) -> None:
    material = affirming(material_of(asked(question, Intent.YES_NO), text, text), chance)
    assert evidence_text(material) == (f"{expected}\n{text} [1]" if expected else f"{text} [1]")


DENIED = "La sala se pinta cada año. Las nóminas de la sala nunca se indexan."


@pytest.mark.parametrize(
    ("first", "second", "yes", "sure"),
    [
        (None, 0.1, False, True),
        (0.5, 0.1, False, True),
        (0.5, 0.4, None, False),  # leans to no, not enough to be believed whatever the confidence
    ],
)
def test_what_denies_in_so_many_words_is_believed_whatever_the_confidence(
    first: float | None, second: float, yes: bool | None, sure: bool
) -> None:
    material = material_of(asked("¿Se indexan las nóminas?", Intent.YES_NO), DENIED, "La sala se")
    best, denies, *_ = material.sentences
    sentences = [replace(best, affirms=first), replace(denies, affirms=second)]
    composition = compose(replace(material, sentences=sentences))
    assert (composition.yes, composition.sure) == (yes, sure)


def test_a_denial_behind_a_better_sentence_that_says_yes_is_not_taken() -> None:
    text = "Las nóminas se indexan cada noche. Las nóminas nunca se indexan en mayo."
    material = material_of(asked("¿Se indexan las nóminas?", Intent.YES_NO), text, "Las nóminas se")
    best, denies, *_ = material.sentences
    sentences = [replace(best, affirms=0.9), replace(denies, affirms=0.1)]
    assert compose(replace(material, sentences=sentences)).yes is True


def test_a_short_form_of_the_question_is_spelled_in_the_sentence() -> None:
    text = "El Boletín Oficial del Estado no notificó la multa."
    material = material_of(asked("¿Notificó el BOE la multa?", Intent.YES_NO), text, text)
    assert compose(affirming(material, 0.1)).yes is False


def test_the_word_is_in_the_language_of_the_question() -> None:
    question = asked("Is oxygen a fuel?", Intent.YES_NO, "en")
    text = "Oxygen is the oxidant, not the fuel."
    material = affirming(material_of(question, text, text, language="en"), 0.0)
    assert evidence_text(material) == f"No.\n{text} [1]"


def test_another_question_gets_no_word() -> None:
    text = "Las nóminas se indexan cada noche."
    material = material_of(asked("¿Cuándo se indexan las nóminas?", Intent.FACT), text, text)
    assert compose(affirming(material, 0.9)).yes is None


def test_a_cell_that_says_no_answers_a_question_about_its_row() -> None:
    text = "Clase\tEjemplos\t¿Se indexa?\nPúblico\tCatálogos\tSí\nRestringido\tNóminas\tNunca\n"
    question = asked("¿Se indexa lo restringido?", Intent.YES_NO)
    assert evidence_text(material_of(question, text, "Restringido")).startswith(
        "No.\nRestringido – "
    )
    question = asked("¿Se indexa lo público?", Intent.YES_NO)
    assert evidence_text(material_of(question, text, "Público")).startswith("Sí.\nPúblico – ")


def test_a_column_is_asked_for_in_another_form_of_its_word() -> None:
    text = "Objetivo\t¿Cumplido?\nLatencia media\tNo\nUso semanal\tSí\n"
    question = asked("¿Se cumplió el objetivo de latencia?", Intent.YES_NO)
    material = material_of(question, text, "Latencia")
    assert evidence_text(material).startswith("No.\nLatencia media – ")
    assert compose(material).sure, "the row is named, so it is believed whatever the confidence"


def test_a_cell_goes_before_a_sentence_that_tells_what_once_happened() -> None:
    text = "Ayer se indexó una nómina.\nClase\t¿Se indexa?\nNóminas\tNunca\nActas\tSí\n"
    question = asked("¿Se indexan las nóminas?", Intent.YES_NO)
    assert evidence_text(material_of(question, text, "Ayer")).startswith("No.\nNóminas – ")


@pytest.mark.parametrize(
    ("question", "language", "expected"),
    [
        ("¿Se usa el consentimiento como base?", "es", True),
        ("¿Y en junio?", "es", False),
        ("¿Se usa el papel o la tela?", "es", False),
        ("¿A qué hora se abre?", "es", False),
        ("¿Se sabe cuándo se abre?", "es", False),
        ("Did air play a role?", "en", True),
        ("Did air or water play a role?", "en", False),
        ("What did air do?", "en", False),
        ("¿Adónde llevaron el archivo para que no ardiera?", "es", False),
        ("¿En que año abrió el archivo?", "es", False),
        ("¿A que hora abre el archivo?", "es", False),
    ],
)
def test_a_question_without_a_question_word_asks_whether(
    question: str, language: str, expected: bool
) -> None:
    assert asks_whether(asked(question, Intent.TABLE, language)) is expected
