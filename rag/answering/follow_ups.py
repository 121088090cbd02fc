"""Follow-up questions by rules: the words that they lack are those of the chat that name something.

`leaning` tells which questions lack any.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.answering.elliptical_questions import asked_again
from rag.answering.leaning import NAMING, Leaning, content_words
from rag.answering.question_types import question_word
from rag.schema import Turn
from rag.text import fold
from rag.text.languages import CAPITALS, DATA

_NAMES = re.compile(rf"(?<=\w )[{CAPITALS}\d][\w.\-/]*")
_TURNS = 4  # of the conversation that a question is completed from: older ones change the topic


def standalone(question: str, history: Sequence[Turn], language: str, leans: Leaning) -> str:
    """Returns the question, made whole from the last turns when it leans on them."""
    if not history or not leans(question, language):
        return question
    again = asked_again(question, followed_up(history, language, leans), language)
    return again or with_topic(question, _topic(history, language, leans), language)


def followed_up(history: Sequence[Turn], language: str, leans: Leaning) -> str:
    """Returns the last question that stands alone, «» where none does."""
    asked = (turn.question for turn in reversed(history[-_TURNS:]))
    return next((text for text in asked if not leans(text, language)), "")


def _topic(history: Sequence[Turn], language: str, leans: Leaning) -> str:
    """Returns the last question that stands alone, and the names that were added since.

    They are the person's own words: a question is never made from one that was made.
    """
    names: list[str] = []
    for turn in reversed(history[-_TURNS:]):
        if not leans(turn.question, language):
            return " ".join([turn.question, *names])
        names[:0] = _added(turn.question, language)
    return " ".join([history[-1].question, *names])


def _added(question: str, language: str) -> list[str]:
    """Returns what a follow-up names itself; of «Can I freeze it?» that it may be frozen, too."""
    if question_word(question):
        return _NAMES.findall(question)
    return content_words(question, DATA[language])


def with_topic(question: str, topic: str, language: str) -> str:
    """Returns the question with the words of `topic` that name something and that it lacks."""
    known = DATA[language].stop_words | {fold(word) for word in NAMING.findall(question)}
    for match in re.finditer(DATA[language].said_before, topic, re.IGNORECASE):
        known |= {fold(word) for word in match.groups() if word}
    added = dict.fromkeys(
        word for word in NAMING.findall(topic) if fold(word) not in known and len(word) > 1
    )
    return f"{question} ({' '.join(added)})" if added else question
