"""Questions that a document asks of itself: where their answers stand, and which are not asked."""

from __future__ import annotations

import pytest

from rag.schema import Document, Section
from rag.text import split_sentences
from rag.training.own_questions import DEFINITION, GAP, HEADING, OwnQuestion, ask

ES = (
    "El orujo es un aguardiente que se obtiene de los restos de la uva.\n"
    "La cooperativa molió 4.600 kilos de aceituna durante la primera semana de noviembre.\n"
    "Esta es la parte que no define nada de lo que se cuenta aquí.\n"
    "Demasiado corta.\n"
)
EN = (
    "A citation is a link from a sentence to the passage that supports it.\n"
    "The first mill of the village was built by the monks of Poblet in 1887 beside the river.\n"
)


def asked(text: str, language: str, *sections: Section, seed: int = 0) -> list[OwnQuestion]:
    document = Document("a.md", "Notas", text, language, sections=sections, content_hash="x", id=7)
    return list(ask(document, split_sentences, seed))


def of_kind(questions: list[OwnQuestion], kind: str) -> dict[str, OwnQuestion]:
    return {each.text: each for each in questions if each.kind == kind}


@pytest.mark.parametrize(
    ("text", "language", "question", "answer"),
    [(ES, "es", "¿Qué es orujo?", "El orujo es"), (EN, "en", "What is citation?", "A citation is")],
    ids=["es", "en"],
)
def test_a_definition_is_asked_for_by_its_term(
    text: str, language: str, question: str, answer: str
) -> None:
    found = of_kind(asked(text, language), DEFINITION)
    assert list(found) == [question]
    only = found[question]
    assert text[only.start : only.end].startswith(answer)
    assert (only.document_id, only.language) == (7, language)


def test_a_gap_is_asked_for_by_its_kind_without_the_answer() -> None:
    (text, question), *more = of_kind(asked(ES, "es"), GAP).items()
    assert more == []
    assert text.startswith("¿Cuánto ")
    assert text.endswith("?")
    assert "4.600" not in text
    assert "4.600" in ES[question.start : question.end]
    assert {"cooperativa", "kilos", "aceituna", "semana"} & set(text.split())


def test_names_and_years_are_gaps_too() -> None:
    openings = {
        of.split()[0] for seed in range(20) for of in of_kind(asked(EN, "en", seed=seed), GAP)
    }
    assert openings == {"What", "How"}  # «what year» and «what», «how much» for the bare number


def test_a_heading_asks_for_its_section_without_its_number() -> None:
    headings = Section(0, len(ES), ("Notas", "2.3 Costes del molino"))
    (found,) = of_kind(asked(ES, "es", headings), HEADING).values()
    assert found.text == "¿Qué se dice sobre Costes del molino?"
    assert (found.start, found.end) == (0, len(ES))
    title, empty = Section(0, len(ES), ("Notas",)), Section(0, 5, ("Costes del molino",))
    assert of_kind(asked(ES, "es", title), HEADING) == {}
    assert of_kind(asked(ES, "es", empty), HEADING) == {}


def test_the_same_seed_asks_the_same() -> None:
    assert asked(EN, "en", seed=3) == asked(EN, "en", seed=3)
    texts = {tuple(each.text for each in asked(EN, "en", seed=seed)) for seed in range(10)}
    assert len(texts) > 1


@pytest.mark.parametrize("text", ["", "¿?\n\n", "1 2 3 4 5 6 7 8 9\n", "a" * 5000], ids=len)
def test_text_that_says_nothing_is_no_trouble(text: str) -> None:
    for question in asked(text, "es"):
        assert question.text.startswith("¿")
