"""Figures computed from tables: the operation, the cells, the unit, the words and the marks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answering import QuestionAnalyzer
from rag.answering.layout import Layout
from rag.answering.prepared import Prepared
from rag.answering.tables import computed
from rag.schema import BlockKind, Document, DocumentInfo, Intent, Question
from rag.storage import Store

SPENT = """Gastos por área

Área | Presupuesto | Gasto real | Personas
Limpieza | 5.500 € | 7.200 € | 25
Formación | 4.000 € | 2.950 € | 12
Imprenta | 1.250,50 € | 1.000 € | 31
Total | 10.750,50 € | 11.150 € | 68
"""
SALES = """Net sales by region

(in millions)

Region | 2022 | 2023 | Staff
North | $1,200 | $1,500 | 40
South | $ (300) | $ 450 | 8
East | $800 | $600 | 21
"""
UNSIGNED = """Sales

($ in millions)

Region | 2022 | 2023
North | 15 | 17
South | 11 | 12
"""
ACCOUNTS = """Acme income statement

(in millions)

Line | 2022 | 2023
Shoes | $500 | $700
Revenue | $900 | $1,100
Cost of sales | 300 | 350
Research and development | 40 | 45
Net income | $70 | $80
"""
EVENTS = """Averías

Qué pasó | Fecha | Duración
Disco lleno | 3 de marzo de 2025 | 2 h 15 min
Corte eléctrico | 27 de junio de 2025 | 1 h 50 min
"""


def document(text: str, language: str, number: int = 1) -> Document:
    return Document(f"d{number}.md", text.splitlines()[0], text, language, id=number)


def answered(store: Store, question: str, *texts: str) -> Prepared | None:
    language = "es" if "¿" in question else "en"
    found = {n: document(text, language, n) for n, text in enumerate(texts, start=1)}
    asked = replace(QuestionAnalyzer(store, language).analyze(question), intent=Intent.COMPUTATION)
    infos = [
        DocumentInfo(n, one.path, one.title, language, 1, 0, "", ".md") for n, one in found.items()
    ]
    return computed(asked, list(found), infos, lambda key: Layout(found[key]))


@pytest.mark.parametrize(
    ("question", "text", "short"),
    [
        ("¿Cuánto se gastó en limpieza?", SPENT, "7.200 €"),
        ("¿Cuál fue el presupuesto total?", SPENT, "10.750,50 €"),
        ("¿Cuánto suman limpieza y formación de presupuesto?", SPENT, "9.500 €"),
        ("¿Cuánto suma el presupuesto de imprenta y limpieza?", SPENT, "6.750,50 €"),
        ("¿Cuánto se gastó en total en limpieza y formación?", SPENT, "10.150 €"),
        ("¿Cuánto más gastó limpieza que formación?", SPENT, "4.250 €"),
        (
            "¿Qué diferencia hay entre el gasto real y el presupuesto de formación?",
            SPENT,
            "1.050 €",
        ),
        ("¿Qué porcentaje del presupuesto total se gastó?", SPENT, "103,7 %"),
        ("¿Qué área tiene más personas?", SPENT, "Imprenta: 31"),
        ("¿Qué área tiene el menor gasto real?", SPENT, "Imprenta: 1.000 €"),
        ("¿Cuántas áreas tienen más de 20 personas?", SPENT, "2"),
        ("¿Qué áreas tienen más de 20 personas?", SPENT, "Limpieza, Imprenta"),
        ("¿Cuántas áreas tienen menos de 20 personas?", SPENT, "1"),
        ("¿Cuál es la media de personas por área?", SPENT, "22,67"),
        ("¿Cuánto se gastó de verdad en todo el año?", SPENT, "11.150 €"),
        ("What is the average staff across regions?", SALES, "23"),
        ("How many staff were there over the entire year?", SALES, "69"),
        ("What were the sales of North in 2023?", SALES, "$1,500 million"),
        (
            "How much did the sales of East change from 2022 to 2023?",
            SALES,
            "-$200 million (-25.0%)",
        ),
        ("What is the sum of sales of North and South in 2022?", SALES, "$900 million"),
        ("Which region had the highest sales in 2023?", SALES, "North: $1,500 million"),
        ("How many regions have at least 21 staff?", SALES, "2"),
        ("What is the average 2023 of north and south?", UNSIGNED, "$14.5 million"),
        ("What were the 2023 sales of the north?", UNSIGNED, "$17 million"),
        ("What was the profit of Acme in FY2023?", ACCOUNTS, "$80 million"),
        (
            "Using only the income statement, what was the COGS in 2022? Answer in dollars.",
            ACCOUNTS,
            "$300 million",
        ),
        ("What was the latest R&D spending?", ACCOUNTS, "$45 million"),
        ("What were the sales of shoes in 2023?", ACCOUNTS, "$700 million"),
        ("¿Cuál es la duración total de las averías?", EVENTS, "4 h 5 min"),
        ("¿Cuántos días pasaron entre el disco lleno y el corte eléctrico?", EVENTS, "116 días"),
    ],
)
def test_a_question_is_computed_in_the_cells_unit(
    store: Store, question: str, text: str, short: str
) -> None:
    answer = answered(store, question, text)
    assert answer is not None
    assert answer.short == short


QUARTERS = """Region\tSeason\tUnits\tPrice
North\tspring\t1240\t€70
North\tsummer\t1385\t€72
South\tspring\t980\t€68
"""


@pytest.mark.parametrize(
    ("question", "short"),
    [
        ("How many units did North sell?", "2625"),
        ("How many units did North sell in summer?", "1385"),
        ("What is the price in North?", None),
    ],
)
def test_all_rows_of_one_name_are_counted(store: Store, question: str, short: str | None) -> None:
    made = answered(store, question, QUARTERS)
    assert (made.short if made else None) == short


def test_a_name_that_is_said_whole_goes_before_half_of_a_longer_one(store: Store) -> None:
    text = (
        "Income\n\nItem | 2023\nInterest income | $9\nOther, net | $2\n"
        "Other income (expense), net | $40\n"
    )
    answer = answered(store, "What is the sum of 2023 of other, net and interest income?", text)
    assert answer is not None
    assert answer.short == "$11"


def test_a_column_whose_words_stand_together_goes_before(store: Store) -> None:
    text = (
        "Funds\n\nItem | Current securities | Non-current securities\n"
        "Municipal | $9 | $5\nNon-US | $2 | $6\n"
    )
    question = "What is the sum of current securities of municipal and non-US?"
    answer = answered(store, question, text)
    assert answer is not None
    assert answer.short == "$11"


def test_the_name_of_the_rows_is_no_row(store: Store) -> None:
    text = "Debts\n\nLoans and other debts | 2023\nBank | $9\nOther | $2\nFamily | $4\n"
    answer = answered(store, "Which loans and other debts have the highest 2023?", text)
    assert answer is not None
    assert answer.short == "Bank: $9"


def test_a_row_that_says_no_leaves_nothing_out(store: Store) -> None:
    text = "Errores\n\nCausa | Casos\nCifra que no está en el texto | 9\nFecha | 4\nNombre | 2\n"
    answer = answered(store, "¿Cuál es el valor de casos de cifra que no está en el texto?", text)
    assert answer is not None
    assert answer.short == "9"


def test_two_rows_are_told_apart_where_one_name_is_part_of_the_other(store: Store) -> None:
    text = "Profit\n\nItem | 2023\nNet income of Intel | $9\nNet income | $7\nTaxes | $3\n"
    answer = answered(store, "How much more was the net income of Intel than net income?", text)
    assert answer is not None
    assert answer.short == "$2"


def test_a_column_that_is_mostly_empty_holds_figures_all_the_same(store: Store) -> None:
    text = "Shares\n\nItem | Shares | Shares amount\nMay | 25 | $3\nJune | 4 | —\nJuly | 9 | —\n"
    answer = answered(store, "What is the shares amount of May?", text)
    assert answer is not None
    assert answer.short == "$3"


def test_every_figure_of_the_formula_is_cited_by_its_row(store: Store) -> None:
    answer = answered(store, "¿Cuánto más gastó limpieza que formación?", SPENT)
    assert answer is not None
    first = answer.blocks[0]
    assert first.kind is BlockKind.COMPUTED
    assert "4.250 € = 7.200 € [1] − 2.950 € [2]" in first.text
    cited = [citation.quote for citation in answer.citations]
    assert ["Limpieza" in cited[0], "Formación" in cited[1]] == [True, True]
    spans = [citation.answer_span for citation in answer.citations]
    quoted = [quote[slice(*span)] for quote, span in zip(cited, spans, strict=True) if span]
    assert quoted == ["7.200 €", "2.950 €"]


def test_a_sum_that_the_table_gives_too_is_cited_with_it(store: Store) -> None:
    answer = answered(store, "¿Cuánto suma el gasto real de las tres áreas?", SPENT)
    assert answer is not None
    assert answer.short == "11.150 €"
    assert "Total" in answer.citations[-1].quote


def test_two_tables_that_fit_are_both_shown(store: Store) -> None:
    other = SPENT.replace("7.200 €", "8.100 €")
    answer = answered(store, "¿Cuánto se gastó en limpieza?", SPENT, other)
    assert answer is not None
    assert answer.short is None
    text = " ".join(block.text for block in answer.blocks)
    assert "7.200 €" in text
    assert "8.100 €" in text
    assert len(answer.citations) == 2


def test_the_same_figure_in_two_documents_is_one_answer(store: Store) -> None:
    answer = answered(store, "¿Cuánto se gastó en limpieza?", SPENT, SPENT)
    assert answer is not None
    assert answer.short == "7.200 €"


def test_questions_that_no_table_answers(store: Store) -> None:
    question: Question = QuestionAnalyzer(store, "es").analyze("¿Cuánto se gastó en limpieza?")
    assert computed(replace(question, intent=Intent.SUMMARY), [], [], lambda key: None) is None
    assert computed(question, [], [], lambda key: None) is None


FILING = """Statements of income

(in millions, except per share data)

Item | Three Months Ended June 30, 2023 | Less than 12 Months
Ending cash | $ 5,000 | $ 1
Loss from operations | (1,200) | (2)
Revenues | 3,200 | 4
Revenues from services | 900 | 3
Shares issued | 16 | 2
Earnings per share | $ 1.26 | $ 0.25
"""


@pytest.mark.parametrize(
    ("question", "short"),
    [
        # the currency stands in the first cell of the column alone, the scale above the table
        ("What were the revenues for the three months ended June 30, 2023?", "$3,200 million"),
        (
            "What is the average Three Months Ended June 30, 2023 of Loss from operations and "
            "Revenues?",
            "$1,000 million",
        ),
        ("What is the Less than 12 Months of Revenues?", "$4 million"),
        ("What percentage of Revenues is Revenues from services, Less than 12 Months?", "75.0%"),
        ("What was Earnings per share for Three Months Ended June 30, 2023?", "$ 1.26"),
        ("What is the Three Months Ended June 30, 2023 of Shares issued?", "16"),
    ],
)
def test_a_statement_is_read_as_an_accountant_reads_it(
    store: Store, question: str, short: str
) -> None:
    answer = answered(store, question, FILING)
    assert answer is not None
    assert answer.short == short


def test_money_and_a_number_of_things_are_not_added(store: Store) -> None:
    question = "¿Cuánto suman Presupuesto y Personas de Limpieza?"
    answer = answered(store, question, SPENT)
    assert answer is None or not any(" + " in block.text for block in answer.blocks)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("What is the profit of Acme in 2023, defined as sales less cost of sales?", ACCOUNTS),
        ("What is the profit of Acme in 2023? Define profit as sales less taxes.", ACCOUNTS),
        ("¿Cuál es el gasto real de Imprenta, definido como personas por euros?", SPENT),
    ],
)
def test_what_a_question_defines_itself_is_not_looked_up(
    store: Store, question: str, text: str
) -> None:
    assert answered(store, question, text) is None
