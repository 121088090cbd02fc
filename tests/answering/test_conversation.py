"""Small talk gets a short human reply, and questions about the library are answered from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rag.answering.conversation import plausible, small_talk
from rag.answering.library_questions import about_the_library
from rag.answering.question_intent import intents_of
from rag.schema import BlockKind, Intent, Turn
from rag.storage import Store
from rag.text import normalize_query
from rag.text.conversation import CONVERSATION
from tests.answering.test_answer import Desk
from tests.helpers.answering import FakeAnalyzer
from tests.helpers.fakes import make_entry, make_question


def asked(text: str, language: str = "es", intent: Intent | None = None):  # type: ignore[no-untyped-def]
    question = make_question(text, language)
    return replace(question, intent=intent or intents_of(normalize_query(text), language)[0])


@pytest.mark.parametrize(
    ("text", "language", "says"),
    [
        ("hola", "es", "Hola"),
        ("Buenas tardes", "es", "Hola"),
        ("muchas gracias", "es", "De nada"),
        ("¿Quién eres?", "es", "Fuente"),
        ("¿Estás seguro?", "es", "copiada de tus documentos"),
        ("adiós", "es", "pronto"),
        ("good morning", "en", "Good morning"),
        ("thanks a lot", "en", "welcome"),
        ("who are you?", "en", "Fuente"),
        ("are you sure?", "en", "copied from your documents"),
        ("cuéntame un chiste", "es", "solo leo tus documentos"),
        ("Eres muy lento", "es", "otras palabras"),
        ("what can you do?", "en", "sentence and the page"),
        ("that was wrong", "en", "other words"),
        ("hello", "es", "Hello"),  # in its own words, whatever the language of the settings
    ],
)
def test_small_talk(text: str, language: str, says: str) -> None:
    assert says in (small_talk(asked(text, language)) or "")


@pytest.mark.parametrize(
    "text",
    [
        "¿Quién firmó el contrato?",
        "horario de la biblioteca en agosto",
        "¿Es seguro el producto Galerna para los niños de la casa?",
        "gracias a quién se construyó el puente de la villa en el siglo pasado",
    ],
)
def test_a_question_about_the_documents_is_no_small_talk(text: str) -> None:
    assert small_talk(asked(text)) is None


def test_small_talk_needs_no_evidence_and_leans_on_nothing() -> None:
    desk = Desk()
    history = [Turn("¿Cuánto dura la garantía?", "Dos años.")]
    answer = desk.answerer.ask("¿Estás seguro?", history).answer
    assert answer.found
    assert answer.question.standalone == "¿Estás seguro?"
    assert [block.kind for block in answer.blocks] == [BlockKind.REPLY]
    assert not answer.citations
    assert not desk.searches


@pytest.fixture
def filled(store: Store) -> Store:
    store.add(make_entry("/d/barcos.md", ["los barcos de vela", "un barco tiene quilla"]))
    store.add(make_entry("/d/trenes.pdf", ["el tren de vapor", "las vías"]))
    return store


@pytest.mark.parametrize(
    ("text", "language", "says", "silent"),
    [
        ("¿Cuántos documentos hay?", "es", "2 documentos", "barcos"),
        ("How many documents are there?", "en", "2 documents", "barcos"),
        ("¿Qué documentos tratan de vela?", "es", "barcos.md", "trenes"),
        ("¿Hay algún documento sobre la vela?", "es", "barcos.md", "trenes"),
        ("¿Cuáles son los documentos que hay?", "es", "trenes.pdf", "ningún"),
        ("Which documents are in English?", "en", "No document", "barcos"),
        ("¿Tienes algo sobre submarinos?", "es", "ningún documento", "barcos"),
    ],
)
def test_about_the_library(filled: Store, text: str, language: str, says: str, silent: str) -> None:
    answer = about_the_library(asked(text, language, Intent.LIBRARY), filled)
    assert answer is not None
    reply = " ".join(block.text for block in answer.blocks)
    assert says in reply
    assert silent not in reply


@pytest.mark.parametrize(
    ("text", "language", "titles"),
    [
        ("¿Cuál es el documento más reciente?", "es", ["trenes.pdf"]),
        ("Which is the oldest document?", "en", ["barcos.md"]),
        ("¿Qué documentos se añadieron esta semana?", "es", ["trenes.pdf"]),
        ("Which documents were added this month?", "en", ["barcos.md", "trenes.pdf"]),
        ("¿Qué se añadió la semana pasada?", "es", ["trenes.pdf"]),
        ("What was added last week?", "en", ["trenes.pdf"]),
        ("What is the newest document?", "en", ["trenes.pdf"]),
    ],
)
def test_when_documents_came(filled: Store, text: str, language: str, titles: list[str]) -> None:
    now = datetime(2026, 3, 20, 12, tzinfo=UTC)
    for title, days in (("barcos.md", 20), ("trenes.pdf", 2)):
        record = next(r for r in filled.ledger.below("/d") if r.path.endswith(title))
        seen = int((now - timedelta(days=days)).timestamp() * 1e9)
        filled.ledger.put(replace(record, seen_ns=seen))
    question = replace(FakeAnalyzer().analyze(text), intent=Intent.LIBRARY, language=language)
    answer = about_the_library(question, filled, now)
    assert answer is not None
    assert sorted(citation.passage.title for citation in answer.citations) == titles
    assert all(title in answer.blocks[0].text for title in titles)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("¿Qué documentos hay que presentar para la beca?", Intent.LIBRARY),
        ("¿Cuántos documentos hay?", Intent.FACT),
        ("¿De qué trata el informe?", Intent.LIBRARY),
    ],
)
def test_what_is_not_about_the_library(filled: Store, text: str, intent: Intent) -> None:
    assert about_the_library(asked(text, "es", intent), filled) is None


@pytest.mark.parametrize("text", ["PPR-9087", "telefono instituto", "9087"])
def test_what_greets_nobody_is_no_small_talk(text: str) -> None:
    assert not plausible(asked(text, "es", Intent.SMALL_TALK))
    assert FakeAnalyzer().analyze(text).intent not in (Intent.SMALL_TALK, Intent.LIBRARY)


def test_documents_that_somebody_must_bring_are_not_the_library() -> None:
    question = FakeAnalyzer().analyze("¿Qué documentos se piden para la matrícula?")
    assert question.intent not in (Intent.SMALL_TALK, Intent.LIBRARY)


def test_a_reply_in_every_language_for_the_same_things() -> None:
    spanish, english = CONVERSATION["es"], CONVERSATION["en"]
    assert spanish.suffixes.keys() == english.suffixes.keys()
    assert spanish.in_languages.keys() == english.in_languages.keys() == CONVERSATION.keys()
