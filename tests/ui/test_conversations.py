"""Conversations in the app: in the address, in the side panel, exported, deleted."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from rag.schema import Feedback, Filters
from tests.helpers.fakes_ui import FakeLibrary, answer, passage
from tests.ui.test_ui import PROOF, QUESTION, ask, button, html, open_app, well
from ui import export, sidebar, state
from ui.i18n import EN, ES
from ui.writing import Writing


@pytest.fixture
def library(tmp_path: Path) -> FakeLibrary:
    fake = FakeLibrary(tmp_path)
    fake.add("informe.pdf", "Informe", pages=5)
    for number in range(30):
        text = f"Van {number} gatos."
        fake.answers[f"¿Cuántos {number}?"] = answer("¿?", f"{text} [1]", passage(text))
    fake.answers[QUESTION] = answer(QUESTION, f"{PROOF} [1]", passage(PROOF), short="43.150 euros")
    return fake


def test_the_address_names_the_conversation_and_brings_it_back(library: FakeLibrary) -> None:
    app = ask(open_app(library), QUESTION)
    (kept,) = library.conversations.all()
    assert app.query_params[state.ADDRESS] == kept.id
    assert kept.title == QUESTION
    other = open_app(library)
    assert PROOF not in html(other)
    other.query_params[state.ADDRESS] = kept.id
    assert PROOF in html(well(other.run()))
    assert 'data-citation="0:1"' in html(other)
    ask(other, "¿Cuántos 3?")
    assert [turn.question for turn in library.asked[1][1]] == [QUESTION], "the history came too"


def test_an_unknown_address_begins_a_new_one_and_says_so(library: FakeLibrary) -> None:
    app = open_app(library)
    app.query_params[state.ADDRESS] = "nowhere"
    well(app.run())
    assert ES.conversations.gone in [item.value for item in app.toast]
    assert state.ADDRESS not in app.query_params


def test_a_long_conversation_is_drawn_in_parts(library: FakeLibrary) -> None:
    made = library.conversations.begin("larga")
    for number in range(30):
        question = f"¿Cuántos {number}?"
        turn = library.conversations.ask(made.id, question)
        library.conversations.answer(turn, library.answers[question])
    app = open_app(library)
    app.query_params[state.ADDRESS] = made.id
    drawn = html(well(app.run()))
    assert "Van 29 gatos" in drawn
    assert "Van 17 gatos" not in drawn
    drawn = html(button(app, "earlier"))
    assert "Van 17 gatos" in drawn
    assert app.button(key="earlier").label == ES.conversations.earlier.format(count=12)


def test_a_conversation_is_renamed_and_deleted_with_all_its_words(library: FakeLibrary) -> None:
    app = ask(open_app(library), QUESTION)
    (kept,) = library.conversations.all()
    app.text_input(key=f"title-{kept.id}").set_value("Costes")
    well(next(item for item in app.button if item.label == ES.conversations.save).click().run())
    assert library.conversations.all()[0].title == "Costes"
    button(app, "delete-conversation")
    assert not library.conversations.all()
    assert PROOF not in html(app)
    folder = library.settings.library
    assert not any(b"43.150" in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_an_answer_is_kept_though_nobody_waits_for_it(library: FakeLibrary) -> None:
    app = open_app(library)
    shared = app.session_state.shared
    turn = library.conversations.ask(library.conversations.begin(QUESTION).id, QUESTION)
    exchange = state.Exchange(QUESTION, turn=turn)
    writing = Writing(
        lambda stop: library.ask(QUESTION, (), None, stop),  # type: ignore[arg-type,return-value]
        lambda done: library.conversations.answer(turn, done.result),  # type: ignore[arg-type]
    ).start()
    while writing.look(1):
        pass
    assert exchange.pending
    assert shared.writings == {}
    kept = library.conversations.turns(library.conversations.all()[0].id)[0]
    assert kept.answer is not None
    assert kept.answer.text == f"{PROOF} [1]"


def test_exports_carry_citations_and_quotes(library: FakeLibrary) -> None:
    kept = library.conversations
    made = kept.begin(QUESTION, Filters(paths=("informe.pdf",)))
    turn = kept.ask(made.id, QUESTION)
    kept.answer(turn, library.answers[QUESTION])
    kept.rate(turn, Feedback(True))
    kept.ask(made.id, "¿Y luego?")
    for words in (ES, EN):
        text = export.markdown(words, made, kept.turns(made.id))
        where = f"informe.pdf · {words.page.format(page=2)}"
        assert text.startswith(f"# {QUESTION}\n")
        assert f"**43.150 euros**\n\n{PROOF} [1]" in text
        quote = words.quote.format(quote=PROOF)
        assert f"1. {quote} — {where}, Resumen › Cifras" in text
        assert words.interrupted in text
    exported = json.loads(export.as_json(made, kept.turns(made.id)))
    (first, second) = exported["turns"]
    assert exported["only"] == ["informe.pdf"]
    assert first["citations"][0]["quote"] == PROOF
    assert first["citations"][0]["page"] == 2
    assert first["feedback"] == {"good": True, "reason": ""}
    assert (second["state"], "answer" in second) == ("asked", False)


@pytest.mark.parametrize(
    ("days", "heading"),
    [(0, "Hoy"), (1, "Ayer"), (3, "Los últimos siete días"), (20, "Octubre de 2026")],
)
def test_conversations_stand_under_their_day(days: int, heading: str) -> None:
    from datetime import datetime, timedelta

    today = date(2026, 11, 10)
    at = datetime.combine(today - timedelta(days), datetime.min.time()).timestamp()
    assert sidebar.day_of(ES, at, today) == heading
