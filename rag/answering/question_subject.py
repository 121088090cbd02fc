"""What a question is about: the names, codes, years and units that an answer must share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from rag.answering.question_types import question_word
from rag.schema import Question, Subject
from rag.text import fold, query_terms
from rag.text.entities import NAME, OPENERS, months_in
from rag.text.facts import NEGATION
from rag.text.languages import DATA, STOP_WORDS
from rag.text.numbers import UNITS, numbers_in
from rag.text.values import Value, values_in

Occurs = Callable[[Sequence[str]], bool]
"""Tells whether any of these terms is found anywhere in the library."""

_YEAR = re.compile(r"(?<![\w.,/-])(?:1[5-9]|20)\d{2}(?![\w/-]|[.,]\d)")
# «póliza 9999», «Brasa 500», «cláusula 3.2»: a figure that numbers the thing named before it
_NUMBERED = re.compile(
    r"(?<![^\W_])([^\W\d_]{3,}) (?:n\.?[ºo°] ?|#)?(\d+(?:\.\d{1,2})*)"
    r"(?=\s*(?:[?!;:)]|[.,](?!\d)|$))",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_FUNCTION_WORDS = frozenset().union(*STOP_WORDS.values())


def subject_of(question: str, language: str, occurs: Occurs) -> Subject:
    """Returns the subject of a question that stands alone."""
    values = values_in(question, language)
    codes = [value for value in values if value.is_code]
    numbered = _numbered(question)
    names = tuple(dict.fromkeys(_names(question, codes)))
    return Subject(
        names=names,
        things=tuple(_things(question, names)),
        codes=tuple(dict.fromkeys([*(code.tokens[0] for code in codes), *numbered])),
        years=tuple(dict.fromkeys(map(int, _YEAR.findall(question)))),
        dates=tuple(token for value in values for token in value.tokens if _is_day(value, token)),
        units=tuple(dict.fromkeys(_units(question))),
        negated=NEGATION.search(question) is not None,
        absent=(
            *(code.text for code in codes if not occurs(_spellings(code))),
            *(name for name in numbered if not occurs([name.rsplit(" ", 1)[1]])),
        ),
    )


def _is_day(value: Value, token: str) -> bool:
    return not value.is_code and token.count("-") == 2


def _spellings(code: Value) -> tuple[str, ...]:
    """Returns how a code may stand in the index: as written, by value, and as separate words."""
    return (fold(code.text), *code.tokens, code.words)


def _numbered(question: str) -> list[str]:
    """Returns things with their number, «poliza 9999»; a year or a month's day is none."""
    return [
        f"{fold(thing)} {number}"
        for thing, number in _NUMBERED.findall(question)
        if not _YEAR.fullmatch(number)
        and fold(thing) not in _FUNCTION_WORDS
        and not any(months_in(thing))
    ]


def _names(question: str, codes: Sequence[Value]) -> list[str]:
    """Returns the names; a capital that only opens the question is none, and no code is."""
    first = question_word(question)
    opening = re.search(r"[^\W_]", question)
    starts = {match.start() for match in (first, opening) if match is not None}
    return [
        match.group()
        for match in NAME.finditer(question)
        if match.start() not in starts
        and not any(code.start < match.end() and match.start() < code.end for code in codes)
        and fold(match.group()) not in OPENERS
        and not any(months_in(match.group()))
    ]


def _things(question: str, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yields the words right before names: «finca» of «la finca La Vega»."""
    for name in names:
        before = _WORD.findall(question[: question.find(name)])
        if before and fold(before[-1]) not in _FUNCTION_WORDS and len(before) > 1:
            yield fold(before[-1]), fold(name)


def named_things(question: str, language: str) -> list[list[str]]:
    """Returns the words behind each article or preposition, up to the next small word.

    They name who or what is spoken of: «director», «financiero» of «el director financiero de».
    What the person says of the source, «según la nota», is not spoken of.
    """
    words = DATA[language]
    source = rf"\b(?:{words.according_to})\b[^,?]*"
    question = re.sub(source, "", question, flags=re.IGNORECASE)
    opens = re.compile(rf"(?:{words.articles}|{words.prepositions})", re.IGNORECASE)
    found: list[list[str]] = [[]]
    inside = False
    for word in re.findall(r"[^\W_]+|[^\w\s]", question):
        if opens.fullmatch(word):
            inside = True
            found.append([])
        elif not query_terms(word, language):
            inside = False
        elif inside:
            found[-1].append(word)
    return [run for run in found if run]


def counted_thing(question: Question) -> str | None:
    """Returns the noun that the question counts; None for a unit and for «people» or «times»."""
    words, query = DATA[question.language], question.query
    match = re.search(rf"\b(?:{words.asks_how_many}) ([^\W\d_]+)", query, re.IGNORECASE)
    noun = match[1] if match else ""
    any_thing = fold(noun) in UNITS or fold(noun) in words.counts_anything.split()
    return noun if query_terms(noun, question.language) and not any_thing else None


def _units(question: str) -> list[str]:
    """Returns the units named with a figure, or asked for: «¿Cuántos minutos…?»."""
    asked = (UNITS.get(fold(word)) for word in _WORD.findall(question) if len(word) > 1)
    return [unit for unit in (*(n.unit for n in numbers_in(question)), *asked) if unit]
