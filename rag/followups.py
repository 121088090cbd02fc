"""A question that leans on the chat before it -> one that stands alone. Rules, no model.

A question leans on the chat when it opens like a continuation («¿y…?», "and…"), points back with a
pronoun («eso», "it") or names nothing of its own. Then the words of the last question that name
something are added. An independent question is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.schema import Turn

_OPENINGS = {
    "es": r"^[¿¡\s]*(y|e|pero|entonces|además|también|o sea)\b",
    "en": r"^\s*(and|but|so|then|also|what about|how about)\b",
}
_POINTERS = {
    "es": r"\b(?:eso|esto|ello|ellos|ellas|él|ella|aquello|allí|dich[oa]s?|"
    r"es[ea]s?(?= \w)|aquell?[oa]s?(?= \w)|\w+(?:rl[oa]s?|ndol[oa]s?)|"
    r"(?:el|la|los|las) (?:mism[oa]s?|anterior(?:es)?|primer[oa]|segund[oa]))\b",
    "en": r"\b(?:it|its|they|them|their|he|she|him|his|her|"
    r"(?:this|that|these|those)(?=\s*(?:\?|$|is|was|are|were|do|does|did|cost|mean|one))|"
    r"the (?:same|latter|former|other)(?: one)?)\b",
}
_SUBJECTLESS = {
    # verbs whose subject was named before: «¿Cuánto costó?», «¿Quién lo dirige?»
    "es": r"^[¿¡\s]*(?:por qué|cuándo|cuánt\w+|dónde|cómo|quién(?:es)?|para qué|cuál(?:es)?)"
    r"(?:\s+(?:lo|la|los|las|se|le|les))?\s+\w+\s*\??$",
    "en": r"^\s*(?:why|when|where|how|who)(?:\s+(?:much|many|long|often))?\s*\??$",
}
_NAMING = re.compile(r"[^\W_][\w.\-/]*")


def leans_on_history(question: str, language: str) -> bool:
    """Whether the question cannot be understood without the one before."""
    return any(
        re.search(patterns[language], question, re.IGNORECASE)
        for patterns in (_OPENINGS, _POINTERS, _SUBJECTLESS)
    )


def standalone(
    question: str, history: Sequence[Turn], language: str, stop_words: frozenset[str]
) -> str:
    """The question, with the naming words of the last one added when it leans on it."""
    if not history or not leans_on_history(question, language):
        return question
    present = {word.casefold() for word in _NAMING.findall(question)}
    added = dict.fromkeys(
        word
        for word in _NAMING.findall(history[-1].question)
        if word.casefold() not in stop_words and word.casefold() not in present and len(word) > 1
    )
    return f"{question} ({' '.join(added)})" if added else question
