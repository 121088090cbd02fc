"""Questions that lean on the chat are told from complete ones, by words alone and by vectors."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.calibration.intents import read
from eval.calibration.leaning import fit
from rag.answering.leaning import Leaning, leaning_features
from rag.models import BundledEmbedder, bundled_folder, load_artefact
from tests.helpers.fakes import FakeEmbedder

ROOT = Path(__file__).parents[2]

LEANS_ES = """
¿Cuánto cuesta eso y dónde se compra?
¿Y cuánto costó?
y en Jaén?
¿Pero quién lo firmó?
Además, ¿qué cubre?
¿Se puede alargar ese plazo?
¿Qué dice de eso?
¿Quién la preside?
¿Por qué?
¿Cuánto?
¿Dónde se guardan?
¿Cuánto duró?
¿Conviene hacerlo antes de mayo?
¿Se gana tiempo usándola?
¿Cuánto cuesta la segunda?
¿Qué ventajas tiene el anterior?
¿Vale para ellos?
¿Qué partida se desvió?
¿En qué año se publicó?
¿Con qué margen?
¿Cuántos candidatos recibe?
¿Quién firma su publicación?
¿Qué dominaba antes?
¿Cuánto se gastó en mayo?
¿Qué partida se desvió en mayo?
¿Cuánto tarda de media?
¿Desde cuándo está en vigor?
"""
LEANS_EN = """
And when is it used and why?
And with 8 bits?
What about Jaén?
Who signed it?
Why?
How much?
How long?
When is it useless?
What does that mean?
Is the latter cheaper?
Do they pay?
So who decides?
What should be used instead?
Which values are usual?
Can such an answer be wrong?
What does the continuous kind do?
"""
STANDS_ES = """
¿Qué es la cuantización y para qué sirve eso?
¿Cuánto dura la garantía?
¿Quién es Carlos Ruiz?
¿Cuánto duró la charla de seguridad?
¿De dónde vienen las perlas?
¿Qué se mide en la segunda fase del piloto?
¿Quién dirige el proyecto Olivo?
¿Cómo se instala el modelo?
¿Cuántas góndolas tiene Venecia?
¿Qué es cuantizar?
¿Qué pide la paridad demográfica?
¿Qué cambió en el plan respecto al anterior?
¿Cómo cuida el museo a sus visitantes?
¿Cuánto se gastó en formación?
¿Qué tipos de sesgo hay?
¿Qué técnicas de cuantización existen?
¿Cuánto se sabe sobre neutrinos?
"""
STANDS_EN = """
What is nucleus sampling and when is it used?
How long is the warranty?
Who is the head of platform?
What is speculative decoding?
Why does a server need memory?
Android phones: which are allowed?
Which edition of the book is current?
How is token F1 computed?
Who stands in for the director when she is away?
Why is it wise to lock the door?
"""


def lines(text: str) -> list[str]:
    return text.strip().splitlines()


@pytest.fixture(scope="module")
def leans() -> Leaning:
    return Leaning(BundledEmbedder(load_artefact(bundled_folder("embedder"))))


@pytest.mark.parametrize("question", lines(LEANS_ES))
def test_leans_in_spanish(question: str, leans: Leaning) -> None:
    assert leans(question, "es")


@pytest.mark.parametrize("question", lines(LEANS_EN))
def test_leans_in_english(question: str, leans: Leaning) -> None:
    assert leans(question, "en")


@pytest.mark.parametrize("question", lines(STANDS_ES))
def test_stands_alone_in_spanish(question: str, leans: Leaning) -> None:
    assert not leans(question, "es")


@pytest.mark.parametrize("question", lines(STANDS_EN))
def test_stands_alone_in_english(question: str, leans: Leaning) -> None:
    assert not leans(question, "en")


def test_another_embedder_leaves_it_to_the_words() -> None:
    assert Leaning(FakeEmbedder())("¿Quién lo preside?", "es")


@pytest.mark.parametrize("language", ["es", "en"])
def test_most_of_what_was_held_out_is_told_right_by_words_alone(language: str) -> None:
    rows = [row for row in read(ROOT / "eval/leaning.jsonl") if row["language"] == language]
    leans, held = Leaning(), [row for row in rows if row["held_out"]]
    assert len(held) > 60
    right = [leans(str(row["question"]), language) == row["leans"] for row in held]
    assert sum(right) / len(right) > 0.8


def test_fitting_learns_from_what_it_is_shown() -> None:
    rows = [
        {"question": f"{word} {number}", "language": "en", "leans": leans}
        for word, leans in (("moreover", True), ("wherefore", False))
        for number in range(3)
    ]
    model = fit(rows, None)
    scores = [
        model.scores(leaning_features(word, "en"), None)[0] for word in ("moreover", "wherefore")
    ]
    assert scores[0] > 0 > scores[1]
