"""Personal data is made unreadable at ingest where asked for; offsets and pages stay."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rag import personal_data
from rag.errors import FileProblem, UsageError
from rag.library import Library
from rag.personal_data import MASK, find, redacted
from rag.schema import Document, Note, NoteKind, Outcome, Section
from tests.helpers import hostile_pages
from tests.helpers.answering import open_library, write_files
from tests.helpers.commandline import Rag, command_line, stated
from tests.helpers.ingesting import age

DNI, IBAN, EMAIL = "18251888-P", "ES57 0550 4064 0258 4220 8852", "ana@casa.example"
CONTRACT = f"""# Contrato de {EMAIL}

La arrendataria tiene el documento {DNI} y paga en la cuenta {IBAN}.

La renta mensual es de 640 euros.
"""


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    return write_files(tmp_path / "docs", {"contrato.md": CONTRACT, "b.md": "La fianza es de 9.\n"})


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with open_library(tmp_path / "library") as opened:
        yield opened


def redact(library: Library, kinds: str) -> None:
    library.settings = replace(library.settings, redact=kinds)


def text_of(library: Library, path: str = "contrato.md") -> str:
    (info,) = [info for info in library.documents() if info.path == path]
    document = library.document(info.id)
    assert document is not None
    return f"{document.title}\n{document.sections}\n{document.text}"


def page_of(text: str) -> bytes:
    """A PDF of one page."""
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    content = b"BT /F 12 Tf 40 700 Td (%s) Tj ET" % text.encode("cp1252")
    return hostile_pages.pdf(content, b"/Font << /F 10 0 R >>", {10: font})


def anywhere(folder: Path, *words: str) -> list[str]:
    """Which of these words stand in any file below a folder, byte by byte."""
    files = [str(path) for path in folder.rglob("*") if path.is_file()]
    held = subprocess.run(["cat", *files], capture_output=True, check=True).stdout.lower()
    return [word for word in words if word.lower().encode() in held]


def test_nothing_moves_and_nothing_else_changes() -> None:
    note = Note(NoteKind.HIDDEN_TEXT, "page 1", 1, f"escribe a {EMAIL}")
    sections = (Section(0, len(CONTRACT), (f"Contrato de {EMAIL}",)),)
    pages = (0, CONTRACT.index("La renta"))
    document = Document("a.md", EMAIL, CONTRACT, pages=pages, sections=sections, notes=(note,))
    made = redacted(document, ("dni", "iban", "email"))
    assert len(made.text) == len(CONTRACT)
    assert (made.pages, made.blocks, made.path) == (pages, (), "a.md")
    for one in find(CONTRACT):
        piece = CONTRACT[one.start : one.end]
        shown = made.text[one.start : one.end]
        assert [a.isspace() for a in piece] == [b.isspace() for b in shown]
        assert set(shown) <= {MASK, " "}
    rest = [(a, b) for a, b in zip(CONTRACT, made.text, strict=True) if b != MASK]
    assert all(a == b for a, b in rest)
    assert made.title == made.sections[0].headings[0].removeprefix("Contrato de ")
    assert EMAIL not in str(made)
    kinds = [(n.kind, n.where, n.count, n.text) for n in made.notes[1:]]
    counted = (("iban", 1), ("dni", 1), ("email", 1))
    assert kinds == [(NoteKind.REDACTED, kind, count, "") for kind, count in counted]


def test_only_the_kinds_that_are_asked_for() -> None:
    document = Document("a.md", "Contrato", CONTRACT)
    assert redacted(document, ()) is document
    made = redacted(document, ("iban",)).text
    assert DNI in made
    assert EMAIL in made
    assert IBAN not in made


def test_a_list_of_kinds() -> None:
    assert personal_data.chosen(" dni, iban ,") == ("iban", "dni")
    assert personal_data.chosen("all") == personal_data.KINDS
    assert personal_data.chosen("") == ()
    with pytest.raises(UsageError, match="«dnis» is no kind"):
        personal_data.chosen("dnis")


def test_nothing_of_it_is_in_the_library_and_what_is_quoted_stands_there(
    library: Library, docs: Path, tmp_path: Path
) -> None:
    with open_library(tmp_path / "plain") as plain:
        plain.ingest([docs])
        as_it_is = text_of(plain)
    redact(library, "all")
    report = library.ingest([docs])
    assert report.redacted() == {"iban": 1, "dni": 1, "email": 1}
    assert anywhere(tmp_path / "library", DNI, IBAN, IBAN.replace(" ", ""), EMAIL) == []
    answer = library.ask("¿De cuánto es la renta mensual?").answer
    (citation,) = answer.citations
    document = library.document(citation.passage.chunk.document_id)
    assert document is not None
    assert document.text[citation.start : citation.end] == citation.quote
    assert citation.quote == "La renta mensual es de 640 euros."
    assert text_of(library).index(citation.quote) == as_it_is.index(citation.quote)


def test_what_was_read_before_is_read_again_and_stays_so(
    library: Library, docs: Path, tmp_path: Path
) -> None:
    write_files(docs, {"copia.md": CONTRACT})
    age(docs / "contrato.md")
    library.ingest([docs])
    assert DNI in text_of(library)
    redact(library, "dni")
    counts = library.ingest([docs]).counts()
    assert counts == {"ok": 2, "duplicate": 1}, "every file was another one without it"
    assert anywhere(tmp_path / "library", DNI) == []
    redact(library, "")
    assert library.ingest([docs]).counts() == {"unchanged": 3}
    write_files(docs, {"contrato.md": CONTRACT + "\nSegunda cláusula.\n"})
    assert library.ingest([docs]).counts() == {"ok": 1, "unchanged": 2}
    assert anywhere(tmp_path / "library", DNI) == [], "an edited file too"
    assert anywhere(tmp_path / "library", IBAN) == [IBAN]
    redact(library, "iban")
    library.ingest([docs])
    assert anywhere(tmp_path / "library", DNI, IBAN) == [], "and what is asked for is added"
    assert library.status().consistent


def test_what_was_removed_stays_removed_however_it_would_be_read(
    library: Library, docs: Path
) -> None:
    redact(library, "dni")
    library.ingest([docs])
    library.remove([Path("contrato.md")])
    redact(library, "")
    (docs / "contrato.md").rename(docs / "otro.md")
    assert library.ingest([docs]).counts() == {"unchanged": 1, "stays_removed": 1}


def test_the_file_is_not_shown_where_it_holds_what_was_made_unreadable(
    library: Library, tmp_path: Path
) -> None:
    for name, text in (("a.pdf", f"El titular tiene el documento {DNI}."), ("b.pdf", "Un faro.")):
        path = tmp_path / "docs" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(page_of(text))
    redact(library, "dni")
    library.ingest([tmp_path / "docs"])
    closed, opened = (info.id for info in library.documents())
    for show in (library.originals.content, lambda key: library.originals.page(key, 1)):
        with pytest.raises(FileProblem, match="unreadable in its text") as caught:
            show(closed)
        assert caught.value.outcome == Outcome.REMOVED
    assert library.originals.path(closed) is None
    assert library.originals.path(opened) == tmp_path / "docs/b.pdf"
    assert library.originals.page(opened, 1).width


def test_the_command_counts_by_kind_and_prints_nothing_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], docs: Path
) -> None:
    rag: Rag = command_line(tmp_path, monkeypatch, capsys)
    stated(rag("ingest", "docs", "--redact", "dnis"), 2, "no kind of personal data", "iban")
    shown = rag("ingest", "docs", "--redact", "dni,email", "--show")
    assert "1 pieces of personal data made unreadable (dni)" in shown.out
    done = rag("ingest", "docs", "--redact", "dni,email")
    assert "personal data made unreadable: 1 dni, 1 email" in done.out
    for outcome in (shown, done):
        assert DNI not in outcome.out + outcome.err
        assert EMAIL not in outcome.out + outcome.err
    (tmp_path / "rag.toml").write_text('redact = "all"\n')
    assert rag("ingest", "docs", "--json").json["redacted"] == {}, "not of a file that came along"
    monkeypatch.setenv("RAG_REDACT", "all")
    counted = rag("ingest", "docs", "--json").json
    assert counted["redacted"] == {"iban": 1, "dni": 1, "email": 1}
    assert rag("privacy", "report", "--json").json["documents"] == []
