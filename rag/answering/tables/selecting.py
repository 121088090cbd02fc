"""Which rows and columns of a table a question means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rag.answering.tables.grid import Grid, GridRow, shown_name
from rag.answering.tables.matching import AskedWord, Match, explained, phrase, pick, said
from rag.answering.tables.quantities import DAYS, MINUTES
from rag.answering.tables.requests import Operation, Request
from rag.schema import AnswerType
from rag.text.numbers import UNITS

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


_BYTES = {"giga": "gb", "gigabyte": "gb", "mega": "mb", "megabyte": "mb", "gib": "gb"}


def _unit_of(word: str) -> str | None:
    return UNITS.get(word) or UNITS.get(word.removesuffix("s")) or _BYTES.get(word.rstrip("s"))


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
        names = [(c, shown_name(self.grid.names[c])) for c in self.grid.figures]
        picked = self._picked(names, _LEAST_NAME, self._free)
        asking = self.request.words_in(self.request.span)
        asking = frozenset(i for i in asking if self.request.asked[i].idle)
        # «how has it changed» names no column «Change»
        return [match for match in picked if match.whole or not match.used <= asking]

    @cached_property
    def texts(self) -> list[Match]:
        """Returns the columns of words that are named, without the one that names the rows."""
        names = [(c, shown_name(self.grid.names[c])) for c in self.grid.words if c]
        return self._picked(names, _LEAST_NAME, self._free)

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
        picked = self._picked(names, _LEAST_NAME, self._free | whole)
        if not picked and whole:
            inside = [m for m in self._picked(names, _LEAST_NAME, self._free) if m.whole]
            # in «total number of shares» nobody names the row «Total»
            picked = [m for m in inside if not any(m.used < column.used for column in columns)]
        return picked

    @cached_property
    def alike(self) -> dict[int, frozenset[int]]:
        """Returns the rows of which another cell is said whole, by their index: «Acme»."""
        found: dict[int, frozenset[int]] = {}
        for index, row in enumerate(self.grid.rows):
            for column, cell in row.cells.items():
                if column and column in self.grid.words:
                    used, share = said(cell.text, self.language, self.request.asked)
                    if share > 0.99 and not used <= self._free:
                        found[index] = found.get(index, frozenset()) | used
        return found if len(found) < len(self.grid.rows) else {}

    @property
    def language(self) -> str:
        """Returns the language of the document."""
        return self.grid.document.language

    @cached_property
    def _free(self) -> frozenset[int]:
        """Returns the words that name no row or column: those of a condition."""
        return self.request.conditioned

    def _said(self, text: str) -> frozenset[int]:
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
        header, share = said(shown_name(self.grid.names[0]), self.language, self.request.asked)
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
        beside = self.context | self._said(column)
        found = (phrase(other, language, asked) for other in labels) if used else ()
        return any(used < words and not words - used <= beside for words in found)

    def names_each(self, rows: Sequence[int], columns: Sequence[int]) -> bool:
        """Tells whether every row of several, and every column of several, is said whole."""
        told = {m.index for m in self.rows if m.whole}, {m.index for m in self.columns if m.whole}
        parts = set(rows) if self.rows else set(), set(columns)
        return all(len(part) < 2 or part <= said for part, said in zip(parts, told, strict=True))

    def header_said(self) -> frozenset[int]:
        """Returns the words by which the column that names the rows is said: «área», «mes»."""
        return self._said(shown_name(self.grid.names[0]))

    def named_column(self) -> int | None:
        """Returns the column of a look-up: named, or the one of its kind, or the only one."""
        if self.columns or len(self.grid.names) == 2:
            return self.column()
        kind = self.of_kind()
        if len(kind) == 1:
            return kind[0]
        return self._latest()

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
        if question.answer_type is AnswerType.TIME and question.subject.units:
            wanted.add(MINUTES)
        return [c for c in grid.figures if grid.unit(c).partition("*")[0] in wanted]

    def column(self) -> int | None:
        """Returns the one column of figures that is meant; None where it is not sure which."""
        if self.columns:
            whole = [match for match in self.columns if match.whole]
            best = max(whole or self.columns, key=lambda match: match.score)
            rivals = [m for m in whole or self.columns if m.used == best.used and m is not best]
            if not rivals:
                return best.index
            kind = self.by_kind()
            fitting = [m.index for m in (best, *rivals) if m.index in kind]
            return fitting[0] if len(fitting) == 1 else None
        kind = self.by_kind()
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
        words = self._said(" ".join(cell.text for c, cell in row.cells.items() if c)) - used
        return sum(self.request.asked[index].weight for index in words)

    def _unit_words(self, unit: str) -> frozenset[int]:
        """Returns the words that name a unit: «gigas», «minutos», «euros»."""
        base = unit.partition("*")[0]
        parts = {"minute", "hour", MINUTES} if base == MINUTES else {base}
        asked = self.request.asked
        return frozenset(i for i, word in enumerate(asked) if _unit_of(word.text) in parts)

    def most_explained(self, also: frozenset[int] = frozenset()) -> float:
        """Returns the share of the question that any of the words in and above the table say.

        Words that something else says stand in `also`.
        """
        asked, grid = self.request.asked, self.grid
        words = grid.terms
        used = {i for i, word in enumerate(asked) if not word.alternatives.isdisjoint(words)}
        units = {i for i, word in enumerate(asked) if _unit_of(word.text)}
        alike = {i for i, w in enumerate(asked) if any(t.startswith(w.text[:5]) for t in words)}
        used |= {i for i, w in enumerate(asked) if w.line is not None and w.line in grid.lines}
        used |= units | alike | also | self.context | self._free | self.request.beside
        return explained(asked, used)

    def explained(
        self, rows: Sequence[int], columns: Sequence[int], also: frozenset[int] = frozenset()
    ) -> float:
        """Returns the share of the question that these rows and columns and the titles say.

        0 where a figure of the question, a year for one, is nowhere. Words that something else
        says stand in `also`.
        """
        used = set(also | self.context | self.header_said() | self.request.conditioned)
        used |= self.request.beside
        for index in rows:
            row = self.grid.rows[index]
            used |= self._said(" ".join(cell.text for cell in row.cells.values()))
            used |= self._said(row.label)  # as a line of accounts, too
        for column in columns:
            used |= self._said(shown_name(self.grid.names[column]))
            used |= self._unit_words(self.grid.unit(column))
        if any(match.index in columns and match.whole for match in self.columns):
            used |= {index for match in self.columns for index in match.used}
        asked = self.request.asked
        start, end = self.request.span
        # of a sum all words of the operation: «en todo el año»; others reach over what they are of
        whole = self.request.operation is Operation.SUM
        inside = (i for i, word in enumerate(asked) if start <= word.start < end)
        used |= {i for i in inside if whole or asked[i].idle}
        if any(word.is_figure and i not in used for i, word in enumerate(asked)):
            return 0.0
        return explained(asked, used)
