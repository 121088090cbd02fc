"""What a language model is shown of passages: whole sentences around what answers best."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, strategies as st

from rag.answering.excerpts import excerpts
from rag.schema import Passage, Sentence
from tests.helpers.fakes import make_passage

LONG = " ".join(f"La frase número {number} trata de la caldera." for number in range(40))


def at(passage: int, text: str, words: str, shift: int = 0) -> Sentence:
    start = text.index(words) + shift
    return Sentence(passage, start, start + len(words), words)


def passage(text: str, shift: int = 0) -> Passage:
    made = make_passage(text)
    chunk = replace(made.chunk, start=shift, end=shift + len(text))
    return replace(made, chunk=chunk)


def test_a_long_passage_is_cut_to_whole_sentences_around_its_best() -> None:
    best = "La frase número 20 trata de la caldera."
    ((index, shown),) = excerpts([passage(LONG, 100)], [at(0, LONG, best, 100)], 3, 200)
    text = shown.chunk.text
    assert index == 0
    assert best in text
    assert len(text) <= 200
    assert text.startswith("La frase")
    assert text.endswith("caldera.")
    assert "número 21" in text, "what follows is shown rather than what precedes"
    assert LONG[shown.chunk.start - 100 : shown.chunk.end - 100] == text


def test_those_with_the_best_sentences_come_first_and_no_more_than_asked_for() -> None:
    texts = ["Uno dice algo.", "Dos dice más.", "Tres calla."]
    evidence = [at(2, texts[2], texts[2]), at(0, texts[0], texts[0])]
    shown = excerpts([passage(text) for text in texts], evidence, 2, 500)
    assert [index for index, _ in shown] == [2, 0]
    assert [index for index, _ in excerpts([passage(t) for t in texts], [], 3, 500)] == [0, 1, 2]


def test_a_short_passage_stays_whole_and_a_long_sentence_too() -> None:
    short, endless = "Dos años.", "palabra " * 200 + "fin."
    ((_, shown),) = excerpts([passage(short)], [], 1, 500)
    assert shown.chunk.text == short
    ((_, shown),) = excerpts([passage(endless)], [at(0, endless, endless)], 1, 100)
    assert shown.chunk.text == endless


@given(st.text("ab. \n", max_size=200), st.integers(0, 199), st.integers(1, 60))
def test_what_is_shown_is_a_stretch_of_the_passage(text: str, start: int, most: int) -> None:
    sentence = Sentence(0, min(start, len(text)), len(text), "")
    ((_, shown),) = excerpts([passage(text, 7)], [sentence], 1, most)
    chunk = shown.chunk
    assert text[chunk.start - 7 : chunk.end - 7] == chunk.text
