"""Suggested questions: read off headings and tables, shown only where the library answers them."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from rag.schema import (
    Answer,
    Cell,
    Document,
    DocumentBlock,
    DocumentBlockKind,
    Filters,
    Section,
)
from tests.helpers.fakes_ui import FakeLibrary, answer, passage
from tests.ui.test_ui import PROOF, QUESTION, ask, button, open_app, wait_for, well
from ui import questions, suggestions
from ui.i18n import ES
from ui.questions import Candidate
from ui.suggestions import FOLLOWING, STARTERS, Suggestions


def document(text: str, language: str = "es", headings: tuple[str, ...] = ()) -> Document:
    """A document whose headings stand in its text, each over what follows it."""
    starts = [text.index(heading) for heading in headings]
    ends = [*starts[1:], len(text)][: len(starts)]
    sections = tuple(
        Section(start, end, (heading,))
        for heading, start, end in zip(headings, starts, ends, strict=True)
    )
    blocks = tuple(
        DocumentBlock(start, start + len(heading), DocumentBlockKind.HEADING, 1)
        for heading, start in zip(headings, starts, strict=True)
    )
    return Document("guia.md", "Guía de becas", text, language, (), sections, id=1, blocks=blocks)


@pytest.mark.parametrize(
    ("language", "heading", "below", "expected"),
    [
        ("es", "¿Qué es el piloto?", "Una prueba.", "En «Guía de becas», ¿qué es el piloto?"),
        ("es", "¿Por qué se hizo?", "Por ley.", "En «Guía de becas», ¿por qué se hizo?"),
        ("en", "What does not work?", "Fire.", "In “Guía de becas”, what does not work?"),
        ("es", "2.1. Cómo se piden becas", "Por escrito.", "¿Cómo se piden becas?"),
        ("es", "Cuantización", "La cuantización es una técnica.", "¿Qué es la cuantización?"),
        (
            "es",
            "Plazo de entrega",
            "El plazo de entrega vence.",
            "¿Qué dice «Guía de becas» sobre plazo de entrega?",
        ),
        ("en", "Prefill and decode", "Prefill is the first phase.", "What is Prefill?"),
        ("en", "Recall", "Recall is a share. High recall is dear.", "What is recall?"),
        ("en", "How much a question takes", "Little.", ""),
        (
            "en",
            "Repairs of the roof",
            "They are made in May.",
            "What does “Guía de becas” say about repairs of the roof?",
        ),
        ("en", "Jane Doe", "We met Jane Doe.", "What does “Guía de becas” say about Jane Doe?"),
        ("es", "Anexo", "Nada.", ""),
        ("es", "¿1?", "Nada.", ""),
    ],
)
def test_a_heading_becomes_a_question(
    language: str, heading: str, below: str, expected: str
) -> None:
    made = document(f"{heading}\n\n{below}\n", language, (heading,))
    found = [item.text for item in questions.of_document(made)][:-1]
    assert len(found) == bool(expected)
    assert not expected or found[0].startswith(expected)


def test_a_row_is_asked_for_its_cell_and_the_whole_for_what_it_is_about() -> None:
    text = "Pieza Precio neto Biela 12,50 euros"
    cells = (Cell(18, 23, ((0, 5),)), Cell(24, 35, ((6, 17),)))
    row = DocumentBlock(18, 35, DocumentBlockKind.ROW, cells=cells)
    made = replace(document(text), blocks=(row,))
    assert [item.text for item in questions.of_document(made)] == [
        "En «Guía de becas», ¿qué precio neto tiene «Biela»?",
        "¿De qué trata «Guía de becas»?",
    ]


def test_a_column_that_is_no_noun_is_not_asked_for() -> None:
    text = "Pieza Por mes Biela 12,50 euros"
    cells = (Cell(14, 19, ((0, 5),)), Cell(20, 31, ((6, 13),)))
    row = DocumentBlock(14, 31, DocumentBlockKind.ROW, cells=cells)
    made = replace(document(text), blocks=(row,))
    assert [item.kind for item in questions.of_document(made)] == ["about"]


def test_a_question_that_needs_a_title_is_not_asked_without_one() -> None:
    made = document("¿Por qué se hizo?\n\nPor ley.\n", "es", ("¿Por qué se hizo?",))
    assert not [*questions.of_document(replace(made, title="12"))]


@pytest.fixture
def library(tmp_path: Path) -> FakeLibrary:
    """Five sections, of which the third one is not answered where it should be."""
    fake = FakeLibrary(tmp_path)
    fake.add("guia.md", "Guía")
    headings = tuple(f"Cómo se piden becas {number}" for number in range(5))
    fake.whole[1] = document("\n".join(f"{item}\n\nAsí.\n" for item in headings), "es", headings)
    for candidate in questions.of_document(fake.whole[1]):
        fake.answers[candidate.text] = cited(candidate)
    wrong = "¿Cómo se piden becas 2?"
    fake.answers[wrong] = cited(Candidate(wrong, "asked", 1, 0, 1))
    fake.answers[QUESTION] = answer(QUESTION, f"{PROOF} [1]", passage(PROOF))
    return fake


def cited(candidate: Candidate) -> Answer:
    """An answer that cites where the candidate says."""
    whole = answer(candidate.text, "Así. [1]", passage("Así."))
    proof = replace(whole.citations[0], start=candidate.start, end=candidate.start + 4)
    return replace(whole, citations=(proof,))


def settled(
    suggestions: Suggestions, library: FakeLibrary, scope: Filters, language: str = "es"
) -> list[str]:
    wait_for(lambda: suggestions.starters(library.infos, scope, language) is not None)
    return [item.text for item in suggestions.starters(library.infos, scope, language) or ()]


def test_only_what_is_answered_in_its_place_is_suggested_and_asked_once(
    library: FakeLibrary,
) -> None:
    suggestions = Suggestions(library.as_library(), lambda: False)
    scope = Filters(paths=("guia.md",))
    found = settled(suggestions, library, scope)
    assert len(found) == STARTERS
    assert "¿Cómo se piden becas 2?" not in found
    count = len(library.asked)
    assert settled(suggestions, library, scope) == found
    assert len(library.asked) == count, "they are kept"
    assert set(library.scopes) == {scope}
    assert settled(suggestions, library, Filters(paths=("otra.md",))) == []


def test_documents_in_the_persons_language_come_first(library: FakeLibrary) -> None:
    info = library.add("guide.md", "Guide")
    library.infos[-1] = replace(info, language="en")
    headings = tuple(f"How to ask for grant {number}" for number in range(5))
    text = "\n".join(f"{item}\n\nSo.\n" for item in headings)
    library.whole[2] = replace(document(text, "en", headings), id=2)
    for candidate in questions.of_document(library.whole[2]):
        whole = cited(candidate)
        proof = whole.citations[0]
        chunk = replace(proof.passage.chunk, document_id=2)
        proof = replace(proof, passage=replace(proof.passage, chunk=chunk))
        library.answers[candidate.text] = replace(whole, citations=(proof,))
    suggestions = Suggestions(library.as_library(), lambda: False)
    firsts = [settled(suggestions, library, Filters(), code)[0] for code in ("es", "en")]
    assert firsts == ["¿Cómo se piden becas 0?", "In “Guía de becas”, how to ask for grant 0?"]


def test_nothing_is_asked_while_a_person_waits(library: FakeLibrary) -> None:
    looked, free = threading.Event(), threading.Event()

    def busy() -> bool:
        looked.set()
        return not free.is_set()

    suggestions = Suggestions(library.as_library(), busy)
    assert suggestions.starters(library.infos, Filters(), "es") is None
    assert looked.wait(20)
    assert not library.asked
    free.set()
    assert len(settled(suggestions, library, Filters())) == STARTERS


def test_the_next_questions_are_near_and_neither_asked_nor_answered(library: FakeLibrary) -> None:
    suggestions = Suggestions(library.as_library(), lambda: False)
    first = library.answers["¿Cómo se piden becas 0?"]
    asked = ["¿Como se piden BECAS 1?"]
    wait_for(lambda: suggestions.following(first, asked, Filters()) is not None)
    found = [item.text for item in suggestions.following(first, asked, Filters()) or ()]
    assert found[:2] == ["¿Cómo se piden becas 3?", "¿Cómo se piden becas 4?"]
    assert len(found) <= FOLLOWING
    nothing = replace(first, citations=())
    assert suggestions.following(nothing, asked, Filters()) == ()


def test_suggestions_are_buttons_that_ask(
    library: FakeLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suggestions, "_CALM", 0.0)  # the page is drawn without end below
    app = open_app(library)
    wait_for(lambda: bool([item for item in well(app.run()).button if item.key == "starter-0"]))
    first = app.button(key="starter-0").label
    button(app, "starter-0")
    assert [item.question for item in app.session_state.exchanges] == [first.replace("\\", "")]
    wait_for(lambda: bool([item for item in well(app.run()).button if item.key == "next-0"]))
    assert ES.answers.following in [item.value for item in app.caption]
    assert app.button(key="next-0").label != first


def test_suggestions_are_looked_for_once_the_pages_are_drawn(
    library: FakeLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suggestions, "_CALM", 3600.0)
    app = ask(open_app(library), QUESTION)
    shared, asked = app.session_state.shared, len(library.asked)
    wait_for(lambda: shared.suggestions._thread is not None and not shared.writings)
    assert len(library.asked) == asked, "whoever opens a page goes first"
    monkeypatch.setattr(suggestions, "_CALM", 0.0)
    wait_for(lambda: len(library.asked) > asked)


def test_an_answer_without_a_section_has_no_suggestions(library: FakeLibrary) -> None:
    library.whole.clear()
    app = ask(open_app(library), QUESTION)
    assert not [item for item in app.button if str(item.key).startswith("next-")]
