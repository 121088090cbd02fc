"""Follow-up questions by rules: which lean on the chat before them, and what they lack.

A question leans on the chat when it opens like a continuation («¿y…?», "and…"), points back with a
pronoun («eso», "it") or names nothing of its own: no name, no figure, nothing with an article. Then
the words of the last question that name something are added.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.schema import Turn
from rag.text import fold
from rag.text.language import LanguageData
from rag.text.languages import DATA

_NAMING = re.compile(r"[^\W_][\w.\-/]*")


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
    """Returns the question, with the naming words of the last one added when it leans on it."""
    if not history or not leans_on_history(question, language):
        return question
    # the last question may itself have leant on the one before it
    last = standalone(history[-1].question, history[:-1], language)
    known = DATA[language].stop_words | {fold(word) for word in _NAMING.findall(question)}
    for match in re.finditer(DATA[language].said_before, last, re.IGNORECASE):
        known |= {fold(word) for word in match.groups() if word}
    added = dict.fromkeys(
        word for word in _NAMING.findall(last) if fold(word) not in known and len(word) > 1
    )
    return f"{question} ({' '.join(added)})" if added else question


def _has(pattern: str, question: str) -> bool:
    return re.search(pattern, question, re.IGNORECASE) is not None


def _points_back(question: str, words: LanguageData) -> bool:
    """Tells whether a pronoun comes before anything that it may stand for."""
    pointer = re.search(words.pointers, question, re.IGNORECASE)
    return pointer is not None and not re.search(words.naming, question[: pointer.start()])


def _names_nothing(question: str, words: LanguageData) -> bool:
    """Tells whether the subject was named before: «¿Qué partida se desvió?»."""
    if not _has(words.asks_at_start, question) or _has(words.names_its_topic, question):
        return False
    if re.search(words.naming, question):
        return False
    content = [word for word in _NAMING.findall(question) if fold(word) not in words.stop_words]
    return len(content) <= words.fewest_naming_words
