"""The embedder that ships: its vocabulary, and that its vectors are those of the model it is."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from eval.benchmarks.quality import exact
from rag.models import BundledEmbedder, BundledSelector, bundled_folder, load_artefact

DATA = Path(__file__).parents[1] / "data"
NEAR = 0.997
"""Cosine of the first sixteen numbers of eight bits a weight to those of the float model. Where
the prefix is another one it is .94 at most."""

LETTERS = {
    "es": "áéíóúüñ¿¡ªº«»",
    "fr": "àâæçèéêëîïôœùûüÿ",
    "pt": "ãáâàçéêíõóôú",
    "it": "àèéìíîòóùú",
    "de": "äöüß",
    "ca": "àçèéíïòóúü·",
    "el": "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώ",
    "digits": "0123456789²³½¼¾",
    "signs": "%&/()=+-*×÷<>≤≥≠≈±∞√∑∏∫∂∆∇∈∩∪⊂∀∃∧∨→←↔⇒°€£$¥§©®™µΩ",
    "quotes": "“”‘’„…–—•",
}


@pytest.fixture(scope="module")
def embedder() -> BundledEmbedder:
    return BundledEmbedder(load_artefact(bundled_folder("embedder")))


def tokens(embedder: BundledEmbedder, text: str) -> list[str]:
    return list(embedder._session.tokenize_with_offsets([text])[0].tokens)


@pytest.mark.parametrize("letters", LETTERS.values(), ids=LETTERS.keys())
def test_no_letter_digit_or_sign_is_unknown(embedder: BundledEmbedder, letters: str) -> None:
    for letter in {*letters, *letters.upper()}:
        assert "[UNK]" not in tokens(embedder, f"a{letter}a {letter}"), letter


def test_accents_and_case_are_seen(embedder: BundledEmbedder) -> None:
    for one, other in (("año", "ano"), ("Rosa", "rosa"), ("papá", "papa"), ("esta", "está")):
        assert tokens(embedder, one) != tokens(embedder, other)


def test_a_special_token_in_a_document_is_plain_text(embedder: BundledEmbedder) -> None:
    special = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "<mask>", "<s>", "</s>"}
    for token in special:
        assert not special & set(tokens(embedder, f"fin {token} inicio"))


def test_token_ids_are_the_stored_ones(embedder: BundledEmbedder) -> None:
    stored = json.loads((DATA / "exact.json").read_text("utf-8"))["ids"]
    assert embedder._ids(exact.TEXTS) == stored


def test_vectors_are_those_of_the_float_model_with_its_prefixes(embedder: BundledEmbedder) -> None:
    encoders = {"query: ": embedder.encode_queries, "passage: ": embedder.encode_documents}
    found, wanted = list[np.ndarray](), list[list[float]]()
    for row in json.loads((DATA / "multilingual-e5-small.json").read_text("utf-8")):
        for prefix, encode in encoders.items():
            if row["text"].startswith(prefix):
                found.append(encode([row["text"].removeprefix(prefix)])[0][:16])
                wanted.append(row["vector"])
    rows, stored = np.array(found), np.array(wanted)
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(stored, axis=1)
    cosines = (rows * stored).sum(axis=1) / lengths
    assert len(cosines) == 4
    assert cosines.min() >= NEAR, cosines


def test_the_selector_takes_a_question_with_its_sentences() -> None:
    artefact = load_artefact(bundled_folder("selector"))
    asked = "¿Cuánto dura la garantía del ascensor?"
    sentences = [
        "El mantenimiento se paga por adelantado.",
        "La garantía del ascensor dura dos años desde su puesta en marcha.",
        "Cada mes se revisan los frenos.",
    ]
    selector, apart = BundledSelector(artefact), BundledEmbedder(artefact)
    cosines = selector.cosines(asked, sentences)
    expected = apart.encode_documents(sentences) @ apart.encode_queries([asked])[0]
    assert cosines == pytest.approx(expected, abs=0.01)
    assert cosines.argmax() == 1
    assert selector.cosines(asked, []).shape == (0,)
