"""Which sentences answer, with coefficients of the test's own: the fitted ones may change."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.evidence import (
    CoverageReranker,
    Evidence,
    EvidenceFinder,
    Query,
    defines,
    holds_kind,
    load_calibration,
    query_weights,
)
from rag.evidence.finder import ANSWER_FEATURES, SENTENCE_FEATURES
from rag.languages import query_terms, sentences, terms
from rag.schema import Chunk, Passage
from tests.answering import CALIBRATION
from tests.contracts import RerankerContract
from tests.fakes import FakeEmbedder, make_passage

TEXT = "El ascensor admite ocho personas. Se revisa cada mes. La garantía dura dos años."


def passage(text: str, start: int = 0, language: str = "es", document: int = 1) -> Passage:
    chunk = Chunk(document, start, start + len(text), text, language=language, headings=("Normas",))
    return Passage(chunk, "Guía", "guia.md", 0.5, {"dense": 0.25})


def query(text: str, language: str = "es", known: float = 1.0) -> Query:
    groups = query_terms(text, language)
    return Query(text, language, groups, [1.0] * len(groups), known)


def find(asked: Query, *passages: Passage, embedder: FakeEmbedder | None = None) -> Evidence:
    finder = EvidenceFinder(sentences, terms, embedder or FakeEmbedder(), CALIBRATION)
    return finder.find(asked, passages)


class TestCoverage(RerankerContract):
    @pytest.fixture
    def reranker(self) -> CoverageReranker:
        return CoverageReranker(query, sentences, terms)

    def test_words_in_one_sentence_beat_words_apart(self, reranker: CoverageReranker) -> None:
        together = make_passage("La garantía dura dos años. Llueve. Truena. Graniza.")
        apart = make_passage("La garantía existe. Llueve. Truena. Todo dura dos años.")
        scores = reranker.rerank("¿Dura dos años la garantía?", [apart, together])
        assert 0 < scores[0] < scores[1] <= 1


def test_the_sentence_that_covers_the_question_comes_first() -> None:
    evidence = find(query("¿Cuánto dura la garantía?"), passage(TEXT))
    assert evidence.sentences[0].text == "La garantía dura dos años."
    scores = [each.score for each in evidence.sentences]
    assert scores == sorted(scores, reverse=True)
    assert len(evidence.features) == len(evidence.sentences) == 3
    assert evidence.features[0]["covers"] == 1
    assert set(evidence.features[0]) == set(SENTENCE_FEATURES)


def test_spans_are_addresses_in_the_document() -> None:
    start = TEXT.index("Se revisa")
    evidence = find(query("¿Cuánto dura la garantía?"), passage(TEXT[start:], start))
    for sentence in evidence.sentences:
        assert TEXT[sentence.start : sentence.end] == sentence.text


def test_a_sentence_in_two_overlapping_passages_counts_once() -> None:
    start = TEXT.index("Se revisa")
    evidence = find(query("¿Se revisa?"), passage(TEXT), passage(TEXT[start:], start))
    assert sorted(each.start for each in evidence.sentences) == [a for a, _ in sentences(TEXT)]
    assert {each.passage for each in evidence.sentences} == {0}
    other = find(query("¿Se revisa?"), passage(TEXT), passage(TEXT, document=2))
    assert len(other.sentences) == 6


def test_vectors_are_asked_only_across_languages() -> None:
    embedder = FakeEmbedder()
    asked = query("How long is the warranty?", "en")
    find(asked, passage("The warranty lasts two years.", language="en"), embedder=embedder)
    assert embedder.queries == embedder.documents == []
    evidence = find(
        asked,
        passage("The warranty lasts two years.", language="en"),
        passage(TEXT, language="es", document=2),
        embedder=embedder,
    )
    assert embedder.queries == [asked.text]
    assert embedder.documents == [TEXT[a:b] for a, b in sentences(TEXT)]
    near = {
        each.text: v["near"] for each, v in zip(evidence.sentences, evidence.features, strict=True)
    }
    assert near["The warranty lasts two years."] == 0
    assert all(near[text] != 0 for text in embedder.documents)


def test_confidence_grows_with_what_is_covered() -> None:
    questions = ("¿Qué pesa un elefante?", "¿Qué pesa el ascensor?", "¿Qué admite el ascensor?")
    confidences = [find(query(each), passage(TEXT)).confidence for each in questions]
    assert all(a < b for a, b in itertools.pairwise(confidences))
    assert 0 < min(confidences) <= max(confidences) < 1


def test_the_signals_say_what_the_confidence_is_made_of() -> None:
    evidence = find(query("¿Cuánto dura la garantía?", known=0.5), passage(TEXT))
    assert set(ANSWER_FEATURES) <= set(evidence.signals)
    assert evidence.signals["best"] == evidence.sentences[0].score
    assert evidence.signals["dense"] == 0.25
    assert evidence.signals["known"] == 0.5
    assert evidence.signals["foreign"] == 0


def test_no_passages_no_confidence() -> None:
    for passages in ((), (passage(" \n "),)):
        evidence = find(query("¿Cuánto dura?"), *passages)
        assert (evidence.sentences, evidence.confidence) == ((), 0.0)
    assert find(query("¿?"), passage(TEXT)).signals["covers"] == 0


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_gets_finite_scores(question: str, text: str) -> None:
    evidence = find(query(question), passage(text), passage(text, language="en", document=2))
    assert 0 <= evidence.confidence <= 1
    assert all(0 <= each.score <= 1 for each in evidence.sentences)
    assert all(text[each.start : each.end] == each.text for each in evidence.sentences)


def test_covered_is_a_share_of_weight() -> None:
    asked = Query("", "es", [("casa", "hous"), ("rojo",)], [3.0, 1.0], 1.0)
    assert asked.covered({"hous"}) == 0.75
    assert asked.covered({"rojo"}) == 0.25
    assert asked.covered({"casa", "hous", "rojo"}) == 1
    assert asked.covered(set()) == 0
    assert Query("", "es", [], [], 0.0).covered({"casa"}) == 0


def test_rare_words_weigh_more_and_unknown_ones_most() -> None:
    groups = [("casa",), ("ascensor", "elev"), ("zarzaparrilla",)]
    weights, known = query_weights(groups, {"casa": 90, "elev": 5}, 100)
    assert weights[0] < weights[1] < weights[2]
    assert known == pytest.approx(2 / 3)
    assert query_weights([], {}, 0) == ([], 0.0)


@pytest.mark.parametrize(
    ("question", "holder", "other"),
    [
        ("¿Cuándo empezó?", "Empezó en 2017.", "Empezó tarde."),
        ("¿En qué siglo nació?", "Nació en el siglo XIX.", "Nació lejos."),
        ("When did it start?", "It started in 2017.", "It started late."),
        ("¿Cuántas personas caben?", "Caben ocho personas.", "Caben todas."),
        ("How many fit?", "Eight fit, or 8.", "All of them fit."),
        ("¿Quién lo firma?", "Lo firma Marta.", "Lo firma el director."),
        ("Who signs it?", "It is signed by Marta.", "Nobody signs it."),
    ],
)
def test_the_kind_of_thing_asked_for(question: str, holder: str, other: str) -> None:
    assert holds_kind(question, holder)
    assert not holds_kind(question, other)


def test_a_question_of_no_kind_takes_anything() -> None:
    assert holds_kind("¿Qué cubre la garantía?", "Las piezas.")


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        ("¿Qué es LoRA?", "LoRA es un método de ajuste.", True),
        ("¿Qué son las alucinaciones?", "Las alucinaciones son frases falsas.", True),
        ("What is speculative decoding?", "Speculative decoding is a trick.", True),
        ("What does LoRA mean?", "LoRA means low-rank adaptation.", True),
        ("¿Qué es LoRA?", "Se usó LoRA el martes.", False),
        ("¿Cuándo se usa LoRA?", "LoRA es un método.", False),
        ("¿Qué es lo que se hizo con LoRA en Jaén el martes?", "LoRA es un método.", False),
    ],
)
def test_definitions(question: str, sentence: str, expected: bool) -> None:
    assert defines(question, sentence) is expected


@given(st.text(max_size=20))
def test_a_topic_is_never_a_pattern(topic: str) -> None:
    assert defines(f"¿Qué es {topic}?", f"Nada de {topic}") is False


def test_the_fitted_coefficients_name_only_known_features() -> None:
    calibration = load_calibration()
    answers = {"answer", "answer-es", "answer-en", "answer-cross"}
    assert set(calibration) == {"same", "cross", *answers}
    for name, model in calibration.items():
        features = ANSWER_FEATURES if name.startswith("answer") else SENTENCE_FEATURES
        assert set(model) <= {"intercept", *features}
        assert "intercept" in model
