"""Rows of tables under the names of their columns: the one asked about, or a whole table."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answering.composing.material import Material, Piece
from rag.answering.layout import Layout
from rag.schema import BlockKind, Cell, Chunk, DocumentBlock, DocumentBlockKind, Sentence
from rag.text import fold
from rag.text.entities import WORD

_ROWS_LOOKED_AT = 20  # sentences, best first, among which a row may be
_MOST_ROWS = 8  # of a table that is shown whole


def row_piece(material: Material, sentence: Sentence) -> Piece | None:
    """Returns the row that holds the sentence; None where it is none."""
    layout = material.layout(sentence.passage)
    block = layout.block_at(sentence.start) if layout else None
    if layout is None or block is None or block.kind is not DocumentBlockKind.ROW:
        return None
    return as_piece(material, layout, block, sentence.passage)


def named_row(material: Material) -> Piece | None:
    """Returns the row whose name and column the question says, if prose says no more of it."""
    best = material.sentences[0]
    found: list[tuple[float, Piece]] = []
    for sentence in material.sentences[:_ROWS_LOOKED_AT]:
        layout, chunk = material.layout(sentence.passage), material.passages[sentence.passage].chunk
        row = layout.block_at(sentence.start) if layout else None
        if layout is None or row is None or row.kind is not DocumentBlockKind.ROW:
            continue
        piece = as_piece(material, layout, row, sentence.passage)
        names = " ".join(header(layout, cell) for cell in row.cells)
        held = material.covered(f"{layout.of(piece.span)} {names}", chunk)
        if piece.asked is not None and label_share(material, layout, row, chunk) == 1:
            found.append((held, piece))
    if not found:
        return None
    held, named = max(found, key=lambda entry: entry[0])
    said = material.covered(best.text, material.passages[best.passage].chunk)
    return named if held >= said else None


def named_alike(material: Material, piece: Piece) -> list[Piece]:
    """Returns the rows of the same name of which the question says as much; the row alone if none.

    Which of the quarters of «North» is meant is not said: all of them are shown.
    """
    layout, chunk = material.layout(piece.passage), material.passages[piece.passage].chunk
    if piece.kind is not BlockKind.ROW or layout is None:
        return [piece]
    tables = [rows for rows in layout.tables if rows[0].start <= piece.span[0] < rows[-1].end]
    own = next(row for row in tables[0] if row.start == piece.span[0]) if tables else None
    if own is None:
        return [piece]
    name, held = fold(label(layout, own)), material.covered(layout.of(piece.span), chunk)
    alike = [
        row
        for row in tables[0]
        if row.kind is DocumentBlockKind.ROW
        and fold(label(layout, row)) == name
        and material.covered(layout.of((row.start, row.end)), chunk) == held
    ]
    if not name or not 1 < len(alike) <= _MOST_ROWS:
        return [piece]
    return [as_piece(material, layout, row, piece.passage) for row in alike]


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
        _named(material, header(layout, cell), material.terms(header(layout, cell), chunk) - known)
        for cell in row.cells[1:]
    ]
    best = max(named, default=(0.0, 0.0))
    if best[1] == 0 or named.count(best) > 1:
        return 1 if len(row.cells) == 2 else None
    return 1 + named.index(best)


def _named(material: Material, name: str, terms: set[str]) -> tuple[float, float]:
    """Returns whether a column's whole name is asked for, and how much of the question it is.

    «Ahora» is meant by a question that says it, whatever else «Minutos, antes» shares with that.
    """
    asked = set(WORD.findall(fold(material.question.query)))
    words = set(WORD.findall(fold(name)))
    whole = bool(terms) and words <= asked
    return float(whole), round(material.question.terms.covered(terms), 3)


def label_share(material: Material, layout: Layout, row: DocumentBlock, chunk: Chunk) -> float:
    """Returns how much of the row's first cell the question says, in [0, 1]."""
    return material.question.terms.share_of(material.terms(label(layout, row), chunk))


def table_pieces(
    material: Material, layout: Layout, rows: Sequence[DocumentBlock], passage: int
) -> list[Piece]:
    """Returns the first rows of a table, without those that only name its columns."""
    filled = [row for row in rows if row.kind is DocumentBlockKind.ROW]
    return [as_piece(material, layout, row, passage) for row in filled[:_MOST_ROWS]]
