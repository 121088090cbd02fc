"""Rows of tables among the sentences: what names a row, and which row only names the columns.

Parsers write a row as cells parted by tabs (PDF), as «Column: cell; Column: cell» where the columns
have names, else as «cell | cell». Its first cell says what it is about.
"""

from __future__ import annotations

from collections.abc import Iterator

from rag.schema import Span

_CELL = "\t"
_BAR = " | "
_NEXT = "; "
_NAMED = ": "


def row_label(text: str) -> str | None:
    """Returns the first cell of a row; None for prose."""
    for mark in (_CELL, _BAR):
        if mark in text:
            return text.split(mark, 1)[0].strip()
    first, *others = text.split(_NEXT)
    if not others or 2 * sum(_NAMED in cell for cell in others) < len(others):
        return None
    return first.partition(_NAMED)[2] or first


def named_cells(text: str) -> Iterator[tuple[str, Span]]:
    """Yields the column's name and the span of each cell after the first; none for prose.

    Cells whose column has no name are left out.
    """
    start = 0
    for index, piece in enumerate(text.split(_NEXT) if row_label(text) is not None else ()):
        name, named, cell = piece.partition(_NAMED)
        if index and named and cell:
            yield name, (start + len(name + _NAMED), start + len(piece))
        start += len(piece + _NEXT)


def names_columns(text: str, following: str) -> bool:
    """Tells whether the row says no more than the names of the cells of the `following` one."""
    names = text.split(_BAR)
    pieces = following.split(_NEXT)
    return len(names) > 1 and any(
        piece.startswith(name + _NAMED) for name in names[1:] if name for piece in pieces[1:]
    )
