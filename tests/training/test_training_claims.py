"""Claims for the support head: what is supported is, and the fold's claims are left out."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

from rag.training.claims import (
    CLAIMS,
    CORPUS,
    EVIDENCE,
    answered_claims,
    parallel_claims,
    scifact_claims,
)
from rag.training.qa_batches import CONTRADICTED, SUPPORTED, Task
from rag.training.rows import Parallel, Question


def parallel(number: int, source: str) -> Parallel:
    return Parallel(
        f"The bridge number {number} was built in the year {1800 + number}.",
        f"El puente número {number} se construyó en el año {1800 + number}.",
        source,
    )


def test_a_sentence_is_claimed_of_its_translation_and_not_of_the_sentences_around_it() -> None:
    rows = [parallel(number, "a" if number < 6 else "b") for number in range(12)]
    rows.append(Parallel("Too short.", "Muy corta.", "b"))
    tasks = parallel_claims(rows, random.Random(1))
    assert len(tasks) == 12
    assert {task.row.language for task in tasks} == {"en", "es"}
    for task in tasks:
        year = task.row.question.split()[-1]
        assert task.support == SUPPORTED
        assert year in task.row.context
        assert ("puente" in task.row.context) == (task.row.language == "en")
        (without,) = task.negatives
        assert year not in without
        number = int(year.rstrip(".")) - 1800
        assert (number < 6) == ("1805" in task.row.context or "1802" in task.row.context)


def test_an_answer_makes_a_claim_of_its_question() -> None:
    row = Question("¿Quién fundó Quebec?", "La fundó Champlain.", "Champlain", 9, "en", "x")
    null = Question("¿Quién?", "Nadie.", None, -1, "es", "x")
    long = Question("How?", "so " * 90, "so " * 80, 0, "en", "x")
    (task,) = answered_claims([Task(row, ("Otra.",)), Task(null), Task(long)])
    assert task.row.question == "¿Quién fundó Quebec? Champlain."
    assert (task.row.answer, task.row.language, task.support) == (None, "es", SUPPORTED)
    assert task.negatives == ("Otra.",)


def test_scifacts_claims_come_with_what_decides_them_and_without_the_folds(tmp_path: Path) -> None:
    text = " ".join(f"Sentence {number} tells of the trial." for number in range(12))
    with gzip.open(tmp_path / CORPUS, "wt", encoding="utf-8") as lines:
        lines.write(json.dumps({"_id": "d", "title": "T", "text": text}) + "\n")
    claims = [{"_id": str(number), "text": f"Claim {number}."} for number in range(4)]
    (tmp_path / CLAIMS).write_text("".join(json.dumps(row) + "\n" for row in claims))
    labels = ["SUPPORT", "CONTRADICT", "SUPPORT", "CONTRADICT"]
    evidence = [
        {"claim_id": str(number), "doc_id": "d", "label": label, "sentences": [9]}
        for number, label in enumerate(labels)
    ]
    (tmp_path / EVIDENCE).write_text("".join(json.dumps(row) + "\n" for row in evidence))
    tasks = scifact_claims(tmp_path, None)
    assert [task.support for task in tasks] == [SUPPORTED, CONTRADICTED] * 2
    assert all("Sentence 9 " in task.row.context for task in tasks)
    assert all("Sentence 2 " in task.negatives[0] for task in tasks)
    assert not any("Sentence 9 " in task.negatives[0] for task in tasks)
    left = scifact_claims(tmp_path, "1/2")
    assert [task.row.question for task in left] == ["Claim 1.", "Claim 3."]
