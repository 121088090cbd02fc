"""The door of the parsers: formats by content, typed refusals, and what every text promises."""

from __future__ import annotations

import io
import os
import struct
import sys
import zipfile
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from rag.errors import FileProblem
from rag.parsing import parse
from rag.parsing.builder import TextBuilder, make_sections
from rag.parsing.characters import clean_code, clean_line, clean_text, decode
from rag.parsing.file import Format
from rag.parsing.sniff import sniff
from rag.schema import Outcome
from tests.parsing.compound import compound


def problem(path: Path) -> FileProblem:
    with pytest.raises(FileProblem) as caught:
        parse(path)
    return caught.value


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (compound({"Contents": b"x"}), "old Office"),
        (compound({"WordDocument": b"x" * 5_000}), "DOC"),
        (compound({"ObjectPool": {"Workbook": b"x"}, "WordDocument": b"x"}), "DOC"),
        (compound({"PowerPoint Document": b"x"}), "PPT"),
        (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d" + bytes(100), "OneNote"),
        (b"ID3\x03" + bytes(100), "MP3"),
        (b"\x00\x00\x00\x20ftypisom" + bytes(100), "video"),
        (b"\x1f\x8b\x08" + bytes(100), "GZIP"),
        (b"SQLite format 3\x00" + bytes(100), "SQLite"),
        (b"\x01\x02\x03\x00\x07" * 50, "binary"),
    ],
    ids="OLE DOC objects PPT OneNote MP3 video GZIP SQLite binary".split(),
)
def test_known_formats_are_refused_by_name(tmp_path: Path, data: bytes, named: str) -> None:
    path = tmp_path / "informe.txt"
    path.write_bytes(data)
    refused = problem(path)
    assert refused.outcome is Outcome.UNSUPPORTED
    assert "informe.txt" in refused.message
    assert named in refused.message
    assert refused.next_command


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ({"xl/workbook.bin": b"x"}, "XLSB"),
        ({"Index/Document.iwa": b"x"}, "iWork"),
        ({"mimetype": b"application/vnd.oasis.opendocument.graphics"}, "OpenDocument"),
        ({"notas.txt": b"x"}, "ZIP"),
    ],
    ids="xlsb iwork odg zip".split(),
)
def test_zip_containers_that_are_not_read_are_named(
    tmp_path: Path, members: dict[str, bytes], named: str
) -> None:
    refused = problem(zipped(tmp_path / "a.docx", members))
    assert refused.outcome is Outcome.UNSUPPORTED
    assert named in refused.message
    assert refused.next_command


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"word/document.xml": b"<a/>"}, Format.DOCX),
        ({"ppt/presentation.xml": b"<a/>", "ppt/embeddings/a.xlsx": b"PK"}, Format.PPTX),
        ({"xl/workbook.xml": b"<a/>"}, Format.XLSX),
        ({"mimetype": b"application/epub+zip\n"}, Format.EPUB),
        ({"META-INF/container.xml": b"<a/>"}, Format.EPUB),
        ({"mimetype": b"application/vnd.oasis.opendocument.text-template"}, Format.ODT),
        ({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}, Format.ODS),
        ({"mimetype": b"application/vnd.oasis.opendocument.presentation"}, Format.ODP),
    ],
    ids="docx pptx xlsx epub bare-epub ott ods odp".split(),
)
def test_zip_containers_are_told_apart(
    tmp_path: Path, members: dict[str, bytes], expected: Format
) -> None:
    assert sniff(zipped(tmp_path / "a.zip", members)) is expected


@pytest.mark.parametrize("data", [b"", b" \r\n\t\n", b"\xef\xbb\xbf\n", b"\xff\xfe\n\x00"])
def test_blank_files_have_no_text(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "vacío.txt"
    path.write_bytes(data)
    assert problem(path).outcome is Outcome.NO_TEXT


@pytest.mark.parametrize(
    ("name", "named"),
    [("~$acta.docx", "leaves beside a document that is open"), ("._acta.docx", "macOS")],
)
def test_companions_of_documents_are_named(tmp_path: Path, name: str, named: str) -> None:
    (tmp_path / name).write_bytes(b"\x05Ana Pena" + bytes(150) + b"\x01")
    refused = problem(tmp_path / name)
    assert refused.outcome is Outcome.UNSUPPORTED
    assert named in refused.message


@pytest.mark.parametrize(
    "data",
    [
        "El año pasó, y otro.".encode("utf-16-le"),
        "El año pasó, y otro.".encode("utf-16-be"),
        "El año pasó, y otro.".encode() + bytes(500),
        "El año pasó, y otro.".encode("utf-16-le") + bytes(64),
    ],
)
def test_text_without_marks_and_with_zeros_is_read(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.txt").write_bytes(data)
    assert parse(tmp_path / "a.txt").document.text == "El año pasó, y otro."


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    assert problem(tmp_path / "nada.pdf").outcome is Outcome.UNREADABLE


@pytest.mark.skipif(sys.platform == "win32", reason="no FIFOs there")
def test_a_fifo_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "cola.txt")
    assert problem(tmp_path / "cola.txt").outcome is Outcome.UNREADABLE


@pytest.mark.parametrize(
    "members",
    [
        {"word/document.xml": b"a" * 30_000_000},
        {f"word/{number}.xml": b"" for number in range(2_001)},
        {"word/document.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'},
        {"xl/workbook.xml": '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'.encode("utf-16")},
        {"mimetype": b"application/epub+zip", "OEBPS/a.xhtml": b"a" * 30_000_000},
    ],
    ids=["ratio", "members", "entities", "external", "epub"],
)
def test_bombs_are_refused_before_they_unpack(tmp_path: Path, members: dict[str, bytes]) -> None:
    assert problem(zipped(tmp_path / "a.docx", members)).outcome is Outcome.BOMB


def test_declared_sizes_count_for_the_total(tmp_path: Path) -> None:
    """A central directory that declares 4 GB is refused, whatever the bytes behind it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", b"x")
    data = bytearray(buffer.getvalue())
    central = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, central + 24, 4_000_000_000)
    (tmp_path / "a.docx").write_bytes(data)
    assert problem(tmp_path / "a.docx").outcome is Outcome.BOMB


def test_parts_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.docx", {"word/document.xml": b"a" * 999, "word/b.xml": b"b"})
    data = bytearray(path.read_bytes())
    second = data.rindex(b"PK\x01\x02")
    struct.pack_into("<I", data, second + 42, 0)  # its header is where the first one's is
    path.write_bytes(data)
    assert problem(path).outcome is Outcome.BOMB


@pytest.mark.parametrize("kind", ["zip", "office"])
def test_containers_with_a_password_are_told(tmp_path: Path, kind: str) -> None:
    path = zipped(tmp_path / "a.docx", {"word/document.xml": b"<a/>"})
    data = bytearray(path.read_bytes())
    struct.pack_into("<H", data, data.index(b"PK\x01\x02") + 8, 1)
    path.write_bytes(data if kind == "zip" else compound({"EncryptedPackage": b"x"}))
    assert problem(path).outcome is Outcome.ENCRYPTED


def test_a_truncated_archive_is_unreadable(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.docx", {"word/document.xml": b"<a/>"})
    path.write_bytes(path.read_bytes()[:40])
    assert problem(path).outcome is Outcome.UNREADABLE


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.md", b"# Uno\n\ndos", Format.MARKDOWN),
        ("a.txt", b"# Uno\n\ndos", Format.TEXT),
        ("a.csv", b"a,b\n1,2", Format.CSV),
        ("a.txt", b"a\tb\n1\t2\n3\t4\n", Format.CSV),
        ("a.txt", b"uno, dos, tres\ncuatro, cinco, seis\nsiete, ocho, nueve", Format.TEXT),
        ("a.json", b'{"a": 1}', Format.JSON),
        ("a.json", b"hola", Format.TEXT),
        ("a", b'[\n  {"a": 1}\n]', Format.JSON),
        ("a.txt", b"[1] Una nota {al pie}", Format.TEXT),
        ("a.txt", b"From: a@b.c\r\nTo: d@e.f\r\nSubject: x\r\n\r\nHola", Format.EMAIL),
        ("a.eml", b"Subject: x\n\nHola", Format.EMAIL),
        ("a.eml", "\ufeffSubject: x\n\nHola".encode("utf-16-le"), Format.EMAIL),
        ("a.md", b"From: a\nTo: b\nnada m\xc3\xa1s", Format.MARKDOWN),
        ("a", b"\x89PNG\r\n\x1a\n" + bytes(99), Format.IMAGE),
        ("a", b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(99), Format.IMAGE),
        ("a.txt", b"<!DOCTYPE html><p>x", Format.HTML),
        ("a", b"\xef\xbb\xbf  <html><p>x", Format.HTML),
        ("a.html", b"<!-- x --><p>uno</p>", Format.HTML),
        ("a.md", b"<div>uno</div>\n\n# Dos", Format.MARKDOWN),
        ("a.txt", "\ufeff<html>hola".encode("utf-16-le"), Format.HTML),
        ("a.txt", b"junk\n%PDF-1.4", Format.PDF),
        ("a.txt", b"note: from here\nto: there", Format.TEXT),
        ("a.txt", b"{\\rtf1 Hola}", Format.RTF),
        ("a.doc", compound({"Workbook": b"x"}), Format.XLS),
        ("a", compound({"__properties_version1.0": b"x"}), Format.MSG),
        ("a.txt", b"# Uno\r\n\r\ndos\r\n\r\n## Tres\r\n\r\n", Format.MARKDOWN),
        ("a.txt", b"Vea [la web](https://x.es) y **esto**.", Format.MARKDOWN),
        ("a", b"# Zonas\n\n| Zona | Litros |\n|---|---:|\n| Norte | 4 |\n", Format.MARKDOWN),
        ("a.txt", b"```\nx = 1\n```\n\n- [ ] revisar\n", Format.MARKDOWN),
        ("a.txt", b"# puerto\nport = 1\n# ruta\npath = x\n", Format.TEXT),
        ("a.txt", b"Nota 2 ** 3 = 8 ** y [1] (sic).\n#uno\n", Format.TEXT),
        ("a.py", b"# uno\n\nx = 1\n\n# dos\n\ny = 2\n", Format.TEXT),
        ("a.txt", "El año pasó.".encode("utf-16-le"), Format.TEXT),
        ("a.txt", "El año pasó.".encode("utf-16-be"), Format.TEXT),
        ("a.csv", "a;b\n1;2\n".encode("utf-16-le"), Format.CSV),
        ("a.txt", b"Hola a todos.\n" + bytes(300), Format.TEXT),
        ("a.txt", b"RIFF es un formato; ID3 otro.", Format.TEXT),
        ("a.txt", b"ID3 es la etiqueta de una pista.", Format.TEXT),
        ("a.txt", b"Rar! dijo el loro.", Format.TEXT),
        ("a.md", b"Un PDF empieza por %PDF-1.7 siempre.", Format.MARKDOWN),
    ],
)
def test_content_decides_the_format(
    tmp_path: Path, name: str, data: bytes, expected: Format
) -> None:
    (tmp_path / name).write_bytes(data)
    assert sniff(tmp_path / name) is expected


def test_a_parser_that_fails_in_any_way_is_reported_as_unreadable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(path: Path, beat: object) -> None:
        raise ZeroDivisionError("half a page")

    monkeypatch.setattr("rag.parsing.txt.parse_txt", broken)
    (tmp_path / "a.txt").write_text("hola")
    refused = problem(tmp_path / "a.txt")
    assert refused.outcome is Outcome.UNREADABLE
    assert "ZeroDivisionError: half a page" in refused.message


@pytest.mark.parametrize(
    ("data", "declared", "expected"),
    [
        ("año".encode(), "", "año"),
        ("\ufeffaño".encode("utf-16"), "", "año"),
        ("El año pasado subió.".encode("cp1252"), "", "El año pasado subió."),
        ("Привет, это обычный русский текст для проверки.".encode("cp1251"), "windows-1251",
         "Привет, это обычный русский текст для проверки."),
        ("“x” – 5 €".encode("cp1252"), "iso-8859-1", "“x” – 5 €"),
        (b"abc", "no-such-encoding", "abc"),
    ],
)  # fmt: skip
def test_decode(data: bytes, declared: str, expected: str) -> None:
    assert decode(data, declared).lstrip("\ufeff") == expected


def test_a_stray_byte_does_not_cost_the_rest_of_an_utf8_file() -> None:
    assert decode("año ".encode() * 50 + b"\xff" + b" fin").endswith("\ufffd fin")


def test_clean_text_spells_out_and_removes() -> None:
    assert (
        clean_text("o\ufb01cina\r\nde\xadmo\x00 \u200b x\r\n\r\n\r\n\r\ny")
        == "oficina\ndemo x\n\ny"
    )
    assert clean_line(" a\n\tb\xa0c ") == "a b c"
    assert clean_code("if x:\r\n\ty = 1  ") == "if x:\n    y = 1"


@given(st.text(alphabet=st.characters(codec=None)))
def test_clean_text_is_stable_and_leaves_no_control_characters(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once
    assert not set(once) & {"\r", "\x00", "\x0c", "\ufeff", "\ufffe", "\xad"}
    assert not any(0xD800 <= ord(character) <= 0xDFFF for character in once)
    assert "\n\n\n" not in once


@given(
    st.lists(st.tuples(st.integers(0, 6), st.text("abc ", max_size=4), st.text("xyz", max_size=9)))
)
def test_sections_cover_the_text_and_begin_at_their_headings(
    parts: list[tuple[int, str, str]],
) -> None:
    builder = TextBuilder()
    for level, heading, body in parts:
        builder.heading(heading, level)
        builder.add(body)
    text, sections = builder.text(), builder.sections()
    assert len(text) == builder.length
    assert sections[0].start == 0
    assert sections[-1].end == len(text)
    for before, after in pairwise(sections):
        assert before.end == after.start
        assert before.start < before.end
    for section in sections:
        if section.headings:
            assert text.startswith(section.headings[-1], section.start)


def test_sections_nest_by_level() -> None:
    sections = make_sections([(0, 1, "A"), (5, 2, "B"), (9, 2, "C"), (12, 1, "D")], 20)
    assert [section.headings for section in sections] == [("A",), ("A", "B"), ("A", "C"), ("D",)]


def test_a_heading_of_a_megabyte_names_no_section() -> None:
    builder = TextBuilder()
    builder.heading("palabra " * 100_000, 1)
    builder.open(2, "nombre " * 100_000)
    builder.add("Un párrafo.")
    assert builder.text().startswith("palabra " * 1_000)
    assert max(len(words) for section in builder.sections() for words in section.headings) <= 200
