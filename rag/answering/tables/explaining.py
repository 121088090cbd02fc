"""What share of a question a table explains, and which of its rows and columns do so."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

from rag.answering.tables.matching import explained
from rag.answering.tables.quantities import MINUTES, is_money
from rag.answering.tables.requests import Operation
from rag.answering.tables.selecting import Selection
from rag.text.numbers import UNITS

_BYTES = {"giga": "gb", "gigabyte": "gb", "mega": "mb", "megabyte": "mb", "gib": "gb"}


def _unit_of(word: str) -> str | None:
    return UNITS.get(word) or UNITS.get(word.removesuffix("s")) or _BYTES.get(word.rstrip("s"))


def _unit_words(selection: Selection, unit: str) -> frozenset[int]:
    """Returns the words that name a unit: «gigas», «minutos», «euros»."""
    base = unit.partition("*")[0]
    parts = {"minute", "hour", MINUTES} if base == MINUTES else {base}
    asked = selection.request.asked
    priced = selection.request.of_money if is_money(unit) else frozenset()
    return priced.union(i for i, word in enumerate(asked) if _unit_of(word.text) in parts)


def most_explained(selection: Selection, also: frozenset[int] = frozenset()) -> float:
    """Returns the share of the question that any of the words in and above the table say.

    Words that something else says stand in `also`.
    """
    asked, grid = selection.request.asked, selection.grid
    words = grid.terms
    used = {i for i, word in enumerate(asked) if not word.alternatives.isdisjoint(words)}
    units = {i for i, word in enumerate(asked) if _unit_of(word.text)}
    alike = {i for i, w in enumerate(asked) if any(t.startswith(w.text[:5]) for t in words)}
    used |= {i for i, w in enumerate(asked) if w.line is not None and w.line in grid.lines}
    used |= units | alike | also | selection.context | selection.free | selection.request.beside
    used |= selection.series | selection.request.words_in(selection.request.span)
    if any(is_money(grid.unit(column)) for column in grid.figures):
        used |= selection.request.of_money
    return explained(asked, used)


def explained_by(
    selection: Selection,
    rows: Sequence[int],
    columns: Sequence[int],
    also: frozenset[int] = frozenset(),
) -> float:
    """Returns the share of the question that these rows and columns and the titles say.

    0 where a figure of the question, a year for one, is nowhere, or the rest of a name. Words that
    something else says stand in `also`.
    """
    used = set(also | selection.context | selection.header_said() | selection.request.conditioned)
    used |= selection.request.beside
    for index in rows:
        row = selection.grid.rows[index]
        used |= selection.said(" ".join(cell.text for cell in row.cells.values()))
        used |= selection.said(row.label) | selection.said(row.group)  # as a line of accounts, too
    for column in columns:
        used |= selection.said(selection.grid.name(column))
        used |= _unit_words(selection, selection.grid.unit(column))
    if any(match.index in columns and match.whole for match in selection.columns):
        used |= {index for match in selection.columns for index in match.used}
    if selection.request.operation in (Operation.DIFFERENCE, Operation.GROWTH):
        used |= selection.request.moves
    asked = selection.request.asked
    start, end = selection.request.span
    # of a sum all words of the operation: «en todo el año»; others reach over what they are of
    whole = selection.request.operation in (Operation.SUM, Operation.VERDICT)
    inside = (i for i, word in enumerate(asked) if start <= word.start < end)
    used |= {i for i in inside if whole or asked[i].idle}
    if any(word.is_figure and i not in used for i, word in enumerate(asked)):
        return 0.0
    return 0.0 if _another_surname(selection, used) else explained(asked, used)


def _another_surname(selection: Selection, used: Collection[int]) -> bool:
    """Tells whether a name is said and goes on with a word that is nowhere: «Marta Sánchez»."""
    asked, query = selection.request.asked, selection.request.question.query
    return any(
        index in used
        and not word.idle
        and index + 1 not in used
        and query[word.start].isupper()
        and query[after.start].isupper()
        and query[word.end : after.start] == " "
        for index, (word, after) in enumerate(pairwise(asked))
    )
