"""What can be done with an answer: copied, asked again, edited, judged, explained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rag.schema import FileInfo, Filters, Passage, Signals
from tests.helpers.fakes_ui import FakeLibrary, answer, passage
from tests.ui.test_ui import PROOF, QUESTION, ask, button, html, open_app, well
from ui import diagnosis, why
from ui.i18n import EN, ES, Words


@pytest.fixture
def library(tmp_path: Path) -> FakeLibrary:
    fake = FakeLibrary(tmp_path)
    fake.add("informe.pdf", "Informe", pages=5)
    fake.answers[QUESTION] = answer(QUESTION, f"{PROOF} [1]", passage(PROOF), short="43.150 euros")
    fake.answers["¿Cuándo?"] = answer("¿Cuándo?", "", passage("Nada de eso."))
    return fake


def test_an_answer_is_copied_with_and_without_its_sources(library: FakeLibrary) -> None:
    drawn = html(ask(open_app(library), QUESTION))
    assert f'data-copy="{PROOF} [1]"' in drawn
    assert f'data-copy="{PROOF} [1]\n\n{ES.conversations.sources}:\n\n1. «{PROOF}»' in drawn
    refused = html(ask(open_app(library), "¿Cuándo?"))
    assert "data-copy" not in refused


def test_a_refusal_that_gives_its_reason_is_shown_with_its_figures(library: FakeLibrary) -> None:
    made = answer("¿Suman?", f"{PROOF} [1]", passage(PROOF))
    library.answers["¿Suman?"] = replace(made, found=False)
    drawn = html(ask(open_app(library), "¿Suman?"))
    assert PROOF in drawn
    assert 'class="missing"' not in drawn
    assert 'class="missing"' in html(ask(open_app(library), "¿Cuándo?"))


def test_a_question_is_asked_again_in_its_place(library: FakeLibrary) -> None:
    app = ask(open_app(library), QUESTION)
    library.answers[QUESTION] = answer(QUESTION, "Otra. [1]", passage("Otra."))
    drawn = html(button(app, "ask-again"))
    assert "Otra." in drawn
    assert PROOF not in drawn
    (turn,) = library.conversations.turns(library.conversations.all()[0].id)
    assert turn.answer is not None
    assert turn.answer.text == "Otra. [1]"


def test_a_question_is_edited_and_asked_again(library: FakeLibrary) -> None:
    app = button(ask(open_app(library), QUESTION), "edit-question")
    app.text_area(key="edited-question").set_value("¿Cuándo?")
    well(next(item for item in app.button if item.label == ES.answers.edit_ask).click().run())
    (turn,) = library.conversations.turns(library.conversations.all()[0].id)
    assert turn.question == "¿Cuándo?"
    assert PROOF not in html(app)


def test_an_answer_is_judged_with_a_reason_and_the_right_answer(library: FakeLibrary) -> None:
    app = ask(open_app(library), QUESTION)
    (thumbs,) = app.feedback
    well(thumbs.set_value(0).run())
    key = library.conversations.rated()[0].id
    app.text_input(key=f"reason-text-{key}").set_value("Le falta el año")
    app.text_area(key=f"right-answer-{key}").set_value("43.150 euros en 2025")
    well(next(item for item in app.button if item.label == ES.answers.send).click().run())
    (turn,) = library.conversations.rated()
    assert turn.feedback is not None
    assert (turn.feedback.good, turn.feedback.reason) == (False, "Le falta el año")
    (row,) = library.conversations.questions()
    assert row["answers"] == ["43.150 euros en 2025"]


def test_an_explanation_is_drawn_once_it_is_unfolded(library: FakeLibrary) -> None:
    app = ask(open_app(library), QUESTION)
    assert ES.why.passages not in html(app)
    app.session_state["why-0"] = True
    assert ES.why.passages in html(well(app.run()))


@pytest.mark.parametrize("words", [ES, EN])
def test_an_answer_is_explained_in_words(words: Words) -> None:
    read = replace(passage(PROOF), signals=Signals(dense=0.61, keyword=3.0, relevance=0.8))
    given = replace(answer(QUESTION, f"{PROOF} [1]", read), confidence=0.9)
    drawn = why.explanation(words, given, 0.5)
    assert QUESTION in drawn
    assert "61" in drawn
    assert "80" in drawn
    assert words.why.sure.format(share=90, least=50) in drawn
    literal = why.explanation(words, replace(given, confidence=0.2), 0.5)
    assert words.why.literal.format(share=20, least=50) in literal
    refused = why.explanation(words, replace(given, confidence=0.2, found=False), 0.5)
    assert words.why.refused.format(share=20, least=50) in refused


def test_words_are_met_whatever_their_ending_and_accents() -> None:
    met = why.words_met("¿Cuánto gastó la comisión en formación?", "Gastos de formacion: 3")
    assert met == ["gastó", "formación"]


def ranked(count: int) -> list[Passage]:
    return [passage(f"Texto número {n}.", f"d{n}.md", None, number=n) for n in range(1, count + 1)]


def explain(library: FakeLibrary, given: str, scope: Filters | None = None) -> list[str]:
    asked = answer(QUESTION, f"{PROOF} [1]", library.ranked[0])
    asked = replace(asked, question=replace(asked.question, filters=scope or Filters()))
    return diagnosis.explain(library.as_library(), ES, asked, given)


def test_what_became_of_a_document_is_said(library: FakeLibrary) -> None:
    library.infos.clear()
    for number in range(1, 9):
        library.add(f"d{number}.md")
    library.ranked = ranked(7)
    share, least = 90, 50
    assert explain(library, "d1.md") == [ES.why.cited.format(source="d1.md", rank=1)]
    assert explain(library, "d3") == [
        ES.why.read.format(source="d3.md", rank=3, share=share, least=least)
    ]
    assert explain(library, "D7") == [ES.why.too_low.format(source="d7.md", rank=7, read=5)]
    assert explain(library, "d8") == [ES.why.unranked.format(source="d8.md", depth=100)]
    scope = Filters(paths=("d1.md",))
    assert explain(library, "d3", scope) == [ES.why.outside.format(source="d3.md", scope="d1.md")]


def test_what_became_of_a_sentence_and_of_an_unread_file_is_said(library: FakeLibrary) -> None:
    library.ranked = ranked(7)
    assert explain(library, "«texto NUMERO 6»") == [
        ES.why.too_low.format(source="d6.md", rank=6, read=5)
    ]
    unknown = explain(library, "nadie dice esto")
    assert unknown[0] == ES.why.unknown
    library.failed.append(FileInfo("roto.pdf", "/x/roto.pdf", "encrypted", "", 0.0, None))
    assert ES.documents_page.next_steps["encrypted"] in explain(library, "roto")[0]
