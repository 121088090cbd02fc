"""Tables as lines that explain themselves, with the cells and the names of their columns."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rag.parsing.builder import TextBuilder
from rag.parsing.file import Beat
from rag.parsing.sheet_tables import add_sheet
from rag.parsing.table_looks import Covered, header_levels
from rag.parsing.table_rows import add_table
from rag.schema import DocumentBlockKind


def table(rows: Sequence[Sequence[str]], headers: int | None = None) -> TextBuilder:
    builder = TextBuilder()
    add_table(builder, rows, headers)
    return builder


def lines(rows: Sequence[Sequence[str]], headers: int | None = None) -> list[str]:
    return table(rows, headers).text().split("\n")


def sheet(rows: Sequence[Sequence[str]]) -> TextBuilder:
    builder = TextBuilder()
    add_sheet(builder, rows, Beat())
    return builder


def cells(builder: TextBuilder) -> list[list[tuple[list[str], str]]]:
    """(names of the column, cell) of each row."""
    text = builder.text()
    return [
        [
            ([text[start:end] for start, end in cell.headers], text[cell.start : cell.end])
            for cell in block.cells
        ]
        for block in builder.blocks
        if block.kind is DocumentBlockKind.ROW
    ]


GROUPED = {
    "merged": [
        ["Zona", "2023", Covered("2023"), "2024", Covered("2024")],
        ["Zona", "Ventas", "Coste", "Ventas", "Coste"],
        ["Norte", "10", "7", "12", "8"],
    ],
    "blank": [
        ["", "2023", "", "2024", ""],
        ["Zona", "Ventas", "Coste", "Ventas", "Coste"],
        ["Norte", "10", "7", "12", "8"],
    ],
}


@pytest.mark.parametrize("rows", GROUPED.values(), ids=GROUPED)
def test_names_of_two_levels_are_joined(rows: list[list[str]]) -> None:
    for built in (table(rows), sheet(rows)):
        assert built.text().splitlines()[-1] == (
            "Zona: Norte; 2023 – Ventas: 10; 2023 – Coste: 7; 2024 – Ventas: 12; 2024 – Coste: 8"
        )
        assert cells(built)[0][1:] == [
            (["2023", "Ventas"], "10"),
            (["2023", "Coste"], "7"),
            (["2024", "Ventas"], "12"),
            (["2024", "Coste"], "8"),
        ]


def test_a_name_with_a_colon_beside_its_value_is_a_fact() -> None:
    for built in (table([["Nombre:", "Ana"], ["Zona:", "Norte"]]),
                  sheet([["Nombre:", "Ana"], ["Zona:", "Norte"]])):  # fmt: skip
        assert built.text() == "Nombre: Ana\nZona: Norte"
        assert cells(built) == [
            [([], "Nombre"), (["Nombre"], "Ana")],
            [([], "Zona"), (["Zona"], "Norte")],
        ]
    assert lines([["Zona:", "Litros:"], ["Norte", "4"]])[1] == "Zona: Norte; Litros: 4"


def test_names_of_three_levels_are_joined() -> None:
    year, kind = Covered("2024"), Covered("Aceite")
    built = table([
        ["Zona", "2024", year, year],
        ["Zona", "Aceite", kind, "Vino"],
        ["Zona", "Litros", "Euros", "Litros"],
        ["Norte", "5", "40", "9"],
    ])  # fmt: skip
    assert built.text().splitlines()[-1] == (
        "Zona: Norte; 2024 – Aceite – Litros: 5; 2024 – Aceite – Euros: 40; 2024 – Vino – Litros: 9"
    )
    assert cells(built)[0][3] == (["2024", "Vino", "Litros"], "9")


def test_a_row_of_words_below_words_is_no_second_level() -> None:
    assert lines([["Nombre", "Nota"], ["Ana", "bien"], ["Luis", "mal"]])[1:] == [
        "Nombre: Ana; Nota: bien",
        "Nombre: Luis; Nota: mal",
    ]
    assert lines([["Nombre", "", ""], ["Ana", "x", "bien"], ["Luis", "y", "mal"]])[1:] == [
        "Ana | x | bien",
        "Luis | y | mal",
    ]


def test_marked_names_count_whatever_they_look_like() -> None:
    assert lines([["1", "2"], ["3", "4"]], headers=1) == ["1 | 2", "1: 3; 2: 4"]
    assert lines([["Zona", "Litros"], ["Norte", "4"]], headers=0) == ["Zona | Litros", "Norte | 4"]
    assert lines([["sola", "fila"]], headers=1) == ["sola | fila"]


def test_blank_cells_keep_their_column() -> None:
    named = table([["Concepto", "Enero", "Febrero"], ["Luz", "", "40"], ["Agua", "9", ""]])
    assert cells(named) == [
        [(["Concepto"], "Luz"), (["Febrero"], "40")],
        [(["Concepto"], "Agua"), (["Enero"], "9")],
    ]
    assert lines([["12", "15", "18"], ["13", "", "19"]]) == ["12 | 15 | 18", "13 |  | 19"]


def test_cells_that_are_equal_are_all_written() -> None:
    assert lines([["5", "5"], ["7", "7"]]) == ["5 | 5", "7 | 7"]


def test_a_cell_that_spreads_over_the_columns_belongs_to_none() -> None:
    rows = [["Concepto", "2023", "2024"], ["Gastos", Covered("Gastos"), Covered("Gastos")],
            ["Luz", "3", "4"]]  # fmt: skip
    assert lines(rows)[1:] == ["Gastos", "Gastos – Concepto: Luz; 2023: 3; 2024: 4"]


def test_layout_columns_do_not_cost_the_name_of_a_group() -> None:
    rows = [["", "2023", Covered("2023")], ["Ventas", "$", "10"], ["Coste", "$", "7"]]
    assert lines(rows, headers=1) == ["2023", "Ventas; 2023: $10", "Coste; 2023: $7"]


def test_tables_side_by_side_are_found_apart() -> None:
    built = sheet([
        ["Gastos", "", "", "", "Ingresos", ""],
        ["Concepto", "Euros", "", "", "Fuente", "Euros"],
        ["Luz", "40", "", "", "Cuotas", "900"],
        ["Agua", "12", "", "", "", ""],
    ])  # fmt: skip
    assert built.text() == (
        "Gastos\nConcepto | Euros\nConcepto: Luz; Euros: 40\nConcepto: Agua; Euros: 12\n\n"
        "Ingresos\nFuente | Euros\nFuente: Cuotas; Euros: 900"
    )
    titles = [block for block in built.blocks if block.kind is DocumentBlockKind.TABLE_TITLE]
    assert [built.text()[block.start : block.end] for block in titles] == ["Gastos", "Ingresos"]


def test_an_empty_column_inside_a_table_does_not_part_it() -> None:
    built = sheet([["Zona", "", "Litros"], ["Norte", "", "40"], ["Sur", "", "50"]])
    assert built.text().splitlines()[1:] == ["Zona: Norte; Litros: 40", "Zona: Sur; Litros: 50"]


def test_a_title_above_an_empty_row_is_the_title_of_the_table() -> None:
    built = sheet([["Ventas"], [], ["Zona", "Litros"], ["Norte", "40"], [], ["Fin"]])
    kinds = [(built.text()[block.start : block.end], block.kind) for block in built.blocks]
    assert kinds == [
        ("Ventas", DocumentBlockKind.TABLE_TITLE),
        ("Zona | Litros", DocumentBlockKind.HEADER_ROW),
        ("Zona: Norte; Litros: 40", DocumentBlockKind.ROW),
    ]


def test_prose_below_a_table_is_under_no_name() -> None:
    note = "Los litros de mayo son provisionales hasta que cierre la campaña de riego."
    assert sheet([["Zona", "Litros"], ["Norte", "40"], [note]]).text().endswith(f"40\n{note}")


def test_the_stretches_of_very_long_tables_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.parsing.builder.MAX_STRETCHES", 30)
    built = sheet([["Zona", "Litros"], *([f"Z{number}", "4"] for number in range(1_000))])
    assert built.text().endswith("Zona: Z999; Litros: 4")
    assert 5 < len(built.blocks) <= 30


def test_rows_explain_themselves() -> None:
    rows = [["Concepto", "2023", "2024"], ["Ventas", "1.200", "1.350"], ["Coste", "", "700"]]
    assert lines(rows) == [
        "Concepto | 2023 | 2024",
        "Concepto: Ventas; 2023: 1.200; 2024: 1.350",
        "Concepto: Coste; 2024: 700",
    ]


@pytest.mark.parametrize("headers", [None, 2])
def test_a_cell_over_all_columns_is_the_title_and_no_name_of_them(headers: int | None) -> None:
    title = "Tabla 1. Consumo"
    rows = [
        [title, Covered(title), Covered(title)], ["Zona", "2023", "2024"], ["Norte", "10", "11"]
    ]  # fmt: skip
    built = table(rows, headers)
    assert built.text() == f"{title}\nZona | 2023 | 2024\nZona: Norte; 2023: 10; 2024: 11"
    assert [block.kind for block in built.blocks] == [
        DocumentBlockKind.TABLE_TITLE, DocumentBlockKind.HEADER_ROW, DocumentBlockKind.ROW
    ]  # fmt: skip
    assert table(rows[:2], None).text().count(title) == 1  # what is left would be no table


def test_rows_without_a_header_are_left_as_they_are() -> None:
    assert lines([["12", "15"], ["13", "18"]]) == ["12 | 15", "13 | 18"]
    assert lines([["solo"]]) == ["solo"]
    assert table([]).text() == ""


def test_rows_glue_signs_to_their_figures() -> None:
    rows = [
        ["", "2023", "2023", "2024", "2024", ""],
        ["Total", "$", "10", "$", "(5", ")"],
        ["Resto", "", "3", "", "4", "%"],
    ]
    assert lines(rows)[1:] == ["Total; 2023: $10; 2024: $(5)", "Resto; 2023: 3; 2024: 4%"]


def test_values_of_several_kinds_beside_their_names_are_no_column() -> None:
    facts = [["Nombre", "Ana Ruiz"], ["Teléfono", "949 000 111"], ["Correo", "ana@aguas.es"]]
    assert header_levels(facts) == 0
    assert header_levels([["Zona", "Litros"], ["Norte", "40"], ["Sur", "55"]]) == 1
    assert header_levels([["Zona", "Guarda"], ["Norte", "Ana"], ["Sur", "Luis"]]) == 1
    numbers = [[f"Zona {n}", str(n)] for n in range(9)]
    assert header_levels([["Zona", "Litros"], *numbers, ["Este", "—"]]) == 1


@pytest.mark.parametrize("sign", ["€", "%", "$"])
def test_a_sign_that_names_a_column_is_no_sign_of_its_neighbour(sign: str) -> None:
    builder = TextBuilder()
    add_table(builder, [["Partida", sign], ["Tubos", "700"]])
    assert builder.text() == f"Partida | {sign}\nPartida: Tubos; {sign}: 700"


GROUPS = {
    "merged over all columns": [Covered("Norte"), Covered("Norte")],
    "alone in the first column": ["", ""],
}


@pytest.mark.parametrize("rest", GROUPS.values(), ids=GROUPS)
def test_the_rows_below_a_label_are_in_its_group(rest: list[str]) -> None:
    rows = [
        ["Ciudad", "Cuota", "Altas"],
        ["Norte", *rest], ["Burgos", "320", "5"], ["León", "300", "6"],
        ["Sur", *map(type(rest[0]), ["Sur" if rest[0] else ""] * 2)], ["Cádiz", "280", "7"],
        ["Total", "900", "18"],
    ]  # fmt: skip
    found = table(rows)
    assert found.text().split("\n")[1:] == [
        "Norte",
        "Norte – Ciudad: Burgos; Cuota: 320; Altas: 5",
        "Norte – Ciudad: León; Cuota: 300; Altas: 6",
        "Sur",
        "Sur – Ciudad: Cádiz; Cuota: 280; Altas: 7",
        "Ciudad: Total; Cuota: 900; Altas: 18",
    ]
    assert cells(found)[0] == [([], "Norte")]
    assert cells(found)[3] == [([], "Sur")]
    assert cells(found)[1][:2] == [(["Norte", "Ciudad"], "Burgos"), (["Cuota"], "320")]


NO_GROUPS = {
    "a row whose other cells are missing": [
        ["Ávila", "", ""],
        ["Soria", "", ""],
        ["León", "1", "2"],
    ],
    "a break in a timetable": [
        ["9:00", "Lengua", "Arte"],
        ["Recreo", Covered("Recreo"), Covered("Recreo")],
        ["11:00", "Física", "Música"],
    ],
    "a remark at the end": [["León", "1", "2"], ["Precios sin IVA", "", ""]],
}


@pytest.mark.parametrize("body", NO_GROUPS.values(), ids=NO_GROUPS)
def test_other_lone_cells_name_no_rows(body: list[list[str]]) -> None:
    assert " – " not in table([["Uno", "Dos", "Tres"], *body]).text()


def test_a_cell_over_several_columns_stands_under_all_their_names() -> None:
    rows = [["Hora", "Lunes", "Martes", "Jueves"], ["9:00", "Lengua", Covered("Lengua"), "Arte"]]
    assert lines(rows)[1] == "Hora: 9:00; Lunes / Martes: Lengua; Jueves: Arte"


def test_labels_with_their_values_side_by_side_are_facts() -> None:
    rows = [
        ["Nombre:", "Ana", "", "Teléfono:", "949 222 333"],
        ["Calle:", "Mayor 3", "", "CP:", "05001"],
    ]
    assert lines(rows) == ["Nombre: Ana", "Teléfono: 949 222 333", "Calle: Mayor 3", "CP: 05001"]


def test_facts_above_a_table_are_none_of_its_rows() -> None:
    found = sheet(
        [
            ["Titular", "Ana Pérez", "", ""],
            ["IBAN:", "ES91 2100", "", ""],
            ["Fecha", "Concepto", "Importe", "Saldo"],
            ["01/02/2024", "Recibo luz", "-45,20", "1.200,00"],
        ]
    )
    assert found.text().split("\n") == [
        "Titular: Ana Pérez",
        "IBAN: ES91 2100",
        "",
        "Fecha | Concepto | Importe | Saldo",
        "Fecha: 01/02/2024; Concepto: Recibo luz; Importe: -45,20; Saldo: 1.200,00",
    ]


def test_days_and_amounts_in_one_column_are_facts() -> None:
    rows = [["Nombre", "Ana"], ["Teléfono", "949222333"], ["Alta", "2024-03-15"], ["Cuota", "12.5"]]
    assert lines(rows)[1] == "Teléfono | 949222333"
