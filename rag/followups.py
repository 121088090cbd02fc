"""A question that leans on the chat before it -> one that stands alone. Rules, no model.

A question leans on the chat when it opens like a continuation («¿y…?», "and…"), points back with a
pronoun («eso», "it") or names nothing of its own. Then the words of the last question that name
something are added. An independent question is left as it is. Stop words come folded: without
accents, in lower case.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from rag.schema import Turn

_OPENINGS = {
    "es": r"^[¿¡\s]*(y|e|pero|entonces|además|también|o sea)\b",
    "en": r"^\s*(and|but|so|then|also|what about|how about)\b",
}
_POINTERS = {
    "es": r"\b(?:eso|esto|ello|ellos|ellas|él|ella|aquello|allí|dich[oa]s?|"
    # «hacerlo», «usándola»; not «Carlos», «charla», «perlas»
    r"es[ea]s?(?= \w)|aquell?[oa]s?(?= \w)|(?!(?:carl|charl|perl)[oa]s?\b)\w+[aeií]rl[oa]s?|"
    r"\w+[aáeé]ndol[oa]s?|(?:el|la|los|las) (?:mism[oa]s?|anterior(?:es)?|"
    r"(?:primer|segund)[oa](?=\s*(?:[?,]|$))))\b",
    "en": r"\b(?:it|its|they|them|their|he|she|him|his|her|"
    r"(?:this|that|these|those)(?=\s*(?:\?|$|is|was|are|were|do|does|did|cost|mean|one))|"
    r"the (?:same|latter|former|other)(?: one)?)\b",
}
_SUBJECTLESS = {
    # verbs whose subject was named before: «¿Cuánto costó?», «¿Quién lo dirige?»
    "es": r"^[¿¡\s]*(?:por qué|cuándo|cuánt\w+|dónde|cómo|quién(?:es)?|para qué|cuál(?:es)?)"
    r"(?:(?:\s+(?:lo|la|los|las|se|le|les))?\s+\w+)?\s*\??$",
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
    # the last question may itself have leant on the one before it
    last = standalone(history[-1].question, history[:-1], language, stop_words)
    known = stop_words | {_bare(word) for word in _NAMING.findall(question)}
    added = dict.fromkeys(
        word for word in _NAMING.findall(last) if _bare(word) not in known and len(word) > 1
    )
    return f"{question} ({' '.join(added)})" if added else question


def _bare(word: str) -> str:
    """Lower case without accents, as stop words are: «cuánto» asks, it names nothing."""
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))
