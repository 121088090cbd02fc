"""Several documents asked the same: the table, its citations, what differs, CSV, a stop."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rag.errors import LibraryBusy
from rag.schema import Filters
from rag.side_by_side import ask_each
from tests.helpers.fakes_ui import HOSTILE, FakeLibrary, answer, passage
from tests.ui.test_ui import button, html, open_app, well
from ui.comparing import Comparing
from ui.i18n import ES

QUESTION = "¿Cuál es el plazo de preaviso?"
PROOFS = {
    "v1.pdf": "El plazo de preaviso es de 30 días.",
    "v2.pdf": "El plazo de preaviso es de 45 días.",
    "otro.pdf": "",
}


class Versions(FakeLibrary):
    """Documents that answer each for itself."""

    def ask(
        self,
        question: str,
        history: Sequence[Any] = (),
        filters: Filters | None = None,
        stop: Any = None,
    ) -> Any:
        (path,) = (filters or Filters()).paths
        text = PROOFS[path]
        mark = f"{text} [1]" if text else ""
        return SimpleNamespace(answer=answer(question, mark, passage(text or HOSTILE, path)))


@pytest.fixture
def library(tmp_path: Path) -> Versions:
    fake = Versions(tmp_path)
    for path in PROOFS:
        fake.add(path, path.removesuffix(".pdf"))
    return fake


def filled(library: FakeLibrary, questions: str) -> Any:
    app = open_app(library, "compare")
    app.text_area(key="compare-questions").set_value(questions)
    return button(app, "compare-ask")


def test_every_cell_has_its_citation_and_changes_are_told(library: Versions) -> None:
    app = filled(library, f"{QUESTION}\n\n¿Quién firma?\n{QUESTION}")
    shown = html(app)
    assert shown.count("<tr>") == 4
    assert shown.count("data-citation=") == 4
    assert ES.comparing.nothing in shown
    assert ES.comparing.change.format(before="30", after="45") in shown
    assert "<img" not in shown


def test_a_click_on_a_number_shows_the_sentence_on_its_page(library: Versions) -> None:
    app = filled(library, QUESTION)
    app.session_state.opened_cell = (1, 1)
    well(app.run())
    assert "v2.pdf" in html(app)
    assert ES.sources_title in html(app)
    button(app, "close-pane")
    assert app.session_state.opened_cell is None


def test_nothing_is_asked_without_a_question(library: Versions) -> None:
    app = filled(library, "  \n ")
    assert [element.value for element in app.warning] == [ES.comparing.none]
    assert "matrix" not in html(app)


def test_a_stop_leaves_what_was_answered(library: Versions) -> None:
    halt, counts = threading.Event(), list[tuple[int, int]]()

    def note(done: int, total: int) -> None:
        counts.append((done, total))
        halt.set()

    rows = ask_each(library, library.infos, ["a?", "b?"], None, halt.is_set, note)  # type: ignore[arg-type]
    assert counts == [(1, 6)]
    assert [[given is not None for given in row.answers] for row in rows] == [[True, False]]


def test_a_failure_is_stated(library: Versions, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> Any:
        raise LibraryBusy("busy", "wait")

    monkeypatch.setattr(library, "ask", refuse)
    made = Comparing(library, library.infos, ["a?"])  # type: ignore[arg-type]
    ready = threading.Event()
    ready.set()
    made.start(ready)
    assert made.ended(60)
    assert isinstance(made.error, LibraryBusy)
