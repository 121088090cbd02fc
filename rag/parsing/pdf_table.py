"""Tables of a PDF: pieces of text that stand side by side become rows that explain themselves.

A PDF knows no tables. Columns are the stretches of the page's width that the pieces cover; the rows
above the first figures name the columns. Every row is written with these names, as the rows of
other formats are, and knows where its cells stand in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from rag.parsing.hyphens import before_break
from rag.parsing.lines import Line, Rule, Table, TableRow
from rag.parsing.pdf_cells import Piece, is_broken, parts_of, table_rows
from rag.parsing.pdf_header import (
    SIGN_AFTER,
    SIGN_BEFORE,
    Columns,
    TableCell,
    column_of,
    cover,
    is_figure,
    is_unit,
)
from rag.parsing.pdf_rows import row_lines
from rag.schema import DocumentBlockKind

_NEAR = 2.3  # line heights from a title to the line below it
_MAX_TITLE_LINES = 4
_MOST = 0.75  # of the columns, filled in the rows that tell where the columns are
_APART = 1.5  # line heights between a piece and the columns that it is none of
_TITLE = re.compile(
    r"(?:tabla|cuadro|table|figura|figure|anexo|schedule)\b.*\d|\(.*\)$", re.IGNORECASE
)


def table_lines(
    printed: Sequence[Sequence[Line]],
    above: Sequence[Line],
    rules: Sequence[Rule],
    known: set[str],
    before: Table | None,
) -> tuple[Table, list[Line], list[Line]] | None:
    """Returns the table in `printed` rows, its lines, and the lines that they stand for.

    `above` are the lines over the table, the nearest last, among which its title may be; `before`
    is the table on the page before, which may go on here. None where there is no table.
    """
    pieces = [_glued([piece for line in row for piece in _pieces(line)]) for row in printed]
    columns = _columns(pieces)
    if len(columns) < 2:
        return None
    over = _spanning(above, pieces[0][0].line, columns)
    pieces[:0] = [[piece] for line in over for piece in _pieces(line)]
    title = _title(above[: len(above) - len(over)], pieces[0][0].line, columns)
    placed, ruled = table_rows(pieces, columns, rules)
    rows = [{column: _cell(row[column], known) for column in sorted(row)} for row in placed]
    lines = row_lines(rows, columns, before, ruled)
    first, last = (line.row.table for line in (lines[0], lines[-1]) if line.row is not None)
    named = [replace(line, row=TableRow(DocumentBlockKind.TABLE_TITLE, first)) for line in title]
    used = [*title, *over, *(line for row in printed for line in row)]
    return last, named + lines, used


def _pieces(line: Line) -> list[Piece]:
    return [Piece(text, left, right, line) for text, left, right in parts_of(line)]


def _glued(row: Sequence[Piece]) -> list[Piece]:
    """The row with signs back at their figures, which alone tell where the columns are."""
    done: list[Piece] = []
    for piece in row:
        last = done[-1] if done else None
        if last and SIGN_BEFORE.fullmatch(last.text) and is_figure(piece.text):
            done[-1] = replace(piece, text=last.text + piece.text)
        elif last and SIGN_AFTER.fullmatch(piece.text) and is_figure(last.text):
            done[-1] = replace(last, text=last.text + piece.text)
        else:
            done.append(piece)
    return done


def _columns(rows: Sequence[Sequence[Piece]]) -> Columns:
    """The stretches of the page's width that the pieces of full rows cover, from left to right."""
    counts = sorted(map(len, rows))
    most = counts[-2] if len(counts) > 4 else counts[-1]  # one row may have a gap by chance
    full = [row for row in rows if len(row) >= max(2, _MOST * most)]
    columns = cover(_edges(piece for row in full for piece in row))
    if len(columns) < 2:  # one long cell may cover a gap that all others leave
        columns = max((cover(_edges(row)) for row in full), key=len, default=columns)
    for piece in (piece for row in rows for piece in row if len(row) > 1):
        apart = _APART * piece.line.size
        if all(
            piece.right + apart <= left or right + apart <= piece.left for left, right in columns
        ):
            columns = sorted([*columns, (piece.left, piece.right)])
    return _widened(_with_names(columns, full), rows)


def _with_names(columns: Columns, rows: Sequence[Sequence[Piece]]) -> Columns:
    """The columns with names that stand beside their figures, and not over them, put to these."""
    filled = [{column_of(columns, p.left, p.right): p for p in row} for row in rows]
    done = columns[:1]
    for at in range(1, len(columns)):
        pieces, before = ([row[c] for row in filled if c in row] for c in (at, at - 1))
        near = (
            columns[at][0] - columns[at - 1][1] < _APART * pieces[0].line.size if pieces else False
        )
        kinds = [{is_figure(piece.text) for piece in column} for column in (before, pieces)]
        both = any({at - 1, at} <= row.keys() for row in filled)
        if near and not both and kinds in ([{True}, {False}], [{False}, {True}]) and len(done) > 1:
            done[-1] = (done[-1][0], columns[at][1])
        else:
            done.append(columns[at])
    return done


def _widened(columns: Columns, rows: Sequence[Sequence[Piece]]) -> Columns:
    """The columns with the names that stand over them, which may be wider than what is below."""
    edges = [(0.0, float("-inf")), *columns, (float("inf"), 0.0)]
    wide = list(columns)
    full = max(2, len(columns) - 1)  # others may stand over several columns
    for piece in (piece for row in rows for piece in row if len(row) >= full):
        index = column_of(columns, piece.left, piece.right)
        if edges[index][1] <= piece.left and piece.right <= edges[index + 2][0]:
            left, right = wide[index]
            wide[index] = (min(left, piece.left), max(right, piece.right))
    return wide


def _edges(pieces: Iterable[Piece]) -> Iterator[tuple[float, float]]:
    return ((piece.left, piece.right) for piece in pieces)


def _spanning(above: Sequence[Line], below: Line, columns: Columns) -> list[Line]:
    """The lines right above the table that stand over its figures: «Three months ended»."""
    found: list[Line] = []
    for line in reversed(above):
        over = line.left > columns[0][1] and line.left > columns[1][0] - 3 * line.size
        near = line.baseline - below.baseline < _NEAR * max(line.size, below.size)
        if not (over and near) or is_unit(line.text):
            break
        found.insert(0, line)
        below = line
    return found


def _title(above: Sequence[Line], first: Line, columns: Columns) -> list[Line]:
    """The lines above the table that name it: bold, in the middle, or «Tabla 3», «(in millions)».

    A line that does not look like one ends the title.
    """
    title: list[Line] = []
    middle, below = (columns[0][0] + columns[-1][1]) / 2, first
    for line in reversed(above[-_MAX_TITLE_LINES:]):
        flush = abs(line.left - columns[0][0]) < line.size  # as prose in the same column is
        centred = abs((line.left + line.right) / 2 - middle) < 2 * line.size and not flush
        looks = line.bold or centred or _TITLE.match(line.text)
        near = 0 < line.baseline - below.baseline < _NEAR * max(line.size, below.size)
        if not (looks and near) or line.text.endswith((".", ":")) or len(line.text) > 150:
            break
        title.insert(0, line)
        below = line
    return title


def _cell(pieces: Sequence[Piece], known: set[str]) -> TableCell:
    """The pieces as one cell, from top to bottom."""
    text = ""
    for piece, below in pairwise(pieces):
        same = piece.line is below.line
        end = before_break(piece.text, below.text, piece.line.hyphen, known)
        text += f"{piece.text} " if same else end
    last = pieces[-1]
    return TableCell(
        f"{text}{last.text}{'-' if is_broken(last) else ''}",
        min(piece.left for piece in pieces),
        max(piece.right for piece in pieces),
        all(piece.line.bold for piece in pieces),
        pieces[0].line,
    )
