"""Answers stay marked through the translator; what it loses or cannot do is said."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from rag.errors import RagError, UsageError
from rag.training.rows import Pair, Question
from rag.training.translation import translatable, translate
from tests.helpers.training import fake_apertium

CONTEXT = "Marie won the Nobel Prize & more in 1911, they say."
ROWS = [
    Question("who won", CONTEXT, "Marie", 0, "en", "qed-nq"),
    Question("what did she win?", CONTEXT, "the Nobel Prize", 10, "en", "qed-nq"),
    Question("when", CONTEXT, "1911", 36, "en", "qed-nq"),
    Question("is it <so>", CONTEXT, None, -1, "en", "boolq"),
]
WORDS = 'for en, es in [("won", "ganó"), ("the Nobel Prize", "el Nobel"), ("in ", "en ")]:\n'
SPANISH = WORDS + "    text = text.replace(en, es)"


@pytest.fixture
def apertium(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = fake_apertium(tmp_path / "bin", sys.executable, SPANISH)
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.mark.usefixtures("apertium")
def test_rows_in_spanish_with_their_answers_where_they_stand(tmp_path: Path) -> None:
    translated = translate(ROWS, tmp_path / "cache.html")
    rows = [row for row in translated if row]
    assert len(rows) == len(ROWS)
    assert [row.question for row in rows] == ["¿Who ganó?", "¿What did she win?", "¿When?",
                                              "¿Is it <so>?"]  # fmt: skip
    assert [row.answer for row in rows] == ["Marie", "el Nobel", "1911", None]
    for row in rows:
        assert row.language == "es"
        assert row.source.endswith("-mt")
        assert row.context == "Marie ganó el Nobel & more en 1911, they say."
        if row.answer is not None:
            assert row.context[row.start : row.start + len(row.answer)] == row.answer


@pytest.mark.parametrize(
    "work",
    [
        'text = text.replace("<b>Marie</b>", "Marie", 1)',
        'text = text.replace("<b>Marie</b>", "<b></b> Marie", 1)',
    ],
)
def test_a_row_whose_mark_is_lost_is_none_and_the_others_stay_in_place(
    tmp_path: Path, apertium: Path, work: str
) -> None:
    fake_apertium(apertium, sys.executable, work)
    translated = translate(ROWS, tmp_path / "cache.html")
    assert [row and row.answer for row in translated] == [None, "the Nobel Prize", "1911", None]
    assert translated[0] is None
    assert translated[3] is not None


def test_a_cache_is_used_without_apertium_and_only_for_its_own_rows(
    tmp_path: Path, apertium: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache.html"
    first = translate(ROWS, cache)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert translate(ROWS, cache) == first
    with pytest.raises(UsageError, match="apertium is not installed"):
        translate(ROWS[:2], cache)
    monkeypatch.setenv("PATH", str(apertium))
    assert translate(ROWS[:2], cache) == first[:2]


def test_without_apertium_it_says_how_to_do_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="apertium") as caught:
        translate(ROWS, tmp_path / "cache.html")
    assert "--no-translate" in caught.value.next_command


def test_what_apertium_says_when_it_fails_is_told_and_nothing_is_cached(
    tmp_path: Path, apertium: Path
) -> None:
    cache = tmp_path / "cache.html"
    fake_apertium(apertium, sys.executable, 'sys.exit("mode eng-spa does not exist")')
    with pytest.raises(RagError, match="mode eng-spa does not exist"):
        translate(ROWS, cache)
    assert not cache.exists()


def test_paragraphs_that_are_lost_are_no_silent_shift(tmp_path: Path, apertium: Path) -> None:
    fake_apertium(apertium, sys.executable, 'text = text.replace("<p>Who", "Who", 1)')
    with pytest.raises(RagError, match="7 paragraphs for 8"):
        translate(ROWS, tmp_path / "cache.html")


def test_search_questions_and_yes_no_pairs_are_worth_translating() -> None:
    questions = [ROWS[0], Question("q", "c", "c", 0, "en", "qamr")]
    pairs = [Pair("is it", "it is", "boolq/en"), Pair("es", "es", "glossary/es")]
    assert translatable(questions, pairs) == [
        ROWS[0],
        Question("is it", "it is", None, -1, "en", "boolq"),
    ]
