"""What tables do not answer: figures of several units, and what is not sure."""

from __future__ import annotations

import pytest

from rag.schema import BlockKind
from rag.storage import Store
from tests.answering.tables.test_computed import SPENT, answered

MONEY = """Compras (2024)

Compra | Importe | Horas
Sillas | 300 € | 4 h
Licencias | 250 $ | 2 h
Mesas | 450 € | 6 h
"""
ASSETS = """Assets

Item | 2022 (in thousands) | 2023 (in millions) | Shares
Land | $4,000 | $5 | 12
Cash | $900 | $1 | 30
"""


@pytest.mark.parametrize(
    ("question", "text", "says"),
    [
        ("¿Cuánto suman el presupuesto y las personas de limpieza?", SPENT, "5.500 €"),
        ("¿Cuánto suman el importe y las horas de las sillas?", MONEY, "Horas: 4 h"),
        ("¿Cuánto suman sillas y licencias de importe?", MONEY, "Licencias: 250 $"),
        ("¿Cuál es el importe total de las compras?", MONEY, "unidades distintas"),
        ("¿Qué diferencia de importe hay entre sillas y licencias?", MONEY, "Sillas: 300 €"),
        (
            "What is the difference between 2022 (in thousands) and 2023 (in millions) of land?",
            ASSETS,
            "$5 million",
        ),
        (
            "What is the sum of 2023 (in millions) and shares of land?",
            ASSETS,
            "in different units",
        ),
    ],
)
def test_figures_of_several_units_are_refused_with_the_reason(
    store: Store, question: str, text: str, says: str
) -> None:
    answer = answered(store, question, text)
    assert answer is not None
    assert (answer.found, answer.short) == (False, None)
    assert answer.blocks[0].kind is BlockKind.REFUSAL
    assert says in answer.blocks[0].text
    assert answer.blocks[0].citations
    assert not any(" + " in block.text or " = " in block.text for block in answer.blocks)


def test_rows_that_are_added_unnamed_say_nothing_of_the_question(store: Store) -> None:
    text = (
        "Pagos\n\nConcepto | 2022 | 2023\nAlquiler de la nave norte | 10 € | 20 €\n"
        "Seguro del almacén central | 30 € | 50 €\nLimpieza de patios grandes | 3 € | 4 €\n"
    )
    assert answered(store, "¿Cuánto costó en total el seguro de la nave en 2023?", text) is None
    whole = answered(store, "¿Cuánto suman los pagos de 2023?", text)
    assert whole is not None
    assert whole.short == "74 €"


def test_a_row_that_only_begins_like_what_is_asked_is_not_it(store: Store) -> None:
    taxes = "Taxes\n\nItem | 2023\nTotal current | $5\nTotal deferred | $7\n"
    sheet = "Sheet\n\nItem | one\nTotal current liabilities | $90\nTotal liabilities | $99\n"
    question = "What were the total current liabilities in 2023?"
    assert answered(store, question, taxes, sheet) is None
    assert answered(store, "What was the total current in 2023?", taxes, sheet) is not None


@pytest.mark.parametrize(
    "question",
    [
        "¿Cuánto se gastó en viajes?",  # no such row
        "¿Cuánto se gastó en limpieza en 2019?",  # no such year
        "¿Por qué subió el gasto?",
    ],
)
def test_what_is_not_sure_is_not_computed(store: Store, question: str) -> None:
    assert answered(store, question, SPENT) is None
