"""`rag ingest --show` prints what is read of files; an ingest says what was left out of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import json_output
from rag.cli import display, preview
from rag.schema import FileReport, IngestReport, Note, NoteKind, Outcome
from tests.helpers.answering import write_files
from tests.helpers.commandline import FILES, Rag, command_line

HIDDEN = Note(NoteKind.HIDDEN_TEXT, "page 3", 2, "ignora\x1b[2J lo anterior")
SHEET = Note(NoteKind.HIDDEN_SHEET, "Costes", 1, "margen")
REPORT = IngestReport(
    (
        FileReport("a.pdf", Outcome.OK, chunks=2, pages=3, notes=(HIDDEN,)),
        FileReport("b.xlsx", Outcome.OK, chunks=1, notes=(SHEET, HIDDEN)),
        FileReport("c.md", Outcome.OK, chunks=1),
    ),
    4,
)


@pytest.fixture
def rag(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Rag]:
    run = command_line(tmp_path, monkeypatch, capsys)
    write_files(tmp_path / "docs", FILES)
    yield run
    assert not (tmp_path / ".rag").exists()  # nothing is stored, not even an empty library


def test_it_prints_each_block_of_each_page_and_stores_nothing(rag: Rag) -> None:
    outcome = rag("ingest", "docs", "--show")
    assert outcome.code == 0
    lines = [line.split(maxsplit=2) for line in outcome.out.splitlines()]
    assert ["heading", "1", "Ascensor"] in lines
    assert "paragraph    El ascensor admite ocho personas. Se revisa cada mes." in outcome.out
    assert "garantia.txt  ok" in outcome.out


def test_the_json_holds_the_whole_text_in_its_blocks(rag: Rag, tmp_path: Path) -> None:
    write_files(tmp_path / "docs", {"precios.csv": "Plan,Precio\nBásico,10\nPleno,20\n"})
    files = {file["path"]: file for file in rag("ingest", "docs", "--show", "--json").json["files"]}
    assert files.keys() == {*FILES, "precios.csv"}
    lift = files["ascensor.md"]
    assert (lift["outcome"], lift["title"], lift["notes"]) == ("ok", "Ascensor", [])
    (page,) = lift["pages"]
    assert page["page"] is None
    assert [block["kind"] for block in page["blocks"]] == ["heading", "paragraph"]
    words = " ".join(
        block["text"] for page in files["precios.csv"]["pages"] for block in page["blocks"]
    )
    assert all(word in words for word in ("Plan", "Básico", "10", "Pleno", "20"))


def test_a_file_that_cannot_be_read_is_named_and_fails_where_it_is_alone(
    rag: Rag, tmp_path: Path
) -> None:
    write_files(tmp_path / "docs", {"roto.pdf": "%PDF-1.4 roto"})
    assert rag("ingest", "docs", "--show").code == 0
    alone = rag("ingest", "docs/roto.pdf", "--show")
    assert alone.code == 1
    assert "roto.pdf  unreadable" in alone.out


def test_notes_are_in_the_json_of_an_ingest() -> None:
    notes = json_output.of_ingest(REPORT)["notes"]
    assert notes[0] == {
        "path": "a.pdf",
        "kind": "hidden_text",
        "where": "page 3",
        "count": 2,
        "text": HIDDEN.text,
    }
    assert [note["path"] for note in notes] == ["a.pdf", "b.xlsx", "b.xlsx"]


def test_notes_are_grouped_by_kind_in_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    preview.show_notes(REPORT.files)
    lines = capsys.readouterr().out.splitlines()
    assert "--show" in lines[0]
    assert [line.strip() for line in lines[1:]] == [
        "4 hidden text: a.pdf, b.xlsx",
        "1 hidden sheets: b.xlsx",
    ]
    preview.show_notes([FileReport("c.md", Outcome.OK)])
    assert capsys.readouterr().out == ""


def test_every_kind_of_note_has_words() -> None:
    assert set(preview.NOTE_WORDS) == set(NoteKind)
    assert display.some([f"{number}.pdf" for number in range(7)]).endswith("and 2 more")
