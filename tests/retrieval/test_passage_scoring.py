"""What of a passage is read, and where the reader's words stand in the document."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, strategies as st

from rag.protocols import SpanPrediction
from rag.retrieval.passage_scoring import QAPassageScorer, best_window, with_prediction
from rag.schema import Chunk, Passage, Signals
from tests.helpers.fakes import FakeQAModel, make_question

START = 1000  # of the chunk in its document
LONG = " ".join(
    [f"La regla número {n} habla de otra cosa." for n in range(12)]
    + ["La garantía del ascensor dura dos años.", "Cubre también las piezas."]
    + [f"El anexo {n} trata de lo demás." for n in range(12)]
)


def passage(text: str, start: int = START) -> Passage:
    chunk = Chunk(1, start, start + len(text), text, language="es")
    return Passage(chunk, "Guía", "guia.md", 0.5, Signals(dense=0.25))


def scorer_of(window: int = 200) -> tuple[QAPassageScorer, FakeQAModel]:
    model = FakeQAModel()
    return QAPassageScorer(model, window), model


def test_of_a_long_passage_the_part_that_covers_the_question_is_read() -> None:
    scorer, model = scorer_of()
    (verdict,) = scorer.predict(
        make_question("¿Cuánto dura la garantía del ascensor?"), [passage(LONG)]
    )
    (text,) = model.texts
    assert len(text) <= 200
    assert "La garantía del ascensor dura dos años. Cubre" in text
    assert text[0].isupper()
    assert text.endswith(".")
    words = LONG[verdict.start - START : verdict.end - START]
    assert words in text
    (alone,) = model.read("¿Cuánto dura la garantía del ascensor?", [text])
    assert words == text[alone.start : alone.end]


def test_a_short_passage_is_read_whole() -> None:
    scorer, model = scorer_of()
    scorer.predict(make_question("¿Qué?"), [passage(" Una línea.\n\nOtra línea. ")])
    assert model.texts == [" Una línea.\n\nOtra línea. "]


def test_a_sentence_longer_than_the_window_is_cut_at_a_space() -> None:
    scorer, model = scorer_of(50)
    scorer.predict(make_question("¿Qué?"), [passage("palabra " * 40), passage("a" * 300)])
    assert model.texts[0] == ("palabra " * 6).strip()
    assert model.texts[1] == "a" * 50


@pytest.mark.parametrize(("piece", "whole"), [("os añ", "dos años"), ("dos", "dos"), (".", ".")])
def test_pieces_of_words_become_words(piece: str, whole: str) -> None:
    text = "Dura dos años."

    class Piecemeal(FakeQAModel):
        def read(self, question: str, texts: Sequence[str], /) -> list[SpanPrediction]:
            start = texts[0].index(piece)
            return [SpanPrediction(0.0, 0.0, start, start + len(piece), 0.0)]

    scorer = QAPassageScorer(Piecemeal(), 200)
    (verdict,) = scorer.predict(make_question("¿?"), [passage(text)])
    assert text[verdict.start - START : verdict.end - START] == whole


def test_no_passages_are_not_read() -> None:
    scorer, model = scorer_of()
    assert scorer.predict(make_question("¿Qué?"), []) == []
    assert model.texts == []


def test_the_window_grows_towards_what_covers_more() -> None:
    spans = [(0, 10), (11, 20), (21, 30), (31, 40)]
    assert best_window(spans, [0, 3, 9, 1], 10) == (21, 30)
    assert best_window(spans, [0, 3, 9, 1], 20) == (11, 30)
    assert best_window(spans, [0, 1, 9, 1], 20) == (21, 40)
    assert best_window(spans, [9, 0, 0, 0], 99) == (0, 40)
    assert best_window([], [], 10) == (0, 0)
    assert best_window([(5, 90)], [0.0], 10) == (5, 90)


@given(st.lists(st.tuples(st.integers(1, 60), st.floats(0, 1)), min_size=1), st.integers(1, 200))
def test_the_window_holds_the_best_and_keeps_the_limit(
    rows: list[tuple[int, float]], limit: int
) -> None:
    spans, at = [], 0
    for length, _ in rows:
        spans.append((at, at + length))
        at += length + 1
    covered = [value for _, value in rows]
    start, end = best_window(spans, covered, limit)
    best = spans[covered.index(max(covered))]
    assert start <= best[0] < best[1] <= end
    assert end - start <= max(limit, best[1] - best[0])
    assert start in {a for a, _ in spans}
    assert end in {b for _, b in spans}


@given(st.text(max_size=300), st.integers(1, 80))
def test_spans_are_addresses_in_the_document(text: str, window: int) -> None:
    scorer, model = scorer_of(window)
    (verdict,) = scorer.predict(make_question("¿Cuánto dura la garantía?"), [passage(text)])
    assert START <= verdict.start <= verdict.end <= START + len(text)
    (alone,) = FakeQAModel().read("¿Cuánto dura la garantía?", model.texts)
    assert (
        text[verdict.start - START : verdict.end - START] == model.texts[0][alone.start : alone.end]
    )


def test_a_verdict_becomes_signals_and_a_span() -> None:
    plain = passage("Dura dos años.")
    read = with_prediction(plain, SpanPrediction(0.0, 2.0, START + 5, START + 13, -2.0))
    assert read.answer_span == (START + 5, START + 13)
    assert read.signals.dense == 0.25
    assert read.signals.relevance == 0.5
    assert read.signals.answerable == pytest.approx(0.881, abs=1e-3)
    assert read.signals.span == pytest.approx(0.119, abs=1e-3)
    assert with_prediction(plain, SpanPrediction(0.0, 0.0, START, START, 0.0)).answer_span is None


def test_huge_logits_are_probabilities_too() -> None:
    signals = with_prediction(passage("Dura."), SpanPrediction(1e4, -1e4, 0, 0, -1e4)).signals
    assert signals.relevance == pytest.approx(1)
    assert signals.answerable is not None
    assert 0 < signals.answerable < 1e-9
