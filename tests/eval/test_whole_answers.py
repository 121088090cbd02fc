"""The set of whole answers is the one that was frozen, and its evidence stands in its documents."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from eval.datasets import load

FOLDER = Path(__file__).parents[2] / "eval/whole_answers"
QUESTIONS = load(FOLDER / "questions.jsonl").questions
FROZEN = "bd70ab357583f406f5fcd44eb69efef46ff093543166b7e3de1d658d7b0f2e92"
"""SHA-256 of the questions, as `eval/LOG.md` has it."""


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", re.sub(r"<[^>]+>", " ", text).casefold()))


def test_it_is_the_set_that_was_frozen() -> None:
    content = (FOLDER / "questions.jsonl").read_bytes()
    assert hashlib.sha256(content).hexdigest() == FROZEN
    assert len(QUESTIONS) == 151


def test_the_evidence_stands_in_the_documents() -> None:
    for question in QUESTIONS:
        for evidence in question.evidence:
            text = (FOLDER / "documents" / evidence.path).read_text("utf-8")
            assert words(evidence.quote) <= words(text), question.id


def test_every_answerable_question_has_facts() -> None:
    without = [
        question.id
        for question in QUESTIONS
        if not question.unanswerable and not question.facts and question.kind != "chitchat"
    ]
    assert without == []
