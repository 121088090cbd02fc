"""Rows of tables under the names of their columns: the one asked about, or a whole table."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answering.composing.material import Material, Piece
from rag.answering.layout import Layout
from rag.schema import BlockKind, Cell, Chunk, DocumentBlock, DocumentBlockKind, Sentence

_MOST_ROWS = 8  # of a table that is shown whole


def row_piece(material: Material, sentence: Sentence) -> Piece | None:
    """Returns the row that holds the sentence; None where it is none."""
    layout = material.layout(sentence.passage)
    block = layout.block_at(sentence.start) if layout else None
    if layout is None or block is None or block.kind is not DocumentBlockKind.ROW:
        return None
    return as_piece(material, layout, block, sentence.passage)


def as_piece(material: Material, layout: Layout, row: DocumentBlock, passage: int) -> Piece:
    """Returns a row as it is shown, with the cell that is asked for."""
    chunk = material.passages[passage].chunk
    return Piece(
        passage,
        (row.start, row.end),
        BlockKind.ROW,
        cells=row.cells,
        asked=asked_cell(material, layout, row, chunk),
    )


def label(layout: Layout, row: DocumentBlock) -> str:
    """Returns the first cell of a row, which says what it is about."""
    return layout.of((row.cells[0].start, row.cells[0].end)) if row.cells else ""


def header(layout: Layout, cell: Cell) -> str:
    """Returns the names of a cell's column, outermost first."""
    return " ".join(layout.of(name) for name in cell.headers)


def asked_cell(material: Material, layout: Layout, row: DocumentBlock, chunk: Chunk) -> int | None:
    """Returns the index of the cell whose column the question names best; None where none is.

    Words that say which row it is do not count: «Coste» of «Coste total» names no column.
    """
    known = material.terms(label(layout, row), chunk)
    named = [
        _named(material, material.terms(header(layout, cell), chunk) - known)
        for cell in row.cells[1:]
    ]
    best = max(named, default=(0.0, 0.0))
    if best[0] == 0 or named.count(best) > 1:
        return 1 if len(row.cells) == 2 else None
    return 1 + named.index(best)


def _named(material: Material, names: set[str]) -> tuple[float, float]:
    """Returns how much of the question a column names, and how much of its name is asked for."""
    terms = material.question.terms
    return round(terms.covered(names), 3), round(terms.share_of(names), 3)


def label_share(material: Material, layout: Layout, row: DocumentBlock, chunk: Chunk) -> float:
    """Returns how much of the row's first cell the question says, in [0, 1]."""
    return material.question.terms.share_of(material.terms(label(layout, row), chunk))


def table_pieces(
    material: Material, layout: Layout, rows: Sequence[DocumentBlock], passage: int
) -> list[Piece]:
    """Returns the first rows of a table, without those that only name its columns."""
    filled = [row for row in rows if row.kind is DocumentBlockKind.ROW]
    return [as_piece(material, layout, row, passage) for row in filled[:_MOST_ROWS]]
