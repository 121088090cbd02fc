"""New words take the places left unused and begin where their translations lie."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer

from rag.training.rows import Parallel
from rag.training.vocabulary import extend, spanish_words, word_vectors
from tests.helpers.training import WORDS, toy_tokenizer

Floats = NDArray[np.float32]
PAIRS = {"puente": "bridge", "rio": "river", "pueblo": "town", "hogar": "house", "guerra": "war"}


@pytest.fixture(scope="module")
def corpus() -> list[Parallel]:
    """Any three things in a row: only counting tells which word is which."""
    return [
        Parallel(" ".join(PAIRS[es] for es in chosen), " ".join(reversed(chosen)), "toy")
        for chosen in itertools.permutations(PAIRS, 3)
    ]


@pytest.fixture(scope="module")
def extended() -> Tokenizer:
    return extend(toy_tokenizer(), list(PAIRS))


@pytest.fixture(scope="module")
def vectors() -> Floats:
    size = toy_tokenizer().get_vocab_size()
    return np.random.default_rng(1).normal(size=(size, 24)).astype(np.float32)


def test_the_heaviest_words_that_are_cut_up_are_chosen() -> None:
    texts = [("El puente y el río", 1.0), ("the house 1812", 50.0), ("Guerra", 1.0)]
    tokenizer = toy_tokenizer()
    # «the» and «house» are known, «y» is a letter, «1812» is no word
    assert spanish_words(tokenizer, texts, {}, 9) == ["el", "guerra", "puente", "rio"]
    assert spanish_words(tokenizer, texts, {}, 2) == ["el", "guerra"]


def test_what_the_texts_lack_comes_from_the_language_at_large() -> None:
    texts = [("fichero fichero usuario", 1.0)]
    frequencies = {"reina": 0.006, "fichero": 0.002, "the": 0.5, "usuario": 0.001}
    chosen = spanish_words(toy_tokenizer(), texts, frequencies, 3)
    assert chosen == ["fichero", "usuario", "reina"]


def test_unused_places_are_filled_first_and_english_keeps_its_ids(extended: Tokenizer) -> None:
    old, new = toy_tokenizer().get_vocab(), extended.get_vocab()
    unused = [old[f"[unused{i}]"] for i in range(4)]
    assert [new[word] for word in list(PAIRS)[:4]] == unused
    assert new["guerra"] == len(old)
    kept = {token: place for token, place in old.items() if not token.startswith("[unused")}
    assert {token: new[token] for token in kept} == kept
    assert sorted(new.values()) == list(range(len(new)))
    english = "the war in the river town was what"
    assert extended.encode(english).ids == toy_tokenizer().encode(english).ids
    assert extended.encode("Puente").tokens == ["[CLS]", "puente", "[SEP]"]


def test_fewer_words_than_unused_places_is_fine() -> None:
    new = extend(toy_tokenizer(), ["puente"])
    assert new.get_vocab()["puente"] == toy_tokenizer().get_vocab()["[unused0]"]
    assert "[unused1]" not in new.get_vocab()


def test_a_new_word_begins_near_its_translation_and_as_long_as_others(
    extended: Tokenizer,
    corpus: list[Parallel],
    vectors: Floats,
) -> None:
    old, new = toy_tokenizer(), extended.get_vocab()
    table = word_vectors(old, extended, vectors, corpus, {})
    assert table.shape == (len(new), vectors.shape[1])
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    for es, en in PAIRS.items():
        cosines = unit @ table[new[es]]
        assert old.id_to_token(int(cosines.argmax())) == en
    lengths = np.linalg.norm(table[[new[es] for es in PAIRS]], axis=1)
    np.testing.assert_allclose(lengths, np.linalg.norm(vectors, axis=1).mean(), rtol=1e-5)
    english = [old.get_vocab()[word] for word in WORDS]
    np.testing.assert_array_equal(table[english], vectors[english])


def cosine(left: Floats, right: Floats) -> float:
    return float(left @ right / np.linalg.norm(left) / np.linalg.norm(right))


def test_a_word_that_no_sentence_has_begins_as_the_dictionary_says_or_as_its_pieces(
    corpus: list[Parallel], vectors: Floats
) -> None:
    old = toy_tokenizer()
    new = extend(old, [*PAIRS, "mar", "sol"])
    dictionary = {"mar": [("water", 0.9), ("river town", 0.1)]}
    table = word_vectors(old, new, vectors, corpus, dictionary)
    known, places = old.get_vocab(), new.get_vocab()
    told = 0.9 * vectors[known["water"]]
    told = told + 0.1 * (vectors[known["river"]] + vectors[known["town"]]) / 2
    assert cosine(table[places["mar"]], told) == pytest.approx(1, abs=1e-5)
    pieces = vectors[old.encode("sol", add_special_tokens=False).ids].mean(axis=0)
    assert cosine(table[places["sol"]], pieces) == pytest.approx(1, abs=1e-5)


def test_the_dictionary_weighs_little_where_the_text_has_the_word_often(
    extended: Tokenizer, corpus: list[Parallel], vectors: Floats
) -> None:
    known, place = toy_tokenizer().get_vocab(), extended.get_vocab()["puente"]
    dictionary = {"puente": [("what", 1.0)]}
    few, many = (
        word_vectors(toy_tokenizer(), extended, vectors, corpus * times, dictionary)[place]
        for times in (1, 20)
    )
    bridge, what = vectors[known["bridge"]], vectors[known["what"]]
    assert cosine(many, bridge) > cosine(few, bridge) > cosine(few, what) > cosine(many, what)
