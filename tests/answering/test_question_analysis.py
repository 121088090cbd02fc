"""A question read against a library: its words, those spelt otherwise, and what is nowhere."""

from __future__ import annotations

import pytest

from rag.answering import QuestionAnalyzer
from rag.schema import Turn
from rag.storage import Store
from tests.helpers.fakes import make_entry


@pytest.fixture
def analyzer(store: Store) -> QuestionAnalyzer:
    store.add(make_entry("/d/uno.md", ["almaz digital vapor", "m-20 m 20 motor"]))
    return QuestionAnalyzer(store, "es")


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("¿Qué es lo dijital?", "digital"),
        ("¿Quién inventó el bapor?", "vapor"),
    ],
)
def test_a_misspelt_word_is_met_by_the_librarys_own(
    analyzer: QuestionAnalyzer, question: str, word: str
) -> None:
    asked = analyzer.analyze(question)
    assert any(word in group for group in asked.terms.groups)
    assert word in asked.query  # the QA model reads it too
    assert asked.text == question


def test_a_misspelt_question_word_asks(analyzer: QuestionAnalyzer) -> None:
    asked = analyzer.analyze("kien usa el vapor")
    assert (asked.query, asked.answer_type) == ("¿Quien usa el vapor?", "name")


def test_a_name_is_not_taken_for_another(analyzer: QuestionAnalyzer) -> None:
    assert "Vapar" in analyzer.analyze("¿Quién dirige Vapar?").query
    assert "Vapor" in analyzer.analyze("¿Quién dirige Bapor?").query  # sounds the same


@pytest.mark.parametrize(
    "question", ["¿Qué es el vaho?", "¿Qué es el motor?", "¿Qué es X-21?", "¿Qué es un napor?"]
)
def test_another_word_is_left_alone(analyzer: QuestionAnalyzer, question: str) -> None:
    members = {term for group in analyzer.analyze(question).terms.groups for term in group}
    assert not members & {"vapor", "almaz", "m-20"}


def test_a_claim_is_held_to_its_own_spelling(analyzer: QuestionAnalyzer) -> None:
    _, terms = analyzer.claim_terms("Una almasara.")
    assert all("almaz" not in group for group in terms.groups)


def test_a_code_that_is_nowhere(analyzer: QuestionAnalyzer) -> None:
    assert analyzer.analyze("¿Qué par lleva el M-20?").subject.absent == ()
    assert analyzer.analyze("¿Qué par lleva el M20?").subject.absent == ()
    assert analyzer.analyze("¿Qué par lleva el M-200?").subject.absent == ("M-200",)


def test_parts_have_terms_and_intents_of_their_own(analyzer: QuestionAnalyzer) -> None:
    first, second = analyzer.analyze("¿Qué es un motor y por qué vibra?").parts
    assert (first.intent, second.intent) == ("definition", "reason")
    assert second.standalone == "¿Por qué vibra? (motor)"
    assert second.terms.groups


def test_a_fragment_wants_what_was_wanted_before(analyzer: QuestionAnalyzer) -> None:
    asked = analyzer.analyze(
        "¿Y el vapor?", standalone="¿Y el vapor? (motor)", before="¿Por qué vibra el motor?"
    )
    assert asked.follow_up
    assert asked.intent == "reason"


def test_a_text_without_a_language_is_in_that_of_the_chat(analyzer: QuestionAnalyzer) -> None:
    assert analyzer.language("ok") == "es"
    assert analyzer.language("ok", [Turn("How long is the warranty?", "Two years.")]) == "en"


def test_vocabulary_follows_the_library(analyzer: QuestionAnalyzer, store: Store) -> None:
    assert store.keywords.similar("quillas") is None
    store.add(make_entry("/d/dos.md", ["quilla"]))
    assert store.keywords.similar("quillas") == "quilla"
