"""Collections in the app: filled from the list, renamed, deleted, searched."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from rag.schema import Filters
from tests.helpers.fakes_ui import FakeLibrary
from tests.ui.test_scope import dialog
from tests.ui.test_ui import button, open_app, well
from ui import documents_page, scope
from ui.i18n import EN, ES


@pytest.fixture
def library(tmp_path: Path) -> FakeLibrary:
    fake = FakeLibrary(tmp_path)
    for path in ("a.md", "b.md"):
        fake.add(path)
    return fake


def filling(library: FakeLibrary) -> AppTest:
    """What the dialog draws for all documents, by itself."""

    def script(library: object) -> None:
        from ui import collections_view, state
        from ui.i18n import ES

        shared = state.shared(library)  # type: ignore[arg-type]
        collections_view.dialog(shared, ES, library.documents())  # type: ignore[attr-defined]

    app = AppTest.from_function(script, kwargs={"library": library}, default_timeout=120)
    return well(app.run())


def test_documents_are_put_into_collections_and_taken_out(library: FakeLibrary) -> None:
    library.collections.add("Obras", [1])
    app = filling(library)
    app.text_input(key="new-collection").set_value("Contratos")
    button(app, "save-collections")
    assert library.collections.held == {"Obras": {1}, "Contratos": {1, 2}}
    app = filling(library)
    assert app.button_group(key="in-collections").value == ["Contratos"], "all of them are in it"
    app.button_group(key="in-collections").set_value(["Obras"])
    button(app, "save-collections")
    assert library.collections.held == {"Obras": {1, 2}, "Contratos": set()}


def test_they_are_listed_found_renamed_and_deleted(library: FakeLibrary) -> None:
    library.collections.add("Obras", [2])
    library.collections.add("Otra")
    made = library.conversations.begin("¿?", Filters(collections=("Obras",)))
    app = open_app(library, "documents")
    assert list(app.dataframe[0].value["collections"]) == ["", "Obras"]
    collections = library.collections.of_documents()
    assert documents_page.matching(library.infos, "obras", collections) == library.infos[1:]
    app.text_input(key="name-0-Obras").set_value("OTRA")
    button(app, "rename-collection-0")
    assert ES.collections.taken in [item.value for item in app.warning]
    app.text_input(key="name-0-Obras").set_value("Reformas")
    button(app, "rename-collection-0")
    assert library.collections.names() == {"Otra": 0, "Reformas": 1}
    kept = library.conversations.get(made.id)
    assert kept is not None
    assert kept.scope.collections == ("Reformas",), "conversations follow"
    button(app, "delete-collection-0")
    assert library.collections.names() == {"Reformas": 1}
    app = button(app, "ask-collection-0")
    assert app.session_state.scope == Filters(collections=("Reformas",))
    assert ES.collections.described.format(name="Reformas") in app.button(key="open-scope").label


def test_a_scope_may_name_collections(library: FakeLibrary) -> None:
    library.collections.add("Obras", [1])
    app = dialog(library)
    app.multiselect(key="scope-collections").set_value(["Obras"])
    button(app, "apply-scope")
    assert app.session_state.scope == Filters(collections=("Obras",))
    assert scope.described(EN, app.session_state.scope) == "collection Obras"
