"""A follow-up -> a question that stands alone, by the language model if there is one.

Without one, rules do it. A question that stands alone already is never touched, and a model's
version is taken only where it says nothing that the chat has not said.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.answering.follow_ups import believable, leans_on_history, standalone
from rag.answering.prompts import condensing
from rag.protocols import Generator, Stop
from rag.schema import Prompt, Turn
from rag.text import sanitize, search_terms

_LONGEST = 400  # characters after which a model is stopped
_QUOTES = " \t«»\"“”'"


def rewrite(
    question: str,
    history: Sequence[Turn],
    language: str,
    generator: Generator | None,
    stop: Stop,
) -> str:
    """Returns the question freed of the conversation before it."""
    by_rules = standalone(question, history, language)
    if generator is None or not history or not leans_on_history(question, language):
        return by_rules
    written = _written(question, history, language, generator, stop)
    said = [text for turn in history for text in (turn.question, turn.answer)]

    def terms(text: str) -> set[str]:
        return set(search_terms(text, language))

    return written if believable(written, question, said, terms) else by_rules


def _written(
    question: str, history: Sequence[Turn], language: str, generator: Generator, stop: Stop
) -> str:
    """The first line of what the model makes of it."""
    text = ""
    for delta in generator.stream(Prompt(condensing(question, history, language)), stop):
        text += delta
        if len(text) > _LONGEST or "\n" in text.strip():
            break
    lines = sanitize.flattened(text).strip().splitlines()
    return lines[0].strip(_QUOTES) if lines else ""
