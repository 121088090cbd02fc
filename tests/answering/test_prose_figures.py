"""Sums, rests, shares and days of one sentence, and sentences that only look like it."""

from __future__ import annotations

import pytest

from rag.answering import QuestionAnalyzer
from rag.answering.prose_figures import computed_in_prose
from rag.schema import BlockKind, Document
from rag.storage import Store

BUDGET = "The budget for equipment was $240,000, of which $185,500 was spent."
STAFF = "The clinic employs 18 nurses and 7 doctors. It opened in 1994."
PRICES = "A consultation costs $65 and a follow-up visit costs $40."
DATES = "La regata de San Juan fue el 24 de junio de 2024 y la de Otoño el 5 de octubre de 2024."
SEATS = "El teatro tiene 820 butacas, de las que 640 están vendidas."
FEES = "La cuota es de 180 euros por socio adulto y de 95 euros por socio juvenil."
INCOME = "Ferrolán ingresó 86,4 millones de euros en 2024, frente a los 72 millones de 2023."
PROFIT = "El beneficio fue de 5,1 millones, algo menos que los 5,6 millones del año anterior."
PLANT = "La planta ha costado 11,8 millones de euros, de los que la Xunta aportó 2,4 millones."
OWNERS = "Asisten 17 de los 28 propietarios, que suman el 64,2 % de las cuotas."
NEEDED = "There are 48 volunteers today, and at least 60 are needed."
RENT = "La renta es de 1.150 euros al mes, más el IVA."
BOTH = "La renta es de 1.150 euros y la fianza de 2.300 euros."


def computed(store: Store, question: str, text: str) -> str | None:
    language = "es" if "¿" in question else "en"
    asked = QuestionAnalyzer(store, language).analyze(question)
    written = "en" if text in (BUDGET, STAFF, PRICES, NEEDED) else "es"
    document = Document("d.md", "d", f"Title. {text}", written, id=1)
    made = computed_in_prose(asked, document, [(7, 7 + len(text))])
    if made is None:
        return None
    assert made.blocks[0].kind is BlockKind.COMPUTED
    assert [citation.quote for citation in made.citations] == [text]
    assert made.short is not None
    return f"{made.short} | {made.blocks[0].text}"


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        (
            "How much of the equipment budget was not spent?",
            BUDGET,
            "$54,500 | $54,500 = $240,000 − $185,500 [1].",
        ),
        (
            "What percentage of the equipment budget was spent?",
            BUDGET,
            "77.3% | 77.3% = $185,500 ÷ $240,000 [1].",
        ),
        ("How many nurses and doctors are there together?", STAFF, "25 | 25 = 18 + 7 [1]."),
        (
            "How much do a consultation and a follow-up visit cost together?",
            PRICES,
            "$105 | $105 = $65 + $40 [1].",
        ),
        (
            "¿Cuántos días pasaron entre la regata de San Juan y la de Otoño?",
            DATES,
            "103 días | 103 días = 24 de junio de 2024 → 5 de octubre de 2024 [1].",
        ),
        ("¿Cuántas butacas quedan sin vender?", SEATS, "180 | 180 = 820 − 640 [1]."),
        (
            "¿Cuánto pagan juntos un adulto y un juvenil?",
            FEES,
            "275 euros | 275 euros = 180 euros + 95 euros [1].",
        ),
        (
            "¿Cuánto crecieron los ingresos de 2023 a 2024?",
            INCOME,
            "14,4 millones de euros (+20,0 %) | 14,4 millones de euros (+20,0 %) = "
            "86,4 millones de euros − 72 millones [1].",
        ),
        (
            "¿Cuánto bajó el beneficio?",
            PROFIT,
            "0,5 millones | 0,5 millones = 5,6 millones − 5,1 millones [1].",
        ),
        (
            "¿Cuánto puso la empresa sin contar la ayuda de la Xunta?",
            PLANT,
            "9,4 millones de euros | 9,4 millones de euros = "
            "11,8 millones de euros − 2,4 millones [1].",
        ),
        ("¿Cuántos propietarios no asistieron?", OWNERS, "11 | 11 = 28 − 17 [1]."),
        ("How many more volunteers are needed?", NEEDED, "12 | 12 = 60 − 48 [1]."),
        (
            "¿Cuánto suma la renta al año?",
            RENT,
            "13.800 euros | 13.800 euros = 1.150 euros × 12 [1].",
        ),
    ],
)
def test_what_one_sentence_holds_is_computed(
    store: Store, question: str, text: str, expected: str
) -> None:
    assert computed(store, question, text) == expected


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How much was the equipment budget?", BUDGET),  # nothing is to be computed
        ("How much does everything cost in total?", PRICES),  # not said what counts
        ("How much do a consultation and a scan cost together?", PRICES),
        ("When did the clinic open?", STAFF),
        ("¿Cuántos días dura la regata de San Juan?", DATES),
        ("¿Cuánto sobra?", FEES),  # neither figure is a part of the other
        ("¿Cuánto creció la renta?", BOTH),  # nobody compares the two
        ("¿Cuánto crecieron los ingresos de 2021 a 2022?", INCOME),
        ("¿Cuántos propietarios asistieron?", OWNERS),
        ("¿Cuánto es la renta al mes?", RENT),
        ("¿Cuánto suman la cuota y los 95 euros en total?", DATES),
    ],
)
def test_what_is_not_sure_is_not_computed(store: Store, question: str, text: str) -> None:
    assert computed(store, question, text) is None
