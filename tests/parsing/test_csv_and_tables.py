"""CSV and JSON: rows and records that explain themselves, values as a person sees them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rag.errors import FileProblem
from rag.parsing import parse
from rag.parsing.builder import TextBuilder
from rag.parsing.characters import MAX_CHARACTERS
from rag.parsing.file import Beat
from rag.parsing.sheet_tables import add_sheet
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


@pytest.mark.parametrize(
    "text",
    [
        "Nombre;Nota\n'Ana; hija';'dijo \"no\"'\n'Luis';'x'\n",
        'Nombre,Nota\n"Ana; hija","dijo \\"no\\""\n"Luis","x"\n',
        'Nombre|Nota\nAna; hija|"dijo ""no"""\nLuis|x\n',
    ],
    ids=["apostrophes", "backslashes", "bars"],
)
def test_dialects(tmp_path: Path, text: str) -> None:
    first = document(tmp_path / "a.csv", text).text.splitlines()[1]
    assert first == 'Nombre: Ana; hija; Nota: dijo "no"'


@pytest.mark.parametrize("encoding", ["cp1252", "cp850", "mac_roman", "iso8859-15"])
def test_western_code_pages(tmp_path: Path, encoding: str) -> None:
    text = "Señora;Año;Núcleo\nBegoña Muñoz;2023;Cádiz\nÍñigo Güell;2024;Lugo, España\n"
    found = document(tmp_path / "a.csv", text, encoding).text
    assert found.endswith("Señora: Íñigo Güell; Año: 2024; Núcleo: Lugo, España")


def test_the_sign_of_the_euro_in_latin_9(tmp_path: Path) -> None:
    found = document(tmp_path / "a.csv", "Peaje;Precio\nMañana;4 €\nNoche;5 €\n", "iso8859-15")
    assert found.text.endswith("Precio: 5 €")


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
    builder = TextBuilder()
    add_sheet(builder, rows, Beat())
    assert builder.text() == (
        "Ventas de 2024\nZona | Litros\nZona: Norte; Litros: 40\n\n"
        "Zona: Sur; Litros: 50\n\nSocio | Kilos\nSocio: Ana; Kilos: 7\nNota final"
    )


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


def test_the_fields_of_a_record_are_cells_under_their_keys(tmp_path: Path) -> None:
    text = '{"zona": "Norte; alta", "litros": 40}\n{"zona": "Sur"}\n'
    found = document(tmp_path / "a.jsonl", text)
    cells = [
        [(found.text[a:b], found.text[c.start : c.end]) for c in block.cells for a, b in c.headers]
        for block in found.blocks
    ]
    assert cells == [[("zona", "Norte; alta"), ("litros", "40")], [("zona", "Sur")]]


def test_zeros_at_the_end_do_no_harm(tmp_path: Path) -> None:
    assert document(tmp_path / "a.json", '{"a": 1}' + "\0" * 99).text == "a: 1"
    assert document(tmp_path / "a.csv", "a,b\n1,2\n" + "\0" * 99).text == "a | b\na: 1; b: 2"


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
        parse(tmp_path / name, lambda *page: count.append(1))
        yield len(count)

    assert next(beats("a,b\n" + "1,2\n" * 5_000, "a.csv")) > 10
    assert next(beats('{"a": 1}\n' * 500, "a.jsonl")) > 100


def test_a_quotation_mark_that_is_never_closed_swallows_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("nombre;nota\nAna;5' de retraso\nLuis;\"abierto\nMar;fin\n")
    assert parse(path).document.text.split("\n")[1:] == [
        "nombre: Ana; nota: 5' de retraso", 'nombre: Luis; nota: "abierto', "nombre: Mar; nota: fin"
    ]  # fmt: skip


def test_an_empty_line_after_every_row_parts_no_tables(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("nombre,apellido\n\nAna,Ruiz\n\nLuis,Gil\n\nMar,Sanz\n")
    assert parse(path).document.text.split("\n")[1:] == [
        "nombre: Ana; apellido: Ruiz", "nombre: Luis; apellido: Gil", "nombre: Mar; apellido: Sanz"
    ]  # fmt: skip


SHAPES = {
    "caret": "Factura^Cliente^Importe\nF-1^Núñez, S. A.^1.234,56\nF-2^Peña^2,50\n",
    "tilde": "Factura~Cliente~Importe\nF-1~Núñez, S. A.~1.234,56\nF-2~Peña~2,50\n",
    "bars around": "| Factura | Cliente | Importe |\n|---|:--|--:|\n"
    "| F-1 | Núñez, S. A. | 1.234,56 |\n",
    "zeros for Excel": 'Factura;Cliente;Importe\nF-1;="Núñez, S. A.";1.234,56\n',
    "all quoted": '"Factura";"Cliente";"Importe"\n"F-1";"Núñez, S. A.";"1.234,56"\n',
    "names over two lines": 'Factura;Cliente;"Importe"\nF-1;"Núñez,\nS. A.";1.234,56\n',
    "empty columns": "Factura;;Cliente;Importe;;\nF-1;;Núñez, S. A.;1.234,56;;\n",
}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_shapes_of_a_table(tmp_path: Path, name: str, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(SHAPES[name].encode(encoding))
    text = parse(path).document.text
    assert "Factura: F-1; Cliente: Núñez, S. A.; Importe: 1.234,56" in text
    assert "---" not in text


def test_a_comma_in_figures_parts_no_cells(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Factura:Importe\nF-1:1.234,56\nF-2:2,50\n")
    assert parse(path).document.text == "Factura:Importe\nF-1:1.234,56\nF-2:2,50"


def test_a_table_under_the_name_of_a_text(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Factura;Cliente;Importe\nF-1;Núñez, S. A.;1,5\nF-2;Peña;2,5\n")
    assert "Factura: F-1; Cliente: Núñez, S. A.; Importe: 1,5" in parse(path).document.text
