"""The intent of a question is told by a fitted model, in both languages, and by words alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from eval.calibration.intents import f1, fit, read
from rag.answering.linear_model import load_models
from rag.answering.question_intent import INTENTS, MODEL, features_of, intents_of
from rag.models import same_weights
from rag.schema import Intent
from rag.text import detect_language, normalize_query
from rag.text.intent_cues import INTENT_CUES

ROOT = Path(__file__).parents[2]
FEW_WORDS = (Intent.FACT, Intent.TABLE, Intent.YES_NO)
LEAST = 0.85  # mean F1 by words alone; with vectors it is above .9


def first_of(question: str) -> Intent:
    """The likeliest intent by words alone, where small talk needs its phrases."""
    language = detect_language(question)
    found = intents_of(normalize_query(question), language)
    return next(intent for intent in found if intent is not Intent.SMALL_TALK)


@pytest.mark.parametrize(
    ("question", "language", "intent"),
    [
        ("¿Qué pasos hay que seguir para sellar una grieta?", "es", Intent.STEPS),
        ("How do I seal a crack?", "en", Intent.STEPS),
        ("¿Por qué se inundó el sótano?", "es", Intent.REASON),
        ("Why was the cellar flooded?", "en", Intent.REASON),
        ("¿En qué se diferencian el cemento y el yeso?", "es", Intent.COMPARISON),
        ("What is the difference between cement and plaster?", "en", Intent.COMPARISON),
        ("¿Se puede pintar sobre papel?", "es", Intent.YES_NO),
        ("Can I paint over wallpaper?", "en", Intent.YES_NO),
        ("Resume el contrato de obra", "es", Intent.SUMMARY),
        ("¿Cuántos documentos hay?", "es", Intent.LIBRARY),
        ("muchas gracias", "es", Intent.SMALL_TALK),
        ("¿Quién firmó el contrato de obra?", "es", Intent.FACT),
    ],
)
def test_what_a_question_wants(question: str, language: str, intent: Intent) -> None:
    assert intents_of(question, language)[0] == intent


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
        "Why are pickled weights risky?",
        "How does the index work?",
        "Which differences are there?",
        "What are the advantages of LoRA?",
        "Please compare LoRA with QLoRA",
        "¿Podrías comparar LoRA con QLoRA?",
        "Hi, could you please describe the prefill?",
    ],
)
def test_what_no_few_words_answer(question: str) -> None:
    assert first_of(question) not in FEW_WORDS


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
    ],
)
def test_what_a_few_words_answer(question: str) -> None:
    assert first_of(question) in FEW_WORDS


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_questions_that_were_held_out(language: str) -> None:
    rows = [row for row in read(ROOT / "eval/intents.jsonl") if row["language"] == language]
    held = [row for row in rows if row["held_out"]]
    assert len(held) == pytest.approx(len(rows) / 3, abs=len(Intent))
    pairs = [
        (row["intent"], intents_of(normalize_query(str(row["question"])), language)[0])
        for row in held
    ]
    assert np.mean([f1(pairs, intent) for intent in Intent]) > LEAST


def test_both_languages_have_the_same_cues() -> None:
    assert INTENT_CUES["es"].keys() == INTENT_CUES["en"].keys()


def test_another_embedder_leaves_it_to_the_words() -> None:
    other = np.full(5, 1e6, np.float32)  # would decide, if it were read, and does not fit in shape
    assert intents_of("Why did it rain?", "en", other, "other:1")[0] == Intent.REASON
    assert same_weights("fuente:1:exact", "fuente:1")
    assert not same_weights("fuente:2", "fuente:1")


def test_a_vector_of_the_fitted_embedder_counts() -> None:
    models = load_models(MODEL)
    weights = models.vectors.vector
    assert weights is not None
    towards = weights[:, INTENTS.index(Intent.SUMMARY)] * 1e3
    assert intents_of("Why did it rain?", "en", towards, models.embedder)[0] == Intent.SUMMARY


def test_fitting_learns_from_what_it_is_shown() -> None:
    rows = [
        {"question": f"{word} {number}", "language": "en", "intent": intent}
        for word, intent in (("wherefore", "reason"), ("henceforth", "steps"))
        for number in range(3)
    ]
    model = fit(rows, None)
    for word, intent in (("wherefore", Intent.REASON), ("henceforth", Intent.STEPS)):
        scores = model.scores(features_of(f"{word} so", "en"), None)
        assert INTENTS[int(np.argmax(scores))] == intent


def test_every_label_is_an_intent() -> None:
    lines = (ROOT / "eval/intents.jsonl").read_text(encoding="utf-8").splitlines()
    labels = {json.loads(line)["intent"] for line in lines}
    assert labels == {intent.value for intent in Intent}
    assert len(lines) >= 400
