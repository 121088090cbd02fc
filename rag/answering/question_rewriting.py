"""A follow-up -> a question that stands alone, by the language model if there is one.

Without one, rules do it. A question that stands alone already is never touched, and a model's
version is taken only where it says nothing that the conversation has not said.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.answering.follow_ups import standalone
from rag.answering.leaning import Leaning
from rag.answering.prompts import rewriting_messages
from rag.protocols import Generator, Stop
from rag.schema import Prompt, Turn
from rag.text import sanitize, search_terms

_STOP_AFTER = 400  # characters that a model writes
_LONGEST = 300  # characters of a question
_UNKNOWN = 0.25  # share of its terms that the conversation need not have
_QUOTES = " \t«»\"“”'"


def rewrite(
    question: str,
    history: Sequence[Turn],
    language: str,
    generator: Generator | None,
    stop: Stop,
    leans: Leaning,
) -> str:
    """Returns the question freed of the conversation before it."""
    by_rules = standalone(question, history, language, leans)
    if generator is None or not history or not leans(question, language):
        return by_rules
    written = _written(question, history, language, generator, stop)
    return written if believable(written, question, history, language) else by_rules


def believable(written: str, question: str, history: Sequence[Turn], language: str) -> bool:
    """Tells whether a model's version can be taken.

    It must add to the question, only what the conversation has said, and be no longer than a
    question is.
    """

    def terms(*texts: str) -> set[str]:
        return {term for text in texts for term in search_terms(text, language)}

    found = terms(written)
    new = found - terms(question)
    unknown = new - terms(*(text for turn in history for text in (turn.question, turn.answer)))
    invented = any(char.isdigit() for term in unknown for char in term)
    short = 0 < len(written) <= _LONGEST
    return short and bool(new) and not invented and len(unknown) <= _UNKNOWN * len(found)


def _written(
    question: str, history: Sequence[Turn], language: str, generator: Generator, stop: Stop
) -> str:
    """Returns the first line that the model writes."""
    text = ""
    prompt = Prompt(rewriting_messages(question, history, language))
    for delta in generator.stream(prompt, stop):
        text += delta
        if len(text) > _STOP_AFTER or "\n" in text.strip():
            break
    lines = sanitize.flattened(text).strip().splitlines()
    return lines[0].strip(_QUOTES) if lines else ""
