"""The page of the documents over a fake library: list, removal, opening, files that gave none."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from rag import jobs, uploads
from rag.library import ocr
from rag.schema import FAILURES, Document, FileInfo, Note, NoteKind, Outcome
from tests.helpers.fakes_ui import FakeLibrary, answer, passage
from tests.ui.test_ui import PROOF, button, html, open_app, wait_for, well
from ui import documents_page, i18n, leftovers, pictures
from ui.i18n import EN, ES


@pytest.fixture
def library(tmp_path: Path) -> FakeLibrary:
    fake = FakeLibrary(tmp_path)
    fake.add("informe.pdf", "Informe", pages=3)
    fake.add("actas/acción.md", "Órganos de dirección")
    fake.answers["¿?"] = answer("¿?", f"{PROOF} [1]", passage(PROOF))
    return fake


def choose(library: FakeLibrary, *rows: int) -> AppTest:
    """The page with rows of the list ticked."""
    app = open_app(library, "documents")
    ticked = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    app.session_state[f"documents-{len(library.infos)}-"] = ticked
    return well(app.run())


def confirming(library: FakeLibrary) -> AppTest:
    """What the dialog of a removal draws, by itself: AppTest draws no dialog a second time."""

    def script(library: object) -> None:
        from ui import documents_page, state
        from ui.i18n import ES

        chosen = library.documents()  # type: ignore[attr-defined]
        shared = state.shared(library)  # type: ignore[arg-type]
        documents_page._confirm(shared, ES, chosen)

    app = AppTest.from_function(script, kwargs={"library": library}, default_timeout=120)
    return well(app.run())


def test_words_without_accents_find_documents(library: FakeLibrary) -> None:
    found = documents_page.matching(library.infos, "DIRECCION organos")
    assert [info.path for info in found] == ["actas/acción.md"]
    assert len(documents_page.matching(library.infos, "accion")) == 1
    assert documents_page.matching(library.infos, "") == library.infos
    assert not documents_page.matching(library.infos, "nada")


def test_the_list_names_what_was_left_out(library: FakeLibrary) -> None:
    library.left_out[1] = (Note(NoteKind.HIDDEN_SHEET, "Costes", 2),)
    app = open_app(library, "documents")
    (table,) = app.dataframe
    assert list(table.value["title"]) == ["Informe", "Órganos de dirección"]
    assert table.value["notes"].iloc[0] == f"{ES.notes[NoteKind.HIDDEN_SHEET]} (2)"
    well(app.text_input(key="filter").set_value("informe").run())
    assert list(app.dataframe[0].value["path"]) == ["informe.pdf"]


def test_many_are_removed_at_once_and_what_happens_is_said(library: FakeLibrary) -> None:
    own = library.folder / "informe.pdf"
    own.write_text("mío")
    assert ES.documents_page.selected_many.format(count=2) in [
        item.value for item in choose(library, 0, 1).caption
    ]
    app = confirming(library)
    said = [item.value for item in app.markdown]
    assert ES.documents_page.remove_stay.format(count=2) in said
    kept = library.conversations
    made = kept.begin("¿?")
    kept.answer(kept.ask(made.id, "¿?"), library.answers["¿?"])
    app.session_state.conversation = made.id
    app.session_state.exchanges = []
    button(app, "confirm-removal")
    assert not library.infos
    assert own.exists()
    assert len(app.session_state.exchanges) == 1, "what is shown of the conversation is read anew"


def test_removal_during_an_ingest_is_explained(library: FakeLibrary) -> None:
    library.busy = True
    app = button(confirming(library), "confirm-removal")
    assert ES.errors["LibraryBusy"] in [item.value for item in app.warning]
    assert len(library.infos) == 2


def test_a_document_is_paged_through_with_what_was_read(library: FakeLibrary) -> None:
    (library.folder / "informe.pdf").write_bytes(b"%PDF")
    app = open_app(library, "documents")
    app.query_params["d"] = "1"
    well(app.run())
    assert PROOF in html(app)
    app = button(choose(library, 0), "open-document")
    assert PROOF in html(app)
    button(app, "back")
    assert app.dataframe


def test_a_document_whose_file_is_gone_shows_what_was_read(library: FakeLibrary) -> None:
    app = open_app(library, "documents")
    app.query_params["d"] = "1"
    well(app.run())
    assert any("informe" in item.value for item in app.info)
    assert PROOF in html(app)
    assert not app.image


def test_questions_are_limited_to_chosen_documents(library: FakeLibrary) -> None:
    app = button(choose(library, 1), "ask-these")
    assert app.chat_input, "the page of the questions has been opened"
    assert app.session_state.scope.paths == ("actas/acción.md",)


def test_uploads_that_were_never_read_are_shown_read_and_deleted(library: FakeLibrary) -> None:
    folder = uploads.folder_of(library.as_library())
    folder.mkdir(parents=True)
    (folder / "acta 1.md").write_text("x")
    (folder / ".123-half").write_text("x")
    app = open_app(library, "documents")
    assert ES.documents_page.unread.format(count=1) in html(app)
    assert "half" not in html(app)
    button(app, "read-unread")
    wait_for(lambda: not app.session_state.shared.jobs.active)
    assert any(info.path == "acta 1.md" for info in library.infos)
    (folder / "acta 2.md").write_text("x")
    button(well(app.run()), "delete-unread")
    assert not (folder / "acta 2.md").exists()
    assert (folder / "acta 1.md").exists()


def test_every_failure_says_what_to_do_next() -> None:
    for words in (ES, EN):
        assert set(words.documents_page.next_steps) == {str(outcome) for outcome in FAILURES}
    file = FileInfo("a<b>.pdf", "/a<b>.pdf", Outcome.NO_TEXT, "", 0.0, None)
    drawn = leftovers._row(ES, file)
    assert "a&lt;b&gt;.pdf" in drawn
    assert ES.documents_page.next_steps["no_text"] in drawn


@pytest.mark.parametrize("outcome", [Outcome.NO_TEXT, Outcome.UNSUPPORTED, Outcome.PARTIAL])
def test_pictures_are_read_by_a_button_where_they_can_be_and_else_the_command_is_named(
    library: FakeLibrary, monkeypatch: pytest.MonkeyPatch, outcome: Outcome
) -> None:
    scan = library.folder / "escaneo.pdf"
    scan.write_bytes(b"%PDF")
    reason = f"escaneo.pdf holds images only → {ocr.HOW_TO_GET}"
    library.failed.append(FileInfo("escaneo.pdf", str(scan), outcome, reason, 0.0, None))
    monkeypatch.setattr(ocr, "is_installed", lambda: False)
    app = open_app(library, "documents")
    said = ES.documents_page
    assert said.pictures.format(count=1) in html(app)
    assert said.pictures_command in [item.value for item in app.caption]
    assert said.failed.format(count=1) not in [item.label for item in app.expander]
    assert pictures.next_step(ES, outcome, reason) == said.pictures_command
    monkeypatch.setattr(ocr, "is_installed", lambda: True)
    assert pictures.next_step(ES, outcome, reason) == said.pictures_button_hint
    button(well(app.run()), "read-pictures")
    (job,) = app.session_state.shared.jobs.all
    assert (job.paths, job.retry) == ((scan,), True)


def test_a_reading_that_was_killed_can_be_gone_on_with_or_discarded(library: FakeLibrary) -> None:
    for name in ("actas", "cartas"):
        (library.folder / name).mkdir()
    folders = [library.folder / "actas", library.folder / "cartas"]
    jobs.Jobs(library.as_library())._note(add=folders)  # as a killed process leaves it
    app = open_app(library, "documents")
    assert ES.documents_page.stopped.format(count=2) in html(app)
    assert str(folders[1]) in html(app)
    button(app, "discard-jobs")
    assert not app.session_state.shared.jobs.unfinished
    app.session_state.shared.jobs._note(add=folders[:1])
    button(well(app.run()), "resume-jobs")
    wait_for(lambda: not app.session_state.shared.jobs.active)
    assert not app.session_state.shared.jobs.unfinished
    assert ES.documents_page.stopped.format(count=1) not in html(well(app.run()))


def test_folders_are_gone_into_without_a_word_typed(
    library: FakeLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "docs" / "actas").mkdir(parents=True)
    app = open_app(library, "documents")
    for here, name in ((tmp_path, "docs"), (tmp_path / "docs", "actas")):
        well(app.selectbox(key=f"inside-{here.resolve()}").set_value(name).run())
    assert app.text_input(key="folder-path").value == str(tmp_path.resolve() / "docs" / "actas")
    button(app, "add-folder")
    (job,) = app.session_state.shared.jobs.all
    assert job.paths == ((tmp_path / "docs" / "actas").resolve(),)


def test_a_page_is_enlarged(library: FakeLibrary) -> None:
    (library.folder / "informe.pdf").write_bytes(b"%PDF")
    library.whole[1] = Document("informe.pdf", "Informe", PROOF, pages=(0, 5, 9))
    app = open_app(library, "documents")
    app.query_params["d"] = "1"
    well(app.run())
    said = ES.documents_page
    well(app.segmented_control(key="view").set_value(said.page_alone).run())
    well(app.segmented_control(key="zoom").set_value(200).run())
    assert len(app.image) == 1


@pytest.mark.parametrize(
    ("where", "shown"),
    [("page 4", "pág. 4"), ("pages 1-4, 7", "págs. 1-4, 7"), ("Costes", "Costes")],
)
def test_where_something_was_left_out_is_said_in_spanish(where: str, shown: str) -> None:
    assert f" · {shown}" in i18n.note(ES, Note(NoteKind.RUNNING_HEADS, where, 8))


def test_files_that_gave_nothing_are_named_with_the_next_step(library: FakeLibrary) -> None:
    library.failed.append(FileInfo("roto.pdf", "/tmp/roto.pdf", "encrypted", "", 0.0, None))
    app = open_app(library, "documents")
    assert ES.documents_page.failed.format(count=1) in [item.label for item in app.expander]
    assert ES.documents_page.next_steps["encrypted"] in html(app)
