"""What sentences say to a question, by the bundled embedder: no word is wrong, most are said."""

from __future__ import annotations

import numpy as np
import pytest

from rag.answering.calibration import load_calibration
from rag.answering.composing.yes_no import SAYS
from rag.answering.polarity import affirmed, leanings
from rag.config import Settings
from rag.factory import make_embedder
from rag.protocols import Embedder
from rag.schema import Intent
from tests.answering.composing.test_compose import asked
from tests.helpers.fakes import FakeEmbedder

DECIDED = [
    ("¿Se admiten bicicletas en el tren?", "En el tren no se admiten bicicletas.", False),
    ("¿Se admiten bicicletas en el tren?", "Se admiten bicicletas en todos los trenes.", True),
    ("¿Pagan entrada los niños?", "Los niños quedan exentos de pagar la entrada.", False),
    ("¿Pagan entrada los niños?", "Los niños pagan la mitad de la entrada.", True),
    ("¿Abre el museo los lunes?", "El museo cierra los lunes.", False),
    ("¿Abre el museo los lunes?", "El museo abre todos los días, también los lunes.", True),
    ("¿Aprobó el pleno el presupuesto?", "El pleno rechazó el presupuesto.", False),
    ("¿Aprobó el pleno el presupuesto?", "El presupuesto se aprobó por mayoría.", True),
    ("Can I bring my own food?", "Food from outside is prohibited.", False),
    ("Can I bring my own food?", "Guests are welcome to bring their own food.", True),
    ("Is the battery included?", "The battery is sold separately.", False),
    ("Is the battery included?", "The box contains the lamp and its battery.", True),
    ("Did the trial succeed?", "The trial failed after two weeks.", False),
    ("Did the trial succeed?", "The trial met all of its goals.", True),
    ("Do members have to renew every year?", "Membership never expires.", False),
    ("Do members have to renew every year?", "Members must renew in January each year.", True),
    ("¿Hay que reservar mesa?", "No hace falta reservar mesa.", False),
    ("¿Hay que reservar mesa?", "Es obligatorio reservar mesa con dos días.", True),
    ("Is smoking allowed on the balcony?", "Nobody may smoke on the balcony.", False),
    ("¿Funciona la caldera con gas?", "La caldera funciona con gas natural.", True),
]


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return make_embedder(Settings())


def test_a_sentence_says_yes_or_no_or_leaves_it_open_and_is_seldom_wrong(
    embedder: Embedder,
) -> None:
    model = load_calibration().polarity
    assert model is not None
    right = wrong = 0
    for question, sentence, yes in DECIDED:
        language = "es" if question.startswith("¿") else "en"
        asking = asked(question, Intent.YES_NO, language)
        (chance,) = affirmed(asking, [sentence], embedder, model)
        if chance >= SAYS or chance <= 1 - SAYS:
            right += (chance >= SAYS) is yes
            wrong += (chance >= SAYS) is not yes
    assert wrong <= 1
    assert right >= 14


def test_what_denies_leans_less_to_yes_than_what_affirms(embedder: Embedder) -> None:
    for question, language, denies, affirms in (
        ("¿Se puede pintar la sala?", "es", "Queda prohibido pintar.", "Todos pueden pintar."),
        ("Does it run on water?", "en", "It needs no water.", "It runs on water."),
    ):
        no, yes = leanings(question, language, [denies, affirms], embedder)
        assert no < yes


def test_each_sentence_has_one_number() -> None:
    leans = leanings("¿Abre?", "es", ["Abre.", "No abre.", "Cierra."], FakeEmbedder())
    assert leans.shape == (3,)
    assert np.isfinite(leans).all()
