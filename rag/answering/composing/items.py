"""The list that a sentence introduces, one item of it, and entries that stand apart."""

from __future__ import annotations

import re

from rag.answering.composing.listings import piece_of
from rag.answering.composing.material import Material, Piece
from rag.answering.layout import Listing
from rag.answering.question_types import question_word
from rag.schema import BlockKind, DocumentBlockKind, Sentence
from rag.text import query_terms, search_terms

_FEWEST_ENTRIES, _MOST_ENTRIES = 2, 12
_WORD = re.compile(r"[^\W\d_]+")
_AS_GOOD, _FEWEST_ITEMS = 0.4, 3  # share of the score of an item of the list; items
_CLEARLY = 0.2  # more of the question that another item of the same list must hold


def list_piece(material: Material, sentence: Sentence) -> Piece | None:
    """Returns the whole list that the sentence introduces, or None."""
    layout = material.layout(sentence.passage)
    if layout is None or not sentence.text.rstrip().endswith(":"):
        return None
    listing = layout.listing_at(sentence.start)
    return None if listing is None else piece_of(layout, listing, sentence.passage)


def item_piece(material: Material, sentence: Sentence) -> Piece | None:
    """Returns the list item that holds the sentence; None outside a list.

    Where most items of its list answer nearly as well, all of them are the answer.
    """
    layout = material.layout(sentence.passage)
    block = layout.block_at(sentence.start) if layout else None
    if layout is None or block is None or block.kind is not DocumentBlockKind.LIST_ITEM:
        return None
    listing = layout.listing_at(sentence.start)
    if listing and _answers_as_a_whole(material, sentence, listing):
        return piece_of(layout, listing, sentence.passage)
    span = block.start, block.end
    return Piece(sentence.passage, span, BlockKind.LIST, (span,))


def _answers_as_a_whole(material: Material, sentence: Sentence, listing: Listing) -> bool:
    """Tells whether most items of a list hold a sentence that scores nearly as the best one."""
    document = material.passages[sentence.passage].chunk.document_id
    near = [
        one.start
        for one in material.sentences
        if one.score >= _AS_GOOD * sentence.score
        and material.passages[one.passage].chunk.document_id == document
    ]
    good = sum(any(item.start <= at < item.end for at in near) for item in listing.items)
    return good >= _FEWEST_ITEMS and good > len(listing.items) / 2


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


def entries(material: Material) -> list[Sentence]:
    """Returns the sentences of one document that open with the noun asked for and name it.

    «¿Qué calefactores hay?» asks for «Calefactor Brasa 100.», «Calefactor Brasa 200.», wherever
    they stand. None where there are fewer than two.
    """
    question, best = material.question, material.sentences[0]
    asks = question_word(question.query)
    noun = _WORD.search(question.query, asks.end()) if asks else None
    document = material.passages[best.passage].chunk.document_id
    if noun is None or not (groups := query_terms(noun.group(), question.language)):
        return []
    found: dict[str, Sentence] = {}
    for sentence in sorted(material.sentences, key=lambda one: one.start):
        chunk = material.passages[sentence.passage].chunk
        opens = _WORD.search(sentence.text)
        if chunk.document_id != document or opens is None:
            continue
        name = sentence.text[opens.end() :].strip()
        same = not set(search_terms(opens.group(), chunk.language)).isdisjoint(groups[0])
        if same and name[:1].isalnum() and not name[:1].islower():
            found.setdefault(name, sentence)
    several = _FEWEST_ENTRIES <= len(found) <= _MOST_ENTRIES
    return list(found.values()) if several else []
