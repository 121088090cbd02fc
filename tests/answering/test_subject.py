"""A question's subject, and how far a sentence with its surroundings is about it."""

from __future__ import annotations

import pytest

from rag.answering.question_subject import subject_of
from rag.answering.subject_binding import binding, names_another
from rag.schema import Subject


def subject(question: str, language: str = "es", *, known: bool = True) -> Subject:
    return subject_of(question, language, lambda terms: known)


def test_what_a_question_is_about() -> None:
    found = subject("¿Cuántos euros pagó Ana Ruiz por el M-20 el 5/5/2025 y en 2024?")
    assert found.names == ("Ana Ruiz",)
    assert found.codes == ("m20",)
    assert found.dates == ("2025-05-05",)
    assert found.years == (2024,)
    assert found.units == ("eur",)
    assert not found.negated
    assert subject("¿Qué no cubre?").negated


@pytest.mark.parametrize(
    ("question", "codes"),
    [
        ("¿Qué capital tiene la póliza 9999?", ("poliza 9999",)),
        ("¿Qué potencia tiene el Brasa 500?", ("brasa 500",)),
        ("¿Qué dice el artículo n.º 14?", ("articulo 14",)),
        ("¿Qué dice la cláusula 3.2?", ("clausula 3.2",)),
        ("¿Qué pasó en 1973?", ()),
        ("¿Qué pasó desde 1950, en abril 12?", ()),
        ("¿Quién debe 9999 euros?", ()),
        ("¿Qué finca debe 1234,56 euros?", ()),
        ("¿Cuántos caben en 500?", ()),
    ],
)
def test_a_number_that_names_a_thing(question: str, codes: tuple[str, ...]) -> None:
    assert subject(question).codes == codes


def test_an_identifier_that_is_nowhere() -> None:
    assert subject("¿Qué es el M-7?", known=False).absent == ("M-7",)
    assert subject("¿Y la póliza 9999?", known=False).absent == ("poliza 9999",)
    assert subject("¿Y la póliza 9999?").absent == ()


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        ("¿Qué par lleva el M-20?", "El motor M-20 lleva 80 Nm.", 1),
        ("¿Qué par lleva el M20?", "El motor M-20 lleva 80 Nm.", 1),
        ("¿Qué par lleva el M-20?", "El motor M-200 lleva 210 Nm.", 0),
        ("¿Qué capital tiene la póliza 1045?", "Póliza: 1045; Capital: 60.000 €", 1),
        ("¿Qué capital tiene la póliza 1045?", "Póliza: 10450; Capital: 75.000 €", 0),
        ("¿Qué pasó el 5 de mayo de 2025?", "Fecha: 2025-05-05; Acto: Feria", 1),
        ("¿Qué pasó el 5 de mayo de 2025?", "Fecha: 2025-05-15; Acto: Romería", 0),
        ("¿Dónde nació Nikola Tesla?", "Tesla nació en Smiljan.", 1),
        ("¿Dónde nació Nikola Tesla?", "Edison nació en Milan.", 0),
        ("¿Dónde nació Ana Ruiz?", "Ana Gómez nació en Jaén.", 0),
        ("¿Dónde nació Nikola Tesla?", "Tesla nació lejos de Edison Park.", 1),
        ("¿Cuánto debe la finca La Vega?", "La finca El Soto debe 12 €.", 0),
        ("¿Cuánto debe la finca La Vega?", "La finca La Vega debe 12 €.", 1),
        ("¿Cuánto mide La Vega Alta?", "La Vega Baja mide 12 m.", 0),
        ("¿Qué dice la cláusula 3.2?", "3.2. La cuota se abona en mayo.", 1),
        ("¿Qué dice la cláusula 3.2?", "3.21. La cuota se abona en junio.", 0),
        ("¿Qué se vendió en 2023?", "En 2022 se vendió trigo.", 0.3),
        ("¿Qué se vendió en 2023?", "Se vendió trigo.", 1),
        ("¿Qué cubre?", "Las piezas.", 1),
    ],
)
def test_a_sentence_binds(question: str, sentence: str, expected: float) -> None:
    assert binding(subject(question), "es", sentence) == pytest.approx(expected)


def test_another_code_in_the_sentence_outweighs_what_stands_before_it() -> None:
    asked = subject("¿Qué par lleva el M-20?")
    other, before = "El motor M-200 lleva 210 Nm.", "El motor M-20 lleva 80 Nm."
    assert binding(asked, "es", other, before=before) == 0
    assert binding(asked, "es", "Pesa 3 kg.", before=before) == 1
    assert names_another(asked, "es", other)
    assert not names_another(asked, "es", "Pesa 3 kg, como el B-7.")
    assert names_another(subject("¿Qué es el Brasa 500?"), "es", "El Brasa 300 es negro.")
    assert names_another(subject("¿Qué hubo el 5/5/2025?"), "es", "El 2025-05-15 hubo feria.")


@pytest.mark.parametrize(
    ("sentence", "another"),
    [
        ("Milutin Tesla murió en 1879.", True),
        ("Tesla murió en 1943.", False),
        ("El ingeniero Tesla murió en 1943.", False),
        ("President Tesla died in 1943.", False),
        ("Milutin Tesla, padre de Nikola, murió en 1879.", False),
        ("Murió en Nueva York.", False),
    ],
)
def test_a_namesake_of_who_the_title_names_is_another(sentence: str, another: bool) -> None:
    asked = subject("¿Cuándo murió Tesla?")
    assert names_another(asked, "es", sentence, "Nikola Tesla > Vida") is another
    assert not names_another(asked, "es", sentence, "Inventores > Vida")


def test_title_headings_and_the_sentence_before_bind_too() -> None:
    asked = subject("¿Dónde nació Nikola Tesla?")
    assert binding(asked, "es", "Nació en Smiljan.", header="Nikola Tesla > Vida") == 1
    assert binding(asked, "es", "Nació en Smiljan.", before="Tesla fue inventor.") == 1
    assert binding(asked, "es", "Nació en Smiljan.") == 0
    article = subject("¿Qué establece el artículo 2?")
    assert binding(article, "es", "Se reúne en mayo.", header="Estatutos\n2. De los órganos") == 1
    code = subject("¿Qué par lleva el M-20?")
    assert binding(code, "es", "Lleva 80 Nm.", header="Motor M-20") == 1
