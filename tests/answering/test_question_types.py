"""What a question asks for: a kind of thing, a definition, an explanation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.question_types import defines, holds_kind, kind_of, wants_explanation


@pytest.mark.parametrize(
    ("question", "holder", "other"),
    [
        ("¿Cuándo empezó?", "Empezó en 2017.", "Empezó tarde."),
        ("¿En qué siglo nació?", "Nació en el siglo XIX.", "Nació lejos."),
        ("When did it start?", "It started in 2017.", "It started late."),
        ("¿Cuántas personas caben?", "Caben ocho personas.", "Caben todas."),
        ("How many fit?", "Eight fit, or 8.", "All of them fit."),
        ("¿Quién lo firma?", "Lo firma Marta.", "Lo firma el director."),
        ("Who signs it?", "It is signed by Marta.", "Nobody signs it."),
    ],
)
def test_the_kind_of_thing_asked_for(question: str, holder: str, other: str) -> None:
    assert holds_kind(question, holder)
    assert not holds_kind(question, other)


def test_a_question_of_no_kind_takes_anything() -> None:
    assert holds_kind("¿Qué cubre la garantía?", "Las piezas.")


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        ("¿Qué es LoRA?", "LoRA es un método de ajuste.", 1),
        ("¿Qué es LoRA?", "LoRA (Low-Rank Adaptation) es un método.", 1),
        ("¿Qué son las alucinaciones?", "Las alucinaciones son frases falsas.", 1),
        ("Explícame qué es un token, por favor", "Un token es un fragmento de texto.", 1),
        ("¿En qué consiste el ajuste fino?", "El ajuste fino consiste en seguir.", 1),
        ("¿Qué es el few-shot?", "Se llama few-shot a incluir ejemplos.", 1),
        ("What is speculative decoding?", "Speculative decoding is a trick.", 1),
        ("What does LoRA mean?", "LoRA means low-rank adaptation.", 1),
        ("Explain what a token is.", "A token is a piece of text.", 1),
        ("What is GQA?", "Sharing heads, called GQA, saves memory.", 1),
        ("¿Qué se entiende por LLM?", "Un modelo grande, o LLM por sus siglas, es una red.", 0.5),
        ("¿Qué es LoRA?", "Se usó LoRA el martes.", 0),
        ("¿Cuándo se usa LoRA?", "LoRA es un método.", 0),
        ("¿Qué es lo que se hizo con LoRA en Jaén el martes?", "LoRA es un método.", 0),
    ],
)
def test_definitions(question: str, sentence: str, expected: float) -> None:
    assert defines(question, sentence) == expected


@given(st.text(max_size=20))
def test_a_topic_is_never_a_pattern(topic: str) -> None:
    assert defines(f"¿Qué es {topic}?", f"Nada de {topic}") == 0


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("¿En qué década nació?", "date"),
        ("¿Qué porcentaje acierta?", "percent"),
        ("¿Cuánto costó el piloto?", "money"),
        ("¿Cada cuánto se revisa?", "time"),
        ("How long does it last?", "time"),
        ("How far is it?", "amount"),
        ("¿A quién se avisa?", "name"),
        ("Where is it?", "place"),
        ("What happens when it fails?", None),
        ("Cuando falla el disco, ¿quién avisa?", "name"),
        ("¿Qué cubre?", None),
        ("", None),
    ],
)
def test_the_first_word_that_asks_decides(question: str, kind: str | None) -> None:
    found = kind_of(question)
    assert (found and found.name) == kind


@pytest.mark.parametrize(
    "question",
    [
        "¿Qué es RAG?",
        "¿Qué son las alucinaciones?",
        "¿Qué es una alucinación de un modelo?",
        "¿En qué consiste el ajuste fino?",
        "¿Cómo funciona el índice?",
        "¿Por qué se descartaron los 3 bits?",
        "¿Para qué sirve el reranker?",
        "¿Qué ventajas tiene RAG?",
        "¿Cuál es la diferencia entre LoRA y QLoRA?",
        "¿En qué se diferencian LoRA y QLoRA?",
        "Diferencia entre LoRA y QLoRA",
        "Compara LoRA con QLoRA.",
        "Explícame el prefill",
        "What is grouped-query attention?",
        "What does LoRA mean?",
        "What happens when it fails?",
        "Why are pickled weights risky?",
        "How does the index work?",
        "Which differences are there?",
        "What are the advantages of LoRA?",
        "Please compare LoRA with QLoRA",
        "Hola, ¿me puedes explicar el prefill?",
        "¿Podrías comparar LoRA con QLoRA?",
        "Hi, could you please describe the prefill?",
    ],
)
def test_what_no_few_words_answer(question: str) -> None:
    assert wants_explanation(question)


@pytest.mark.parametrize(
    "question",
    [
        "¿Cuál es la capital de Francia?",
        "¿Cómo se llama el proyecto?",
        "¿Cuánto dura?",
        "¿Qué equipo ganó la liga?",
        "¿Quién firma cuando falta la directora?",
        "What is the capital of France?",
        "What is it called?",
        "How is the project called?",
        "How many fit?",
        "How likely is it?",
        "Which team won?",
        "When did it start?",
        "",
    ],
)
def test_what_a_few_words_answer(question: str) -> None:
    assert not wants_explanation(question)


@given(st.text(st.sampled_from("¿?qué es why what is the how cómo por "), max_size=200))
def test_any_question_is_looked_at(question: str) -> None:
    assert wants_explanation(question) in (True, False)
    assert holds_kind(question, question) in (True, False)
