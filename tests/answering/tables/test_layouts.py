"""Tables as people keep them: grouped rows, codes first, columns for rows, invoices, payments."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from rag.answering import QuestionAnalyzer
from rag.answering.layout import Layout
from rag.answering.tables import computed
from rag.answering.tables.grid import grids
from rag.answering.tables.turned import turned
from rag.parsing import parse
from rag.schema import DocumentInfo, Intent
from rag.storage import Store
from tests.answering.tables.test_computed import answered, document

INVOICE = """Factura del taller

Ref. | Descripción | Cantidad | Precio (€) | Importe (€)
R-11 | Pastillas de freno | 2 | 38,50 | 77,00
R-24 | Aceite (litros) | 4 | 9,75 | 39,00
M-01 | Mano de obra | 3 | 42,00 | 126,00
"""
CARS = """Small cars

Car | Corsa | Yaris | Fabia
Price | £18,990 | £21,450 | £19,730
Boot (litres) | 309 | 286 | 380
Warranty | 3 years | 10 years | 3 years
"""
QUARTERS = """Allotment accounts (in £)

Item | Q1 | Q2 | Q3 | Year
Plot rents | 820 | 0 | 410 | 1230
Water bill | -60 | -185 | -240 | -485
Net | 760 | -185 | 170 | 745
"""
CLUB = """Cuentas del club (en euros)

Concepto | 2023 | 2024
Cuotas | 6.400 | 7.150
Lotería | 860 | 940
Total ingresos | 7.260 | 8.090
Licencias | (3.100) | (3.420)
Material | (1.480) | (760)
Total gastos | (4.580) | (4.180)
"""
BLOOD = """Analítica

Prueba | Resultado | Anterior (marzo de 2025)
Glucosa | 104 | 98
Colesterol | 212 | 225
"""
BUSES = """Línea 7: horas a las que pasa el autobús

Parada | Laborables primero | Laborables cada | Domingos primero
Plaza Mayor | 6:30 | 12 min | 8:00
Hospital | 6:42 | 12 min | 8:12
"""
POOL = """Pool

Day | Lanes | Aqua aerobics
Monday | 12:15 | 19:00
Tuesday | 07:00 | 12:15
Thursday | 07:00 | 12:15
Sunday | 09:00 | 10:00
"""
TESTS = """Blood tests

Test | January 2024 | March 2025 | October 2025
Ferritin | 22 | 45 | 58
TSH | 3.1 | 2.9 | 2.4
"""
PAY = """Nóminas

Trabajador | Bruto | IRPF
Marta Olmedo | 2.350,00 € | 15 %
Iván Sarmiento | 1.480,00 € | 8 %
Lucía Barrios | 1.520,00 € | 9 %
"""
AUDITS = """Costes de la auditoría de sesgos

Concepto | Cálculo | Coste anual
Auditoría externa de privacidad | Presupuesto firmado | 2.800 €
Formación | Dos cursos | 900 €
"""
ASKED = """Preguntas de los meses, por área

Área | Preguntas
Calidad | 310
Compras | 102
Conjunto | 412
"""
SLIPS = """Payslips

Month | Gross | Tax
January | £2,400.00 | £270.40
February | £2,400.00 | £271.40
March | £2,651.01 | £320.40
"""


@pytest.mark.parametrize(
    ("question", "text", "short"),
    [
        # rows are named by words, not by the codes before them
        ("¿Cuánto suman las pastillas de freno y el aceite?", INVOICE, "116,00 €"),
        # of a price and an amount: the number, the price of one, and what is dearest
        ("¿Cuántos litros de aceite hay en la factura del taller?", INVOICE, "4"),
        ("¿A cuánto cobra el taller la hora de mano de obra?", INVOICE, "42,00 €"),
        # columns for rows
        ("How much is the Yaris?", CARS, "£21,450"),
        ("How much cheaper is the Corsa than the Fabia?", CARS, "£740"),
        ("Which car has the biggest boot?", CARS, "Fabia: 380"),
        ("Which cars cost more than £19,000?", CARS, "Yaris, Fabia"),
        # what is paid may stand below nothing, and a column of sums is no quarter
        ("In which quarter was the water bill highest?", QUARTERS, "Q3: -£240"),
        ("Which quarter had the lowest net?", QUARTERS, "Q2: -£185"),
        # rows above «Total gastos» are spending
        ("¿Cuál fue el mayor gasto en 2023?", CLUB, "Licencias: -3.100 €"),
        # a figure of the condition says its unit and its column
        ("¿Qué trabajadores tienen menos del 10 % de IRPF?", PAY, "Iván Sarmiento, Lucía Barrios"),
        ("¿Cuántos trabajadores cobran más de 1.500 euros?", PAY, "2"),
        ("In how many months was the gross more than £2,450?", SLIPS, "1"),
        # of a table of two columns the one that says so is of before
        ("¿Cuánto ha bajado el colesterol?", BLOOD, "-13 (-5,8 %)"),
        # a time is a cell like a figure, and more of its column's name goes before
        ("¿A qué hora pasa el primer autobús laborable por el Hospital?", BUSES, "6:42"),
        ("¿Cuánto suman licencias y material en 2024?", CLUB, "-4.180 €"),
        # rows of which a named column says something, all rows, and what is below nothing
        ("On which days is aqua aerobics at 12:15?", POOL, "Tuesday, Thursday"),
        ("¿Cuántos trabajadores hay en las nóminas?", PAY, "3"),
        ("How many quarters had a negative net?", QUARTERS, "1"),
        # between two months all are added up, and money has two decimals
        ("How much tax did I pay from January to March?", SLIPS, "£862.20"),
        ("What is the average gross?", SLIPS, "£2,483.67"),
    ],
)
def test_a_table_of_another_shape_is_read(
    store: Store, question: str, text: str, short: str
) -> None:
    answer = answered(store, question, text)
    assert answer is not None
    assert answer.short == short


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How much is the Polo?", CARS),
        ("¿Cuánto cobra bruto Marta Sánchez?", PAY),
        ("¿Cuántos meses tienen más de 200 preguntas?", ASKED),
        ("¿Cuánto ingresó el club por publicidad en 2024?", CLUB),
        ("¿Cuántos trabajadores tiene la fábrica de Soria en las nóminas?", PAY),
        ("How much are the Yaris and the Fabia?", CARS),
        ("¿Cuánto costó la auditoría de sesgos?", AUDITS),
        ("In which month was the gross highest?", PAY.replace("Bruto", "Gross")),
        ("¿Quién tiene el bruto más alto?", SLIPS.replace("Gross", "Bruto")),
        ("How much tax did I pay in August?", SLIPS),
    ],
)
def test_what_such_a_table_does_not_hold_is_not_answered(
    store: Store, question: str, text: str
) -> None:
    assert answered(store, question, text) is None


@pytest.mark.parametrize(
    ("question", "text", "begins"),
    [
        ("¿Se gastó más en licencias que en material en 2023?", CLUB, "Sí. Licencias: (3.100) [1]"),
        ("¿Hubo más cuotas en 2023 que en 2024?", CLUB, "No. 2023: 6.400 [1] < 2024: 7.150"),
        ("¿Han subido las cuotas de 2023 a 2024?", CLUB, "Sí. 2024: 7.150 [1] > 2023"),
        ("Is the Fabia's boot bigger than the Corsa's?", CARS, "Yes. Fabia: 380 [1] > Corsa"),
        ("Has the ferritin gone up since January 2024?", TESTS, "Yes. October 2025: 58 [1] > Jan"),
        ("Has the TSH gone up since January 2024?", TESTS, "No. October 2025: 2.4 [1] < January"),
        ("Was the gross in March more than £2,450?", SLIPS, "Yes. March: £2,651.01 [1] > £2,450"),
        ("Was the gross in January more than £2,450?", SLIPS, "No. January: £2,400.00 [1] <"),
    ],
)
def test_two_cells_say_yes_or_no(store: Store, question: str, text: str, begins: str) -> None:
    answer = answered(store, question, text)
    assert answer is not None
    assert answer.blocks[0].text.startswith(begins)
    assert answer.short == begins.split(".")[0]


def test_what_is_counted_otherwise_says_neither_yes_nor_no(store: Store) -> None:
    assert answered(store, "Was the gross in March more than 2,450 hours?", SLIPS) is None
    assert answered(store, "¿Tiene Compras más de 50 céntimos en preguntas?", ASKED) is None


def test_a_figure_in_brackets_stands_in_them_once(store: Store) -> None:
    answer = answered(store, "¿Cuánto suman licencias y material en 2024?", CLUB)
    assert answer is not None
    assert "= (3.420) [1] + (760) [2]" in answer.blocks[0].text


def test_the_document_in_the_language_of_the_question_goes_before(store: Store) -> None:
    english = SLIPS.replace("Gross", "Gross pay")
    found = {1: document(english, "en", 1), 2: document(PAY, "es", 2)}
    asked = QuestionAnalyzer(store, "es").analyze("¿Cuánto suman los sueldos brutos?")
    infos = [DocumentInfo(n, f"d{n}", f"d{n}", "es", 1, 0, "", ".md") for n in found]
    answer = computed(asked, [1, 2], infos, lambda key: Layout(found[key]))
    assert answer is not None
    assert "Marta Olmedo" in answer.citations[0].quote


def test_rows_under_a_line_of_their_own_are_one_table(tmp_path: Path, store: Store) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["Concepto", "Presupuesto", "Gasto real"],
        ["Vivienda"],
        ["Alquiler", 9600, 9600],
        ["Luz", 780, 912],
        ["Comida"],
        ["Supermercado", 4800, 5310],
        ["Total", 15180, 15822],
    ):
        sheet.append(row)
    book.save(tmp_path / "casa.xlsx")
    found = parse(tmp_path / "casa.xlsx")
    (grid,) = grids(Layout(found.document))
    assert grid.names == ("Concepto", "Presupuesto", "Gasto real")
    assert [(row.label, row.group) for row in grid.plain if len(row.cells) > 1] == [
        ("Alquiler", "Vivienda"),
        ("Luz", "Vivienda"),
        ("Supermercado", "Comida"),
    ]
    asked = replace(
        QuestionAnalyzer(store, "es").analyze("¿Cuánto es el gasto real en vivienda?"),
        intent=Intent.COMPUTATION,
    )
    info = DocumentInfo(0, "casa.xlsx", "casa", "es", 1, 0, "", ".xlsx")
    answer = computed(asked, [0], [info], lambda _: Layout(found.document))
    assert answer is not None
    assert answer.short == "10512"


def test_a_cell_of_a_turned_table_is_cited_in_its_own_row(store: Store) -> None:
    answer = answered(store, "How much cheaper is the Corsa than the Fabia?", CARS)
    assert answer is not None
    assert [citation.quote.split(" ")[0] for citation in answer.citations] == ["Price"]


def test_a_column_of_sums_is_a_total_when_the_table_is_turned() -> None:
    (grid,) = grids(Layout(document(QUARTERS, "en")))
    other = turned(grid)
    assert other is not None
    assert [row.label for row in other.rows if row.is_total] == ["Year"]


def test_litres_below_a_price_are_no_pounds() -> None:
    (grid,) = grids(Layout(document(CARS, "en")))
    found = grid.at(grid.rows[1], 1)
    assert found is not None
    assert (found.value, found.unit) == (Decimal(309), "")
