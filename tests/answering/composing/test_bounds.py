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
    ("question", "language", "sentence", "expected"),
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
        ("¿Cuesta más de 2 euros?", "es", "Cuesta 1.028 euros.", None),  # or one and a bit
        ("¿Cuesta dinero?", "es", "Cuesta 450 euros.", None),
    ],
)
def test_a_figure_keeps_a_bound(
    question: str, language: str, sentence: str, expected: bool | None
) -> None:
    assert keeps_bound(make_question(question, language), sentence) is expected


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
