"""«More than 50 cents?» is answered by the one figure of that unit, and by no other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answering.composing import compose
from rag.answering.composing.bounds import keeps_bound
from rag.schema import Intent
from tests.answering.composing.test_compose import asked
from tests.helpers.answering import material_of
from tests.helpers.fakes import make_question


@pytest.mark.parametrize(
    ("question", "spoken", "sentence", "expected"),
    [
        ("Does an answer cost more than 50 cents?", "en", "A question costs 39.1 cents.", False),
        ("Does it run on a card under 500 euros?", "en", "It runs on a card for 450 euros.", True),
        ("¿Cuesta menos de 500 euros?", "es", "The card costs €450.", True),
        ("¿Cuesta al menos 450 euros?", "es", "Cuesta 450 euros.", True),
        ("¿Cuesta más de 450 euros?", "es", "Cuesta 450 euros.", False),
        ("¿Tiene más de 20 socios?", "es", "La peña tiene 31 socios y 4 cuadros.", True),
        ("¿Tiene más de 20 socios?", "es", "La peña tiene un socio de honor.", None),
        ("¿Tiene más de 20 socios?", "es", "Tiene 31 cuadros.", None),
        ("¿Tiene más de 20 socios?", "es", "Tuvo 31 socios y hoy 12 socios.", None),
        ("¿Costó más de 50.000 euros?", "es", "Costó 43.150 euros, 4.850 menos.", False),
        ("¿Pesa más de 1,5 kg?", "es", "Pesa 1,028 kg.", False),
        ("¿Cuesta más de 50 céntimos?", "es", "A question costs 39.1 cents.", False),
        ("Did it cost more than $45,000?", "en", "Costó 43.150 dólares.", False),
        ("¿Cuesta dinero?", "es", "Cuesta 450 euros.", None),
    ],
)
def test_a_figure_keeps_a_bound(
    question: str, spoken: str, sentence: str, expected: bool | None
) -> None:
    language = "en" if sentence.split()[0] in ("A", "It", "The") else "es"
    assert keeps_bound(make_question(question, spoken), sentence, language) is expected


@pytest.mark.parametrize(
    ("question", "yes"),
    [
        ("¿Cuesta la entrada más de 5 euros?", True),
        ("¿Cuesta la entrada más de 10 euros?", False),
        ("¿Cuesta la entrada de Ruiz más de 5 euros?", None),
        ("¿Cuesta el aparcamiento cubierto más de 5 euros?", None),
    ],
)
def test_the_word_is_said_where_the_sentence_is_about_the_same(
    question: str, yes: bool | None
) -> None:
    text = "La entrada cuesta 8 euros."
    material = material_of(asked(question, Intent.YES_NO), text, text)
    best = replace(material.sentences[0], affirms=0.5)
    assert compose(replace(material, sentences=[best])).yes is yes
