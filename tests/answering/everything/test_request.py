"""Which questions want every passage, and which ask for one list or one answer."""

from __future__ import annotations

import pytest

from rag.answering.everything import Request, everything_asked
from rag.answering.everything.request import Way
from rag.schema import AnswerType
from rag.text import detect_language
from tests.helpers.fakes import make_question


def asked(text: str) -> Request | None:
    return everything_asked(make_question(text, detect_language(text)))


@pytest.mark.parametrize(
    ("text", "topic", "documents"),
    [
        ("¿Qué documentos mencionan la temperatura?", "temperatura", True),
        ("¿Dónde se menciona a Lavoisier?", "Lavoisier", False),
        ("¿En qué documentos aparece el aceite?", "aceite", True),
        ("Lista todas las menciones de aceituna en mis documentos", "aceituna", False),
        ("Enumera todas las frases que mencionan el rey", "rey", False),
        ("Which documents mention temperature?", "temperature", True),
        ("In which documents does Priestley appear?", "Priestley", True),
        ("List every passage that mentions caching", "caching", False),
        ("Find all references to the GDPR in the library", "GDPR", False),
    ],
)
def test_what_every_mention_is_wanted_of(text: str, topic: str, documents: bool) -> None:
    request = asked(text)
    assert request is not None
    assert (request.topic, request.documents, request.way) == (topic, documents, Way.HOLDS)


@pytest.mark.parametrize(
    "text",
    [
        "Lista todos los pasos de la instalación",
        "¿Qué documentos necesito para matricularme?",
        "¿Cuántos documentos hay?",
        "What documents do I need to apply?",
        "Which documents are in English?",
        "List all the steps to install it",
        "What does the report say about costs?",
    ],
)
def test_what_asks_for_one_answer(text: str) -> None:
    assert asked(text) is None


def test_a_kind_of_document_a_number_and_the_documents_without_it() -> None:
    contracts = asked("¿Cuántos contratos incluyen una cláusula de penalización?")
    assert contracts == Request(
        "cláusula de penalización",
        Way.HOLDS,
        documents=True,
        counts=True,
        label="cláusula de penalización",
        among="contratos",
    )
    without = asked("List all documents that do not mention GPUs")
    assert without is not None
    assert (without.topic, without.without) == ("GPUs", True)


def test_every_thing_of_a_kind() -> None:
    phones = asked("Lista todos los teléfonos que aparecen en los documentos")
    assert phones is not None
    assert (phones.kind, phones.topic, phones.label) == (AnswerType.PHONE, "", "teléfonos")
    dates = asked("Todas las fechas de la auditoría en los documentos")
    assert dates is not None
    assert (dates.kind, dates.topic) == (AnswerType.DATE, "auditoría")
    assert dates.label == "fechas de la auditoría"


def test_documents_on_a_subject_may_be_known_by_their_titles() -> None:
    about = asked("¿Qué documentos tratan de privacidad?")
    assert about is not None
    assert not about.exhaustive
