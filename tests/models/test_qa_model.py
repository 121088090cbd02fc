"""The bundled reader's runtime, on a tiny model with random weights: spans, windows, odd inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from rag.models import BundledQAModel, load_artefact
from rag.models.qa_model import ANSWER_TOKENS, NO_SPAN, best_span
from rag.protocols import SpanPrediction
from tests.helpers.contracts import HALF, ReaderContract
from tests.helpers.tiny_models import export_qa_model

PASSAGES = ["El ascensor admite ocho personas.", "La garantía cubre dos años.", "", "ocho"]
ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=400)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> BundledQAModel:
    return BundledQAModel(load_artefact(export_qa_model(tmp_path_factory.mktemp("reader"))))


class TestContract(ReaderContract):
    """On random weights: it need not be right, but whole."""


def same(one: SpanPrediction, other: SpanPrediction) -> bool:
    figures = [(r.relevance, r.answerable, r.score) for r in (one, other)]
    return (one.start, one.end) == (other.start, other.end) and figures[0] == pytest.approx(
        figures[1], abs=1e-4
    )


def test_one_reading_a_passage_whatever_its_company(reader: BundledQAModel) -> None:
    together = reader.read("¿Cuántas personas?", PASSAGES)
    assert len(together) == len(PASSAGES)
    for passage, reading in zip(PASSAGES, together, strict=True):
        assert same(reader.read("¿Cuántas personas?", [passage])[0], reading)
    assert reader.read("¿Cuántas personas?", []) == []


def test_the_span_is_made_of_whole_words_pieces(reader: BundledQAModel) -> None:
    for passage, reading in zip(PASSAGES, reader.read("¿Qué?", PASSAGES), strict=True):
        answer = passage[reading.start : reading.end]
        assert answer == answer.strip()
        assert bool(answer) == bool(passage)
        assert (reading.score == NO_SPAN) == (not passage)


def test_a_span_of_thirty_tokens_at_most(reader: BundledQAModel) -> None:
    (reading,) = reader.read("¿Qué?", ["dos " * 90])
    assert 0 < (reading.end - reading.start + 1) // 4 <= ANSWER_TOKENS


@given(st.lists(st.tuples(st.floats(-9, 9, width=32), st.floats(-9, 9, width=32)), min_size=1))
def test_the_best_span_is_the_best(logits: list[tuple[float, float]]) -> None:
    start, end = (np.array(column, dtype=np.float32) for column in zip(*logits, strict=True))
    first, last, score = best_span(start, end)
    assert 0 <= last - first < ANSWER_TOKENS
    pairs = ((i, j) for i in range(len(end)) for j in range(i, min(i + ANSWER_TOKENS, len(end))))
    assert score == max(float(start[i] + end[j]) for i, j in pairs)


def test_all_windows_of_a_long_passage_are_read(reader: BundledQAModel) -> None:
    seen: list[Sequence[int]] = []
    session: Any = reader._session
    run = session.run_parallel

    def watch(rows: Sequence[Sequence[int]], *rest: Any, **named: Any) -> Any:
        seen.extend(rows)
        return run(rows, *rest, **named)

    words = [f"palabra{i}" for i in range(300)]
    session.run_parallel = watch
    try:
        (reading,) = reader.read("¿Qué dice la garantía?", [" ".join(words)])
    finally:
        session.run_parallel = run
    assert len(seen) > 5
    assert all(len(row) <= session.max_tokens for row in seen)
    tokens = session.tokenize([" ".join(words)])[0].ids
    head = seen[0].index(session.end) + 1
    assert list(seen[0][head:-1]) == tokens[: len(seen[0]) - head - 1]
    assert list(seen[-1][head:-1]) == tokens[-(len(seen[-1]) - head - 1) :]
    assert 0 <= reading.start < reading.end <= len(" ".join(words))


@pytest.mark.parametrize("question", ["", " ", HALF, "¿qué? " * 5000, "a" * 1_000_000])
def test_any_question_is_taken(reader: BundledQAModel, question: str) -> None:
    for reading in reader.read(question, [*PASSAGES, HALF, "dos años " * 100]):
        assert np.isfinite([reading.relevance, reading.answerable, reading.score]).all()


def test_a_passage_of_a_megabyte_without_spaces(reader: BundledQAModel) -> None:
    (reading,) = reader.read("¿Qué?", ["a" * 1_000_000])
    assert (reading.start, reading.end) == (0, 1_000_000)


@settings(max_examples=60)
@given(ANY_TEXT, st.lists(ANY_TEXT, max_size=3))
def test_no_text_breaks_it(reader: BundledQAModel, question: str, passages: list[str]) -> None:
    readings = reader.read(question, passages)
    assert len(readings) == len(passages)
    for passage, reading in zip(passages, readings, strict=True):
        assert 0 <= reading.start <= reading.end <= len(passage)
