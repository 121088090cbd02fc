"""Follow-up questions by rules: which lean on the chat before them, and what they lack.

A question leans on the chat when it opens like a continuation («¿y…?», "and…"), points back with a
pronoun («eso», "it") or names nothing of its own: no name, no figure, nothing with an article. Then
the words of the last question that name something are added.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.answering.elliptical_questions import asked_again
from rag.schema import Turn
from rag.text import fold
from rag.text.entities import months_in
from rag.text.language import LanguageData
from rag.text.languages import CAPITALS, DATA

_NAMING = re.compile(r"[^\W_][\w.\-/]*")
_NAMES = re.compile(rf"(?<=\w )[{CAPITALS}\d][\w.\-/]*")
_TURNS = 4  # of the conversation that a question is completed from: older ones change the topic


def leans_on_history(question: str, language: str) -> bool:
    """Tells whether the question cannot be understood without the one before."""
    words = DATA[language]
    return (
        _has(words.continuations, question)
        or _has(words.subjectless, question)
        or _points_back(question, words)
        or _names_nothing(question, words)
    )


def standalone(question: str, history: Sequence[Turn], language: str) -> str:
    """Returns the question, made whole from the last turns when it leans on them."""
    if not history or not leans_on_history(question, language):
        return question
    again = asked_again(question, followed_up(history, language), language)
    return again or with_topic(question, _topic(history, language), language)


def followed_up(history: Sequence[Turn], language: str) -> str:
    """Returns the last question that stands alone, «» where none does."""
    asked = (turn.question for turn in reversed(history[-_TURNS:]))
    return next((text for text in asked if not leans_on_history(text, language)), "")


def _topic(history: Sequence[Turn], language: str) -> str:
    """Returns the last question that stands alone, and the names that were added since.

    They are the person's own words: a question is never made from one that was made.
    """
    names: list[str] = []
    for turn in reversed(history[-_TURNS:]):
        if not leans_on_history(turn.question, language):
            return " ".join([turn.question, *names])
        names[:0] = _NAMES.findall(turn.question)
    return " ".join([history[-1].question, *names])


def with_topic(question: str, topic: str, language: str) -> str:
    """Returns the question with the words of `topic` that name something and that it lacks."""
    known = DATA[language].stop_words | {fold(word) for word in _NAMING.findall(question)}
    for match in re.finditer(DATA[language].said_before, topic, re.IGNORECASE):
        known |= {fold(word) for word in match.groups() if word}
    added = dict.fromkeys(
        word for word in _NAMING.findall(topic) if fold(word) not in known and len(word) > 1
    )
    return f"{question} ({' '.join(added)})" if added else question


def _has(pattern: str, question: str) -> bool:
    return re.search(pattern, question, re.IGNORECASE) is not None


def _points_back(question: str, words: LanguageData) -> bool:
    """Tells whether a pronoun comes before anything that it may stand for.

    In «What is X and when is it used?» it stands for what is asked first.
    """
    pointer = re.search(words.pointers, question, re.IGNORECASE)
    if pointer is None:
        return False
    before = question[: pointer.start()]
    asked_first, *_ = parts = re.split(rf"\s(?:{words.joins})\s", before, flags=re.IGNORECASE)
    if len(parts) > 1 and _content(asked_first, words):
        return False
    return not re.search(words.naming, before)


def _names_nothing(question: str, words: LanguageData) -> bool:
    """Tells whether the subject was named before: «¿Qué partida se desvió?»."""
    if not _has(words.asks_at_start, question) or _names_its_topic(question, words):
        return False
    if re.search(words.naming, question):
        return False
    return len(_content(question, words)) <= words.fewest_naming_words


def _names_its_topic(question: str, words: LanguageData) -> bool:
    """Tells whether it says what it is about; «¿Cuánto se gastó en mayo?» says only when."""
    named = re.search(words.names_its_topic, question, re.IGNORECASE)
    return named is not None and not any(months_in(named.group()))


def _content(text: str, words: LanguageData) -> list[str]:
    return [word for word in _NAMING.findall(text) if fold(word) not in words.stop_words]
