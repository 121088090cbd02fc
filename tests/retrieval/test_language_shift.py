"""A question's vector is moved so that passages in the other language are not crowded out."""

from __future__ import annotations

import numpy as np
import pytest

from eval.calibration.languages import fit
from rag.config import Settings
from rag.factory import make_embedder
from rag.protocols import Vectors
from rag.retrieval.language_shift import SHIFT, LanguageShift, load_shift

PAIRS = [
    ("El ascensor admite ocho personas.", "The lift carries eight people."),
    ("La garantía del horno dura dos años.", "The warranty of the oven lasts two years."),
    ("El tren sale a las nueve de la mañana.", "The train leaves at nine in the morning."),
    ("Las abejas bailan para señalar las flores.", "Bees dance to point out the flowers."),
    ("El presupuesto se aprobó en marzo.", "The budget was approved in March."),
    ("No se admiten perros en la piscina.", "Dogs are not allowed in the pool."),
]


def made() -> tuple[LanguageShift, dict[str, Vectors]]:
    """A shift over vectors whose languages differ along one axis, and the means of both."""
    means = {
        "es": np.array([0.8, 0.6, 0.0], np.float32),
        "en": np.array([0.8, 0.0, 0.6], np.float32),
    }
    fitted = fit(means)
    direction = np.array(fitted["direction"], np.float32)
    return LanguageShift(direction, fitted["means"], "made:1"), means  # type: ignore[arg-type]


@pytest.mark.parametrize(("own", "other"), [("es", "en"), ("en", "es")])
def test_the_other_language_gains_and_the_own_one_stays(own: str, other: str) -> None:
    shift, means = made()
    question = np.array([0.6, 0.5, 0.5], np.float32)
    vector, gain = shift.moved(question, own)
    assert vector @ means[own] - gain == pytest.approx(question @ means[own], abs=1e-3)
    assert vector @ means[other] - gain == pytest.approx(question @ means[other] + SHIFT, abs=1e-3)
    assert vector.dtype == np.float32


def test_only_the_embedder_it_was_fitted_on_and_its_languages_are_moved() -> None:
    shift, _ = made()
    assert shift.knows("made:1:exact", "es")
    assert not shift.knows("other:1", "es")
    assert not shift.knows("made:1", "fr")


def test_sentences_of_both_languages_lie_apart_as_it_was_fitted() -> None:
    shift, embedder = load_shift(), make_embedder(Settings())
    assert shift.knows(embedder.fingerprint, "es")
    spanish, english = (
        embedder.encode_documents(list(texts)) for texts in zip(*PAIRS, strict=True)
    )
    apart = (english @ shift.direction).mean() - (spanish @ shift.direction).mean()
    assert apart > 0.4, "of the 1 between the means of paragraphs"


def test_a_translation_is_nearer_than_another_sentence_of_the_own_language() -> None:
    shift, embedder = load_shift(), make_embedder(Settings())
    spanish, english = (
        embedder.encode_documents(list(texts)) for texts in zip(*PAIRS, strict=True)
    )
    questions = embedder.encode_queries([es for es, _ in PAIRS])
    wrong = {"as it is": 0, "moved": 0}
    for index, question in enumerate(questions):
        others = np.delete(spanish, index, axis=0)
        moved, _ = shift.moved(question, "es")
        for name, vector in (("as it is", question), ("moved", moved)):
            wrong[name] += int((others @ vector).max() > english[index] @ vector)
    assert wrong["moved"] <= wrong["as it is"]
    assert wrong["moved"] == 0
