"""What names the row of a table, and which row only names columns."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.table_rows import named_cells, names_columns, row_label
from rag.parsing.builder import TextBuilder
from rag.parsing.table_rows import add_table


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Actas de asamblea\t48.700\t1,81", "Actas de asamblea"),
        ("Precisión: INT8 (8 bits); 7B: 7 GB", "INT8 (8 bits)"),
        ("Latencia; Maestro: 820 ms; Alumno: 14 ms", "Latencia"),
        ("Compras | 1 | 7 GB", "Compras"),
        ("El modelo ocupa 7 GB; el otro, 14.", None),
        ("Nota: se paga en mayo.", None),
        ("", None),
    ],
)
def test_the_first_cell_names_a_row(text: str, label: str | None) -> None:
    assert row_label(text) == label


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("Precisión: INT8 (8 bits); 7B: 7 GB; 13B: 13 GB", {"7B": "7 GB", "13B": "13 GB"}),
        ("Latencia; Maestro: 820 ms; Alumno: 14 ms", {"Maestro": "820 ms", "Alumno": "14 ms"}),
        ("Tipo: INT8; sin nombre; Bits: 8", {"Bits": "8"}),
        ("Actas\t48.700", {}),
        ("Se paga: en mayo.", {}),
    ],
)
def test_the_cells_of_a_row_by_column(text: str, cells: dict[str, str]) -> None:
    assert {name: text[start:end] for name, (start, end) in named_cells(text)} == cells


def lines(rows: Sequence[Sequence[str]]) -> list[str]:
    builder = TextBuilder()
    add_table(builder, rows, 1)
    return builder.text().split("\n")


ROWS = (("Tipo", "Memoria", "Bits"), ("INT8", "7 GB", "8"), ("INT4", "4 GB", "4"))


def test_the_names_of_columns_are_no_answer() -> None:
    header, row, other = lines(ROWS)
    assert names_columns(header, row)
    assert not names_columns(row, other)
    assert not names_columns("Compras | 1 | 7 GB", "Ventas | 2 | 9 GB")
    assert not names_columns(header, "")


CELLS = st.text(st.characters(categories=["Lu", "Ll"]), min_size=2, max_size=9)


@given(st.lists(CELLS, min_size=3, max_size=5, unique=True), st.data())
def test_what_readers_write_is_understood(names: list[str], data: st.DataObject) -> None:
    several = st.lists(CELLS.map("«{}»".format), min_size=len(names), max_size=len(names))
    cells = data.draw(several)
    header, row = lines([names, cells])
    assert names_columns(header, row)
    assert row_label(row) == cells[0]
    assert [row[start:end] for _, (start, end) in named_cells(row)] == cells[1:]
