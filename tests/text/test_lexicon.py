"""The table of translations: how it is learnt, read, and used for a question's words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag.errors import UsageError
from rag.text import fold, lexicon, query_terms, stem, translations
from rag.training.alignment import translation_table
from rag.training.lexicon import learn, train_lexicon
from rag.training.rows import Parallel

PAIRS = {"perro": "dog", "gato": "cat", "río": "river", "puente": "bridge", "garantía": "warranty"}
VERBS = {"cruza": "crosses", "busca": "seeks", "tapa": "covers"}


@pytest.fixture
def rows() -> list[Parallel]:
    return [
        Parallel(f"The {PAIRS[a]} {VERBS[verb]} the {PAIRS[b]}.", f"El {a} {verb} el {b}.", "toy")
        for a in PAIRS
        for b in PAIRS
        for verb in VERBS
        if a != b
    ]


def test_words_are_translated_by_what_they_stand_beside() -> None:
    draw = np.random.default_rng(0)
    sentences = [[int(word) + 1 for word in draw.choice(8, 3, replace=False)] for _ in range(200)]
    table = translation_table(
        [(sentence, [word + 10 for word in sentence]) for sentence in sentences]
    )
    for word in range(1, 9):
        of_word = table.source == word
        assert table.target[of_word][table.chance[of_word].argmax()] == word + 10
        assert table.chance[of_word].sum() == pytest.approx(1)
        assert table.chance[of_word].max() > 0.6
    assert table.seen.sum() == pytest.approx(600), "each target word came from somewhere"


def test_stems_of_both_languages_are_paired(rows: list[Parallel]) -> None:
    pairs = dict(learn(rows))
    for es, en in (PAIRS | VERBS).items():
        assert pairs[stem(fold(es), "es")] == stem(en, "en")


def test_a_word_that_is_the_same_in_both_needs_no_line() -> None:
    rows = [Parallel(f"the radio {n}", f"la radio {n}", "toy") for n in ("works", "breaks")]
    assert all(es != en for es, en in learn(rows * 5))


def test_without_the_parallel_text_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"parallel\.en-es"):
        train_lexicon(tmp_path, tmp_path / "out.tsv")
    assert not (tmp_path / "out.tsv").exists()


@pytest.mark.parametrize(
    ("word", "language", "translation"),
    [
        ("guerra", "es", "war"),
        ("ciudades", "es", "cities"),
        ("error", "es", "mistake"),
        ("warranty", "en", "garantía"),
        ("quién", "es", None),
        ("Zaragoza", "es", None),
    ],
)
def test_the_table_that_ships(word: str, language: str, translation: str | None) -> None:
    other = "en" if language == "es" else "es"
    found = translations(stem(fold(word), language), language)
    assert len(found) <= lexicon.MOST
    if translation is None:
        assert not found
    else:
        assert stem(fold(translation), other) in found


def test_a_question_is_searched_by_its_translations_too() -> None:
    (group,) = query_terms("¿Qué guerra?", "es")
    assert group[0] == "guerr"
    assert "war" in group
    groups = query_terms("ARB-77", "es")
    assert [group[0] for group in groups] == ["arb-77", "arb", "77"]
    assert {term for group in groups for term in group[1:]} == {"arb77", "arb 77"}
