"""Tables and columns of a PDF: a row says what its figures are, prose is read by columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rag.parsing import parse
from rag.parsing.page_images.render import render_page
from rag.schema import Document, DocumentBlockKind
from tests.parsing.test_pdf import Text, pdf

STATEMENT: list[Text] = [
    (245, 760, "CUENTA DE RESULTADOS"), (275, 748, "(en millones)"),
    (310, 730, "Tres meses hasta"), (450, 730, "Nueve meses hasta"),
    (300, 718, "junio 2023"), (370, 718, "junio 2022"),
    (440, 718, "junio 2023"), (510, 718, "junio 2022"),
    (60, 704, "Ventas:"),
    (70, 692, "Productos"), (310, 692, "6.388"), (380, 692, "4.429"), (450, 692, "9.001"),
    (520, 692, "8.002"),
    (70, 680, "Servicios"), (310, 680, "766"), (380, 680, "516"), (450, 680, "901"),
    (520, 680, "802"),
    (80, 668, "Total ventas"), (310, 668, "7.154"), (380, 668, "4.945"), (450, 668, "9.902"),
    (520, 668, "8.804"),
    (60, 656, "Gastos de personal"), (310, 656, "54"), (380, 656, "45"), (450, 656, "92"),
    (520, 656, "84"),
]  # fmt: skip


def read(path: Path, *pages: Any) -> Document:
    return parse(pdf(path / "a.pdf", pages)).document


def row(document: Document, words: str) -> str:
    return next(line for line in document.text.split("\n") if words in line and ";" in line)


def test_a_figure_stands_with_its_label_its_group_and_both_levels_of_its_header(
    tmp_path: Path,
) -> None:
    document = read(tmp_path, STATEMENT)
    assert row(document, "Servicios") == (
        "Ventas: Servicios; Tres meses hasta junio 2023: 766; Tres meses hasta junio 2022: 516; "
        "Nueve meses hasta junio 2023: 901; Nueve meses hasta junio 2022: 802"
    )
    assert row(document, "Total").startswith("Total ventas; ")
    assert row(document, "personal").startswith("Gastos de personal; ")


def test_the_cells_of_a_row_know_their_headers(tmp_path: Path) -> None:
    document = read(tmp_path, STATEMENT)
    rows = [block for block in document.blocks if block.kind is DocumentBlockKind.ROW]
    services = next(b for b in rows if "Servicios" in document.text[b.start : b.end])
    words = [document.text[cell.start : cell.end] for cell in services.cells]
    assert words == ["Servicios", "766", "516", "901", "802"]
    names = [[document.text[a:b] for a, b in cell.headers] for cell in services.cells]
    assert names[0] == []
    assert names[4] == ["Nueve meses hasta junio 2022"]


def test_the_title_and_the_unit_go_with_every_row_and_end_with_the_table(tmp_path: Path) -> None:
    around: list[Text] = [(60, 800, "Informe anual."), (60, 600, "El informe sigue con otra cosa.")]
    document = read(tmp_path, [*around[:1], *STATEMENT, *around[1:]])
    assert document.headings_at(document.text.index("Servicios"))[-1] == (
        "CUENTA DE RESULTADOS (en millones)"
    )
    assert "CUENTA" not in " ".join(document.headings_at(document.text.index("El informe sigue")))


def test_a_table_goes_on_under_its_names_on_the_next_page(tmp_path: Path) -> None:
    more = [(60, 780 - 12 * n, f"Cuenta {n}") for n in range(4)]
    more += [(left, 780 - 12 * n, f"{n}{left}") for n in range(4) for left in (310, 380, 450, 520)]
    document = read(tmp_path, STATEMENT, more)
    assert row(document, "Cuenta 2").startswith(
        "Cuenta 2; Tres meses hasta junio 2023: 2310; Tres meses hasta junio 2022: 2380; "
    )


def test_signs_of_currency_go_back_to_their_figures(tmp_path: Path) -> None:
    cells: list[Text] = [
        (300, 718, "2023"), (400, 718, "2022"),
        (60, 704, "Cash"), (280, 704, "$"), (300, 704, "(15)"), (380, 704, "$"), (400, 704, "12"),
        (60, 690, "Share"), (300, 690, "40"), (316, 690, "%"), (400, 690, "38"), (416, 690, "%"),
    ]  # fmt: skip
    document = read(tmp_path, cells)
    assert document.text == "2023 | 2022\nCash; 2023: $(15); 2022: $12\nShare; 2023: 40%; 2022: 38%"


@pytest.mark.parametrize("ruled", [True, False])
def test_a_wrapped_cell_stays_in_its_row_and_a_group_names_its_members(
    tmp_path: Path, ruled: bool
) -> None:
    cells: list[Text] = [
        (60, 720, "Sustancia"), (180, 720, "Inicio"), (300, 720, "Dosis habitual"),
        (60, 703, "Agonistas"),
        (60, 681, "Formoterol"), (180, 681, "3 minutos"), (300, 686, "9 microgramos dos"),
        (300, 675, "veces al día"),
        (60, 658, "Anticolinérgicos"),
        (60, 641, "Tiotropio"), (180, 641, "30 minutos"), (300, 641, "18 microgramos"),
    ]  # fmt: skip

    def draw(canvas: Any) -> None:
        for left, bottom, words in cells:
            canvas.drawString(left, bottom, words)
        for height in (732, 715, 698, 670, 653, 636) if ruled else ():
            canvas.line(50, height, 420, height)

    document = read(tmp_path, draw)
    assert row(document, "Formoterol") == (
        "Agonistas: Formoterol; Inicio: 3 minutos; Dosis habitual: 9 microgramos dos veces al día"
    )
    assert row(document, "Tiotropio").startswith("Anticolinérgicos: Tiotropio; Inicio: 30 minutos")


def test_labels_with_values_are_no_table_with_a_header(tmp_path: Path) -> None:
    pairs = [("Cliente", "ACME"), ("Factura", "2024-17"), ("Total", "12,50"), ("IVA", "2,17")]
    cells = [
        (left, 700 - 14 * number, words)
        for number, pair in enumerate(pairs)
        for left, words in zip((72, 250), pair, strict=True)
    ]
    assert read(tmp_path, cells).text == "Cliente\tACME\nFactura\t2024-17\nTotal\t12,50\nIVA\t2,17"


LEFT = (
    "1. Intercambio. Las partes acuerdan",
    "intercambiar la información que sea",
    "necesaria para evaluar una posible",
    "relación comercial entre ellas dos.",
)
RIGHT = (
    "2. Duración. El deber de guardar el",
    "secreto dura tres años desde el día",
    "de la firma, aunque el acuerdo haya",
    "terminado antes por otra causa.",
)


@pytest.mark.parametrize("by_rows", [True, False])
def test_two_columns_of_prose_are_read_one_after_the_other(tmp_path: Path, by_rows: bool) -> None:
    left: list[Text] = [(60, 700 - 13 * n, words) for n, words in enumerate(LEFT)]
    right: list[Text] = [(320, 700 - 13 * n, words) for n, words in enumerate(RIGHT)]
    pairs = [text for pair in zip(left, right, strict=True) for text in pair]
    document = read(tmp_path, pairs if by_rows else left + right)
    assert " ".join(LEFT) in document.text
    assert " ".join(RIGHT) in document.text
    assert document.text.index("Duración") > document.text.index("ellas dos")


def test_a_table_drawn_column_by_column_is_read_by_rows(tmp_path: Path) -> None:
    columns = [("Zona", "Norte", "Sur", "Este"), ("Litros", "40", "55", "61")]
    cells = [
        (72 + 180 * column, 700 - 14 * row, words)
        for column, texts in enumerate(columns)
        for row, words in enumerate(texts)
    ]
    assert read(tmp_path, cells).text == (
        "Zona | Litros\nZona: Norte; Litros: 40\nZona: Sur; Litros: 55\nZona: Este; Litros: 61"
    )


def test_a_quoted_row_is_marked_where_its_cells_stand(tmp_path: Path) -> None:
    document = read(tmp_path, STATEMENT)
    image = render_page(tmp_path / "a.pdf", 1, row(document, "Servicios"), scale=1)
    assert {round(box[3]) for box in image.boxes} == {round(image.boxes[0][3])}
    left, right = min(box[0] for box in image.boxes), max(box[2] for box in image.boxes)
    assert left == pytest.approx(70, abs=4)
    assert right == pytest.approx(520 + 17, abs=6)
    assert image.height - image.boxes[0][3] == pytest.approx(680, abs=6)


def test_names_beside_their_figures_are_the_names_of_these(tmp_path: Path) -> None:
    cells: list[Text] = [
        (274, 504, "Three Months Ended June 30,"), (454, 504, "Six Months Ended June 30,"),
        (274, 492, "2022"), (364, 492, "2023"), (452, 492, "2022"), (542, 492, "2023"),
    ]  # fmt: skip
    for number, label in enumerate(("Operating lease cost", "Variable lease cost")):
        cells += [(19, 479 - 14 * number, label)]
        cells += [(left, 479 - 14 * number, f"{left - number}") for left in (303, 392, 481, 570)]
    assert row(read(tmp_path, cells), "Variable") == (
        "Variable lease cost; Three Months Ended June 30, 2022: 302; "
        "Three Months Ended June 30, 2023: 391; Six Months Ended June 30, 2022: 480; "
        "Six Months Ended June 30, 2023: 569"
    )


STAGGERED = (
    (160, "October", "29,", "2023"), (214, "October", "30,", "2022"), (280, "$", "Change"),
    (340, "%", "Change"), (394, "October", "29,", "2023"), (449, "October", "30,", "2022"),
)  # fmt: skip


def test_names_in_several_lines_drawn_one_by_one_name_the_figures_drawn_by_rows(
    tmp_path: Path,
) -> None:
    cells: list[Text] = [(200, 686, "Three Months Ended"), (395, 686, "Nine Months Ended")]
    for left, *lines in STAGGERED:
        top = 673.9 if len(lines) == 3 else 669.2
        cells += [(left, top - 9 * number, words) for number, words in enumerate(lines)]
    cells.append((280, 641, "($ in millions)"))
    for number, label in enumerate(("Graphics", "All Other", "Total")):
        height = 628 - 13 * number
        cells += [(19, height, label)]
        cells += [(left, height, f"1,{left - number}") for left, *_ in STAGGERED]
    document = read(tmp_path, cells)
    line = row(document, "All Other")
    assert line.startswith("All Other; ")
    assert "October 29, 2023: 1,159; " in line
    assert "$ Change: 1,279; " in line
    assert line.endswith("October 30, 2022: 1,448")
    assert "millions" not in line
    assert "($ in millions)" in document.headings_at(document.text.index("All Other"))[-1]


def test_figures_with_a_unit_are_no_names(tmp_path: Path) -> None:
    cells: list[Text] = [(300, 720, "Junio 2022"), (420, 720, "Junio 2023")]
    for number, (label, *values) in enumerate(
        [("Plazo medio", "11.6 años", "11.4 años"), ("Plazo residual", "10.3 años", "9.7 años"),
         ("Tipo medio", "2.8 %", "3.2 %")]
    ):  # fmt: skip
        cells += [(60, 706 - 14 * number, label)]
        cells += [(at, 706 - 14 * number, v) for at, v in zip((310, 430), values, strict=True)]
    assert row(read(tmp_path, cells), "residual") == (
        "Plazo residual; Junio 2022: 10.3 años; Junio 2023: 9.7 años"
    )


def test_a_second_table_below_has_names_of_its_own_under_its_date(tmp_path: Path) -> None:
    cells: list[Text] = []
    for at, date in enumerate(("30 junio 2022", "31 diciembre 2021")):
        top = 740 - 60 * at
        cells += [(355, top, date), (300, top - 12, "Coste"), (420, top - 12, "Valor")]
        for number, label in enumerate(("Letras", "Bonos")):
            cells += [(60, top - 24 - 12 * number, label), (300, top - 24 - 12 * number, f"1{at}5")]
            cells += [(420, top - 24 - 12 * number, f"1{at}4")]
    lines = [line for line in read(tmp_path, cells).text.split("\n") if "Bonos" in line]
    assert lines == [
        "Bonos; 30 junio 2022 Coste: 105; 30 junio 2022 Valor: 104",
        "Bonos; 31 diciembre 2021 Coste: 115; 31 diciembre 2021 Valor: 114",
    ]


FORM = (
    ("Cliente", "Berta Ruiz", "Marca", "Seat"), ("Póliza", "4471", "Modelo", "Ibiza"),
    ("Teléfono", "950 12 34 56", "Año", "2019"),
)  # fmt: skip


@pytest.mark.parametrize("bold", [True, False])
def test_labels_beside_their_values_twice_in_a_row_are_facts(tmp_path: Path, bold: bool) -> None:
    def draw(canvas: Any) -> None:
        for number, cells in enumerate(FORM):
            for column, words in enumerate(cells):
                names = column % 2 == 0
                canvas.setFont("Helvetica-Bold" if bold and names else "Helvetica", 10)
                colon = ":" if names and not bold else ""
                canvas.drawString(72 + 120 * column, 700 - 14 * number, words + colon)
        canvas.setFont("Helvetica", 10)
        for number, (label, hours) in enumerate([("", "Horas"), ("Chapa", "2"), ("Pintura", "3")]):
            canvas.drawString(72, 644 - 14 * number, label)
            canvas.drawString(312, 644 - 14 * number, hours)

    document = read(tmp_path, draw)
    assert document.text == (
        "Cliente: Berta Ruiz\nPóliza: 4471\nTeléfono: 950 12 34 56\nMarca: Seat\nModelo: Ibiza\n"
        "Año: 2019\n\nHoras\nChapa; Horas: 2\nPintura; Horas: 3"
    )
    cells = document.blocks[1].cells
    assert [document.text[cell.start : cell.end] for cell in cells] == ["Póliza", "4471"]


def test_a_value_that_stands_a_little_lower_than_its_label_is_in_its_row(tmp_path: Path) -> None:
    cells: list[Text] = []
    for number, (label, price) in enumerate(
        [("Café solo", "1,40"), ("Tostada con tomate", "2,80"), ("Zumo", "3,10"), ("Total", "7,30")]
    ):
        cells += [(72, 700 - 18 * number, label), (300, 696 - 18 * number, price)]
    assert read(tmp_path, cells).text.split("\n") == [
        "Café solo\t1,40", "Tostada con tomate\t2,80", "Zumo\t3,10", "Total\t7,30"
    ]  # fmt: skip


Rows = list[list[str]]
GRID: list[tuple[Any, ...]] = [("GRID", (0, 0), (-1, -1), 0.5, "black")]


def grid(tmp_path: Path, rows: Rows, *styles: tuple[Any, ...]) -> list[str]:
    """The lines of a table that is drawn with these styles."""
    from reportlab.platypus import SimpleDocTemplate, Table

    path = tmp_path / "a.pdf"
    SimpleDocTemplate(str(path)).build([Table(rows, style=list(styles))])
    return parse(path).document.text.split("\n")


ZONES = [
    ["Zona", "Ciudad", "Cuota"],
    ["Norte", "Burgos", "320"], ["", "León", "300"], ["", "Palencia", "310"],
    ["Centro", "Ávila", "280"], ["", "Segovia", "270"],
]  # fmt: skip


@pytest.mark.parametrize("place", ["TOP", "MIDDLE", "BOTTOM"])
def test_a_cell_merged_over_rows_is_in_each_of_them(tmp_path: Path, place: str) -> None:
    merged = [
        ("SPAN", (0, 1), (0, 3)),
        ("SPAN", (0, 4), (0, 5)),
        ("VALIGN", (0, 0), (-1, -1), place),
    ]
    found = grid(tmp_path, ZONES, *GRID, *merged)
    zones = [line.split(";")[0] for line in found[1:]]
    assert zones == ["Zona: Norte"] * 3 + ["Zona: Centro"] * 2


def test_an_empty_cell_of_a_grid_stays_empty(tmp_path: Path) -> None:
    assert grid(tmp_path, ZONES, *GRID)[2] == "Ciudad: León; Cuota: 300"


def test_names_of_two_levels_in_a_grid(tmp_path: Path) -> None:
    rows = [["Ciudad", "2023", "", "2024", ""], ["", "Altas", "Bajas", "Altas", "Bajas"],
            ["Burgos", "3", "2", "5", "1"], ["León", "4", "1", "6", "2"]]  # fmt: skip
    spans = [("SPAN", (0, 0), (0, 1)), ("SPAN", (1, 0), (2, 0)), ("SPAN", (3, 0), (4, 0))]
    found = grid(tmp_path, rows, *GRID, *spans, ("ALIGN", (0, 0), (-1, -1), "CENTER"))
    assert found[-1] == "Ciudad: León; 2023 Altas: 4; 2023 Bajas: 1; 2024 Altas: 6; 2024 Bajas: 2"


DRUGS = [
    ["Fármaco", "Dosis", "Duración"],
    ["Broncodilatadores", "", ""], ["Formoterol", "9 microgramos", "12 horas"],
    ["Salbutamol", "200 microgramos", "4 horas"],
    ["Anticolinérgicos", "", ""], ["Tiotropio", "18 microgramos", "24 horas"],
]  # fmt: skip


def test_two_levels_of_names_that_nearly_touch(tmp_path: Path) -> None:
    rows = [["Ciudad", "2023", "", "2024", ""], ["", "Altas", "Bajas", "Altas", "Bajas"],
            ["Burgos", "30", "20", "50", "10"], ["León", "40", "10", "60", "20"]]  # fmt: skip
    spans: list[Any] = [
        ("SPAN", (0, 0), (0, 1)),
        ("SPAN", (1, 0), (2, 0)),
        ("SPAN", (3, 0), (4, 0)),
    ]
    spans += [("ALIGN", (0, 0), (-1, -1), "CENTER"), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
    close = ("LEFTPADDING", (0, 0), (-1, -1), 4), ("RIGHTPADDING", (0, 0), (-1, -1), 4)
    found = grid(tmp_path, rows, *GRID, *spans, *close)
    assert (
        found[-1] == "Ciudad: León; 2023 Altas: 40; 2023 Bajas: 10; 2024 Altas: 60; 2024 Bajas: 20"
    )


@pytest.mark.parametrize("align", ["LEFT", "CENTER"])
@pytest.mark.parametrize("ruled", [True, False])
def test_a_row_names_its_group(tmp_path: Path, align: str, ruled: bool) -> None:
    styles: list[Any] = [("SPAN", (0, row), (-1, row)) for row in (1, 4)]
    styles += [("ALIGN", (0, row), (-1, row), align) for row in (1, 4)]
    found = grid(tmp_path, DRUGS, *(GRID if ruled else []), *styles)
    assert found[2] == "Broncodilatadores: Formoterol; Dosis: 9 microgramos; Duración: 12 horas"
    assert found[-1] == "Anticolinérgicos: Tiotropio; Dosis: 18 microgramos; Duración: 24 horas"


def test_a_break_in_the_middle_of_a_timetable_is_no_group(tmp_path: Path) -> None:
    rows = [["Hora", "Lunes", "Martes"], ["9:00", "Lengua", "Arte"], ["Recreo", "", ""],
            ["11:00", "Física", "Música"]]  # fmt: skip
    spans = [("SPAN", (0, 2), (-1, 2)), ("ALIGN", (0, 2), (-1, 2), "CENTER")]
    assert grid(tmp_path, rows, *GRID, *spans)[-1] == "Hora: 11:00; Lunes: Física; Martes: Música"


def test_a_grid_of_words_has_names(tmp_path: Path) -> None:
    rows = [["Alumno", "Curso", "Tutor"], ["Ana", "Primero", "Luis"], ["Pepe", "Segundo", "Marta"]]
    assert grid(tmp_path, rows, *GRID)[-1] == "Alumno: Pepe; Curso: Segundo; Tutor: Marta"


def test_rows_whose_cells_nearly_touch_are_rows(tmp_path: Path) -> None:
    rows = [["Partida", "2023", "2024"], ["Cuotas", "1.000", "1.200"],
            ["Total de los ingresos", "1.500", "1.650"], ["Gastos", "300", "310"]]  # fmt: skip
    close = ("LEFTPADDING", (0, 0), (-1, -1), 3), ("RIGHTPADDING", (0, 0), (-1, -1), 4)
    found = grid(tmp_path, rows, *close)
    assert found[2:] == [
        "Partida: Total de los ingresos; 2023: 1.500; 2024: 1.650",
        "Partida: Gastos; 2023: 300; 2024: 310",
    ]


def test_a_code_over_two_lines_of_its_cell_is_whole(tmp_path: Path) -> None:
    rows = [["Código", "Descripción", "Importe"],
            ["29-CA-\n261755", "Archivo de\ndiligencias", "120,00"],
            ["31-CB-\n998877", "Recurso de\nalzada", "85,50"]]  # fmt: skip
    found = grid(tmp_path, rows, ("VALIGN", (0, 0), (-1, -1), "TOP"))
    assert found[1] == "Código: 29-CA-261755; Descripción: Archivo de diligencias; Importe: 120,00"
    assert found[2] == "Código: 31-CB-998877; Descripción: Recurso de alzada; Importe: 85,50"


def test_stretched_prose_below_a_table_is_no_row(tmp_path: Path) -> None:
    rows = [["Partida", "2023", "2024"], ["Cuotas", "1.000", "1.200"], ["Gastos", "300", "310"]]
    table = [(72.0 + 150 * at, 700.0 - 14 * row, cell)
             for row, cells in enumerate(rows) for at, cell in enumerate(cells)]  # fmt: skip
    words = "Los importes que figuran arriba incluyen las cuotas que aún no se han cobrado".split()

    def page(canvas: Any) -> None:
        for piece in table:
            canvas.drawString(*piece)
        left = 72.0
        for word in words:
            canvas.drawString(left, 656, word)
            left += canvas.stringWidth(word, "Helvetica", 10) + 7

    text = read(tmp_path, page).text
    assert "Partida: Gastos; 2023: 300; 2024: 310" in text
    assert " ".join(text.split()).endswith(" ".join(words))


def test_a_row_of_figures_is_not_joined_to_the_one_below_though_no_rule_parts_them(
    tmp_path: Path,
) -> None:
    rows = [["Partida", "2023", "2024"], ["Cuotas", "1.000", "1.200"], ["Ventas", "500", "450"],
            ["Ingresos", "1.500", "1.650"], ["Luz", "300", "310"], ["Agua", "20", "25"],
            ["Gastos", "320", "335"]]  # fmt: skip
    rules = [("LINEBELOW", (0, row), (-1, row), 0.5, "black") for row in (0, 2, 3, 5)]
    close = [("TOPPADDING", (0, 0), (-1, -1), 0), ("BOTTOMPADDING", (0, 0), (-1, -1), 0)]
    found = grid(tmp_path, rows, *rules, *close)
    assert "Partida: Cuotas; 2023: 1.000; 2024: 1.200" in found
    assert "Partida: Agua; 2023: 20; 2024: 25" in found
