"""What a question asks for: a date, an amount, a name, a definition."""

from __future__ import annotations

import re

from rag.schema import AnswerType, Question
from rag.text import search_terms
from rag.text.languages import either, pattern


def _asks_for(kind: AnswerType) -> re.Pattern[str]:
    return pattern(lambda language: language.asks_for[kind])


def _names(kind: AnswerType) -> re.Pattern[str]:
    return pattern(lambda language: language.names_kind[kind])


# The first that fits decides: money, time and size are amounts too, asked for by more words.
_ASKS = {kind: _asks_for(kind) for kind in AnswerType if kind is not AnswerType.TEXT}
CONTACTS = (AnswerType.PHONE, AnswerType.EMAIL, AnswerType.ADDRESS)
"""Kinds whose form is so plain that a sentence without one is no answer."""
_NAMES = {kind: _names(kind) for kind in CONTACTS}
_KEYWORDS = 4  # a text of more words is a sentence, which may ask for something else
_QUESTION_WORDS = re.compile(
    rf"\b{either(lambda language: language.question_words)}\b", re.IGNORECASE
)


def question_word(question: str) -> re.Match[str] | None:
    """Returns the first word that asks: in «¿Qué pasa cuando…?» the second one does not.

    What stands before an opening mark only sets the scene.
    """
    return _QUESTION_WORDS.search(question, question.rfind("¿") + 1)


def answer_type(question: str) -> AnswerType:
    """Returns the kind of thing asked for; TEXT where the question names none."""
    first = question_word(question)
    if first is None:
        keywords = "?" not in question and len(question.split()) <= _KEYWORDS
        named = (kind for kind, names in _NAMES.items() if keywords and names.search(question))
        return next(named, AnswerType.TEXT)
    asked = (kind for kind, asks in _ASKS.items() if asks.match(question, first.start()))
    return next(asked, AnswerType.TEXT)


def contact_terms(question: Question) -> set[str]:
    """Returns the search terms that name the kind of contact asked for; none where none is.

    What gives a contact need not say them: «949 222 333» says no «teléfono».
    """
    kind = question.answer_type
    named = _NAMES[kind].search(question.query) if kind in CONTACTS else None
    return set(search_terms(named.group(), question.language)) if named else set()


_ASKS_DEFINITION = pattern(lambda language: language.asks_definition)
_TOPIC_WORDS = 5  # a longer topic asks about something more particular than a definition
_ARTICLE = rf"(?:{either(lambda language: language.articles)} )?"
_STATES = rf"{either(lambda language: language.states)}\b"
_CALLS = either(lambda language: language.calls)


def defines(question: str, sentence: str) -> float:
    """Returns 1 where the question asks what something is and the sentence says or names it.

    0.5 where the sentence says something of it, else 0.
    """
    asked = _ASKS_DEFINITION.search(question)
    topic = next(filter(None, asked.groups()), "").strip() if asked else ""
    if not topic or len(topic.split()) > _TOPIC_WORDS:
        return 0.0
    name = re.escape(topic)
    opens = rf"\W*{_ARTICLE}{name}\w{{0,3}}(?:,? ?\([^()]*\)|, [^,.;]{{1,60}},)? {_STATES}"
    called = rf".{{0,120}}?\b{_CALLS} {_ARTICLE}[«“\"]?{name}\b"
    label = rf"\W*(?:\d{{1,2}}[.)]\s*)?{_ARTICLE}{name}(?:[:]|\.\s*$)"
    if re.match(f"{opens}|{called}|{label}", sentence, re.IGNORECASE):
        return 1.0
    mentions = rf".{{0,200}}?\b{name}\w{{0,3}}\b[^.;]{{0,60}}?\b{_STATES}"
    return 0.5 if re.match(mentions, sentence, re.IGNORECASE) else 0.0
