"""Columns of prose are read one after the other, however they were drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from reportlab.lib.utils import simpleSplit

from rag.parsing import parse
from tests.parsing.test_pdf import pdf

FIRST = (
    "La información confidencial se intercambia para evaluar una posible relación comercial entre "
    "ambas partes y no podrá usarse con otro fin distinto del indicado. Cada parte guardará "
    "secreto durante tres años desde la firma y devolverá los documentos cuando se lo pidan."
)
SECOND = (
    "Las partes resolverán sus diferencias ante los tribunales de Soria, con renuncia a cualquier "
    "otro fuero que pudiera corresponderles. Este acuerdo sustituye a los anteriores y solo puede "
    "cambiarse por escrito firmado por las dos partes que lo suscriben en este acto."
)
THIRD = (
    "El precio se revisará cada año según el índice oficial. La primera revisión será en enero. El "
    "impago de dos cuotas seguidas permite resolver el contrato sin más aviso que una carta "
    "certificada enviada al domicilio que figura en el encabezado."
)
TABLE = [("Zona", "Cuota", "Altas"), ("Norte", "320", "5"), ("Sur", "280", "7")]
Words = list[tuple[float, float, str]]


def column(left: float, width: float, words: str, top: float = 760.0) -> Words:
    lines = simpleSplit(words, "Helvetica", 10, width)
    return [(left, top - 12 * number, line) for number, line in enumerate(lines)]


def table(left: float, top: float) -> Words:
    places = [(left + 70 * at, top - 12 * row) for row in range(3) for at in range(3)]
    cells = [cell for row in TABLE for cell in row]
    return [(*place, cell) for place, cell in zip(places, cells, strict=True)]


def paragraphs(tmp_path: Path, by_rows: bool, *columns: Words) -> list[str]:
    """The page's paragraphs, each on one line."""

    def page(canvas: Any) -> None:
        canvas.setFont("Helvetica-Bold", 16)
        canvas.drawCentredString(300, 800, "ACUERDO ENTRE LAS DOS PARTES QUE LO FIRMAN")
        canvas.setFont("Helvetica", 10)
        words = [piece for column in columns for piece in column]
        for piece in sorted(words, key=lambda piece: -piece[1]) if by_rows else words:
            canvas.drawString(*piece)

    text = parse(pdf(tmp_path / "a.pdf", [page])).document.text
    return [" ".join(part.split("\n")) for part in text.split("\n\n")[1:]]


@pytest.mark.parametrize("by_rows", [True, False])
@pytest.mark.parametrize("width", [230, 243])
def test_two_columns(tmp_path: Path, by_rows: bool, width: float) -> None:
    columns = column(50, width, FIRST), column(300, width, SECOND)
    assert paragraphs(tmp_path, by_rows, *columns) == [FIRST, SECOND]


@pytest.mark.parametrize("by_rows", [True, False])
def test_three_columns(tmp_path: Path, by_rows: bool) -> None:
    columns = column(40, 155, FIRST), column(215, 155, SECOND), column(390, 155, THIRD)
    assert " ".join(paragraphs(tmp_path, by_rows, *columns)) == f"{FIRST} {SECOND} {THIRD}"


@pytest.mark.parametrize("by_rows", [True, False])
@pytest.mark.parametrize("longer", [0, 1])
def test_columns_of_different_lengths(tmp_path: Path, by_rows: bool, longer: int) -> None:
    words = [FIRST, SECOND]
    words[longer] += f" {THIRD}"
    columns = column(50, 230, words[0]), column(310, 230, words[1])
    assert paragraphs(tmp_path, by_rows, *columns) == words


@pytest.mark.parametrize("by_rows", [True, False])
def test_a_heading_across_the_columns_parts_them(tmp_path: Path, by_rows: bool) -> None:
    heading = "SEGUNDA PARTE: DEL PRECIO Y DE SUS REVISIONES ANUALES, Y DE LA FORMA DE PAGO"
    columns = [column(50, 230, FIRST), column(310, 230, SECOND), [(60.0, 590.0, heading)]]
    columns += [column(50, 230, THIRD, 560), column(310, 230, FIRST, 560)]
    assert paragraphs(tmp_path, by_rows, *columns) == [FIRST, SECOND, heading, THIRD, FIRST]


@pytest.mark.parametrize("by_rows", [True, False])
def test_a_table_in_a_column_stays_in_it(tmp_path: Path, by_rows: bool) -> None:
    below = simpleSplit(SECOND, "Helvetica", 10, 230)
    beside = [*column(310, 230, SECOND), *table(310, 760 - 12 * len(below) - 14)]
    found = paragraphs(tmp_path, by_rows, column(50, 230, f"{FIRST} {THIRD}"), beside)
    assert found[0] == f"{FIRST} {THIRD}"
    assert found[1] == SECOND
    assert found[-1].endswith("Zona: Norte; Cuota: 320; Altas: 5 Zona: Sur; Cuota: 280; Altas: 7")
