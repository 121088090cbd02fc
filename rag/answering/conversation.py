"""Replies to small talk, which need no evidence.

The intent of a question and the words of `rag.text.conversation` must agree, so that no question
about the documents is taken for a greeting.
"""

from __future__ import annotations

import re

from rag.answering.library_questions import about_the_library, asks_about_the_library
from rag.answering.prepared import Prepared, reply
from rag.schema import Intent, Question
from rag.storage import Store
from rag.text.conversation import CONVERSATION
from rag.text.intent_cues import INTENT_CUES

Reply = Prepared | None
"""What is said without a search; None where one is needed."""

_MOST_WORDS = 9  # of small talk: what is longer says something else besides


def plausible(question: Question) -> bool:
    """Tells whether a question may have its intent: some need their words.

    These are small talk, summaries and questions about the library.
    """
    if question.intent == Intent.SMALL_TALK:
        return small_talk(question) is not None
    if question.intent == Intent.SUMMARY:
        sums_up = INTENT_CUES[question.language]["sums_up"]
        return re.search(sums_up, question.query, re.IGNORECASE) is not None
    return question.intent != Intent.LIBRARY or asks_about_the_library(question)


def small_talk(question: Question) -> str | None:
    """Returns the reply to a greeting, thanks or a question about the assistant; else None."""
    if question.intent != Intent.SMALL_TALK or len(question.text.split()) > _MOST_WORDS:
        return None
    others = (code for code in CONVERSATION if code != question.language)
    for code in (question.language, *others):
        for pattern, said in CONVERSATION[code].small_talk:
            if re.search(pattern, question.text, re.IGNORECASE):
                return said
    return None


def replied(question: Question, store: Store) -> Reply:
    """Returns what is said to small talk and about the library itself; None to the rest."""
    words = small_talk(question)
    return reply(words) if words else about_the_library(question, store)
