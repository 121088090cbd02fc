"""Whole lists: the lead-in and every item, a section that answers, or a table that lists things."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.answering.composing.material import Material, Piece, words_in
from rag.answering.composing.rows import table_pieces
from rag.answering.layout import ROWS, Layout, Listing
from rag.schema import BlockKind, Chunk, DocumentBlock, DocumentBlockKind, Intent, Sentence, Span
from rag.text.numbers import numbers_in

_PASSAGES = 6  # passages, best first, whose lists are looked at
_LEAST = 0.45  # of what a list must be worth
_LONGEST = 150  # words: of a longer list the first sentence of each item is shown
_TITLE = 4  # words of an item that only name it: «1. Papel.»
_NEAR = 400  # characters between a passage and a list that belongs to it
_FOREIGN = 0.6  # of the worth of a list in another language than the question's


@dataclass(frozen=True, slots=True)
class _Found:
    """Something that lists things, how well it answers, and the passage it was found by."""

    worth: float
    passage: int
    pieces: Sequence[Piece]


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


def wants_list(material: Material) -> bool:
    """Tells whether the question asks for several things in a row."""
    return material.question.intent in (Intent.LIST, Intent.STEPS)


def best_list(material: Material) -> Sequence[Piece]:
    """Returns the list, section or table that says most of what is asked for; empty if none does.

    What introduces it counts most: its headings and its lead-in.
    """
    found: list[_Found] = []
    for index, passage in enumerate(material.passages[:_PASSAGES]):
        layout = material.layout(index)
        if layout is not None:
            found += _lists(material, layout, index, passage.chunk)
            found += _tables(material, layout, index, passage.chunk)
            found += _sections(material, layout, index, passage.chunk)
    best = max(found, key=lambda entry: entry.worth, default=None)
    return best.pieces if best is not None and best.worth >= _LEAST else ()


def _lists(material: Material, layout: Layout, index: int, chunk: Chunk) -> Iterator[_Found]:
    """Yields the lists that share something with the passage, or follow it in its section."""
    section = layout.section_at(chunk.start)
    limit = min(chunk.end + _NEAR, section.end) if section else chunk.end
    for listing in layout.listings:
        start, end = listing.span
        if start < limit and end > chunk.start:
            lead = layout.of(listing.lead) if listing.lead else ""
            items = [layout.of((item.start, item.end)) for item in listing.items]
            worth = _worth(material, layout, index, start, lead, items)
            yield _Found(worth, index, [piece_of(layout, listing, index)])


def _tables(material: Material, layout: Layout, index: int, chunk: Chunk) -> Iterator[_Found]:
    """Yields the tables of the passage, whose rows are the things."""
    if material.question.intent is not Intent.LIST:
        return
    for rows in layout.tables:
        if rows[0].start < chunk.end and rows[-1].end > chunk.start and len(rows) > 2:
            filled = [row for row in rows if row.kind is DocumentBlockKind.ROW]
            labels = [layout.of((row.start, row.end)) for row in filled]
            names = layout.of((rows[0].start, rows[0].end)) if rows[0] not in filled else ""
            worth = _worth(material, layout, index, rows[0].start, names, labels)
            yield _Found(worth, index, table_pieces(material, layout, rows, index))


def _sections(material: Material, layout: Layout, index: int, chunk: Chunk) -> Iterator[_Found]:
    """Yields the section of the passage, if it is short prose under its own heading."""
    section = layout.section_at(chunk.start)
    if section is None or not section.headings:
        return
    spans = list(_paragraphs(layout, section.start, section.end))
    if len(spans) < 2 or any(_listed(layout, span[0]) for span in spans):
        return
    whole = spans[0][0], spans[-1][1]
    if words_in(layout.of(whole)) <= _LONGEST:
        worth = _worth(material, layout, index, whole[0], "", [layout.of(span) for span in spans])
        yield _Found(worth - _PROSE, index, [Piece(index, span) for span in spans])


_PROSE = 0.1  # a section lists things less surely than a list


def _listed(layout: Layout, offset: int) -> bool:
    block = layout.block_at(offset)
    return block is not None and block.kind in (*ROWS, DocumentBlockKind.LIST_ITEM)


def _paragraphs(layout: Layout, start: int, end: int) -> Iterator[Span]:
    """Yields the paragraphs of a stretch without its headings."""
    offset = start
    while offset < end:
        if layout.text[offset].isspace():
            offset += 1
            continue
        span = layout.paragraph(offset)
        block = layout.block_at(offset)
        heading = block is not None and block.kind is DocumentBlockKind.HEADING
        if not heading and layout.of(span) not in layout.document.headings_at(offset):
            yield span
        offset = max(span[1], offset + 1)


def _worth(
    material: Material, layout: Layout, index: int, start: int, lead: str, items: Sequence[str]
) -> float:
    """Returns how well something that lists things answers."""
    passage, terms = material.passages[index], material.topic
    chunk = passage.chunk
    headings = layout.document.headings_at(start)
    head = material.terms(" ".join((*headings[-1:], lead)), chunk)
    path = material.terms(" ".join((*headings[:-1], passage.title)), chunk)
    before = material.terms(_paragraph_before(layout, start), chunk)
    words = [material.terms(item, chunk) for item in items]
    common = sum(terms.covered(item) for item in words) / (len(words) or 1)
    counted = any(len(items) in number.readings for number in numbers_in(material.question.query))
    worth = (
        0.45 * terms.covered(head)
        + 0.1 * terms.covered(head | before)
        + 0.2 * terms.covered(head | path | before)
        + 0.25 * common
        + 0.1 * terms.covered(head.union(path, before, *words))
        + 0.15 * passage.score
        + 0.15 * counted
    )
    return worth * (1.0 if chunk.language == material.question.language else _FOREIGN)


def _paragraph_before(layout: Layout, start: int) -> str:
    before = layout.text[:start].rstrip()
    return layout.of(layout.paragraph(len(before) - 1)) if before else ""


def piece_of(layout: Layout, listing: Listing, passage: int) -> Piece:
    """Returns a list as it is shown: whole, or the first sentence of each item where it is long."""
    lines = [(item.start, item.end) for item in listing.items]
    if words_in(layout.of(listing.span)) > _LONGEST:
        lines = [_opening(layout, item) for item in listing.items]
    if listing.lead is not None:
        lines.insert(0, listing.lead)
    return Piece(passage, listing.span, BlockKind.LIST, tuple(lines))


def _opening(layout: Layout, item: DocumentBlock) -> Span:
    """Returns the first sentence of an item that is more than its number or its name."""
    end = item.end
    for _, end in layout.sentences((item.start, item.end)):
        if words_in(layout.text[item.start : end]) > _TITLE:
            break
    return item.start, end
