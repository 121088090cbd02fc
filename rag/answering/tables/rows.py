"""Which rows of a table count: a range of a series, those named, those that meet a condition."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.answering.tables.matching import said
from rag.answering.tables.plans import alike, down, plain_rows
from rag.answering.tables.selecting import LEAST_LABEL, Selection
from rag.schema import AnswerType
from rag.text import fold
from rag.text.computing import MONTHS, series_of
from rag.text.languages import DATA


def ranged_rows(selection: Selection) -> list[int] | None:
    """Returns the rows from one end of a range to the other: «entre mayo y julio»."""
    ends, rows = selection.request.ends, selection.grid.rows
    if ends is None or len(selection.rows) < 2:
        return None
    first, second, end = ends
    sides = [selection.request.words_in(span) for span in ((first, second), (second, end))]
    found = [next((m.index for m in selection.rows if m.used & side), None) for side in sides]
    if None in found or found[0] == found[1]:
        return None
    if not all(in_a_series(rows[index].label) for index in found if index is not None):
        return None  # «Loss from operations and revenues» are two rows
    low, high = sorted(index for index in found if index is not None)
    return list(range(low, high + 1))


def in_a_series(label: str) -> bool:
    """Tells whether a row is one of a series: a month, a year, a week, a numbered step."""
    words = re.findall(r"\w+", fold(label))
    return any(word in MONTHS or any(map(str.isdigit, word)) for word in words)


def named_rows(selection: Selection) -> list[int] | None:
    """Returns the rows that are named, by their first cell or by another one; None where none is.

    Rows whose value fails the condition of the question are left out.
    """
    named = [m.index for m in selection.rows if m.whole or m.share >= LEAST_LABEL]
    parts = [index for index in named if not selection.grid.rows[index].is_total]
    rows = parts or named or list(selection.alike) or None
    if selection.request.condition is None:
        return rows
    return meeting(selection, rows or plain_rows(selection.grid))


def said_in(selection: Selection, columns: Sequence[int]) -> list[int]:
    """Returns the rows of which another cell is said whole, one of these columns if any is."""
    rows, language, asked = list(selection.alike), selection.language, selection.request.asked
    found = [
        row
        for row in rows
        if any(
            (cell := selection.grid.rows[row].cells.get(column))
            and said(cell.text, language, asked)[1] > 0.99
            for column in columns
        )
    ]
    return found or rows


def meeting(selection: Selection, rows: Sequence[int]) -> list[int] | None:
    """Returns those of the rows whose value meets the condition; None where it is not sure."""
    condition, column = selection.request.condition, conditioned_column(selection)
    if condition is None or column is None:
        return None
    found = down(selection.grid, rows, column)
    same = alike(found)
    return None if same is None else [o.row for o in same if condition.holds(o.quantity.value)]


def conditioned_column(selection: Selection) -> int | None:
    """Returns the column that the condition speaks of: the one named beside its figure."""
    condition = selection.request.condition
    if condition is None:
        return None
    behind = selection.request.words_in((condition.end, condition.end + 40))
    for match in selection.columns:
        if match.used & behind:
            return match.index
    column = selection.column()
    units = {c: selection.grid.unit(c).partition("*")[0] for c in selection.grid.figures}
    fitting = [c for c, unit in units.items() if condition.unit in ("", unit)]
    other = column is None or (condition.unit and units[column] not in ("", condition.unit))
    return (fitting[0] if len(fitting) == 1 else None) if other else column


def counts_all(selection: Selection, column: int) -> bool:
    """Tells whether things are counted in all rows of one name, the quarters of a region for one.

    Only what has no unit is added up unasked: prices or shares are not.
    """
    labels = [fold(selection.grid.rows[m.index].label) for m in selection.rows if m.whole]
    question = selection.request.question
    counts = re.search(DATA[question.language].asks_how_many, question.query, re.IGNORECASE)
    same = len(labels) > 1 and len(set(labels)) == 1
    return bool(counts) and same and not selection.grid.unit(column)


def of_kind_asked(selection: Selection, rows: Sequence[int]) -> bool:
    """Tells whether the rows are what is asked for: months of «In which month?», nobody's name."""
    request, labels = selection.request, [selection.grid.rows[index].label for index in rows]
    if request.series is not None:
        return series_of(labels) == request.series
    named = request.question.answer_type is AnswerType.NAME
    return not named or not any(map(in_a_series, labels))
