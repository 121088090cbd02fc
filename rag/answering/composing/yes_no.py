"""Whether a quoted sentence or row says yes or no to a question; never guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.answering.composing.material import Material, Piece, akin, under_headings
from rag.answering.composing.rows import as_piece, header, label_share
from rag.answering.layout import Layout
from rag.schema import Chunk, DocumentBlock, DocumentBlockKind, Sentence
from rag.text.facts import facts_of, missing_names
from rag.text.languages import either

SAYS = 0.6
"""Probability that a sentence says yes, from which it is told so; where it is as low, no."""

_MET = 0.5  # share of the question that a sentence under its headings says, to say yes to it
_LOOKED_AT = 24  # sentences, best first, whose rows may decide
_NAMED = 0.5  # share of a row's label that the question says, to mean that row
_YES = re.compile(rf"\W*{either(lambda language: language.yes_cells)}\W*", re.IGNORECASE)
_NO = re.compile(rf"\W*{either(lambda language: language.no_cells)}\W*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """Yes or no by a cell of a row that the question names, and how much of it the row holds."""

    yes: bool
    piece: Piece
    held: float


def row_verdict(material: Material) -> RowVerdict | None:
    """Returns what the row that decides the question says; None where none does."""
    found = (_of_row(material, sentence) for sentence in material.sentences[:_LOOKED_AT])
    return max(filter(None, found), key=lambda verdict: verdict.held, default=None)


def yes_or_no(material: Material, pieces: Sequence[Piece]) -> bool | None:
    """Returns what the best sentence of the first piece says; None where it leaves it open.

    One about another number or name than the question's says nothing of it, and one that leaves
    most of the question unsaid does not say yes to it.
    """
    sentence = next((one for one in material.sentences if _inside(one, pieces[:1])), None)
    if sentence is None or sentence.affirms is None or not _of_the_same(material, sentence):
        return None
    if sentence.affirms <= 1 - SAYS:
        return False
    passage = material.passages[sentence.passage]
    met = material.covered(under_headings(passage, sentence.text), passage.chunk)
    return True if sentence.affirms >= SAYS and met >= _MET else None


def _inside(sentence: Sentence, pieces: Sequence[Piece]) -> bool:
    return any(
        piece.passage == sentence.passage and piece.span[0] <= sentence.start < piece.span[1]
        for piece in pieces
    )


def _of_the_same(material: Material, sentence: Sentence) -> bool:
    """Tells whether a sentence states the question's numbers, and its names with what is around."""
    passage = material.passages[sentence.passage]
    asked, stated = facts_of(material.question.query), facts_of(sentence.text)
    layout = material.layout(sentence.passage)
    around = sentence.text if layout is None else layout.of(layout.paragraph(sentence.start))
    named = facts_of(under_headings(passage, around))
    across = passage.chunk.language != material.question.language
    agree = all(any(one.agrees(two) for two in stated.numbers) for one in asked.numbers)
    return agree and not missing_names(asked, named, across)


def _of_row(material: Material, sentence: Sentence) -> RowVerdict | None:
    layout = material.layout(sentence.passage)
    block = layout.block_at(sentence.start) if layout else None
    if layout is None or block is None or block.kind is not DocumentBlockKind.ROW:
        return None
    passage = material.passages[sentence.passage]
    says = _cell_says(material, layout, block, passage.chunk)
    if says is None:
        return None
    named = label_share(material, layout, block, passage.chunk)
    if named < _NAMED:
        return None
    row = " ".join((layout.of((block.start, block.end)), _columns(layout, block)))
    held = material.covered(under_headings(passage, row), passage.chunk)
    piece = as_piece(material, layout, block, sentence.passage)
    return RowVerdict(says, piece, max(held, named))


def _columns(layout: Layout, row: DocumentBlock) -> str:
    return " ".join(header(layout, cell) for cell in row.cells)


def _cell_says(material: Material, layout: Layout, row: DocumentBlock, chunk: Chunk) -> bool | None:
    """Returns what the cell says whose column the question asks; None where none answers."""
    for cell in row.cells[1:]:
        text = layout.of((cell.start, cell.end))
        yes, no = _YES.fullmatch(text) is not None, _NO.fullmatch(text) is not None
        if yes != no and _asks(material, header(layout, cell), chunk):
            others = [layout.of((one.start, one.end)) for one in row.cells if one is not cell]
            if material.covered(" ".join(others), chunk) > 0:
                return yes
    return None


def _asks(material: Material, name: str, chunk: Chunk) -> bool:
    """Tells whether the question asks for a column, in whatever form of its words."""
    return material.covered(name, chunk) > 0 or akin(material.question.query, name)
