"""The shortest words that answer, always a slice of the sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.schema import Sentence
from rag.short_answers import short_answer

OFFSET = 100  # sentences stand somewhere in a document


def short(question: str, text: str) -> str | None:
    span = short_answer(question, Sentence(0, OFFSET, OFFSET + len(text), text))
    return None if span is None else text[span[0] - OFFSET : span[1] - OFFSET]


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("¿En qué año se presentó?", "El Transformer se presentó en 2017 en un artículo.", "2017"),
        ("¿Cuándo empezó?", "Empezó el 3 de marzo de 2025 en Jaén.", "3 de marzo de 2025"),
        ("¿En qué mes abre?", "Abre en septiembre de 2024.", "septiembre de 2024"),
        ("¿En qué siglo se fundó?", "Se fundó en el siglo XIX.", "siglo XIX"),
        ("When was it signed?", "It was signed on 27 June 2025 in Jaén.", "27 June 2025"),
        ("When was it signed?", "It was signed on June 27, 2025.", "June 27, 2025"),
        ("¿Cuándo caduca?", "Caduca el 2025-06-27.", "2025-06-27"),
        ("¿Cuánto costó?", "El piloto ha costado 43.150 euros en total.", "43.150 euros"),
        ("¿Qué porcentaje acierta?", "Acierta el 90,2 % de las veces.", "90,2 %"),
        ("How much does it cost?", "It costs $1,200 a year.", "$1,200"),
        ("How many people fit?", "The lift holds eight people.", "eight people"),
        ("¿Quién firma el contrato?", "El contrato lo firma Marta Quesada.", "Marta Quesada"),
        ("Who is on call?", "Today Ruth Okafor is on call.", "Ruth Okafor"),
        ("¿Dónde está el servidor?", "El servidor está en Úbeda.", "Úbeda"),
    ],
)
def test_dates_amounts_and_names(question: str, text: str, expected: str) -> None:
    answer = short(question, text)
    assert answer is not None
    assert expected in answer
    assert len(answer) <= len(expected) + 12


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("¿Qué cubre la garantía?", "Cubre 2 años en Jaén desde 2017."),
        ("Why does it stop?", "It stops after 3 hours in Jaén."),
        ("¿Cuándo empezó?", "Empezó tarde."),
        ("¿Quién es Marta Quesada?", "Marta Quesada firma."),
        ("¿Quién avisa?", "El responsable avisa. En su ausencia, nadie."),
        ("Who pays?", "The tenant pays, and the owner does not."),
        ("¿Cuánto son 43.150 euros?", "Son 43.150 euros."),
        ("", "Son 43.150 euros."),
    ],
)
def test_none_where_none_is_asked_for_or_held(question: str, text: str) -> None:
    assert short(question, text) is None


@pytest.mark.parametrize(
    "question",
    [
        "¿Qué pasa cuando falla el disco?",
        "¿A qué velocidad escribe cuando va lleno?",
        "What happens when the disk is full?",
        "Which phase determines how long I wait?",
        "What does the engineer who is on call do where there is no network?",
    ],
)
def test_only_the_first_word_that_asks_decides(question: str) -> None:
    assert short(question, "En 2017 Marta tardó 30 minutos en Úbeda.") is None


def test_the_words_after_the_opening_mark_ask() -> None:
    text = "En mayo de 2024 lo firmó Marta Quesada."
    assert short("Cuando falla el disco, ¿quién avisa?", text) == "Marta Quesada"


def test_what_stands_near_the_questions_words_is_preferred() -> None:
    text = "En 2015 hubo obras y, tras mucho tiempo y muchas quejas, el ascensor abrió en 2017."
    assert short("¿En qué año abrió el ascensor?", text) == "2017"


QUESTIONS = st.sampled_from(["¿Cuándo?", "¿Cuánto?", "¿Quién?", "When?", "How many?", "Where?"])


@given(QUESTIONS, st.text(st.sampled_from("Ab 19.,%€$º/-2025deMayo\n\u200bé"), max_size=60))
def test_always_a_slice_of_the_sentence(question: str, text: str) -> None:
    span = short_answer(question, Sentence(0, OFFSET, OFFSET + len(text), text))
    if span is not None:
        assert OFFSET <= span[0] < span[1] <= OFFSET + len(text)
