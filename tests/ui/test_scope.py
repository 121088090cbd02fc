"""Questions are limited to documents: shown at the question box, kept, handed to the search."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from rag.schema import Filters
from tests.helpers.fakes_ui import FakeLibrary, answer, passage
from tests.ui.test_ui import PROOF, QUESTION, ask, button, open_app, well
from ui import scope, state
from ui.i18n import EN, ES


@pytest.fixture
def library(tmp_path: Path) -> FakeLibrary:
    fake = FakeLibrary(tmp_path)
    for path in ("actas/2025/a.md", "actas/b.md", "c.md"):
        fake.add(path)
    fake.answers[QUESTION] = answer(QUESTION, f"{PROOF} [1]", passage(PROOF))
    return fake


def dialog(library: FakeLibrary) -> AppTest:
    """What the dialog draws, by itself: AppTest draws no dialog a second time."""

    def script(library: object) -> None:
        from ui import scope, state
        from ui.i18n import ES

        scope._choose(state.shared(library), ES)  # type: ignore[arg-type]

    app = AppTest.from_function(script, kwargs={"library": library}, default_timeout=120)
    return well(app.run())


def test_a_scope_is_chosen_kept_and_searched(library: FakeLibrary) -> None:
    app = dialog(library)
    assert app.multiselect(key="scope-paths").options[:2] == [
        ES.scope.folder.format(path=path) for path in ("actas", "actas/2025")
    ]
    app.multiselect(key="scope-paths").set_value(["c.md"])
    button(app, "apply-scope")
    assert app.session_state.scope == Filters(paths=("c.md",))


def test_the_scope_is_shown_at_the_question_box_searched_and_kept(library: FakeLibrary) -> None:
    app = open_app(library)
    assert app.button(key="open-scope").label == ES.scope.all
    limited = Filters(paths=("actas/2025",))
    app.session_state.scope = limited
    ask(app, QUESTION)
    assert "2025" in app.button(key="open-scope").label
    assert library.scopes == [limited]
    again = open_app(library)
    again.query_params[state.ADDRESS] = app.query_params[state.ADDRESS]
    assert "2025" in well(again.run()).button(key="open-scope").label
    button(again, "clear-scope")
    assert library.conversations.all()[0].scope == Filters()


def test_a_scope_without_a_document_is_not_taken(library: FakeLibrary) -> None:
    app = dialog(library)
    app.multiselect(key="scope-paths").set_value(["actas"])
    button(app, "apply-scope")
    assert ES.scope.nothing in [item.value for item in app.warning]
    assert app.session_state.scope == Filters()


def test_folders_of_any_depth_can_be_chosen() -> None:
    assert scope.folders(["a/b/c.md", "a/d.md", "e.md"]) == ["a", "a/b"]


@pytest.mark.parametrize(
    ("filters", "spanish", "english"),
    [
        (Filters(paths=("x/a.md",)), "a.md", "a.md"),
        (Filters(paths=("a", "b", "c")), "a, b y 1 más", "a, b and 1 more"),
        (
            Filters(languages=("es",), since="2026-01-02", until="2026-02-03"),
            "español · desde 2026-01-02 · hasta 2026-02-03",
            "Spanish · since 2026-01-02 · until 2026-02-03",
        ),
    ],
)
def test_a_scope_is_said_in_words(filters: Filters, spanish: str, english: str) -> None:
    assert (scope.described(ES, filters), scope.described(EN, filters)) == (spanish, english)
