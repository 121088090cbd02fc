"""Yes and no are said where a sentence or a cell says them, and nowhere else."""

from __future__ import annotations

import pytest

from rag.answering.composing import compose
from rag.answering.composing.yes_no import asks_whether
from rag.schema import Intent
from tests.answering.composing.test_compose import asked
from tests.helpers.answering import evidence_text, material_of


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("¿Se indexan las nóminas?", "Las nóminas nunca se indexan.", "No."),
        ("¿Se indexan las nóminas?", "Las nóminas se indexan cada noche.", "Sí."),
        ("¿Estuvo casado Tesla?", "Tesla nunca estuvo casado.", "No."),
        ("¿Abre la sala los lunes?", "La sala abre solo los lunes pares.", ""),
        ("¿Abre la sala los lunes?", "La sala cierra los lunes.", ""),
        ("¿Abre la sala a 30 grados?", "La sala abre a 20 grados.", ""),
        ("¿Abre la sala de Ruiz?", "La sala de Gil abre siempre.", ""),
        ("¿Se puede abrir sin permiso?", "Abrir no necesita permiso.", "Sí."),
        ("¿Se abre la sala?", "La sala se abre cada noche, y no cambia de llave.", "Sí."),
        ("¿Se abre la sala?", "La sala no está pintada, pero se abre cada noche.", "Sí."),
        ("¿Se abre la sala?", "La sala se abre y nunca se vacía.", "Sí."),
        ("¿Se puede vender sin permiso?", "Nadie puede vender sin permiso.", "No."),
        ("¿Son iguales el fallo y el error?", "El fallo y el error no son iguales.", "No."),
        ("¿Son lo mismo fallo y error?", "Fallo y error tampoco son lo mismo.", "No."),
        ("¿Fue el primer vuelo no tripulado?", "Fue el primer vuelo no tripulado.", "Sí."),
        ("¿Incluye la cuota el IVA?", "La cuota va sin IVA.", "No."),
        ("¿Abren todas las salas?", "Abren las salas de arriba.", ""),
        ("¿Se pintan las salas al abrir?", "Las salas no se pintan, solo se barren.", "No."),
        ("¿Se pinta la sala a mano?", "La sala se pinta con o sin luz.", ""),
        ("¿Se puede pintar la sala?", "Queda prohibido pintar la sala.", "No."),
        ("¿Está prohibido pintar la sala?", "Está prohibido pintar la sala.", "Sí."),
        ("¿Se admiten gatos en la sala?", "En la sala los gatos no se admiten.", "No."),
        ("¿Se pagan las multas?", "Las multas no se reembolsan.", ""),
        ("¿Puedo abrir si estoy en la sala?", "En la sala nadie puede abrir.", "No."),
        ("¿Paga la inquilina la luz y el gas?", "La luz y el gas los paga la dueña.", ""),
        ("¿Se abre la sala azul?", "Las demás se abren; la sala azul no.", "No."),
        ("¿Va a abrir la sala?", "La sala abre en mayo.", "Sí."),
        (
            "¿Notificó el BOE la multa?",
            "El Boletín Oficial del Estado no notificó la multa.",
            "No.",
        ),
    ],
)
def test_yes_and_no_are_said_where_the_text_says_them(
    question: str, text: str, expected: str
) -> None:
    shown = evidence_text(material_of(asked(question, Intent.YES_NO), text, text))
    assert shown == (f"{expected}\n{text} [1]" if expected else f"{text} [1]")


def test_a_cell_that_says_no_answers_a_question_about_its_row() -> None:
    text = "Clase\tEjemplos\t¿Se indexa?\nPúblico\tCatálogos\tSí\nRestringido\tNóminas\tNunca\n"
    question = asked("¿Se indexa lo restringido?", Intent.YES_NO)
    assert evidence_text(material_of(question, text, "Restringido")).startswith(
        "No.\nRestringido – "
    )
    question = asked("¿Se indexa lo público?", Intent.YES_NO)
    assert evidence_text(material_of(question, text, "Público")).startswith("Sí.\nPúblico – ")


def test_the_word_is_in_the_language_of_the_question() -> None:
    question = asked("Is oxygen a fuel?", Intent.YES_NO, "en")
    text = "Oxygen is the oxidant, not the fuel."
    assert evidence_text(material_of(question, text, text, language="en")) == f"No.\n{text} [1]"


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


def test_a_sentence_far_behind_does_not_say_yes() -> None:
    filler = " ".join(f"Llueve el día {number}." for number in range(6))
    question = asked("¿Se abre la sala?", Intent.YES_NO)
    material = material_of(question, f"{filler} La sala se abre.", "Llueve el día 0")
    assert compose(material).yes is None


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


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("Are scooters allowed on the bus?", "Scooters are banned on the bus.", "No."),
        ("Can I cancel by phone?", "Cancelling by phone is not accepted.", "No."),
        ("Can guests bring dogs?", "Guests may not bring dogs.", "No."),
    ],
)
def test_what_is_not_allowed_is_denied(question: str, text: str, expected: str) -> None:
    material = material_of(asked(question, Intent.YES_NO, "en"), text, text, language="en")
    assert evidence_text(material) == f"{expected}\n{text} [1]"


def test_a_pronoun_says_what_the_sentence_before_names() -> None:
    text = "Do not cut the bread while it is hot. You can freeze it."
    question = asked("Can I freeze the bread?", Intent.YES_NO, "en")
    shown = evidence_text(material_of(question, text, "You can", language="en"))
    assert shown == "Yes.\nYou can freeze it. [1]"


def test_yes_is_not_read_out_of_what_the_sentence_before_denies() -> None:
    text = "No aprende de las visitas. Sus pesos quedan fijos, y el museo guarda un plano."
    question = asked("¿Aprende el museo de las visitas?", Intent.YES_NO)
    assert compose(material_of(question, text, "Sus pesos")).yes is not True


def test_not_all_of_something_leaves_open_whether_this_is_one() -> None:
    text = "Contrary to what is said, the khan did not conquer all the lands near Japan."
    question = asked("Did the khan conquer Japan?", Intent.YES_NO, "en")
    assert compose(material_of(question, text, "Contrary", language="en")).yes is None
