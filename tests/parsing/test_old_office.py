"""RTF, XLS and MSG: the same promises as for their successors."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
import xlwt

from rag.errors import FileProblem
from rag.parsing import parse
from rag.schema import Document, DocumentBlockKind, Note, NoteKind, Outcome
from tests.parsing.compound import compound

RTF = r"""{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fcharset0 Times;}{\f1\fcharset238 Arial;}}
{\stylesheet{\s1 \outlinelevel0 heading 1;}{\s5 \v Nota interna;}}
{\header \pard Cooperativa San Mart\'edn\par}{\footerf \pard Tel. 949 222 333\par}
\pard\plain\s1\outlinelevel0 Cl\'e1usulas\par
\pard\plain Paga 300 \u8364 ? al mes{\footnote \pard Hasta el d\'eda 5.} sin falta.
 {\v un secreto}Fin\v  otro\v0 .\par
{\listtext\f0 1.\tab}Entregar llaves\par
{\listtext\f0 2.\tab}Firmar {\b acta}\par
\trowd\cellx1000\cellx2000\intbl Zona\cell Litros\cell\row
\trowd\cellx1000\cellx2000\intbl Norte\cell 40\par m\'e1s\cell\row
\pard Ver {\field{\*\fldinst{HYPERLINK "http://x.es/"}}{\fldrslt el plano}}\chatn
{\*\annotation{\*\atnref 1}\pard Revisar.}.\par}"""


def written(path: Path, text: str) -> Document:
    path.write_bytes(text.encode("latin-1"))
    return parse(path).document


def test_rtf_reads_as_it_is_shown(tmp_path: Path) -> None:
    document = written(tmp_path / "a.rtf", RTF)
    assert document.text == (
        "Cooperativa San Martín\n\nTel. 949 222 333\n\nCláusulas\n\n"
        "Paga 300 € al mes sin falta. Fin.\n\n1. Entregar llaves\n2. Firmar acta\n\n"
        "Zona | Litros\nZona: Norte; Litros: 40 más\n\nVer el plano.\n\nHasta el día 5.\n\nRevisar."
    )
    assert document.headings_at(document.text.index("Paga")) == ()  # it is the title
    assert document.title == "Cláusulas"
    kinds = [block.kind for block in document.blocks]
    assert kinds.count(DocumentBlockKind.LIST_ITEM) == 2
    assert kinds.count(DocumentBlockKind.NOTE) == 2
    assert document.notes == (Note(NoteKind.HIDDEN_TEXT, "", 2, "un secreto"),)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"{\f1 \'b9}", "ą"),  # by the code page of its font
        (r"\'93hola\'94", "“hola”"),
        (r"{\pntext\f0 \'b7\tab}punto", "· punto"),
        (r"{\*\desconocido nada}algo", "algo"),
        (r"a\line b\par\par c", "a\nb\n\nc"),
        (r"llave \{x\} barra \\", "llave {x} barra \\"),
        (r"{\pict\wmetafile8 0102030405}foto", "foto"),
    ],
)
def test_rtf_spells_out(tmp_path: Path, body: str, text: str) -> None:
    head = r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 T;}{\f1\fcharset238 A;}}"
    found = written(tmp_path / "a.txt", f"{head}\n{body}\\par}}").text
    assert found.replace("\n\n", "\n").split() == text.split()


@pytest.mark.parametrize("body", ["{" * 50_000 + "hola", "hola" + "}" * 9, "hola {\\footnote x"])
def test_broken_rtf_ends_in_its_text(tmp_path: Path, body: str) -> None:
    assert "hola" in written(tmp_path / "a.rtf", "{\\rtf1 " + body).text


def old_workbook(path: Path) -> Path:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Oficinas")
    for column, words in enumerate(("Zona", "Oficina", "Código", "Tipo")):
        sheet.write(0, column, words)
    sheet.write_merge(1, 2, 0, 0, "Norte")
    for row, (name, code, rate) in enumerate((("Ávila", 5001, 0.075), ("Soria", 42001, 0.0325)), 1):
        sheet.write(row, 1, name)
        sheet.write(row, 2, code, xlwt.easyxf(num_format_str="00000"))
        sheet.write(row, 3, rate, xlwt.easyxf(num_format_str="0.0%"))
    sheet.write(3, 1, "Secreta")
    sheet.row(3).hidden = True
    other = book.add_sheet("Oculta")
    other.write(0, 0, "nada")
    other.visibility = 1
    book.save(str(path))
    return path


def test_xls_is_read_as_xlsx_is(tmp_path: Path) -> None:
    document = parse(old_workbook(tmp_path / "a.xls")).document
    assert document.text == (
        "Oficinas\n\nZona | Oficina | Código | Tipo\n"
        "Zona: Norte; Oficina: Ávila; Código: 05001; Tipo: 7.5%\n"
        "Zona: Norte; Oficina: Soria; Código: 42001; Tipo: 3.3%"
    )
    assert document.notes == (
        Note(NoteKind.HIDDEN_ROWS, "Oficinas", 1, "Secreta"),
        Note(NoteKind.HIDDEN_SHEET, "Oculta"),
    )


def test_a_damaged_xls_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes(compound({"Workbook": b"\x09\x08nada"}))
    with pytest.raises(FileProblem) as caught:
        parse(tmp_path / "a.xls")
    assert caught.value.outcome is Outcome.UNREADABLE


def properties(values: dict[str, str | bytes], head: int) -> dict[str, Any]:
    """The streams of a message's or an attachment's properties: by id, text or bytes."""
    streams: dict[str, Any] = {}
    table = b"\0" * head
    for number, value in values.items():
        kind = "001F" if isinstance(value, str) else "0102"
        data = value.encode("utf-16-le") if isinstance(value, str) else value
        streams[f"__substg1.0_{number}{kind}"] = data
        length = len(data) + (2 if isinstance(value, str) else 0)
        table += struct.pack("<HHIII", int(kind, 16), int(number, 16), 6, length, 0)
    streams["__properties_version1.0"] = table
    return streams


def message(path: Path, values: dict[str, str | bytes], *attached: tuple[str, bytes]) -> Path:
    base: dict[str, str | bytes] = {"001A": "IPM.Note", "0037": "Obra del baño",
                                    "0C1A": "Ana Peña", "0C1F": "ana@example.org",
                                    "0E04": "Luis"}  # fmt: skip
    tree = properties(base | values, 32)
    for number, (name, data) in enumerate(attached):
        one = properties({"3707": name, "3701": data, "370E": "application/x"}, 8)
        tree[f"__attach_version1.0_#{number:08X}"] = one
    path.write_bytes(compound(tree))
    return path


def test_msg_is_read_as_a_mail_is(tmp_path: Path) -> None:
    csv = "Pieza;Precio\nGrifo;40\nPlato;90\n".encode("cp1252")
    path = message(tmp_path / "a.msg", {"1000": "Empieza el 3 de septiembre.\r\n"},
                   ("../lista.csv", csv), ("voz.mp3", b"ID3\x03\x00x"))  # fmt: skip
    found = parse(path)
    assert found.document.title == "Obra del baño"
    assert found.document.text == (
        'From: "Ana Peña" <ana@example.org>\nTo: Luis\nSubject: Obra del baño\n'
        "Attachments: lista.csv, voz.mp3\n\nEmpieza el 3 de septiembre.\n\n"
        "lista.csv\n\nPieza | Precio\nPieza: Grifo; Precio: 40\nPieza: Plato; Precio: 90"
    )
    assert found.outcome is Outcome.PARTIAL
    assert "voz.mp3 is an MP3 recording" in found.reason


def test_msg_of_a_page_alone_and_of_no_text(tmp_path: Path) -> None:
    page = message(tmp_path / "a.msg", {"1013": b"<p>Hasta el <b>viernes</b>.</p>"})
    assert parse(page).document.text.endswith("\n\nHasta el viernes.")
    found = parse(message(tmp_path / "b.msg", {}))
    assert found.outcome is Outcome.PARTIAL
    assert "the text of the message is missing" in found.reason


def test_an_encrypted_msg_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileProblem) as caught:
        parse(message(tmp_path / "a.msg", {"001A": "IPM.Note.SMIME", "1000": "x"}))
    assert caught.value.outcome is Outcome.ENCRYPTED


def test_rtf_reads_the_final_text_the_boxes_and_their_state(tmp_path: Path) -> None:
    field = (
        r"{\field{\*\fldinst FORMCHECKBOX {\*\formfield{\fftype1\ffres%s\ffdefres%s}}}{\fldrslt}}"
    )
    boxes = "".join(rf"{field % state} {words}\par " for words, state in BOXES.items())
    text = (
        r"{\rtf1\ansi\pard La renta es de {\deleted 650}{\revised 720} euros.\par "
        + boxes
        + r"{\shp{\*\shpinst{\sp{\sn x}{\sv 1}}{\shptxt\pard En un cuadro.\par}}}}"
    )
    document = written(tmp_path / "a.rtf", text)
    assert document.text.split("\n\n") == [
        "La renta es de 720 euros.", "☒ Tarde", "☐ Noche", "☒ Siempre", "En un cuadro.",
    ]  # fmt: skip
    assert document.notes == (Note(NoteKind.DELETED_TEXT, "", 1, "650"),)


BOXES = {"Tarde": (1, 0), "Noche": (0, 1), "Siempre": (25, 1)}
