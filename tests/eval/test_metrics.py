"""The formulas of the evaluation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from eval import metrics

words = st.text(alphabet="abcdeáñü 12.,-", max_size=30)
share = st.floats(0, 1)


# ---------------------------------------------------------------- answers


@pytest.mark.parametrize(
    ("prediction", "gold", "language"),
    [
        ("The Eiffel Tower.", "eiffel tower", "en"),
        ("«La Torre Eiffel»", "torre eiffel", "es"),
        ("¿Unas 40 personas?", "40 personas", "es"),
        ("1939–1945", "1939-1945", "es"),
        ("AÑO 2017", "año 2017", "es"),
        ("an\u0303o", "año", "es"),  # decomposed ñ
        ("ﬁnal report", "final report", "en"),
        ("Москва", "москва", "ru"),
        ("1.000 €", "1.000 €", "es"),
    ],
)
def test_exact_match_forgives_form(prediction: str, gold: str, language: str) -> None:
    assert metrics.exact_match(prediction, [gold], language) == 1.0


@pytest.mark.parametrize(
    ("prediction", "gold", "language"),
    [
        ("ano", "año", "es"),  # another word
        ("the casa", "casa", "es"),  # articles go by language
        ("del río", "río", "es"),  # a preposition stays
        ("10 €", "10", "es"),
        ("", "x", "en"),
    ],
)
def test_exact_match_keeps_meaning(prediction: str, gold: str, language: str) -> None:
    assert metrics.exact_match(prediction, [gold], language) == 0.0


def test_a_text_of_articles_only_keeps_them() -> None:
    assert metrics.answer_tokens("A", "en") == ["a"]
    assert metrics.exact_match("A", ["The"], "en") == 0.0


def test_f1_is_of_the_best_gold() -> None:
    assert metrics.f1("en la ciudad de Sevilla", ["Madrid", "Sevilla"], "es") == pytest.approx(0.4)
    assert metrics.f1("x", [], "es") == 0.0


@settings(deadline=None)
@given(words, words, st.sampled_from(["es", "en", "fr"]))
def test_f1_is_symmetric_and_bounded(one: str, other: str, language: str) -> None:
    value = metrics.f1(one, [other], language)
    assert 0.0 <= value <= 1.0
    assert value == metrics.f1(other, [one], language)
    assert metrics.f1(one, [one], language) == 1.0
    assert metrics.exact_match(one, [other], language) <= value


# ---------------------------------------------------------------- quotes


def test_contains_wants_whole_words() -> None:
    assert metrics.contains("Costó  43.150\nEUROS en total", "43.150 euros")
    assert metrics.contains("el índice (HNSW)", "hnsw")
    assert not metrics.contains("in 2012", "12")
    assert not metrics.contains("anything", "  ")


def test_overlap_survives_page_layout() -> None:
    quote = "La indemnización por despido es de treinta y tres días"
    page = "...\nLa indem-\nnización por despido es\nde treinta y tres días por año"
    assert metrics.overlap(page, quote) == 1.0
    assert (
        metrics.overlap("Share of rota | 30% of the allowance", "Share of rota 30% of the") == 1.0
    )


def test_overlap_ignores_scattered_words() -> None:
    assert metrics.overlap("la casa es de un color", "el precio de la obra es alto") == 0.0
    assert metrics.overlap("", "x") == 0.0
    assert not metrics.bears_on("otra cosa muy distinta", "el coste anual previsto")


@settings(deadline=None)
@given(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=20))
def test_a_text_overlaps_itself_and_what_holds_it(tokens: list[str]) -> None:
    quote = " ".join(tokens)
    assert metrics.overlap(quote, quote) == 1.0
    assert metrics.overlap(f"zz zz {quote} zz", quote) == 1.0


# ---------------------------------------------------------------- rankings


def test_ranking_by_hand() -> None:
    found = metrics.ranking(["x", "a", "y", "b"], {"a": 1, "b": 1})
    assert found["recall@1"] == 0.0
    assert found["recall@5"] == 1.0
    assert found["mrr"] == 0.5
    gain = 1 / math.log2(3) + 1 / math.log2(5)
    assert found["ndcg@10"] == pytest.approx(gain / (1 + 1 / math.log2(3)))


@settings(deadline=None)
@given(st.integers(1, 5), st.integers(0, 8))
def test_a_perfect_ranking_scores_one(relevant: int, others: int) -> None:
    names = [f"r{i}" for i in range(relevant)]
    found = metrics.ranking([*names, *(f"n{i}" for i in range(others))], dict.fromkeys(names, 1))
    assert found["mrr"] == found["ndcg@10"] == found["recall@10"] == 1.0
    assert found["recall@1"] == pytest.approx(1 / relevant)


def test_nothing_found_scores_zero() -> None:
    assert set(metrics.ranking([], {"a": 1}).values()) == {0.0}
    assert set(metrics.ranking(["x"], {"a": 1}).values()) == {0.0}


# ---------------------------------------------------------------- abstention


def test_abstention_curve_by_hand() -> None:
    threshold, precision, recall = metrics.abstention_curve(
        [0.9, 0.1, 0.4, 0.4], [False, True, True, False]
    )
    assert threshold.tolist() == [0.1, 0.4, 0.9]  # equal confidences are withheld together
    assert precision.tolist() == pytest.approx([1.0, 2 / 3, 0.5])
    assert recall.tolist() == [0.5, 1.0, 1.0]


@settings(deadline=None)
@given(st.lists(st.tuples(share, st.booleans()), min_size=1))
def test_abstention_recall_rises_to_one(rows: list[tuple[float, bool]]) -> None:
    confidence, truth = zip(*rows, strict=True)
    threshold, precision, recall = metrics.abstention_curve(confidence, truth)
    assert np.all(np.diff(recall) >= 0)
    assert np.all(np.diff(threshold) > 0)
    assert np.all((precision >= 0) & (precision <= 1))
    assert recall[-1] == float(any(truth))


def test_coverage_curve_answers_the_surest_first() -> None:
    coverage, quality = metrics.coverage_curve([0.2, 0.9], [0.0, 1.0])
    assert coverage.tolist() == [0.5, 1.0]
    assert quality.tolist() == [1.0, 0.5]


@settings(deadline=None)
@given(st.lists(st.tuples(share, share), min_size=1))
def test_reliability_bins_hold_every_answer(rows: list[tuple[float, float]]) -> None:
    confidence, right = zip(*rows, strict=True)
    points = metrics.reliability(confidence, right)
    assert sum(count for _, _, count in points) == len(rows)
    stated = [point[0] for point in points]
    assert stated == sorted(stated)


# ---------------------------------------------------------------- intervals


@settings(deadline=None)
@given(st.lists(st.none() | share, min_size=1, max_size=12))
def test_the_interval_contains_the_mean(values: list[float | None]) -> None:
    known = [value for value in values if value is not None]
    estimate = metrics.bootstrap(values)
    if not known:
        assert estimate is None
        return
    assert estimate is not None
    assert estimate.low <= estimate.value <= estimate.high
    assert estimate.value == pytest.approx(sum(known) / len(known))
    assert estimate.count == len(known)
    assert min(known) - 1e-12 <= estimate.low
    assert estimate.high <= max(known) + 1e-12


def test_the_interval_is_repeatable_and_narrows() -> None:
    few, many = metrics.bootstrap([0.0, 1.0] * 10), metrics.bootstrap([0.0, 1.0] * 200)
    assert few == metrics.bootstrap([0.0, 1.0] * 10)
    assert few is not None
    assert many is not None
    assert many.high - many.low < few.high - few.low


def test_paired_difference_is_sharper_than_the_parts() -> None:
    random = np.random.default_rng(1)
    base = random.random(100)
    better = metrics.bootstrap((base + 0.1).tolist(), base.tolist())
    assert better is not None
    assert better.value == pytest.approx(0.1)
    assert better.low > 0.09
    assert metrics.bootstrap([0.5], [None]) is None


@settings(deadline=None)
@given(st.lists(share, min_size=1, max_size=20), st.floats(0, 100))
def test_percentile_is_that_of_numpy(values: list[float], q: float) -> None:
    found = metrics.percentile(q)(np.array([*values, math.nan]))
    assert float(found) == pytest.approx(float(np.percentile(values, q)))


def test_percentile_estimate() -> None:
    estimate = metrics.bootstrap([1.0, 2.0, 3.0, None], statistic=metrics.percentile(50))
    assert estimate is not None
    assert estimate.value == 2.0
    assert metrics.bootstrap([], statistic=metrics.percentile(50)) is None


def test_a_row_under_the_names_of_its_columns_shows_the_printed_one() -> None:
    row = "Clase: Fichas de cata; Palabras: 9.300; Tokens por palabra (inglés): 2,24"
    printed = "Fichas de cata 9.300 2,24"
    assert metrics.bears_on(f"Clase: Actas; Palabras: 48.700\n{row}", printed)
    assert not metrics.bears_on(row.replace("2,24", "1,62"), "9.300 | 2,24")
    assert not metrics.bears_on("9.300 palabras.\nY 2,24 tokens.", "9.300 2,24")
