"""The shortest words that answer, always a slice of what is quoted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from rag.answering.answer_span import SHORT_FEATURES, prediction, short_answer, trimmed
from rag.answering.calibration import Calibration
from rag.answering.composing import Material, Piece, compose
from rag.schema import AnswerType, BlockKind, Intent, Signals, Span
from tests.helpers.answering import material_of
from tests.helpers.fakes import make_question

TEXT = "El ascensor admite ocho personas. Lo fabricó «Alturas» (Jaén) en 2017."
TABLE = "Partida\tPresupuesto\tGasto real\nFormación\t4.000 €\t2.950 €\nOtros\t1 €\t2 €\n"
SHORT = {"intercept": -5.0, **dict.fromkeys(SHORT_FEATURES, 0.0), "agrees": 6.0, "typed": 2.0}
CALIBRATION = Calibration({}, short=SHORT, short_threshold=0.5)


def span_of(words: str) -> Span:
    start = TEXT.index(words)
    return start, start + len(words)


def pointed(
    question: str,
    words: str,
    again: str = "",
    kind: AnswerType = AnswerType.TEXT,
    intent: Intent = Intent.FACT,
) -> Material:
    """As a QA model leaves it that points at `words` in the passage, at `again` in the sentence."""
    asked = make_question(question, intent=intent, answer_type=kind)
    sentence = max(TEXT.split(". "), key=lambda text: words in text)
    material = material_of(asked, TEXT, sentence)
    first, *others = material.sentences
    read = replace(first, words=span_of(again or words), answers=0.9, span_score=0.5)
    (passage,) = material.passages
    seen = replace(passage, signals=Signals(answerable=0.9), answer_span=span_of(words))
    return replace(material, sentences=[read, *others], passages=[seen])


def short(material: Material, calibration: Calibration = CALIBRATION) -> str | None:
    answer = short_answer(material, compose(material), calibration)
    layout = material.layout(0)
    assert layout is not None
    assert answer is None or layout.of(answer.span) == answer.text
    return None if answer is None else answer.text


def test_words_at_which_the_model_points_twice_are_shown() -> None:
    asked = "¿Qué empresa fabricó el ascensor?"
    assert short(pointed(asked, "«Alturas» (Jaén)")) == "«Alturas» (Jaén)"
    assert short(pointed(asked, "«Alturas» (Jaén)", "2017")) is None, "it is of two minds"


def test_they_are_widened_to_the_thing_asked_for() -> None:
    asked = "¿Cuántas personas admite el ascensor?"
    material = pointed(asked, "ocho personas", "ocho", AnswerType.AMOUNT)
    assert short(material) == "ocho personas"


def test_nothing_is_shown_where_no_model_has_read() -> None:
    material = material_of(make_question("¿Cuándo se fabricó?"), TEXT, "Lo fabricó")
    assert short(material) is None, "a year alone makes no short answer"
    assert short(pointed("¿Cuándo se fabricó?", "2017"), Calibration({})) is None


@pytest.mark.parametrize("intent", [Intent.REASON, Intent.DEFINITION, Intent.LIST, Intent.STEPS])
def test_what_needs_more_words_has_no_short_answer(intent: Intent) -> None:
    assert short(pointed("¿Por qué se fabricó?", "2017", intent=intent)) is None


def test_what_the_question_says_is_no_answer() -> None:
    assert short(pointed("¿Qué hace el ascensor?", "El ascensor")) is None


def test_the_signals_say_what_the_certainty_is_made_of() -> None:
    material = pointed("¿Cuándo se fabricó?", "2017", kind=AnswerType.DATE)
    found = prediction(material, Piece(0, (0, len(TEXT))))
    assert found is not None
    assert set(found[1]) == set(SHORT_FEATURES)
    assert (found[1]["agrees"], found[1]["typed"], found[1]["alone"]) == (1, 1, 1)


def test_of_a_row_the_cell_whose_column_is_asked_for() -> None:
    for question, expected in (
        ("¿Cuál es el gasto real en formación?", "2.950 €"),
        ("¿Cuál era el presupuesto de formación?", "4.000 €"),
        ("¿Qué se sabe de formación?", None),
        ("¿Cuánto es el gasto real en total con formación?", None),  # one cell is no sum
    ):
        asked = make_question(question, intent=Intent.TABLE, answer_type=AnswerType.MONEY)
        material = material_of(asked, TABLE, "Formación")
        assert compose(material).pieces[0].kind is BlockKind.ROW
        assert short(material) == expected


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("La sede, en Jaén, cerró.", ", en Jaén,", "en Jaén"),
        ("Lo llaman «Olivo» aquí.", "«Olivo", "«Olivo»"),
        ("Lo llaman «Olivo» aquí.", "Olivo» aquí.", "Olivo» aquí"),
        ("Lo llaman «Olivo» aquí.", "«Olivo»", "«Olivo»"),
        ("La Agencia (AEPD) avisa.", "Agencia (AEPD", "Agencia (AEPD)"),
        ("La Agencia (AEPD) avisa.", "(AEPD", "(AEPD)"),
        ("The U.S. signed.", "U.S.", "U.S."),
        ("Baja a -5 °C.", "-5 °C.", "-5 °C"),
        ('Dijo "no" y "sí".', '"no', "no"),
        ("Cuesta 12 %.", "12 %.", "12 %"),
        ("Se usa .NET.", ".NET.", ".NET"),
        ("Nada… de eso", "… ", ""),
    ],
)
def test_edges_are_trimmed(text: str, words: str, expected: str) -> None:
    start = text.index(words)
    first, last = trimmed(text, start, start + len(words))
    assert text[first:last] == expected


@given(st.text(st.sampled_from('Ab «»()[]"“”.,-¿? \n'), max_size=30), st.data())
def test_trimming_stays_inside_but_for_one_closing_mark(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    first, last = trimmed(text, start, end)
    assert start <= first <= last <= end + 1 or first == last
    assert trimmed(text, first, last)[0] == first or first == last
    assert not text[first:last][:1].isspace()
    assert not text[first:last][-1:].isspace()
