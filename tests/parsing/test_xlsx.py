"""XLSX: what a sheet shows is what is read, and what it hides is noted."""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from rag.errors import FileProblem
from rag.parsing import parse
from rag.parsing.cell_values import Value, shown
from rag.parsing.sandbox import Sandbox
from rag.schema import Document, DocumentBlockKind, Note, NoteKind, Outcome


def saved(path: Path, fill: Callable[[Any], object], mac: bool = False) -> Document:
    book = openpyxl.Workbook()
    if mac:
        book.epoch = CALENDAR_MAC_1904
    fill(book.active)
    book.save(path)
    return parse(path).document


def rewritten(path: Path, change: Callable[[str, bytes], bytes]) -> Path:
    """The workbook with its parts changed; openpyxl does not write all that Excel does."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, change(name, data))
    return path


def workbook(path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Cuentas"
    sheet.append(["Concepto", "Importe", "Cuota", "Fecha", "Pagado"])
    sheet.append(["Abono", 1234.5, 0.125, datetime.date(2024, 3, 5), True])
    sheet.append(["Riego", 7, 0.5, datetime.datetime(2024, 3, 6, 14, 30), False])
    for row in (2, 3):
        sheet.cell(row, 2).number_format = "#,##0.00 €"
        sheet.cell(row, 3).number_format = "0.0%"
    sheet.cell(3, 4).number_format = "dd/mm/yyyy hh:mm"
    book.create_sheet("Vacía")
    other = book.create_sheet("Notas")
    other["C9"] = "Una nota\nen dos líneas"
    book.save(path)
    return path


def test_sheets_are_pages_and_values_look_as_they_are_shown(tmp_path: Path) -> None:
    found = parse(workbook(tmp_path / "libro.xlsx").rename(tmp_path / "libro.doc")).document
    assert found.text == (
        "Cuentas\n\nConcepto | Importe | Cuota | Fecha | Pagado\n"
        "Concepto: Abono; Importe: 1234.50 €; Cuota: 12.5%; Fecha: 2024-03-05; Pagado: TRUE\n"
        "Concepto: Riego; Importe: 7.00 €; Cuota: 50.0%; Fecha: 06/03/2024 14:30; Pagado: FALSE"
        "\n\nVacía\n\nNotas\n\nUna nota en dos líneas"
    )
    assert [found.page_at(found.text.index(words)) for words in ("Abono", "Vacía", "Una nota")] == [
        1,
        2,
        3,
    ]
    assert found.headings_at(found.text.index("Riego")) == ("Cuentas",)
    assert found.title == "libro"


SERIAL = 46096  # 15 March 2026


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (0.1 + 0.2, "General", "0.3"),
        (12345678901234, "General", "12345678901234"),
        (5001, "00000", "05001"),
        (949222333, "000 00 00 00", "949 22 23 33"),
        (1_000_000, "#,##0", "1000000"),
        (2.5, "0", "3"),
        (0.075, "0.00%", "7.50%"),
        (0.0325, "0.0%", "3.3%"),
        (-0.05, "0%;[Red]-0%", "-5%"),
        (12, '"$"#,##0.00', "$12.00"),
        (12, "#,##0.00 [$€-C0A]", "12.00 €"),
        (-12, "#,##0.00_);(#,##0.00)", "(12.00)"),
        (12, "$#,##0;[Red]-$#,##0", "$12"),
        (3, '0" kg"', "3 kg"),
        (0.5, "# ?/?", "1/2"),
        (12345, "0.00E+00", "1.23E+04"),
        (SERIAL, "dd/mm/yyyy", "15/03/2026"),
        (SERIAL, "mm-dd-yy", "2026-03-15"),  # the built-in format of the reader's own order
        (SERIAL + 0.5, "m/d/yy h:mm", "2026-03-15 12:00"),
        (SERIAL, '[$-C0A]d" de "mmmm" de "yyyy', "15 de marzo de 2026"),
        (SERIAL, "[$-40A]dddd, d-mmm-yy", "domingo, 15-mar-26"),
        (SERIAL, "[$-409]mmmm d, yyyy", "March 15, 2026"),
        (1 + 2.5 / 24, "[h]:mm", "26:30"),
        (8.5 / 24, "h:mm", "8:30"),
        (True, "General", "TRUE"),
        ("#DIV/0!", "0.00", "#DIV/0!"),
        ("x", '@" y"', "x y"),
        (7, ";;;", ""),
    ],
)
def test_values_look_as_their_formats_say(value: Value, number_format: str, text: str) -> None:
    assert shown(value, number_format) == text


@pytest.mark.parametrize("mac", [False, True])
def test_days_are_counted_from_where_the_workbook_says(tmp_path: Path, mac: bool) -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["Tractor", datetime.date(2022, 2, 14), datetime.timedelta(hours=26.5)])
        sheet["B1"].number_format, sheet["C1"].number_format = "dd/mm/yyyy", "[h]:mm"

    document = saved(tmp_path / "a.xlsx", fill, mac)
    assert document.text.endswith("Tractor | 14/02/2022 | 26:30")


def test_merged_cells_are_carried_over_what_they_cover(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["Cuotas de 2024"])
        sheet.append(["Zona", "Invierno", None, "Verano"])
        sheet.append([None, "Socios", "Otros", "Socios"])
        sheet.append(["Norte", 3, 4, 5])
        sheet.append([None, 6, 7, 8])
        sheet.append(["Cerrado", None, None, None])
        for area in ("A1:D1", "A2:A3", "B2:C2", "A4:A5", "A6:D6"):
            sheet.merge_cells(area)

    assert saved(tmp_path / "a.xlsx", fill).text.split("\n")[2:] == [
        "Cuotas de 2024",
        "Zona | Invierno | Verano",
        "Socios | Otros | Socios",
        "Zona: Norte; Invierno – Socios: 3; Invierno – Otros: 4; Verano – Socios: 5",
        "Zona: Norte; Invierno – Socios: 6; Invierno – Otros: 7; Verano – Socios: 8",
        "Cerrado",
    ]


def test_what_is_hidden_is_left_out_and_noted(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in (["Zona", "Margen", "Litros"], ["Norte", 77, 40], ["Secreta", 88, 50]):
        sheet.append(row)
    sheet.append(["Sur", 99, 60])
    sheet["C4"].number_format = ";;;"
    sheet.column_dimensions["B"].hidden = True
    sheet.row_dimensions[3].hidden = True
    for state in ("hidden", "veryHidden"):
        other = book.create_sheet(state)
        other["A1"] = "oculto"
        other.sheet_state = state
    book.save(tmp_path / "a.xlsx")
    document = parse(tmp_path / "a.xlsx").document
    assert document.text.endswith("Zona | Litros\nZona: Norte; Litros: 40\nZona: Sur")
    assert set(document.notes) == {
        Note(NoteKind.HIDDEN_COLUMNS, "Sheet", 1, "Margen"),
        Note(NoteKind.HIDDEN_ROWS, "Sheet", 1, "Secreta | 88 | 50"),
        Note(NoteKind.HIDDEN_TEXT, "Sheet", 1, "60"),
        Note(NoteKind.HIDDEN_SHEET, "hidden"),
        Note(NoteKind.HIDDEN_SHEET, "veryHidden"),
    }


def test_a_formula_that_was_never_computed_is_given_as_it_is_written(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        for row in (["Partida", "Importe"], ["Viaje", 900], ["Total", "=SUM(B2:B2)"]):
            sheet.append(row)

    document = saved(tmp_path / "a.xlsx", fill)
    assert document.text.endswith("Partida: Total; Importe: =SUM(B2:B2)")
    assert document.notes == (Note(NoteKind.NOT_COMPUTED, "Sheet", 1, "=SUM(B2:B2)"),)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (b"<v>42</v>", "Partida: Total; Importe: 42"),
        (b"<v></v>", "Partida: Total; Importe: =SUM(B2:B2)"),
        (b'<v>#REF!</v>" t="e', "Partida: Total; Importe: #REF!"),
        (b'<v></v>" t="str', "Partida: Total"),
    ],
    ids=["computed", "not computed", "error", "empty string"],
)
def test_formulas_give_the_value_that_was_saved(tmp_path: Path, cell: bytes, text: str) -> None:
    """openpyxl writes no values of formulas, so they are put into a file that it wrote."""

    def fill(sheet: Any) -> None:
        for row in (["Partida", "Importe"], ["Viaje", 900], ["Total", "=SUM(B2:B2)"]):
            sheet.append(row)

    saved(tmp_path / "a.xlsx", fill)
    value, _, kind = cell.partition(b'"')

    def change(name: str, data: bytes) -> bytes:
        wanted = rb'<c r="B3"%b"><f>SUM(B2:B2)</f>%b</c>' % (kind and kind, value)
        wanted = wanted.replace(b'"">', b'">') if kind else wanted.replace(b'"B3"">', b'"B3">')
        return re.sub(rb'<c r="B3".*?</c>', wanted, data) if "sheet1" in name else data

    found = parse(rewritten(tmp_path / "a.xlsx", change)).document
    assert found.text.split("\n")[-1] == text


def test_comments_are_notes_behind_their_sheet(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["Zona", "Litros"])
        sheet.append(["Norte", 40])
        sheet["B2"].comment = Comment("Medido en mayo", "Ana")

    document = saved(tmp_path / "a.xlsx", fill)
    assert document.text.endswith("Litros: 40\n\nB2 (Ana): Medido en mayo")
    assert document.blocks[-1].kind is DocumentBlockKind.NOTE


def test_titles_of_charts_are_read(tmp_path: Path) -> None:
    from openpyxl.chart import BarChart, Reference

    def fill(sheet: Any) -> None:
        sheet.append(["Zona", "Litros"])
        sheet.append(["Norte", 40])
        chart = BarChart()
        chart.title = "Agua por zona"
        chart.y_axis.title = "Litros al día"
        chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=2), titles_from_data=True)
        sheet.add_chart(chart, "D2")

    text = saved(tmp_path / "a.xlsx", fill).text
    assert "Agua por zona" in text
    assert "Litros al día" in text


def test_strict_workbooks_are_read_as_others_are(tmp_path: Path) -> None:
    def strict(name: str, data: bytes) -> bytes:
        data = data.replace(b"extended-properties", b"extendedProperties")
        return re.sub(
            rb"http://schemas\.openxmlformats\.org/(\w+)/2006/(main|relationships|extended\w+)",
            rb"http://purl.oclc.org/ooxml/\1/\2",
            data,
        )

    source = workbook(tmp_path / "a.xlsx")
    text = parse(source).document.text
    assert parse(rewritten(source, strict)).document.text == text


def test_every_text_of_a_workbook_is_read_or_noted(tmp_path: Path) -> None:
    from lxml import etree
    from openpyxl.chart import BarChart, Reference

    def fill(sheet: Any) -> None:
        sheet.append(["Zona", "Litros", "Interno", "Notas"])
        sheet.append(["Norte", 40, "clave", "revisar\nmañana"])
        sheet.append(["Sur", 50, "cifra", "sin <datos>"])
        sheet["B2"].comment = Comment("Medido en mayo", "Ana")
        sheet["D3"].number_format = ";;;"
        sheet.merge_cells("A5:D6")
        sheet["A5"] = "Cierre del ejercicio"
        sheet.column_dimensions["C"].hidden = True
        chart = BarChart()
        chart.title = "Agua"
        chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=3), titles_from_data=True)
        sheet.add_chart(chart, "F2")
        other = sheet.parent.create_sheet("Otra")
        other["Z99"] = "lejos"

    document = saved(tmp_path / "a.xlsx", fill)
    output = " ".join([document.text, *(note.text for note in document.notes)])
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        texts = [
            " ".join((element.text or "").split())
            for name in archive.namelist()
            if name.startswith("xl/") and name.endswith(".xml")
            for element in etree.fromstring(archive.read(name)).iter("{*}t", "{*}author")
        ]
    assert len(texts) > 12
    # Of a hidden column the first words are noted; the others are counted.
    assert [text for text in texts if text not in output and text not in ("clave", "cifra")] == []


def test_wide_and_far_cells_cost_nothing(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        sheet["A1"] = "aquí"
        sheet["XFD3000"] = "lejos"

    def merge(name: str, data: bytes) -> bytes:
        merged = b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
        return data.replace(b"</sheetData>", merged) if "sheet1" in name else data

    saved(tmp_path / "a.xlsx", fill)
    assert parse(tmp_path / "a.xlsx").document.text == "Sheet\n\naquí"
    found = parse(rewritten(tmp_path / "a.xlsx", merge)).document
    assert found.text == "Sheet\n\naquí"
    assert found.notes == (Note(NoteKind.CUT, "Sheet", 1, "lejos"),)


def test_a_damaged_workbook_is_unreadable(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook>")
    with pytest.raises(FileProblem) as caught:
        parse(tmp_path / "a.xlsx")
    assert caught.value.outcome == Outcome.UNREADABLE


def test_hidden_sheets_are_read_and_marked_where_that_is_wanted(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "a la vista"
    other = book.create_sheet("Costes")
    other["A1"] = "oculto"
    other.sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    with Sandbox(60, 1024, hidden_sheets=True) as sandbox:
        document = sandbox.parse(tmp_path / "a.xlsx").document
    assert document.notes == ()
    assert document.headings_at(document.text.index("oculto")) == ("Costes (hidden sheet)",)


def test_a_damaged_comment_costs_itself(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Zona", "Cuota"])
    sheet.append(["Norte", 320])
    sheet["B2"].comment = Comment("Revisar", "Ana")
    book.save(tmp_path / "a.xlsx")
    path = rewritten(
        tmp_path / "a.xlsx", lambda name, data: b"<roto" if "comments" in name else data
    )
    found = parse(path)
    assert "Zona: Norte; Cuota: 320" in found.document.text
    assert found.outcome is Outcome.PARTIAL
