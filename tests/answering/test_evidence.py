"""Which sentences answer, with coefficients of the test's own: the fitted ones may change."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from rag.answering.calibration import Calibration, load_calibration, log_odds
from rag.answering.evidence import (
    ANSWER_FEATURES,
    COMPARED,
    NEAR,
    READING_FEATURES,
    SENTENCE_FEATURES,
    Evidence,
    EvidenceScorer,
)
from rag.protocols import probability
from rag.retrieval.coverage import CoverageReranker, weighted_terms
from rag.schema import Chunk, Intent, Passage, Question, Signals, WeightedTerms
from rag.text import split_sentences
from tests.helpers.answering import CALIBRATION
from tests.helpers.contracts import RerankerContract
from tests.helpers.fakes import (
    FakeEmbedder,
    FakeQAModel,
    FakeSelector,
    make_passage,
    make_question,
)

TEXT = "El ascensor admite ocho personas. Se revisa cada mes. La garantía dura dos años."


def passage(text: str, start: int = 0, language: str = "es", document: int = 1) -> Passage:
    chunk = Chunk(document, start, start + len(text), text, language=language, headings=("Normas",))
    return Passage(chunk, "Guía", "guia.md", 0.5, Signals(dense=0.25))


def find(asked: Question, *passages: Passage, embedder: FakeEmbedder | None = None) -> Evidence:
    scorer = EvidenceScorer(embedder or FakeEmbedder(), CALIBRATION)
    return scorer.score(asked, passages, lambda _: None)


class TestCoverage(RerankerContract):
    @pytest.fixture
    def reranker(self) -> CoverageReranker:
        return CoverageReranker()

    def test_words_in_one_sentence_beat_words_apart(self, reranker: CoverageReranker) -> None:
        together = make_passage("La garantía dura dos años. Llueve. Truena. Graniza.")
        apart = make_passage("La garantía existe. Llueve. Truena. Todo dura dos años.")
        scores = reranker.rerank(make_question("¿Dura dos años la garantía?"), [apart, together])
        assert 0 < scores[0] < scores[1] <= 1


def test_the_sentence_that_covers_the_question_comes_first() -> None:
    evidence = find(make_question("¿Cuánto dura la garantía?"), passage(TEXT))
    assert evidence.sentences[0].text == "La garantía dura dos años."
    scores = [sentence.score for sentence in evidence.sentences]
    assert scores == sorted(scores, reverse=True)
    assert len(evidence.features) == len(evidence.sentences) == 3
    assert evidence.features[0]["covers"] == 1
    assert set(evidence.features[0]) == {*SENTENCE_FEATURES, NEAR, *READING_FEATURES}


def test_spans_are_addresses_in_the_document() -> None:
    start = TEXT.index("Se revisa")
    evidence = find(make_question("¿Cuánto dura la garantía?"), passage(TEXT[start:], start))
    for sentence in evidence.sentences:
        assert TEXT[sentence.start : sentence.end] == sentence.text


def test_a_sentence_in_two_overlapping_passages_counts_once() -> None:
    start = TEXT.index("Se revisa")
    evidence = find(make_question("¿Se revisa?"), passage(TEXT), passage(TEXT[start:], start))
    assert sorted(sentence.start for sentence in evidence.sentences) == [
        a for a, _ in split_sentences(TEXT)
    ]
    assert {sentence.passage for sentence in evidence.sentences} == {0}
    other = find(make_question("¿Se revisa?"), passage(TEXT), passage(TEXT, document=2))
    assert len(other.sentences) == 6


def test_the_best_few_sentences_are_compared_under_their_headings() -> None:
    embedder = FakeEmbedder()
    scorer = EvidenceScorer(embedder, replace(CALIBRATION, embedder=embedder.fingerprint))
    asked = make_question("¿Cuánto dura la garantía?")
    text = " ".join(f"Esta es la frase número {number}." for number in range(COMPARED + 4))
    evidence = scorer.score(asked, [passage(f"{TEXT} {text}")], lambda _: None)
    assert len(embedder.documents) == COMPARED
    assert all(one.startswith("Guía > Normas\n") for one in embedder.documents)
    vectors = embedder.encode_documents(embedder.documents[:1])
    cosine = float((vectors @ embedder.encode_queries([asked.query])[0])[0])
    assert evidence.signals["near"] == pytest.approx(cosine)
    near = [bool(values[NEAR]) for values in evidence.features]
    assert near == [True] * COMPARED + [False] * (len(near) - COMPARED)


def test_what_is_nearer_comes_first_and_what_was_not_compared_last() -> None:
    embedder = FakeEmbedder()
    alike = {**CALIBRATION.unread["compared"], "covers": 0.0, "right_kind": 0.0, "near": 6.0}
    fitted = Calibration({**CALIBRATION.unread, "compared": alike}, embedder=embedder.fingerprint)
    asked = make_question("¿Cuánto dura la garantía?")
    evidence = EvidenceScorer(embedder, fitted).score(asked, [passage(TEXT)], lambda _: None)
    near = [values[NEAR] for values in evidence.features]
    assert near == sorted(near, reverse=True)
    scores = [sentence.score for sentence in evidence.sentences]
    assert scores == sorted(scores, reverse=True)


def test_a_sentence_has_its_passages_signals() -> None:
    found = Signals(dense=0.8, fused=0.7, relevance=0.6, answerable=0.5)
    first = replace(passage(TEXT), signals=found)
    other = replace(passage("It lasts two years.", language="en", document=2), signals=Signals())
    embedder = FakeEmbedder()
    scorer = EvidenceScorer(embedder, replace(CALIBRATION, embedder=embedder.fingerprint))
    evidence = scorer.score(make_question("¿Cuánto dura?"), [first, other], lambda _: None)
    rows = zip(evidence.sentences, evidence.features, strict=True)
    by_passage = {sentence.passage: values for sentence, values in rows}
    names = ("dense", "fused", "relevant", "answerable", "foreign")
    assert [by_passage[0][name] for name in names] == [0.8, 0.7, 0.6, 0.5, 0]
    assert [by_passage[1][name] for name in names] == [0.8, 0, 0, 0, 1], "not found by its vector"


def test_confidence_grows_with_what_is_covered() -> None:
    questions = ("¿Qué pesa un elefante?", "¿Qué pesa el ascensor?", "¿Qué admite el ascensor?")
    confidences = [
        find(make_question(question), passage(TEXT)).confidence() for question in questions
    ]
    assert all(a < b for a, b in itertools.pairwise(confidences))
    assert 0 < min(confidences) <= max(confidences) < 1


def test_the_signals_say_what_the_confidence_is_made_of() -> None:
    evidence = find(make_question("¿Cuánto dura la garantía?", known=0.5), passage(TEXT))
    assert {*ANSWER_FEATURES} - {"unsaid"} <= set(evidence.signals)
    assert probability(evidence.signals["best"]) == pytest.approx(evidence.sentences[0].score)
    assert evidence.signals["covers"] == 1
    assert evidence.signals["near"] == CALIBRATION.usual_near, "cosines of another embedder"
    assert evidence.signals["explains"] == 0
    assert evidence.signals["foreign"] == 0


def test_no_passages_no_confidence() -> None:
    for passages in ((), (passage(" \n "),)):
        evidence = find(make_question("¿Cuánto dura?"), *passages)
        assert (evidence.sentences, evidence.confidence()) == ((), 0.0)
    assert find(make_question("¿?"), passage(TEXT)).signals["covers"] == 0


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_gets_finite_scores(question: str, text: str) -> None:
    evidence = find(
        make_question(question), passage(text), passage(text, language="en", document=2)
    )
    assert 0 <= evidence.confidence() <= 1
    assert all(0 <= sentence.score <= 1 for sentence in evidence.sentences)
    assert all(
        text[sentence.start : sentence.end] == sentence.text for sentence in evidence.sentences
    )


def test_covered_is_a_share_of_weight() -> None:
    asked = WeightedTerms([("casa", "hous"), ("rojo",)], [3.0, 1.0], 1.0)
    assert asked.covered({"hous"}) == 0.75
    assert asked.covered({"rojo"}) == 0.25
    assert asked.covered({"casa", "hous", "rojo"}) == 1
    assert asked.covered(set()) == 0
    assert WeightedTerms().covered({"casa"}) == 0


def test_rare_words_weigh_more_and_unknown_ones_most() -> None:
    groups = [("casa",), ("ascensor", "elev"), ("zarzaparrilla",)]
    terms = weighted_terms(groups, groups, {"casa": 90, "elev": 5}, 100)
    assert terms.weights[0] < terms.weights[1] < terms.weights[2]
    assert terms.known == pytest.approx(2 / 3)
    assert weighted_terms([], [], {}, 0) == WeightedTerms([], [], 0.0)


def test_a_word_is_as_rare_as_itself_not_as_its_translations() -> None:
    groups, untranslated = [("guerr", "war"), ("paz", "peac")], [("guerr",), ("paz",)]
    terms = weighted_terms(groups, untranslated, {"guerr": 2, "war": 90, "peac": 90}, 100)
    assert terms.weights[0] > terms.weights[1], "but where it does not occur they are all there is"
    assert terms.known == 1


def test_the_fitted_coefficients_name_only_known_features() -> None:
    calibration = load_calibration()
    answers = {"answer", "answer-cross"}
    assert 0 < calibration.short_threshold <= 1
    for read in (False, True):
        models = calibration.models(read)
        assert set(models) == {"sentence", "compared", *answers}
        for name, model in models.items():
            known = {*SENTENCE_FEATURES, *((NEAR,) if name == "compared" else ())}
            features = set(ANSWER_FEATURES) if name.startswith("answer") else known
            assert set(model) <= {"intercept", *features}
            assert "intercept" in model


# --- read passages -------------------------------------------------------------------------------


def read(unread: Passage, answer: str, answerable: float = 0.9) -> Passage:
    """As a reader leaves it that points at these words."""
    start = unread.chunk.start + unread.chunk.text.index(answer)
    signals = replace(unread.signals, relevance=0.8, answerable=answerable, span=0.7)
    return replace(unread, signals=signals, answer_span=(start, start + len(answer)))


def spans_of(evidence: Evidence) -> dict[str, float]:
    rows = zip(evidence.sentences, evidence.features, strict=True)
    return {sentence.text: values["span"] for sentence, values in rows}


def test_the_sentence_a_reader_points_into_comes_first() -> None:
    asked = make_question("¿Cuánto dura la garantía?")
    evidence = find(asked, read(passage(TEXT), "cada mes"))
    assert evidence.sentences[0].text == "Se revisa cada mes."
    assert spans_of(evidence) == {
        "El ascensor admite ocho personas.": 0,
        "Se revisa cada mes.": 0.9,
        "La garantía dura dos años.": 0,
    }
    assert find(asked, passage(TEXT)).sentences[0].text == "La garantía dura dos años."


def test_a_span_over_two_sentences_is_shared_between_them() -> None:
    spans = spans_of(find(make_question("¿Qué?"), read(passage(TEXT), "personas. Se")))
    assert spans["El ascensor admite ocho personas."] == pytest.approx(0.9 * 9 / 12)
    assert spans["Se revisa cada mes."] == pytest.approx(0.9 * 2 / 12)


def test_of_two_readings_of_a_sentence_the_better_counts() -> None:
    start = TEXT.index("Se revisa")
    first = read(passage(TEXT), "ocho personas", 0.2)
    second = read(passage(TEXT[start:], start), "cada mes", 0.9)
    spans = spans_of(find(make_question("¿Qué?"), first, second))
    assert spans["Se revisa cada mes."] == 0.9
    other = read(passage(TEXT, document=2), "ocho personas", 0.9)
    features = find(make_question("¿Qué?"), passage(TEXT), other).features
    # another document's sentences stand at the same offsets
    assert sorted(values["span"] for values in features)[-2:] == [0.0, pytest.approx(0.9)]


def test_the_answers_signals_are_the_best_of_the_passages() -> None:
    asked, plain = make_question("¿Cuánto dura la garantía?"), passage(TEXT)
    weak, sure = (read(plain, "dos años", value) for value in (0.3, 0.9))
    evidence = find(asked, weak, replace(sure, chunk=replace(plain.chunk, document_id=2)))
    assert probability(evidence.signals["answerable"]) == pytest.approx(0.9)
    assert evidence.confidence() > find(asked, weak).confidence()
    assert find(asked, plain).signals["answerable"] == log_odds(0)


def test_without_fitted_models_for_readings_the_others_serve() -> None:
    unread = Calibration(CALIBRATION.unread)
    scorer = EvidenceScorer(FakeEmbedder(), unread)
    asked = make_question("¿Cuánto dura la garantía?")
    plain = scorer.score(asked, [passage(TEXT)], lambda _: None)
    evidence = scorer.score(asked, [read(passage(TEXT), "cada mes")], lambda _: None)
    assert evidence.sentences == plain.sentences
    assert evidence.confidence() == plain.confidence()


def test_no_vectors_are_asked_for_of_another_embedder() -> None:
    embedder = FakeEmbedder()
    asked = make_question("How long?", "en")
    EvidenceScorer(embedder, CALIBRATION).score(asked, [passage(TEXT)], lambda _: None)
    assert embedder.queries == embedder.documents == []


def test_the_selector_compares_the_sentences_of_what_was_read() -> None:
    embedder, selector = FakeEmbedder(), FakeSelector()
    fitted = replace(
        CALIBRATION, embedder="fake:1", usual_near=0.4, selector="selector:1", usual_selected=0.6
    )
    asked = make_question("¿Cuánto dura la garantía?")
    plain, known = passage(TEXT), read(passage(TEXT), "cada mes")
    scorer = EvidenceScorer(embedder, fitted, selector=selector)
    near = scorer.score(asked, [known], lambda _: None).signals["near"]
    assert selector.asked == [asked.query]
    assert len(selector.sentences) == 3
    assert embedder.documents == []
    assert near in selector.cosines(asked.query, selector.sentences)
    without = EvidenceScorer(embedder, fitted).score(asked, [known], lambda _: None)
    assert without.signals["near"] == 0.6, "the models were fitted on the selector"
    scorer.score(asked, [plain], lambda _: None)
    assert len(embedder.documents) == 3, "those of what was not read on the embedder"


def test_a_definition_begins_with_a_sentence_that_names_what_is_defined() -> None:
    embedder = FakeEmbedder()
    alike = {**CALIBRATION.unread["compared"], "covers": -6.0, "near": 0.0}
    fitted = Calibration({**CALIBRATION.unread, "compared": alike}, embedder=embedder.fingerprint)
    asked = replace(make_question("¿Qué es la garantía?"), intent=Intent.DEFINITION)
    scorer = EvidenceScorer(embedder, fitted)
    evidence = scorer.score(asked, [passage(TEXT)], lambda _: None)
    assert evidence.sentences[0].text == "La garantía dura dos años."
    scores = [sentence.score for sentence in evidence.sentences]
    assert scores == sorted(scores, reverse=True)
    free = scorer.score(replace(asked, intent=Intent.FACT), [passage(TEXT)], lambda _: None)
    assert free.sentences[0].text != "La garantía dura dos años."


def test_the_qa_model_reads_the_best_sentences_again_under_their_heading() -> None:
    model = FakeQAModel()
    scorer = EvidenceScorer(FakeEmbedder(), CALIBRATION, model)
    asked = make_question("¿Cuánto dura la garantía?")
    evidence = scorer.score(asked, [passage(TEXT)], lambda _: None)
    assert len(model.texts) == 3
    assert all(text.startswith("Normas\n") for text in model.texts)
    by_text = zip(evidence.sentences, evidence.features, strict=True)
    read = {sentence.text: values["read_answers"] for sentence, values in by_text}
    assert read["La garantía dura dos años."] == max(read.values())


@pytest.mark.parametrize(
    ("named", "first"),
    [
        ("fianz", "La fianza se devuelve."),
        ("garaj", "La renta del piso es alta."),  # nothing names it: all are left
    ],
)
def test_a_fragment_is_answered_by_what_names_the_same(named: str, first: str) -> None:
    whole = replace(make_question("¿Y eso? (renta piso)"), named=frozenset({named}))
    text = "La renta del piso es alta. La fianza se devuelve."
    assert find(whole, passage(text)).sentences[0].text == first


def test_what_an_answer_leaves_unsaid_lowers_the_confidence() -> None:
    models = {**CALIBRATION.unread, "answer": {**CALIBRATION.unread["answer"], "unsaid": -3.0}}
    scorer = EvidenceScorer(FakeEmbedder(), Calibration(models))
    evidence = scorer.score(make_question("¿Cuánto dura?"), [passage(TEXT)], lambda _: None)
    assert evidence.confidence(0.5) < evidence.confidence(0.2) < evidence.confidence()
