"""What a question wants -> the pieces that answer it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.answering.composing.comparison import compared
from rag.answering.composing.listings import best_list, item_piece, list_piece, wants_list
from rag.answering.composing.material import Material, Piece
from rag.answering.composing.prose import paragraph_piece
from rag.answering.composing.rows import named_row, row_piece
from rag.answering.composing.yes_no import asks_whether, verdict
from rag.schema import Intent, Sentence

_ROW_INTENTS = (Intent.TABLE, Intent.FACT, Intent.COMPUTATION)
_LISTED_LEAST = 0.2  # of the best one's score


@dataclass(frozen=True, slots=True)
class Composition:
    """The pieces of an answer in the order in which they are read, and yes or no where it says."""

    pieces: tuple[Piece, ...] = ()
    yes: bool | None = None
    open: tuple[str, ...] = ()
    """Parts of the question that nothing answers, while others are answered."""
    sure: bool = False
    """Whether the words say so much of it that they are believed whatever the confidence."""


def compose(material: Material) -> Composition:
    """Returns the answer to one question; no pieces where there are no sentences."""
    if not material.sentences:
        return Composition()
    if asks_whether(material.question) and (decided := verdict(material)) is not None:
        return Composition((decided.piece,), decided.yes, sure=decided.sure)
    return Composition(distinct(_pieces(material)))


def _pieces(material: Material) -> Sequence[Piece]:
    if material.question.intent is Intent.COMPARISON:
        return compared(material)
    if wants_list(material):
        return best_list(material) or _several(material)
    row = named_row(material) if material.question.intent in _ROW_INTENTS else None
    return [row or _of(material, material.sentences[0])]


def _of(material: Material, sentence: Sentence) -> Piece:
    """Returns the list, the row or the sentences that the sentence belongs to."""
    return (
        list_piece(material, sentence)
        or row_piece(material, sentence)
        or item_piece(material, sentence)
        or paragraph_piece(material, sentence)
    )


def _several(material: Material) -> list[Piece]:
    """Returns the best sentences of the best one's document, in the order of the text."""
    best = material.sentences[0]
    document = material.passages[best.passage].chunk.document_id
    chosen = [
        sentence
        for sentence in material.sentences
        if material.passages[sentence.passage].chunk.document_id == document
        and sentence.score >= _LISTED_LEAST * best.score
    ][: material.most]
    pieces = [_of(material, sentence) for sentence in chosen]
    return sorted(pieces, key=lambda piece: piece.span)


def distinct(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Returns the pieces without those that lie in one before them."""
    kept: list[Piece] = []
    for piece in pieces:
        start, end = piece.span
        if not any(
            one.passage == piece.passage and one.span[0] <= start and end <= one.span[1]
            for one in kept
        ):
            kept.append(piece)
    return tuple(kept)
