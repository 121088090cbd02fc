"""What a question asks to be computed, and what a text says of it itself."""

from __future__ import annotations

import pytest

from rag.answering import QuestionAnalyzer
from rag.answering.tables.requests import Operation, request_of, says_operation
from rag.storage import Store


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("The sea was 120 m (390 ft) lower than today.", True),
        ("El segundo turno tarda 30 minutos más que el primero.", True),
        ("Los 4 metros de tubo van a la nave mayor.", False),
        ("More than 120 people live lower down.", False),
        ("La cuota es de 30 euros.", False),
    ],
)
def test_a_difference_is_named_behind_its_figure(text: str, says: bool) -> None:
    assert says_operation(Operation.DIFFERENCE, text) is says
    assert not says_operation(Operation.SUM, text)


@pytest.mark.parametrize(
    ("question", "several"),
    [
        ("How did sales change in the three quarters?", True),
        ("What were sales in Three Months Ended October 30, 2022?", False),
        ("What were sales for the nine months ended June 30, 2023?", False),
    ],
)
def test_a_period_of_three_months_is_no_three_documents(
    store: Store, question: str, several: bool
) -> None:
    request = request_of(QuestionAnalyzer(store, "en").analyze(question))
    assert bool(request.several) is several
