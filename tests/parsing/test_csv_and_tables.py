"""CSV, XLSX and JSON: rows and records that explain themselves, values as a person sees them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from rag.errors import FileProblem
from rag.parsing import parse
from rag.parsing.characters import MAX_CHARACTERS
from rag.parsing.table_rows import stream_lines
from rag.parsing.xlsx import number_text
from rag.schema import Document, Outcome, ParsedDocument


def reading(path: Path, text: str, encoding: str = "utf-8") -> ParsedDocument:
    path.write_bytes(text.encode(encoding))
    return parse(path)


def document(path: Path, text: str, encoding: str = "utf-8") -> Document:
    return reading(path, text, encoding).document


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("sign", list(",;\t|"))
def test_rows_carry_their_header(tmp_path: Path, sign: str, encoding: str) -> None:
    rows = [["Almazara", "Año", "Litros"], ["Peñón", "2023", "1200"], ["Olivo", "", "900"]]
    text = "\r\n".join(sign.join(row) for row in rows)
    assert document(tmp_path / "a.csv", text, encoding).text == (
        "Almazara | Año | Litros\nAlmazara: Peñón; Año: 2023; Litros: 1200\n"
        "Almazara: Olivo; Litros: 900"
    )


def test_decimal_commas_do_not_part_cells(tmp_path: Path) -> None:
    text = "Zona;Precio;Tasa\nNorte;1,5;0,2\nSur;2,25;0,3\n"
    assert document(tmp_path / "a.csv", text).text.endswith("Zona: Sur; Precio: 2,25; Tasa: 0,3")


def test_what_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    text = 'Nombre,Nota\n"=HYPERLINK(""http://x"")",+1\n@SUM(A1),-2\n'
    assert document(tmp_path / "a.csv", text).text.splitlines()[1:] == [
        'Nombre: =HYPERLINK("http://x"); Nota: +1',
        "Nombre: @SUM(A1); Nota: -2",
    ]


def test_quoted_cells_keep_signs_and_join_lines(tmp_path: Path) -> None:
    text = 'sep=;\nNombre;Nota\nAna;"dijo ""hola""; y\nse fue"\n'
    assert document(tmp_path / "a.csv", text).text.splitlines()[1] == (
        'Nombre: Ana; Nota: dijo "hola"; y se fue'
    )


def test_a_quotation_mark_that_is_never_closed_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.parsing.csv._MAX_CELL", 200)
    text = "Pieza,Medida\n" + "Tubo,5\n" * 300 + 'Codo,"5 pulgadas\n' + "Tapón,7\n" * 300
    lines = document(tmp_path / "a.csv", text).text.splitlines()
    assert len(lines) == 602
    assert lines[301] == 'Pieza: Codo; Medida: "5 pulgadas'


def test_prose_under_such_a_name_is_prose(tmp_path: Path) -> None:
    assert document(tmp_path / "a.csv", "Solo una frase.\nY otra.").text == (
        "Solo una frase.\nY otra."
    )


def test_long_tables_stream_and_are_cut_where_a_document_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.parsing.builder.MAX_CHARACTERS", 50_000)
    assert MAX_CHARACTERS > 50_000
    found = reading(tmp_path / "a.csv", "Clave,Valor\n" + "uno,dos\n" * 20_000)
    assert found.outcome is Outcome.PARTIAL
    assert len(found.document.text) == 50_000
    assert len(found.document.sections) > 3  # so that no later step holds all rows at once


def test_tables_one_below_the_other(tmp_path: Path) -> None:
    rows = [
        ["Ventas de 2024", "", ""],
        ["", "Zona", "Litros"],
        ["", "Norte", "40"],
        ["", "", ""],
        ["", "Sur", "50"],
        [],
        ["", "Socio", "Kilos"],
        ["", "Ana", "7"],
        ["Nota final"],
    ]
    assert list(stream_lines(rows)) == [
        ("Ventas de 2024", True),
        ("Zona | Litros", False),
        ("Zona: Norte; Litros: 40", False),
        ("Zona: Sur; Litros: 50", True),
        ("Socio | Kilos", True),
        ("Socio: Ana; Kilos: 7", False),
        ("Nota final", False),
    ]


def workbook(path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Cuentas"
    sheet.append(["Concepto", "Importe", "Cuota", "Fecha", "Pagado"])
    sheet.append(["Abono", 1234.5, 0.125, datetime.date(2024, 3, 5), True])
    sheet.append(["Riego", 7, 0.5, datetime.datetime(2024, 3, 6, 14, 30), False])
    for row, style in ((2, "#,##0.00 €"), (3, "#,##0.00 €")):
        sheet.cell(row, 2).number_format = style
        sheet.cell(row, 3).number_format = "0.0%"
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
        "Concepto: Riego; Importe: 7.00 €; Cuota: 50.0%; Fecha: 2024-03-06 14:30; Pagado: FALSE"
        "\n\nVacía\n\nNotas\n\nUna nota en dos líneas"
    )
    assert [found.page_at(found.text.index(words)) for words in ("Abono", "Vacía", "Una nota")] == [
        1,
        2,
        3,
    ]
    assert found.headings_at(found.text.index("Riego")) == ("Cuentas",)
    assert found.title == "libro"


def test_formulas_give_the_value_that_was_saved(tmp_path: Path) -> None:
    """openpyxl writes no values of formulas, so the file is made by hand from one it wrote."""
    import zipfile

    source = workbook(tmp_path / "a.xlsx")
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = members["xl/worksheets/sheet3.xml"]
    start = sheet.index(b"<sheetData>")
    members["xl/worksheets/sheet3.xml"] = (
        sheet[:start] + b'<sheetData><row r="1"><c r="A1"><f>SUM(B1:B9)</f><v>42</v></c>'
        b"</row></sheetData></worksheet>"
    )
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    assert parse(tmp_path / "b.xlsx").document.text.endswith("Notas\n\n42")


def test_wide_and_far_cells_cost_nothing(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"] = "aquí"
    sheet["XFD3000"] = "lejos"
    book.save(tmp_path / "a.xlsx")
    assert parse(tmp_path / "a.xlsx").document.text == "Sheet\n\naquí"


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (0.1 + 0.2, "General", "0.3"),
        (1_000_000, "#,##0", "1000000"),
        (2.5, "0", "2"),
        (0.075, "0.00%", "7.50%"),
        (3.14159, "0.00", "3.14"),
        (12, '"$"#,##0.00', "$12.00"),
        (12, "#,##0.00 [$€-C0A]", "12.00 €"),
        (12, "$#,##0;[Red]-$#,##0", "$12"),
        (1e20, "0.0", "1e+20"),
        (1234.5, "# ?/?", "1234.5"),
    ],
)
def test_numbers(value: float, number_format: str, shown: str) -> None:
    assert number_text(value, number_format) == shown


def test_a_damaged_workbook_is_unreadable(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook>")
    with pytest.raises(FileProblem) as caught:
        parse(tmp_path / "a.xlsx")
    assert caught.value.outcome == Outcome.UNREADABLE


JSON = """{"title": "Inventario", "version": 1.10, "activo": true, "vacío": null,
 "almacenes": [{"nombre": "Norte", "stock": {"tornillos": 10, "piezas": [{"id": 7}]},
                "etiquetas": ["a", "b"]}, {"nombre": "Sur", "nota": "%s"}],
 "dueño": {"datos": {"nombre": "Ana", "edad": 12345678901234567890}}}"""


def test_json_records_name_their_keys(tmp_path: Path) -> None:
    long = "Una nota larga. " * 30
    found = document(tmp_path / "a.json", JSON % long)
    assert found.title == "Inventario"
    assert found.text == (
        "title: Inventario; version: 1.10; activo: true\n\n"
        "almacenes\n\nnombre: Norte; stock.tornillos: 10; stock.piezas[0].id: 7; etiquetas: a, b"
        f"\n\nnombre: Sur\nnota: {long.strip()}\n\n"
        "dueño\n\ndatos\n\nnombre: Ana; edad: 12345678901234567890"
    )
    assert found.headings_at(found.text.index("Ana")) == ("dueño", "datos")


def test_json_lines_survive_a_broken_one(tmp_path: Path) -> None:
    found = reading(tmp_path / "a.jsonl", '{"q": "uno"}\n{"q": "dos"}\n\n{"q": \n{"q": "tres"}')
    assert found.document.text == "q: uno\nq: dos\nq: tres"
    assert found.outcome is Outcome.PARTIAL
    assert "1 lines" in found.reason


def test_what_is_no_json_is_read_as_text(tmp_path: Path) -> None:
    found = reading(tmp_path / "a.json", '{"a": 1, // una nota\n}')
    assert found.outcome is Outcome.PARTIAL
    assert found.document.text == '{"a": 1, // una nota\n}'


def deep(depth: int) -> str:
    return '{"a": ' * depth + "1" + "}" * depth


@pytest.mark.parametrize("depth", [900, 200_000])
def test_deep_json_ends_in_a_typed_outcome(tmp_path: Path, depth: int) -> None:
    try:
        found: Any = reading(tmp_path / "a.json", deep(depth)).outcome
    except FileProblem as problem:
        found = problem.outcome
    assert found in (Outcome.OK, Outcome.UNREADABLE)


def test_the_beat_goes_on(tmp_path: Path) -> None:
    def beats(text: str, name: str) -> Iterator[int]:
        (tmp_path / name).write_text(text)
        count: list[int] = []
        parse(tmp_path / name, lambda: count.append(1))
        yield len(count)

    assert next(beats("a,b\n" + "1,2\n" * 5_000, "a.csv")) > 10
    assert next(beats('{"a": 1}\n' * 500, "a.jsonl")) > 100
