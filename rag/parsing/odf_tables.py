"""Reads the rows of an OpenDocument table: repeated rows and cells, merged cells, hidden rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from rag.parsing.odf import TABLE, whole
from rag.parsing.table_looks import Covered

_MAX_COLUMNS = 1_000
_MAX_REPEATED = 100  # copies of a row; sheets are filled up with a million empty ones
_MAX_COVERED = 10_000  # cells that one merged cell covers
_CELLS = (f"{TABLE}table-cell", f"{TABLE}covered-table-cell")


def table_rows(
    table: Any, cell_text: Callable[[Any], str], hidden: list[str]
) -> Iterator[list[str]]:
    """Yields the cell texts row by row, without the empty ones at the ends.

    A cell merged downwards repeats, one merged to the right is followed by `Covered` ones. What
    hidden rows and columns hold goes to `hidden`.
    """
    covered: dict[tuple[int, int], str] = {}
    unseen = _hidden_columns(table)
    number = 0
    for row in _rows(table):
        cells = _row(row, number, covered, cell_text)
        times = _repeats(row, "rows")
        number += times
        words = [
            cell for at, cell in enumerate(cells) if cell and (at in unseen or _is_hidden(row))
        ]
        hidden += [" ".join(words)] if words else []
        if _is_hidden(row):
            continue
        cells = [cell for at, cell in enumerate(cells) if at not in unseen]
        while cells and not cells[-1]:
            cells.pop()
        for _ in range(min(times, _MAX_REPEATED if cells else 1)):
            yield cells


def _row(
    row: Any, number: int, covered: dict[tuple[int, int], str], cell_text: Callable[[Any], str]
) -> list[str]:
    cells: list[str] = []
    for cell in row.iterchildren(*_CELLS):
        times = min(_repeats(cell, "columns"), _MAX_COLUMNS - len(cells))
        if cell.tag == _CELLS[1]:
            columns = range(len(cells), len(cells) + times)
            cells += [covered.pop((number, column), "") for column in columns]
            continue
        words = cell_text(cell)
        if words:
            _cover(cell, words, number, len(cells), covered)
        cells += [words] * times
    return cells


def _hidden_columns(table: Any) -> set[int]:
    unseen: set[int] = set()
    at = 0
    for column in table.iter(f"{TABLE}table-column"):
        times = min(_repeats(column, "columns"), _MAX_COLUMNS - at)
        if _is_hidden(column):
            unseen.update(range(at, at + times))
        at += times
    return unseen


def _is_hidden(node: Any) -> bool:
    return node.get(f"{TABLE}visibility") in ("collapse", "filter")


def _repeats(element: Any, what: str) -> int:
    return max(1, whole(element, f"{TABLE}number-{what}-repeated", 1))


def _rows(table: Any) -> Iterator[Any]:
    """The rows of a table, not those of the tables in its cells."""
    for child in table.iterchildren():
        if child.tag == f"{TABLE}table-row":
            yield child
        elif child.tag in (
            f"{TABLE}table-rows", f"{TABLE}table-header-rows", f"{TABLE}table-row-group"
        ):  # fmt: skip
            yield from _rows(child)


def _cover(
    cell: Any, words: str, row: int, column: int, covered: dict[tuple[int, int], str]
) -> None:
    """Notes which cells a merged one covers."""
    across = min(whole(cell, f"{TABLE}number-columns-spanned", 1), _MAX_COLUMNS)
    down = min(whole(cell, f"{TABLE}number-rows-spanned", 1), _MAX_COVERED // max(across, 1))
    for below in range(down):
        for right in range(across):
            if below or right:
                covered[row + below, column + right] = Covered(words) if right else words
