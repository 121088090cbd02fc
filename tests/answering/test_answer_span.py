"""The shortest words that answer, always a slice of the sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.answer_span import rule_span, short_answer, trimmed
from rag.schema import Chunk, Passage, Sentence, Signals
from rag.text import split_sentences

OFFSET = 100  # sentences stand somewhere in a document


def short(question: str, text: str) -> str | None:
    span = rule_span(question, Sentence(0, OFFSET, OFFSET + len(text), text))
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
        ("¿Cuántas se vieron?", "El 22 de abril de 2025 se vieron 14 nóminas.", "14 nóminas"),
        ("¿Qué cantidad de parámetros?", "Son 7.000 millones.", "7.000 millones"),
        ("¿Quién firma?", "Persona: Julián Ortega; Cargo: Delegado", "Julián Ortega"),
        ("¿Cuántos socios había?", "En 2025 se contaron 300 socios.", "300 socios"),
        ("¿Cuánta memoria necesita?", "Ronda 4,5 bits por peso: 3,9 GB en disco.", "3,9 GB"),
        ("How much disk does it take?", "Its 200 files take 12 MB.", "12 MB"),
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
        ("¿Cuánto estuvo a la vista?", "El 22 de abril de 2025 se indexó una carpeta."),
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
    span = rule_span(question, Sentence(0, OFFSET, OFFSET + len(text), text))
    if span is not None:
        assert OFFSET <= span[0] < span[1] <= OFFSET + len(text)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("¿Cuántos gigas ocupa un modelo de 13B en INT8?", "13 GB"),
        ("¿Cuánto ocupan 7B y 13B en INT8?", "7 GB"),  # two columns: by the rules
        ("¿Cuántos bits tiene INT8?", "8 bits"),
    ],
)
def test_of_a_row_the_cell_whose_column_is_asked_for(question: str, expected: str) -> None:
    text = "Precisión: INT8 (8 bits); 7B: 7 GB; 13B: 13 GB"
    row = Sentence(0, OFFSET, OFFSET + len(text), text)
    chunk = Chunk(1, OFFSET, OFFSET + len(text), text)
    answer = short_answer(question, [row], [Passage(chunk, "Guía", "guia.md", 0.5)], 0.5)
    assert answer is not None
    start, end = answer[1]
    assert text[start - OFFSET : end - OFFSET] == expected


# --- with a reader -------------------------------------------------------------------------------

TEXT = "El ascensor admite ocho personas. Lo fabricó «Alturas» (Jaén) en 2017."


def read_passage(
    words: str, answerable: float = 0.9, document: int = 1, language: str = "es"
) -> Passage:
    """As a reader leaves it that points at these words."""
    start = OFFSET + TEXT.index(words)
    chunk = Chunk(document, OFFSET, OFFSET + len(TEXT), TEXT, language=language)
    signals = Signals(answerable=answerable, relevance=0.8)
    return Passage(chunk, "Guía", "guia.md", 0.5, signals, (start, start + len(words)))


def answered(question: str, *passages: Passage) -> str | None:
    found = [
        Sentence(place, OFFSET + a, OFFSET + b, TEXT[a:b])
        for place in range(len(passages))
        for a, b in split_sentences(TEXT)
    ]
    answer = short_answer(question, found, passages, 0.5)
    if answer is None:
        return None
    sentence, (start, end) = answer
    assert sentence.start <= start < end <= sentence.end
    return TEXT[start - OFFSET : end - OFFSET]


def test_a_readers_words_answer_what_no_rule_knows() -> None:
    assert answered("¿Qué empresa lo fabricó?", read_passage("«Alturas» (Jaén)")) == (
        "«Alturas» (Jaén)"
    )
    assert answered("¿Qué empresa lo fabricó?", read_passage("Alturas» (")) == "Alturas"


def test_a_reader_that_is_unsure_leaves_it_to_the_rules() -> None:
    asked = "¿En qué año se fabricó?"
    assert answered(asked, read_passage("Jaén", 0.9)) == "Jaén"
    assert answered(asked, read_passage("Jaén", 0.4)) == "2017"
    assert answered("¿Qué empresa lo hizo?", read_passage("Jaén", 0.4)) is None


def test_an_explanation_has_no_short_answer() -> None:
    assert answered("¿Por qué se fabricó en 2017?", read_passage("Jaén")) is None
    assert answered("Why 2017?", read_passage("Jaén", 0.1)) is None


def test_the_surest_of_several_passages_answers() -> None:
    passages = (read_passage("Jaén", 0.6), read_passage("ocho personas", 0.9, document=2))
    assert answered("¿Qué admite?", *passages) == "ocho personas"


def test_the_short_answer_is_in_the_language_of_the_best_sentence() -> None:
    own, twin = read_passage("2017", 0.92), read_passage("Jaén", 0.99, 2, "en")
    asked = "¿Qué empresa lo fabricó?"
    assert answered(asked, own, twin) == "2017", "a translation is a hair surer"
    assert answered(asked, twin, own) == "Jaén"
    assert answered(asked, read_passage("2017", 0.45), twin) is None, "sure of other words only"


def test_below_the_least_no_reading_stands_by_itself() -> None:
    """It takes a sure one beside it: 0.5 is the least."""
    asked, unsure = "¿Qué empresa lo fabricó?", read_passage("2017", 0.49)
    assert answered(asked, unsure) is None
    assert answered(asked, unsure, read_passage("Jaén", 0.51, 2, "en")) == "2017"
    assert answered(asked, unsure, read_passage("Jaén", 0.51, 2)) == "Jaén", "sure ones first"


def test_never_longer_than_the_sentence_nor_what_the_question_says() -> None:
    assert answered("¿Qué admite?", read_passage("ocho personas. Lo")) == "ocho personas"
    assert answered("¿Qué hace el ascensor?", read_passage("El ascensor")) is None


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
