"""«¿Y en junio?» -> the question before it, with «junio» where that named another month.

A fragment that asks nothing of its own asks the same again of something else: of another month,
year or figure, another place or time with its preposition, or another subject.
"""

from __future__ import annotations

import re

from rag.answering.question_types import question_word
from rag.schema import Span
from rag.text import search_terms
from rag.text.language import LanguageData
from rag.text.languages import DATA, either

_LONGEST = 7  # words of a fragment: more say what they mean
_EDGES = "¿?¡!.,;: \t\n"
_YEAR = re.compile(r"\b(?:1\d|20)\d{2}\b")
_MONTHS = either(lambda language: [name for names in language.months for name in names])
_VALUES = (
    re.compile(rf"\b{_MONTHS}(?: (?:\w{{2,3}} )?\d{{4}})?\b", re.IGNORECASE),
    _YEAR,
    re.compile(r"(?<!\w)\w*\d[\w.,-]*"),
)


def asked_again(fragment: str, question: str, language: str) -> str | None:
    """Returns the question of what the fragment names; None where it does not fit in."""
    words = DATA[language]
    opening = re.match(words.continuations, fragment, re.IGNORECASE)
    bare = fragment[opening.end() :].strip(_EDGES) if opening else ""
    if question_word(bare) or not question_word(question) or not 0 < len(bare.split()) <= _LONGEST:
        return None
    place = _other_year(bare, question, words) or _value(bare, question, words)
    place = place or _phrase(bare, question, words) or _subject(bare, question, words)
    if place is None:
        return None
    (start, end), new = place
    return f"{question[:start].rstrip()} {new}{question[end:]}"


def _other_year(bare: str, question: str, words: LanguageData) -> tuple[Span, str] | None:
    """Returns where a year stands, and the one before or after it: «el año siguiente»."""
    year = _YEAR.search(question)
    for pattern, step in ((words.year_after, 1), (words.year_before, -1)):
        if year is not None and re.search(pattern, bare, re.IGNORECASE):
            return year.span(), str(int(year.group()) + step)
    return None


def _value(bare: str, question: str, words: LanguageData) -> tuple[Span, str] | None:
    """Returns where a month, year or figure stands, and the other one of a fragment of no more."""
    for pattern in _VALUES:
        new, old = pattern.search(bare), pattern.search(question)
        if new and old and not search_terms(pattern.sub("", bare), words.code):
            return old.span(), new.group()
    return None


def _phrase(bare: str, question: str, words: LanguageData) -> tuple[Span, str] | None:
    """Returns where a phrase with the same preposition stands, else the end of the question."""
    opening = re.match(rf"(?:{words.stands_for_it})?({words.prepositions})\b", bare, re.IGNORECASE)
    if opening is None:
        return None
    bare = bare[opening.start(1) :]
    last = f"(?:{words.prepositions}|{words.articles})"
    same = re.compile(
        rf"\b{opening[1]}\s(?:(?:{words.articles})\s)?\S.*?(?=[?,]|\s{last}\s|$)", re.IGNORECASE
    )
    found = list(same.finditer(question))
    at = len(question.rstrip(_EDGES))
    return (found[-1].span() if found else (at, at)), bare


def _subject(bare: str, question: str, words: LanguageData) -> tuple[Span, str] | None:
    """Returns where the first thing with an article stands behind the verb, if there is a verb.

    Of «the large one» the last thing with an article is meant, and its noun stays.
    """
    alike = re.search(words.stands_for_noun, bare, re.IGNORECASE)
    if alike is not None:
        last = re.match(rf".*\b((?:{words.articles})\s.*?(\w+))\W*$", question, re.IGNORECASE)
        return (last.span(1), bare[: alike.start()] + last[2]) if last else None
    asks, behind = re.match(words.asks_of_a_subject, question, re.IGNORECASE), ""
    if asks is None:  # «¿Cuánto es la renta del piso?»: of the same flat
        asks = re.match(words.asks_what_it_is, question, re.IGNORECASE)
        behind = rf"\s(?:{words.prepositions})\s"
    if asks is None or not re.match(rf"(?:{words.articles})\s", bare, re.IGNORECASE):
        return None
    behind = behind or words.behind_a_subject
    phrase = re.compile(rf"(?:{words.articles})\s.+?(?=[?,]|{behind}|$)", re.IGNORECASE)
    found = phrase.search(question, asks.end())
    return (found.span(), bare) if found else None
