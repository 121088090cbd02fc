"""An open dialog stays while the page is drawn again, and no click on it is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from rag.schema import Filters
from tests.helpers.fakes_ui import FakeLibrary
from tests.ui.test_ui import button, go, open_app, well


@pytest.fixture
def library(tmp_path: Path) -> FakeLibrary:
    fake = FakeLibrary(tmp_path)
    for path in ("a.md", "b.md"):
        fake.add(path)
    return fake


def keys(app: AppTest) -> set[str]:
    return {str(element.key) for element in app.button}


def test_what_was_being_chosen_stays_when_the_page_is_drawn_again(library: FakeLibrary) -> None:
    app = button(open_app(library), "open-scope")
    app.multiselect(key="scope-paths").set_value(["a.md"]).run()
    well(app.run())  # as when suggestions have been found
    assert app.multiselect(key="scope-paths").value == ["a.md"]
    button(app, "apply-scope")
    assert app.session_state.scope == Filters(paths=("a.md",))
    assert "apply-scope" not in keys(well(app.run())), "it closes when it is done"


def test_another_page_closes_it(library: FakeLibrary) -> None:
    app = button(open_app(library), "open-scope")
    assert "apply-scope" in keys(app)
    assert "apply-scope" not in keys(go(go(app, "documents"), ""))


@pytest.mark.parametrize(
    ("opener", "inside"),
    [("remove-documents", "confirm-removal"), ("open-collections", "save-collections")],
)
def test_it_stays_about_the_documents_that_were_ticked(
    library: FakeLibrary, opener: str, inside: str
) -> None:
    app = open_app(library, "documents")
    ticked = {"selection": {"rows": [1], "columns": [], "cells": []}}
    app.session_state["documents-2-"] = ticked
    button(well(app.run()), opener)
    library.add("c.md")  # another list, in which nothing is ticked: a file has been read
    well(app.run())
    if inside == "save-collections":
        app.text_input(key="new-collection").set_value("Obras")
    button(app, inside)
    assert inside not in keys(app)
    if inside == "save-collections":
        assert library.collections.held == {"Obras": {2}}
    else:
        assert [info.path for info in library.infos] == ["a.md", "c.md"]
