"""What a question asks of a table: the operation, its condition, its words."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import cache

from rag.answering.tables.matching import AskedWord, asked_words, said
from rag.answering.tables.quantities import is_known, named_unit, quantity
from rag.schema import AnswerType, Question, Span
from rag.text.computing import COMPUTING, SERIES
from rag.text.languages import DATA, fold

_BEHIND = 24  # characters between a figure and what says that it is a difference
_NAMED = "x"  # stands for each letter of a name


class Operation(StrEnum):
    """What is done with the cells."""

    LOOKUP = "lookup"
    SUM = "sum"
    DIFFERENCE = "difference"
    GROWTH = "growth"
    SHARE = "share"
    AVERAGE = "average"
    LARGEST = "largest"
    SMALLEST = "smallest"
    COUNT = "count"
    LIST = "list"
    YEAR = "year"  # twelve times what is given by month
    MONTH = "month"
    DAYS = "days"  # between two dates
    VERDICT = "verdict"  # yes or no: is one more than the other?


ARITHMETIC = frozenset(
    (
        Operation.SUM,
        Operation.DIFFERENCE,
        Operation.GROWTH,
        Operation.SHARE,
        Operation.AVERAGE,
    )
)
"""Operations whose result stands in no cell of the rows they are over."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison that the rows must meet: «más de 20 personas»."""

    comparison: str
    value: Decimal
    start: int
    end: int
    unit: str = ""
    """The unit of its figure, without a scale; «» where it has none that everybody knows."""

    def holds(self, value: Decimal) -> bool:
        """Tells whether a value meets it."""
        return {
            ">": value > self.value,
            "<": value < self.value,
            ">=": value >= self.value,
            "<=": value <= self.value,
        }[self.comparison]


@dataclass(frozen=True, slots=True)
class Request:
    """A question as a computation. `span` is where the words of the operation stand."""

    question: Question
    asked: tuple[AskedWord, ...]
    operation: Operation
    span: Span = (0, 0)
    condition: Condition | None = None
    excludes: int | None = None
    """Where what does not count begins: «que no son pasajes»."""
    whole: int | None = None
    """Where the whole begins, of which a share is asked for."""
    judges: bool = False
    """Whether yes or no is asked for."""
    ends: tuple[int, int, int] | None = None
    """Where the ends of a range begin, and the words behind it end: «entre mayo y junio»."""

    @property
    def conditioned(self) -> frozenset[int]:
        """Returns the words of the condition, which name no row."""
        if self.condition is None:
            return frozenset()
        start, end = self.condition.start, self.condition.end
        return frozenset(i for i, word in enumerate(self.asked) if start <= word.start < end)

    def said_in(self, text: str) -> frozenset[int]:
        """Returns the words that a text says."""
        return said(text, self.question.language, self.asked)[0]

    def words_in(self, span: Span) -> frozenset[int]:
        """Returns the words that begin in a span of the question."""
        return frozenset(i for i, w in enumerate(self.asked) if span[0] <= w.start < span[1])

    def without(self, named: Collection[int]) -> Request:
        """Returns the request by its other words: what names a row or column asks for nothing.

        «Coste total» and «media anual» may be columns, and «Total» a row.
        """
        query = list(self.question.query)
        for index in named:
            word = self.asked[index]
            query[word.start : word.end] = _NAMED * (word.end - word.start)
        operation, span = _operation(self.question, "".join(query), self.judges)
        # «Less than 12 months» is a column, and no condition
        names = self.conditioned and self.conditioned < frozenset(named)
        condition = None if names else self.condition
        # «Figure that is not in the passage» is a row that leaves nothing out
        inside = any(
            w.start < (self.excludes or 0) <= w.end for w in map(self.asked.__getitem__, named)
        )
        excludes = None if inside else self.excludes
        return replace(self, operation=operation, span=span, condition=condition, excludes=excludes)

    @property
    def documents(self) -> int:
        """Returns of how many documents it asks: 3 of «the three quarters»; 0 of «over time»."""
        language = self.question.language
        found = re.search(COMPUTING[language].counted, self.question.query, re.IGNORECASE)
        number = fold(found[1]) if found else ""
        return int(number) if number.isdigit() else int(DATA[language].numerals.get(number, 0))

    @property
    def beside(self) -> frozenset[int]:
        """Returns the words that ask for a change with time or for the newest: «over time»."""
        words = COMPUTING[self.question.language]
        return self._said_by(words.newest) | (
            self.several if self._said_by(words.changing) else frozenset()
        )

    @property
    def several(self) -> frozenset[int]:
        """Returns the words that ask for the same of several documents: «in the three quarters»."""
        return self._said_by(COMPUTING[self.question.language].several)

    def _said_by(self, pattern: str) -> frozenset[int]:
        found = re.finditer(pattern, self.question.query, re.IGNORECASE)
        return frozenset(index for match in found for index in self.words_in(match.span()))

    @property
    def of_money(self) -> frozenset[int]:
        """Returns the words that speak of money, and so of a column of it: «cuesta», «sueldo»."""
        return self._said_by(COMPUTING[self.question.language].money)

    @property
    def series(self) -> str | None:
        """Returns what is asked for of a series: «month» of «In which month?»; None for nothing."""
        words = COMPUTING[self.question.language]
        found = re.search(words.of_series, self.question.query, re.IGNORECASE)
        return SERIES.get(fold(found[1])) if found else None

    @property
    def clock(self) -> bool:
        """Tells whether it asks for a time of the day."""
        words = COMPUTING[self.question.language]
        return re.search(words.clock, self.question.query, re.IGNORECASE) is not None

    @property
    def since(self) -> bool:
        """Tells whether it asks what has become of something since then."""
        words = COMPUTING[self.question.language]
        return re.search(words.since, self.question.query, re.IGNORECASE) is not None

    @property
    def moves(self) -> frozenset[int]:
        """Returns the words that say that something became more or less: «ha bajado»."""
        return self._said_by(COMPUTING[self.question.language].moves)

    @property
    def priced(self) -> bool:
        """Tells whether it asks for a price in no other word: «How much is the Yaris?»."""
        words = COMPUTING[self.question.language]
        return re.search(words.priced, self.question.query, re.IGNORECASE) is not None

    @property
    def per(self) -> Mapping[str, bool]:
        """Returns whether it asks for what is due in a year, and in a month."""
        words = COMPUTING[self.question.language]
        return {
            name: re.search(pattern, self.question.query, re.IGNORECASE) is not None
            for name, pattern in (("year", words.per_year), ("month", words.per_month))
        }


def request_of(question: Question, judges: bool = False) -> Request:
    """Returns what a question asks of a table; without an operation it looks a cell up.

    With `judges` it asks for yes or no.
    """
    words, query = COMPUTING[question.language], question.query
    operation, span = _operation(question, query, judges)
    excluded = re.search(words.except_for, query, re.IGNORECASE)
    whole = re.search(words.parts_of, query, re.IGNORECASE)
    ends = re.search(words.between, query, re.IGNORECASE)
    return Request(
        question,
        asked_words(question),
        operation,
        span,
        _condition(question),
        excluded.end() if excluded else None,
        whole.start(1) if whole else None,
        judges,
        (ends.start(1), ends.start(2), ends.end(2)) if ends else None,
    )


def says_operation(operation: Operation, text: str) -> bool:
    """Tells whether a text names the operation itself, as «en total» does a sum.

    A difference is named behind its figure: «120 m lower than», not «more than 120 m».
    """
    named = (entry for language in COMPUTING for entry in _patterns(language))
    if any(name == operation and pattern.search(text) for name, pattern in named):
        return True
    differs = "|".join(words.differs for words in DATA.values())
    states = re.compile(rf"\d[^.;:]{{0,{_BEHIND}}}\b(?:{differs})", re.IGNORECASE)
    return operation is Operation.DIFFERENCE and states.search(text) is not None


def _operation(question: Question, query: str, judges: bool) -> tuple[Operation, Span]:
    if judges:
        words = COMPUTING[question.language]
        compared = re.search(f"{words.less}|{words.more}", query, re.IGNORECASE)
        return (Operation.VERDICT, compared.span()) if compared else (Operation.LOOKUP, (0, 0))
    days = _days(question)
    if days is not None:
        return Operation.DAYS, days
    for name, pattern in _patterns(question.language):
        if match := pattern.search(query):
            return Operation(name), match.span()
    return Operation.LOOKUP, (0, 0)


def _days(question: Question) -> Span | None:
    """Returns where days, weeks or months between two dates are asked for."""
    timed = {"day", "week", "month"}.intersection(question.subject.units)
    if not timed or question.answer_type not in (AnswerType.TIME, AnswerType.AMOUNT):
        return None
    between = re.search(COMPUTING[question.language].between, question.query, re.IGNORECASE)
    return between.span() if between else None


@cache
def _patterns(language: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    operations = COMPUTING[language].operations
    return tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in operations)


def _condition(question: Question) -> Condition | None:
    for comparison, pattern in COMPUTING[question.language].filters:
        if match := re.search(pattern, question.query, re.IGNORECASE):
            comma = question.language == "es"
            figure = quantity(match[1].rstrip(".,"), comma, question.language)
            if figure is not None:
                scaled = _scaled(question, match.end(), figure.value)
                unit = _unit_beside(question.query, match.start(1), match.end())
                return Condition(comparison, scaled, *match.span(), unit)
    if match := re.search(COMPUTING[question.language].negative, question.query, re.IGNORECASE):
        return Condition("<", Decimal(0), *match.span())
    return None


def _unit_beside(query: str, start: int, end: int) -> str:
    """Returns the unit of the figure between: of «£2,450», «1.500 euros» and «10 %»."""
    behind = re.match(r"\s*(?:[^\W\d_]+|[%€$£])", query[end:])
    unit = named_unit(query[:start][-1:] + (behind.group() if behind else ""), loose=True)
    return unit.partition("*")[0] if is_known(unit) else ""


def _scaled(question: Question, end: int, value: Decimal) -> Decimal:
    """Returns «2 millones» as a number."""
    behind = re.match(r"\s*([^\W\d_]+)", question.query[end:])
    scales = COMPUTING[question.language].scales
    return value * scales.get(behind[1].casefold(), 1) if behind else value
