"""The list that a sentence introduces, and the one item that a question asks for."""

from __future__ import annotations

from rag.answering.composing.listings import piece_of
from rag.answering.composing.material import Material, Piece
from rag.schema import BlockKind, DocumentBlockKind, Sentence

_CLEARLY = 0.2  # more of the question that another item of the same list must hold


def list_piece(material: Material, sentence: Sentence) -> Piece | None:
    """Returns the whole list that the sentence introduces, or None."""
    layout = material.layout(sentence.passage)
    if layout is None or not sentence.text.rstrip().endswith(":"):
        return None
    listing = layout.listing_at(sentence.start)
    return None if listing is None else piece_of(layout, listing, sentence.passage)


def item_piece(material: Material, sentence: Sentence) -> Piece | None:
    """Returns the list item that holds the sentence; None outside a list."""
    layout = material.layout(sentence.passage)
    block = layout.block_at(sentence.start) if layout else None
    if block is None or block.kind is not DocumentBlockKind.LIST_ITEM:
        return None
    span = block.start, block.end
    return Piece(sentence.passage, span, BlockKind.LIST, (span,))


def named_item(material: Material) -> Piece | None:
    """Returns the item beside the best sentence's that says clearly more of the question.

    Items often say alike of several things, «Owner: …, due …»: the one that is asked for is meant.
    """
    sentence = material.sentences[0]
    layout, piece = material.layout(sentence.passage), item_piece(material, sentence)
    listing = layout.listing_at(sentence.start) if layout else None
    if layout is None or piece is None or listing is None:
        return None
    span, chunk = piece.span, material.passages[sentence.passage].chunk
    held = {
        (item.start, item.end): material.covered(layout.of((item.start, item.end)), chunk)
        for item in listing.items
        if chunk.start <= item.start and item.end <= chunk.end
    }
    best = max(held, key=lambda one: held[one], default=span)
    if held.get(best, 0.0) < held.get(span, 0.0) + _CLEARLY:
        return None
    return Piece(sentence.passage, best, BlockKind.LIST, (best,))
