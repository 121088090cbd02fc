"""The generator that only quotes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answering.citations import MARK
from rag.answering.extractive_answer import ExtractiveGenerator, complementary
from rag.answering.question_types import explains
from rag.schema import Prompt, Sentence
from rag.text import split_sentences
from tests.helpers.contracts import GeneratorContract
from tests.helpers.fakes import make_passage, make_prompt

FACT, EXPLAIN = "¿Cuánto dura la garantía?", "¿Cómo funciona la garantía?"
TEXTS = (
    "La garantía dura dos años. Cubre todas las piezas. Excluye averías por agua.",
    "Hay que enviar el recibo. Conviene llamar antes del martes.",
)


def prompt_of(
    question: str, *texts: str, scores: list[float] | None = None, short: str | None = None
) -> Prompt:
    """Evidence is every sentence, with these scores, best first."""
    passages = tuple(make_passage(text, number=i) for i, text in enumerate(texts, start=1))
    found = [
        Sentence(index, a, b, text[a:b], 0.9)
        for index, text in enumerate(texts)
        for a, b in split_sentences(text)
    ]
    if scores is not None:
        found = [replace(each, score=score) for each, score in zip(found, scores, strict=True)]
    found.sort(key=lambda each: -each.score)
    return Prompt(question, "es", (), passages, tuple(found), short)


def said(prompt: Prompt, max_sentences: int = 4) -> str:
    return "".join(ExtractiveGenerator(max_sentences, explains).stream(prompt, lambda: False))


class TestContract(GeneratorContract):
    """A prompt without evidence gives nothing to quote, so it brings its own."""

    def prompt(self) -> Prompt:
        return prompt_of(FACT, "La garantía dura dos años.")

    @pytest.fixture
    def generator(self) -> ExtractiveGenerator:
        return ExtractiveGenerator(explains=explains)


def test_without_evidence_it_says_nothing() -> None:
    assert said(make_prompt(FACT, "La garantía dura dos años.")) == ""


def test_an_answer_keeps_to_the_language_of_its_first_sentence() -> None:
    prompt = prompt_of(EXPLAIN, "La garantía dura dos años.", "The warranty lasts two years.")
    spanish, english = prompt.passages
    other = replace(english, chunk=replace(english.chunk, language="en"))
    assert said(prompt).count("[") == 2
    prompt = replace(prompt, passages=(spanish, other))
    assert said(prompt) == "La garantía dura dos años. [1]"


def test_a_short_answer_needs_one_sentence() -> None:
    assert said(prompt_of(FACT, *TEXTS, short="dos años")) == "La garantía dura dos años. [1]"


def test_a_fact_takes_two_and_an_explanation_more() -> None:
    assert len(MARK.findall(said(prompt_of(FACT, *TEXTS)))) == 2
    assert len(MARK.findall(said(prompt_of(EXPLAIN, *TEXTS)))) == 4
    assert len(MARK.findall(said(prompt_of(EXPLAIN, *TEXTS), max_sentences=3))) == 3


def test_the_best_leads_and_the_others_follow_the_text() -> None:
    prompt = prompt_of(EXPLAIN, *TEXTS, scores=[0.6, 0.9, 0.7, 0.65, 0.8])
    assert said(prompt) == (
        "Cubre todas las piezas. [1] Excluye averías por agua. [1] "
        "Hay que enviar el recibo. [2] Conviene llamar antes del martes. [2]"
    )


def test_weak_sentences_are_left_out() -> None:
    expected = "La garantía dura dos años. [1] Conviene llamar antes del martes. [2]"
    assert said(prompt_of(EXPLAIN, *TEXTS, scores=[0.9, 0.1, 0.12, 0.1, 0.8])) == expected
    assert said(prompt_of(FACT, *TEXTS, scores=[0.9, 0.4, 0.4, 0.4, 0.8])) == expected


def test_an_explanation_takes_what_repeats_few_words_of_the_question() -> None:
    prompt = prompt_of(EXPLAIN, *TEXTS, scores=[0.9, 0.1, 0.2, 0.1, 0.8])
    assert "Excluye averías por agua. [1]" in said(prompt)


def test_what_is_said_twice_is_quoted_once() -> None:
    prompt = prompt_of(EXPLAIN, TEXTS[0], "La garantía dura siempre dos años.")
    assert said(prompt).count("garantía") == 1


def test_a_references_own_brackets_are_no_marks() -> None:
    text = said(prompt_of(FACT, "Lo demuestran Ruiz [3] y Gil [12]."))
    assert text == "Lo demuestran Ruiz (3) y Gil (12). [1]"


def test_the_cells_of_a_table_row_stay_apart() -> None:
    prompt = prompt_of(EXPLAIN, "Umbral de rechazo\t24 horas\tpor encima del 25 %")
    (said,) = ExtractiveGenerator(explains=explains).stream(prompt, lambda: False)
    assert said == "Umbral de rechazo │ 24 horas │ por encima del 25 % [1]"


def test_each_delta_is_a_sentence_with_a_mark_of_its_passage() -> None:
    prompt = prompt_of(EXPLAIN, "Uno de  tantos\u00a0casos.", "Dos perros ladran.")
    assert list(ExtractiveGenerator(explains=explains).stream(prompt, lambda: False)) == [
        "Uno de tantos casos. [1]",
        " Dos perros ladran. [2]",
    ]


def test_stop_ends_it_between_sentences() -> None:
    asked = iter([False, False, True])
    generator = ExtractiveGenerator(explains=explains)
    deltas = list(generator.stream(prompt_of(EXPLAIN, *TEXTS), lambda: next(asked)))
    assert len(deltas) == 2


def chosen(prompt: Prompt, limit: int = 2) -> list[str]:
    return [each.text for each in complementary(prompt.evidence, prompt.passages, limit)]


def test_of_near_scores_the_sentence_from_elsewhere_is_taken() -> None:
    texts = ("Dura dos años. Cubre las piezas.", "Excluye el agua.")
    near = prompt_of(EXPLAIN, *texts, scores=[0.9, 0.8, 0.78])
    assert chosen(near) == ["Dura dos años.", "Excluye el agua."]
    far = prompt_of(EXPLAIN, *texts, scores=[0.9, 0.8, 0.6])
    assert chosen(far) == ["Dura dos años.", "Cubre las piezas."]


def test_of_near_scores_the_sentence_that_repeats_less_is_taken() -> None:
    text = "La garantía dura dos años. La garantía cubre las piezas. El agua queda fuera."
    assert chosen(prompt_of(EXPLAIN, text, scores=[0.9, 0.8, 0.78])) == [
        "La garantía dura dos años.",
        "El agua queda fuera.",
    ]


def test_of_equals_the_first_wins_and_nothing_is_taken_twice() -> None:
    prompt = prompt_of(EXPLAIN, "Uno calla. Dos cantan. Tres bailan.")
    assert chosen(prompt, 9) == ["Uno calla.", "Dos cantan.", "Tres bailan."]


def test_sentences_of_passages_that_did_not_fit_are_not_quoted() -> None:
    prompt = prompt_of(EXPLAIN, *TEXTS)
    assert "[2]" not in said(replace(prompt, passages=prompt.passages[:1]))


def test_whether_an_explanation_is_wanted_is_for_others_to_say() -> None:
    prompt = prompt_of(EXPLAIN, *TEXTS)
    deltas = ExtractiveGenerator().stream(prompt, lambda: False)
    assert len(list(deltas)) == 2
