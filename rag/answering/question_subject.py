"""What a question is about: the names, codes, years and units that an answer must share."""

from __future__ import annotations

import re

from rag.answering.question_types import kind_of, question_word
from rag.schema import AnswerType, Subject
from rag.text.entities import NAME
from rag.text.facts import NEGATION
from rag.text.languages import DATA
from rag.text.numbers import numbers_in

_CODE = re.compile(r"(?<![\w-])[^\W\d_]{1,8}[-./_]?\d[^\W_]*(?:[-./:_][^\W_]+)*")
_YEAR = re.compile(r"(?<![\w.,/-])(?:1[5-9]|20)\d{2}(?![\w/-]|[.,]\d)")
_OPENERS = frozenset().union(*(language.openers for language in DATA.values()))


def answer_type(question: str) -> AnswerType:
    """Returns the kind of thing asked for; TEXT where the question names none."""
    kind = kind_of(question)
    return AnswerType.TEXT if kind is None else AnswerType(kind.name)


def subject_of(question: str) -> Subject:
    """Returns the subject of a question that stands alone."""
    first = question_word(question)
    asking = first.span() if first is not None else (-1, -1)
    names = (
        match.group()
        for match in NAME.finditer(question)
        if match.start() != asking[0] and match.group().casefold() not in _OPENERS
    )
    return Subject(
        names=tuple(dict.fromkeys(names)),
        codes=tuple(dict.fromkeys(_CODE.findall(question))),
        years=tuple(dict.fromkeys(int(year) for year in _YEAR.findall(question))),
        units=tuple(dict.fromkeys(number.unit for number in numbers_in(question) if number.unit)),
        negated=NEGATION.search(question) is not None,
    )
