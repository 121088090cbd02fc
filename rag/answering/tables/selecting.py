"""Which rows and columns of a table a question means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rag.answering.tables.grid import Grid, GridRow
from rag.answering.tables.matching import AskedWord, Match, phrase, pick, said
from rag.answering.tables.quantities import DAYS, MINUTES, is_money
from rag.answering.tables.requests import Request
from rag.schema import AnswerType
from rag.text.computing import COMPUTING, SERIES, series_of
from rag.text.languages import DATA

OPENING = 2000
"""Characters of a document's first page."""

_LEAST_NAME = 0.3  # share of a name that is said
LEAST_LABEL = 0.5
"""Share of a row's name by which it is surely meant."""
_KINDS = {
    AnswerType.MONEY: ("eur", "usd", "gbp", "jpy"),
    AnswerType.PERCENT: ("%",),
    AnswerType.TIME: ("second", "ms", "minute", "hour", "day", "week", "month", "year", MINUTES),
    AnswerType.SIZE: ("gb", "mb", "kb", "tb"),
    AnswerType.DATE: (DAYS,),
}


@lru_cache(maxsize=64)  # the tables of a document have it in common
def _mentioned(text: str, language: str, asked: tuple[AskedWord, ...]) -> frozenset[int]:
    return said(text, language, asked)[0]


@dataclass(frozen=True)
class Selection:
    """A table read with a question: the columns and rows it names, best first."""

    grid: Grid
    request: Request

    @cached_property
    def context(self) -> frozenset[int]:
        """Returns the words that the title, the headings or the name of the document say.

        Besides a name on its first page: who reports, or between whom a contract is.
        """
        document = self.grid.document
        opening = _mentioned(document.text[:OPENING], document.language, self.request.asked)
        query = self.request.question.query
        asked = self.request.asked
        names = {i for i in opening if asked[i].is_figure or query[asked[i].start].isupper()}
        file = document.path.rsplit("/", 1)[-1].rsplit(".", 1)[0]
        text = " ".join((document.title, file.replace("-", " ").replace("_", " "), self.grid.title))
        return _mentioned(text, document.language, self.request.asked) | names

    @cached_property
    def columns(self) -> list[Match]:
        """Returns the columns of figures that are named; a whole name goes before a part."""
        names = [(c, self.grid.name(c)) for c in self.grid.figures]
        # of a turned table they are names of rows, of which more must be said
        picked = self._picked(names, LEAST_LABEL if self.grid.turned else _LEAST_NAME, self.free)
        asking = self.request.words_in(self.request.span)
        asking = frozenset(i for i in asking if self.request.asked[i].idle)
        # «how has it changed» names no column «Change»
        return [match for match in picked if match.whole or not match.used <= asking]

    @cached_property
    def texts(self) -> list[Match]:
        """Returns the columns of words that are named, without the one that names the rows."""
        names = [(c, self.grid.name(c)) for c in self.grid.words if c]
        return self._picked(names, _LEAST_NAME, self.free)

    @cached_property
    def rows(self) -> list[Match]:
        """Returns the rows whose names the question says, each by words of its own.

        Words of a column that is said whole name a row only where no others do.
        """
        columns = [m for m in self.columns if m.whole]
        columns = [m for m in columns if m.phrase] or columns
        whole = frozenset(i for m in columns for i in m.used)
        rows = enumerate(self.grid.rows)
        names = [(index, row.label) for index, row in rows if len(row.cells) > 1 or not row.label]
        picked = self._picked(names, _LEAST_NAME, self.free | whole)
        if not picked and whole:
            inside = [m for m in self._picked(names, _LEAST_NAME, self.free) if m.whole]
            # in «total number of shares» nobody names the row «Total»
            picked = [m for m in inside if not any(m.used < column.used for column in columns)]
        return picked

    @cached_property
    def alike(self) -> dict[int, frozenset[int]]:
        """Returns the rows of which another cell, or their group, is said whole: «Acme»."""
        found: dict[int, frozenset[int]] = {}
        for index, row in enumerate(self.grid.rows):
            used, share = said(row.group, self.language, self.request.asked)
            if share > 0.99:
                found[index] = used
            for column, cell in row.cells.items():
                if column and column in self.grid.words:
                    used, share = said(cell.text, self.language, self.request.asked)
                    if share > 0.99 and not used <= self.free:
                        found[index] = found.get(index, frozenset()) | used
        return found if len(found) < len(self.grid.rows) else {}

    @property
    def language(self) -> str:
        """Returns the language of the document."""
        return self.grid.document.language

    @cached_property
    def free(self) -> frozenset[int]:
        """Returns the words that name no row or column: those of a condition."""
        return self.request.conditioned

    def said(self, text: str) -> frozenset[int]:
        """Returns the words that a text says."""
        return said(text, self.language, self.request.asked)[0]

    def _picked(
        self, names: Sequence[tuple[int, str]], least: float, taken: frozenset[int]
    ) -> list[Match]:
        asked = self.request.asked
        return pick([n for n in names if n[1].strip()], self.language, asked, least, taken)

    def whole_names(self) -> frozenset[int]:
        """Returns the words of names that are said whole: «Top-p» asks for no top."""
        rows = [m for m in self.rows if m.whole]
        # beside other rows «en total» asks for their sum and not for the row «Total»
        parts = [m for m in rows if not self.grid.rows[m.index].is_total]
        columns = [m for m in self.columns if m.whole]
        # beside another column the word «diferencia» is no column of that name
        named = [m for m in columns if any(not self.request.asked[i].idle for i in m.used)]
        whole = [*(named or columns), *(parts or rows), *(m for m in self.texts if m.whole)]
        header, share = said(self.grid.name(0), self.language, self.request.asked)
        words = {index for match in whole for index in match.used}
        return frozenset(words | (header if share > 0.99 else frozenset()))

    def named(self, rows: Sequence[int], columns: Sequence[int]) -> frozenset[int]:
        """Returns the words of the names of these rows and columns that are said whole."""
        names = [m for m in self.rows if m.index in rows]
        names += [m for m in (*self.columns, *self.texts) if m.index in columns]
        return frozenset(index for match in names if match.whole for index in match.used)

    def told(self, rows: Sequence[int]) -> list[int]:
        """Returns those of the rows that the question names, by their first cell or another."""
        named = {m.index for m in self.rows if m.share >= LEAST_LABEL}.union(self.alike)
        return [row for row in rows if row in named]

    def only_begins(self, label: str, column: str, labels: Iterable[str]) -> bool:
        """Tells whether the question goes on to name one of the labels that begins like this row.

        What the column and the title say beside it is no part of a name.
        """
        asked, language = self.request.asked, self.language
        used = phrase(label, language, asked)
        beside = self.context | self.said(column)
        found = (phrase(other, language, asked) for other in labels) if used else ()
        return any(used < words and not words - used <= beside for words in found)

    def names_each(self, rows: Sequence[int], columns: Sequence[int]) -> bool:
        """Tells whether every row of several, and every column of several, is said whole."""
        told = {m.index for m in self.rows if m.whole}, {m.index for m in self.columns if m.whole}
        parts = set(rows) if self.rows else set(), set(columns)
        return all(len(part) < 2 or part <= said for part, said in zip(parts, told, strict=True))

    def header_said(self) -> frozenset[int]:
        """Returns the words by which the column that names the rows is said: «área», «mes».

        Rows that are months are said by that word whatever stands above them.
        """
        return self.said(self.grid.name(0)) | self.series

    @cached_property
    def series(self) -> frozenset[int]:
        """Returns the words for what all rows or all columns are: «quarter» of Q1 to Q4."""
        names = [self.grid.name(c) for c in range(1, len(self.grid.names))]
        kinds = {series_of([row.label for row in self.grid.rows]), series_of(names)} - {None}
        asked = self.request.asked
        return frozenset(i for i, word in enumerate(asked) if SERIES.get(word.text) in kinds)

    @property
    def names_the_rows(self) -> bool:
        """Tells whether the question says what all rows are: «Trabajador»."""
        return said(self.grid.name(0), self.language, self.request.asked)[1] > 0.99

    def named_column(self) -> int | None:
        """Returns the column of a look-up: named, or the one of its kind, or the only one."""
        if self.columns or len(self.grid.names) == 2:
            return self.column()
        if self.grid.product and (factor := self._factor(*self.grid.product[1:])) is not None:
            return factor
        kind = self.of_kind()
        if len(kind) == 1:
            return kind[0]
        return self._latest()

    def clock_column(self) -> int | None:
        """Returns the column of times of the day that is named, or the only one; else None."""
        columns = [c for c in self.grid.words if c and self.grid.holds_clocks(c)]
        named = [match for match in self.texts if match.index in columns]
        if named:
            rivals = [m for m in named[1:] if m.used == named[0].used and m.share == named[0].share]
            return None if rivals else named[0].index
        return columns[0] if len(columns) == 1 else None

    def _factor(self, one: int, other: int) -> int | None:
        """Returns of a price and a number the one that is asked for; None for neither.

        «¿Cuántas horas?» asks for the number, «¿A cuánto la hora?» for the price.
        """
        prices = [column for column in (one, other) if is_money(self.grid.unit(column))]
        if len(prices) != 1:
            return None
        question, words = self.request.question, COMPUTING[self.request.question.language]
        if re.search(words.by_unit, question.query, re.IGNORECASE):
            return prices[0]
        counts = re.search(DATA[question.language].asks_how_many, question.query, re.IGNORECASE)
        return one + other - prices[0] if counts and not self.request.of_money else None

    def _latest(self) -> int | None:
        """Returns the first column of the last year, where all columns are of a year."""
        years = [re.findall(r"\b(?:19|20)\d\d\b", self.grid.names[c]) for c in self.grid.figures]
        dated = [max(map(int, found)) for found in years if found]
        if len(dated) < 2 or len(dated) < len(years):
            return None
        return self.grid.figures[dated.index(max(dated))]

    def by_kind(self) -> list[int]:
        """Returns the columns of the kind asked for; all of figures if none is."""
        return self.of_kind() or list(self.grid.figures)

    def of_kind(self) -> list[int]:
        """Returns the columns of the kind asked for: money, a share, a time."""
        question, grid = self.request.question, self.grid
        wanted = {*_KINDS.get(question.answer_type, ()), *question.subject.units}
        if self.request.of_money or self.request.priced:
            wanted.update(_KINDS[AnswerType.MONEY])
        if question.answer_type is AnswerType.TIME and question.subject.units:
            wanted.add(MINUTES)
        return [c for c in grid.figures if grid.unit(c).partition("*")[0] in wanted]

    def column(self) -> int | None:
        """Returns the one column of figures that is meant; None where it is not sure which."""
        if self.columns:
            whole = [match for match in self.columns if match.whole]
            # «Current Securities» goes before «Non-Current Securities» in scattered words
            best = max(whole or self.columns, key=lambda m: (m.phrase and len(m.used) > 1, m.score))
            rivals = [m for m in whole or self.columns if m.used == best.used and m is not best]
            if not rivals:
                return best.index
            kind = self.by_kind()
            fitting = [m.index for m in (best, *rivals) if m.index in kind]
            return fitting[0] if len(fitting) == 1 else None
        kind = self.by_kind()
        if len(kind) > 1 and self.grid.product and self.grid.product[0] in kind:
            return self.grid.product[0]  # of prices and amounts the amounts are added up
        return kind[0] if len(kind) == 1 else None

    def row(self) -> int | None:
        """Returns the one row that is meant; other cells tell rows of one name apart."""
        if not self.rows:
            return None
        first = self.rows[0]
        if self.grid.rows[first.index].is_total:  # in «sales of the north» the row is the north
            parts = (m for m in self.rows if m.whole and not self.grid.rows[m.index].is_total)
            first = next(parts, first)
        same = [m.index for m in self.rows if m.used == first.used and m.share == first.share]
        if len(same) == 1:
            return first.index
        told = [(self._further(self.grid.rows[i], first.used), i) for i in same]
        told.sort(reverse=True)
        return told[0][1] if told[0][0] > told[1][0] else None

    def _further(self, row: GridRow, used: frozenset[int]) -> float:
        """Returns how much of the rest of the question the other cells of a row say."""
        words = self.said(" ".join(cell.text for c, cell in row.cells.items() if c)) - used
        return sum(self.request.asked[index].weight for index in words)
