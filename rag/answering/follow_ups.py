"""Follow-up questions by rules: which lean on the chat before them, and what they lack.

A question leans on the chat when it opens like a continuation («¿y…?», "and…"), points back with a
pronoun («eso», "it") or names nothing of its own: no name, no figure, nothing with an article. Then
the words of the last question that name something are added.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.schema import Turn
from rag.text import STOP_WORDS, fold

_OPENINGS = {
    "es": r"^[¿¡\s]*(y|e|pero|entonces|además|también|o sea)\b",
    "en": r"^\s*(and|but|so|then|also|what about|how about)\b",
}
_POINTERS = {
    "es": r"\b(?:eso|esto|ello|ellos|ellas|él|ella|aquello|allí|dich[oa]s?|"
    # «hacerlo», «usándola»; not «Carlos», «charla», «perlas»
    r"es[ea]s?(?= \w)|aquell?[oa]s?(?= \w)|(?!(?:carl|charl|perl)[oa]s?\b)\w+[aeií]rl[oa]s?|"
    r"\w+[aáeé]ndol[oa]s?|(?:el|la|los|las) (?:mism[oa]s?|anterior(?:es)?|"
    r"(?:primer|segund)[oa](?=\s*(?:[?,]|$))))\b|^(?:(?!\b(?:el|la|los|las|un|una)\b).)*\bsus?\b",
    # but «is it safe to…», which stands for what follows
    "en": r"\b(?:(?<!is )it|it(?! (?:\w+ ){1,3}to\b)|its|they|them|their|he|she|him|his|her|"
    r"(?:this|that|these|those)(?=\s*(?:\?|$|is|was|are|were|do|does|did|cost|mean|one))|"
    r"the (?:same|latter|former|other)(?: one)?|such an?|instead|the \w+ (?:kind|ones?))\b",
}
_SUBJECTLESS = {
    # verbs whose subject was named before: «¿Cuánto costó?», «¿Quién lo dirige?»
    "es": r"^[¿¡\s]*(?:por qué|cuándo|cuánt\w+|dónde|cómo|quién(?:es)?|para qué|cuál(?:es)?)"
    r"(?:(?:\s+(?:lo|la|los|las|se|le|les))?\s+\w+)?\s*\??$",
    "en": r"^\s*(?:why|when|where|how|who)(?:\s+(?:much|many|long|often))?\s*\??$",
}
# What a question names: with an article, with a capital or with a figure. Where it does none of it,
# and does not ask what something is, its subject was named before: «¿Qué partida se desvió?»
_NAMES = {
    "es": r"(?i:\b(?:el|la|los|las|un|una|unos|unas|del)\s+\w)|(?<=\w )\w*[A-ZÁÉÍÓÚÑ]|\d",
    "en": r"(?i:\b(?:the|an?|my|our|your)\s+\w)|(?<=\w )\w*[A-Z]|\d|:",
}
_DEFINES = {
    "es": r"^[¿¡\s]*(?:por |para )?qu[eé] (?:es|son|significan?|quiere decir|diferencias?)\b",
    "en": r"^\s*(?:what|who) (?:is|are|was|were|does|do)\b",
}
_FEW = {"es": 4, "en": 2}  # words of a question that can lack its subject, those that ask apart
_ASKS = {
    "es": r"^[¿¡\s]*(?:\w+ )?(?:qu[eé]|cu[aá]l(?:es)?|cu[aá]ndo|cu[aá]nt[oa]s?|qui[eé]n(?:es)?|"
    r"d[oó]nde|c[oó]mo)\b",
    "en": r"^\s*(?:\w+ )?(?:what|which|who|when|where|why|how)\b",
}
# Words of the last question that ask or say what happens, and name nothing.
_SAYS = {
    "es": re.compile(
        r"(?:cu[aá]ndo|cu[aá]nt[oa]s?|qui[eé]n(?:es)?|d[oó]nde|c[oó]mo|qu[eé])(?:\s+(?:se|lo|la|le))?"
        r"\s+(?P<said>\w+)\s+(?=(?:el|la|los|las|un|una)\b)",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"how (?P<said>long|much|many|often|large|far|old|big|high|fast)\b|"
        r"\b(?:do|does|did)\b.*\b(?P<last>\w+)\s*\?*\s*$",
        re.IGNORECASE,
    ),
}
_LONGEST_REWRITE = 300  # characters of a question that a model freed of the chat
_UNKNOWN = 0.25  # share of its naming words that the chat need not have said
_NAMING = re.compile(r"[^\W_][\w.\-/]*")


def believable(
    written: str, question: str, said: Sequence[str], terms: Callable[[str], set[str]]
) -> bool:
    """Whether a model's version of a follow-up can be taken: it adds to the question only what the
    chat `said`, and is no longer than a question is. `terms` gives the words that name something.
    """
    own, asked = terms(written), terms(question)
    new = own - asked
    unknown = new - set[str]().union(*map(terms, said))
    invented = any(char.isdigit() for term in unknown for char in term)
    short = 0 < len(written) <= _LONGEST_REWRITE
    return short and bool(new) and not invented and len(unknown) <= _UNKNOWN * len(own)


def leans_on_history(question: str, language: str) -> bool:
    """Tells whether the question cannot be understood without the one before."""
    opens = (_OPENINGS[language], _SUBJECTLESS[language])
    return (
        any(re.search(pattern, question, re.IGNORECASE) for pattern in opens)
        or _points_back(question, language)
        or _names_nothing(question, language)
    )


def standalone(question: str, history: Sequence[Turn], language: str) -> str:
    """Returns the question, with the naming words of the last one added when it leans on it."""
    stop_words = STOP_WORDS[language]
    if not history or not leans_on_history(question, language):
        return question
    # the last question may itself have leant on the one before it
    last = standalone(history[-1].question, history[:-1], language)
    known = stop_words | {fold(word) for word in _NAMING.findall(question)}
    for match in _SAYS[language].finditer(last):
        known |= {fold(word) for word in match.groups() if word}
    added = dict.fromkeys(
        word for word in _NAMING.findall(last) if fold(word) not in known and len(word) > 1
    )
    return f"{question} ({' '.join(added)})" if added else question


def _points_back(question: str, language: str) -> bool:
    """A pronoun, where the question itself has not named what it may stand for."""
    pointer = re.search(_POINTERS[language], question, re.IGNORECASE)
    return pointer is not None and not re.search(_NAMES[language], question[: pointer.start()])


def _names_nothing(question: str, language: str) -> bool:
    if not re.search(_ASKS[language], question, re.IGNORECASE):
        return False
    defines = re.search(_DEFINES[language], question, re.IGNORECASE)
    if defines or re.search(_NAMES[language], question):
        return False
    said = [word for word in _NAMING.findall(question) if fold(word) not in STOP_WORDS[language]]
    return len(said) <= _FEW[language]
