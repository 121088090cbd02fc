"""What a person removed stays removed, until it is named or asked for again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag import uploads
from rag.library import Library
from rag.schema import FileReport, IngestReport, Outcome
from tests.helpers.answering import open_library, write_files
from tests.helpers.commandline import Rag, command_line, fill
from tests.helpers.ingesting import age
from ui import documents_page

LIFT, WARRANTY = "ascensor.md", "sub/garantia.txt"
FILES = {
    LIFT: "# Ascensor\n\nEl ascensor admite ocho personas.\n",
    WARRANTY: "La garantía dura dos años.\n",
}


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    return write_files(tmp_path / "docs", FILES)


@pytest.fixture
def library(tmp_path: Path, docs: Path) -> Iterator[Library]:
    """A library of two documents, of which the one on the lift has been removed."""
    with open_library(tmp_path / "library") as opened:
        opened.ingest([docs])
        opened.remove([Path(LIFT)])
        yield opened


def held(library: Library) -> set[str]:
    return {document.path for document in library.documents()}


def kept_out(report: IngestReport) -> list[FileReport]:
    return [file for file in report.files if file.outcome is Outcome.STAYS_REMOVED]


def test_the_next_ingest_of_its_folder_leaves_it_out_and_names_the_command(
    library: Library, docs: Path
) -> None:
    for _ in range(2):
        report = library.ingest([docs])
        assert held(library) == {WARRANTY}
        assert report.counts() == {"stays_removed": 1, "unchanged": 1}
        (file,) = kept_out(report)
        assert file.path == LIFT
        assert f"rag ingest {docs / LIFT}" in file.reason
    assert library.status().files == {"ok": 1, "removed": 1}
    assert library.status().consistent


def edit(path: Path) -> None:
    path.write_text("El ascensor admite nueve personas.\n", "utf-8")


def move(path: Path) -> None:
    path.rename(path.with_name("elevador.md"))


@pytest.mark.parametrize("change", [edit, move, age], ids=["edited", "renamed", "touched"])
@pytest.mark.parametrize("prune", [False, True])
def test_it_stays_out_whatever_becomes_of_the_file(
    library: Library, docs: Path, change: Callable[[Path], object], prune: bool
) -> None:
    change(docs / LIFT)
    for _ in range(2):
        report = library.ingest([docs], prune)
        assert held(library) == {WARRANTY}
        assert len(kept_out(report)) == 1
    assert library.status().files == {"ok": 1, "removed": 1}


def test_a_renamed_one_stays_out_when_it_is_edited_later(library: Library, docs: Path) -> None:
    moved = (docs / LIFT).rename(docs / "elevador.md")
    library.ingest([docs])
    edit(moved)
    library.ingest([docs])
    assert held(library) == {WARRANTY}


def test_a_file_that_was_away_for_a_while_stays_out(library: Library, docs: Path) -> None:
    away = (docs / LIFT).rename(docs.parent / "away.md")
    library.ingest([docs], prune=True)
    away.rename(docs / LIFT)
    library.ingest([docs], prune=True)
    assert held(library) == {WARRANTY}


def test_naming_the_file_brings_it_back_for_good(library: Library, docs: Path) -> None:
    assert library.ingest([docs / LIFT]).counts() == {"ok": 1}
    assert library.ingest([docs], prune=True).counts() == {"unchanged": 2}
    assert held(library) == {LIFT, WARRANTY}
    assert library.status().files == {"ok": 2}


def test_asking_again_brings_back_all_below_a_folder(library: Library, docs: Path) -> None:
    library.remove([docs])
    assert held(library) == set()
    assert library.ingest([docs / "sub"], again=True).counts() == {"ok": 1}
    assert held(library) == {"garantia.txt"}
    assert library.ingest([docs], again=True).counts() == {"ok": 1, "unchanged": 1}
    assert len(held(library)) == 2


def test_a_file_that_could_not_be_read_stays_removed_too(library: Library, docs: Path) -> None:
    (docs / "roto.pdf").write_bytes(b"%PDF-1.4 roto")
    library.ingest([docs])
    library.remove([Path("roto.pdf")])
    assert len(kept_out(library.ingest([docs], retry=True))) == 2


def test_a_copy_of_what_another_file_still_holds_is_a_duplicate(
    library: Library, docs: Path
) -> None:
    write_files(docs, {"otra.txt": FILES[WARRANTY]})
    library.ingest([docs])
    library.remove([Path("otra.txt")])
    write_files(docs, {"copia.txt": FILES[WARRANTY]})
    assert library.ingest([docs]).counts() == {"duplicate": 1, "stays_removed": 2, "unchanged": 1}


def test_a_watch_brings_back_what_it_was_asked_for_and_no_more(
    library: Library, docs: Path
) -> None:
    """Named at the start, it comes back; removed while the watch runs, it stays out."""
    reports: list[IngestReport] = []

    def on_report(report: IngestReport) -> None:
        reports.append(report)
        if len(reports) == 1:
            library.remove([docs / LIFT])
            edit(docs / LIFT)

    library.watch([docs / LIFT], on_report, stop=lambda: len(reports) == 2)
    assert [report.counts() for report in reports] == [{"ok": 1}, {"stays_removed": 1}]
    assert held(library) == {WARRANTY}


def test_the_button_of_the_app_is_a_removal_too(library: Library, docs: Path) -> None:
    """A document that several files hold goes with all of them, and all of them stay out."""
    copy = write_files(docs.parent / "more", {"copia.txt": FILES[WARRANTY]})
    library.ingest([copy])
    (document,) = library.documents()
    library.remove([Path(file.source) for file in documents_page.files_of(library, [document])])
    assert library.ingest([docs, copy]).counts() == {"stays_removed": 3}
    upload = uploads.save(library, "garantia.txt", FILES[WARRANTY].encode())
    assert library.ingest([upload]).counts() == {"ok": 1}  # a person has chosen it again


@pytest.fixture
def rag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Rag:
    return fill(command_line(tmp_path, monkeypatch, capsys), tmp_path)


def test_the_command_says_what_stays_out_and_what_brings_it_back(rag: Rag, tmp_path: Path) -> None:
    assert "--again" in rag("remove", LIFT).out
    text = rag("ingest", "docs").out
    assert "stays removed" in text
    assert LIFT in text
    assert "--again" in text
    report = rag("ingest", "docs", "--json").json
    assert report["files"] == {"stays_removed": 1, "unchanged": 1}
    assert [file["path"] for file in report["kept_out"]] == [LIFT]
    assert rag("ingest", "docs", "--again", "--json").json["files"] == {"ok": 1, "unchanged": 1}
