"""A follow-up -> a question that stands alone: by the model that writes answers, else by rules.

A question that stands alone already is never touched, and a model's version is taken only where it
says nothing that the chat has not said. Knows nothing about searching.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.answering.follow_ups import believable, leans_on_history, standalone
from rag.answering.prompts import condensing
from rag.protocols import Generator, Stop
from rag.schema import Prompt, Turn
from rag.text import STOP_WORDS, sanitize, search_terms

_LONGEST = 400  # characters after which a model is stopped
_QUOTES = " \t«»\"“”'"


def condensed(
    question: str, history: Sequence[Turn], language: str, writer: Generator | None, stop: Stop
) -> str:
    """The question freed of the chat; `writer`: the model, None where none writes."""
    stop_words = STOP_WORDS[language]
    by_rules = standalone(question, history, language, stop_words)
    if writer is None or not history or not leans_on_history(question, language, stop_words):
        return by_rules
    written = _written(question, history, language, writer, stop)
    said = [text for turn in history for text in (turn.question, turn.answer)]

    def terms(text: str) -> set[str]:
        return set(search_terms(text, language))

    return written if believable(written, question, said, terms) else by_rules


def _written(
    question: str, history: Sequence[Turn], language: str, writer: Generator, stop: Stop
) -> str:
    """What the model makes of it: its first line."""
    messages = condensing(question, history, language, sanitize.clean)
    text = ""
    for delta in writer.stream(Prompt(question, language, messages, (), ()), stop):
        text += delta
        if len(text) > _LONGEST or "\n" in text.strip():
            break
    lines = sanitize.flattened(text).strip().splitlines()
    return lines[0].strip(_QUOTES) if lines else ""
