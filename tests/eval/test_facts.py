"""What a whole answer is worth by the facts that it states."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval import datasets, facts, judging
from eval.datasets import Evidence, Question
from rag.schema import Answer
from tests.helpers.judged import GUIDE, WITHHELD, answered, cite, passage, question


def judge(asked: Question, answer: Answer) -> dict[str, float | None]:
    values = judging.judge(asked, [], answer, 0.5)
    return {name: values[name] for name in facts.NAMES}


def asked(**more: Any) -> Question:
    fields: dict[str, Any] = {
        "facts": (("1910", "mil novecientos diez"), ("Ana Ruiz",)),
        "wrong": ("1932",),
        "max_words": 12,
        "kind": "fact",
    }
    return question("1", **{**fields, **more})


def test_an_answer_with_every_fact_satisfies() -> None:
    text = "El puente se abrió en 1910 [1]. Lo diseñó Ana Ruiz [1]."
    source = passage("guia.pdf", GUIDE, 2)
    values = judge(asked(), answered(text, "1910", [cite(source, GUIDE)]))
    assert values == {
        "satisfied": 1.0,
        "confidently_wrong": 0.0,
        "wrongly_refused": 0.0,
        "wrong_short": 0.0,
        "short_shown": 1.0,
        "evidence_cited": 1.0,
    }


@pytest.mark.parametrize(
    ("text", "short", "satisfied", "wrong"),
    [
        ("Se abrió en 1910.", None, 0.0, 0.0),  # one fact is missing
        ("Lo abrió el alcalde.", None, 0.0, 1.0),  # no fact at all
        ("Se cerró en 1932 [1]. Ana Ruiz lo abrió en 1910.", None, 0.0, 1.0),  # misleads at once
        ("Ana Ruiz lo abrió en 1910 y se cerró en 1932.", None, 1.0, 0.0),
        ("Ana Ruiz lo abrió en 1910.", "1932", 0.0, 1.0),
        ("Ana Ruiz lo abrió en 1910. " + "Y más. " * 10, None, 0.0, 0.0),  # too long
    ],
)
def test_what_is_missing_misleads_or_is_too_long_does_not_satisfy(
    text: str, short: str | None, satisfied: float, wrong: float
) -> None:
    values = judge(asked(), answered(text, short))
    assert (values["satisfied"], values["confidently_wrong"]) == (satisfied, wrong)
    assert values["wrong_short"] == (None if short is None else 1.0)


def test_a_yes_or_no_begins_with_one() -> None:
    closed = asked(facts=(("no se abrió",),), starts=("no",), kind="yesno")
    right = judge(closed, answered("No: el puente no se abrió [1]."))
    assert (right["satisfied"], right["short_shown"]) == (1.0, 0.0)
    assert judge(closed, answered("El puente no se abrió [1]."))["satisfied"] == 0.0
    short = judge(closed, answered("El puente no se abrió [1].", "No"))
    assert (short["satisfied"], short["wrong_short"]) == (1.0, 0.0)


def test_withheld_answers() -> None:
    values = judge(asked(), WITHHELD)
    assert (values["satisfied"], values["confidently_wrong"]) == (0.0, 0.0)
    assert (values["wrongly_refused"], values["evidence_cited"]) == (1.0, 0.0)
    absent = asked(facts=(), unanswerable=True)
    assert judge(absent, WITHHELD)["satisfied"] == 1.0
    guessed = judge(absent, answered("Lo pintó Eva.", "Eva"))
    assert (guessed["confidently_wrong"], guessed["wrong_short"]) == (1.0, 1.0)
    assert guessed["wrongly_refused"] is None
    set_right = asked(unanswerable=True, facts=(("no tiene piloto",),))
    assert judge(set_right, answered("El puente no tiene piloto."))["satisfied"] == 1.0


def test_small_talk_is_short_and_quotes_nothing() -> None:
    hello = asked(facts=(), wrong=("no lo encuentro",), kind=facts.SMALL_TALK, evidence=())
    assert judge(hello, answered("¡Hola! ¿Qué quieres saber?", found=False))["satisfied"] == 1.0
    assert judge(hello, answered("No lo encuentro.", found=False))["satisfied"] == 0.0
    source = passage("guia.pdf", GUIDE, 2)
    quoted = judge(hello, answered("Hola [1].", None, [cite(source, GUIDE)]))
    assert (quoted["satisfied"], quoted["confidently_wrong"]) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("Costó 1.234,50 €", "1,234.5"),
        ("Costó 16 000 euros", "16.000"),
        ("un 38 por ciento más", "38 %"),
        ("La Imitación del alumno", "imit*"),
        ("según la VERSIÓN 3.11.2", "3.11.2"),
        ("0,250 litros", "0.25"),
    ],
)
def test_facts_are_met_in_other_spellings(text: str, fact: str) -> None:
    assert judge(asked(facts=((fact,),), wrong=()), answered(text))["satisfied"] == 1.0


@pytest.mark.parametrize(
    ("text", "fact"),
    [("Costó 12.345 €", "12.34"), ("En 1910", "191"), ("limitado", "imit*"), ("38 euros", "38 %")],
)
def test_facts_are_whole_words(text: str, fact: str) -> None:
    assert judge(asked(facts=((fact,),), wrong=()), answered(text))["satisfied"] == 0.0


def test_evidence_counts_where_half_of_it_is_cited_from_its_file() -> None:
    evidence = (Evidence("es/guia.pdf", None, "El puente se abrió en 1910, dice la guía grande"),)
    source = passage("docs/es/guia.pdf", GUIDE)
    other = passage("docs/es/mapa.pdf", GUIDE)
    cited = [
        judge(asked(evidence=evidence), answered("x [1]", None, [cite(where, quote)]))
        for where, quote in (
            (source, "El puente se abrió en 1910."),
            (source, "Lo diseñó Ana Ruiz."),
            (other, "El puente se abrió en 1910."),
        )
    ]
    assert [values["evidence_cited"] for values in cited] == [1.0, 0.0, 0.0]


def test_a_question_without_known_facts_is_not_judged_by_them() -> None:
    assert set(judge(question("1"), answered("Ana Ruiz")).values()) == {None}


def test_the_fields_of_a_question_set(tmp_path: Path) -> None:
    row = {
        "id": "A1",
        "question": "¿Está incluido el trastero?",
        "type": "yesno",
        "answerable": True,
        "facts": [["no forma parte", "excluido"]],
        "wrong": ["sí"],
        "starts": ["no"],
        "max_words": 60,
    }
    path = tmp_path / "set.jsonl"
    far = {"id": "A2", "question": "¿Quién?", "answerable": False, "facts": []}
    path.write_text(json.dumps(row) + "\n" + json.dumps(far), "utf-8")
    first, second = datasets.load(path).questions
    assert (first.kind, first.facts) == ("yesno", (("no forma parte", "excluido"),))
    assert (first.wrong, first.starts, first.max_words) == (("sí",), ("no",), 60)
    assert (second.unanswerable, second.facts) == (True, ())
