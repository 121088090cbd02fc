"""Whole lists: the lead-in and every item, a section that answers, or a table that lists things."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.answering.composing.lists_compared import ListFound, compared
from rag.answering.composing.material import Material, Piece, akin, words_in
from rag.answering.composing.rows import header, table_pieces
from rag.answering.layout import ROWS, Layout, Listing
from rag.schema import BlockKind, DocumentBlockKind, Intent, Span
from rag.text.facts import NEGATION
from rag.text.intent_cues import INTENT_CUES
from rag.text.languages import DATA
from rag.text.numbers import numbers_in

_PASSAGES = 6  # passages, best first, whose lists are looked at
_LEAST = 0.4  # of what a list must be worth
_BESIDE = 0.6  # and of the best sentence's score: that may list things by itself
_LONGEST = 150  # words: of a longer list the first sentence of each item is shown
_TITLE = 4  # words of an item that only name it: «1. Papel.»
_NEAR = 400  # characters between a passage and a list that belongs to it
_DOCUMENTS = 3  # documents of the passages, whose other sections are looked at
_MOST_SECTIONS = 400  # of one of them: more would be slow
_NAMES = 0.4  # share of the question that the heading of such a section holds
_FEWEST = 3  # sentences of a section that lists things
_OTHERWISE = 0.6  # of the worth where only one of question and introduction says «not»
_ALIKE = 1.4  # and where both do
_HEADED, _NAMED = 0.5, 0.8  # share of the question in its heading and lead-in, and with the title
_WORTHY = 0.6  # worth that makes up for such a title
_ABOVE = 0.7  # share of the question in a heading that it says whole, and the title
_FOREIGN = 0.6  # of the worth of a list in another language than the question's


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A passage, or a section that is cited through one; `score` is 0 where nobody searched it."""

    passage: int
    layout: Layout
    start: int
    end: int
    score: float = 0.0


def wants_list(material: Material) -> bool:
    """Tells whether the question asks for several things in a row."""
    question = material.question
    if question.intent in (Intent.LIST, Intent.STEPS):
        return True
    enumerates = INTENT_CUES[question.language]["enumerates"]
    return question.intent is Intent.SUMMARY and bool(re.match(enumerates, question.query, re.I))


def best_list(material: Material) -> ListFound | None:
    """Returns the list, section or table that says most of what is asked for; None if none does.

    What introduces it counts most: its headings and its lead-in.
    """
    found: list[ListFound] = []
    for stretch in _stretches(material):
        found += _lists(material, stretch)
        found += _tables(material, stretch)
        found += _sections(material, stretch)
        found += _ordered(material, stretch)
    best = max(compared(material, found), key=lambda entry: entry.worth, default=None)
    least = max(_LEAST, _BESIDE * material.sentences[0].score)
    return best if best is not None and best.worth >= least else None


def _stretches(material: Material) -> Iterator[_Stretch]:
    """Yields the passages, then other sections of their documents whose heading is the question."""
    documents: dict[int, tuple[int, Layout]] = {}
    for index, passage in enumerate(material.passages[:_PASSAGES]):
        layout = material.layout(index)
        if layout is not None:
            yield _Stretch(index, layout, passage.chunk.start, passage.chunk.end, passage.score)
            documents.setdefault(passage.chunk.document_id, (index, layout))
    for index, layout in list(documents.values())[:_DOCUMENTS]:
        for section in layout.document.sections[:_MOST_SECTIONS]:
            heading = " ".join(section.headings[-1:])
            held = material.covered(heading, material.passages[index].chunk)
            if held >= _NAMES or (held > 0 and _tells_how(material, layout, heading)):
                yield _Stretch(index, layout, section.start, section.end)


def _tells_how(material: Material, layout: Layout, introduced: str) -> bool:
    """Tells whether steps are asked for and what introduces a list says that it gives them."""
    if material.question.intent is not Intent.STEPS:
        return False
    how_to = INTENT_CUES[layout.document.language]["how_to"]
    return re.search(how_to, introduced, re.IGNORECASE) is not None


def _lists(material: Material, stretch: _Stretch) -> Iterator[ListFound]:
    """Yields the lists that share something with the stretch, or follow it in its section."""
    layout = stretch.layout
    section = layout.section_at(stretch.start)
    limit = min(stretch.end + _NEAR, section.end) if section else stretch.end
    for listing in layout.listings:
        start, end = listing.span
        if start < limit and end > stretch.start:
            lead = layout.of(listing.lead) if listing.lead else _line_above(layout, start)
            items = [layout.of((item.start, item.end)) for item in listing.items]
            worth, named = _worth(material, stretch, start, lead, items)
            yield ListFound(worth, [piece_of(layout, listing, stretch.passage)], named)


def _tables(material: Material, stretch: _Stretch) -> Iterator[ListFound]:
    """Yields the tables of the stretch, whose rows are the things."""
    if material.question.intent is Intent.STEPS:
        return
    layout = stretch.layout
    for rows in layout.tables:
        if rows[0].start < stretch.end and rows[-1].end > stretch.start and len(rows) > 2:
            filled = [row for row in rows if row.kind is DocumentBlockKind.ROW]
            labels = [layout.of((row.start, row.end)) for row in filled]
            names = layout.of((rows[0].start, rows[0].end)) if rows[0] not in filled else ""
            worth, named = _worth(material, stretch, rows[0].start, names, labels)
            kind = header(layout, filled[0].cells[0]) if filled and filled[0].cells else ""
            worth += _KIND * akin(material.question.query, kind)
            yield ListFound(worth, table_pieces(material, layout, rows, stretch.passage), named)


def _sections(material: Material, stretch: _Stretch) -> Iterator[ListFound]:
    """Yields the section of the stretch, if it is short prose under its own heading."""
    layout = stretch.layout
    section = layout.section_at(stretch.start)
    if section is None or not section.headings:
        return
    spans = list(_paragraphs(layout, section.start, section.end))
    sentences = [sentence for span in spans for sentence in layout.sentences(span)]
    too_few = len(spans) < 2 and len(sentences) < _FEWEST
    if too_few or any(_listed(layout, span[0]) for span in spans):
        return
    items = [layout.of(span) for span in (spans if len(spans) > 1 else sentences)]
    pieces = [Piece(stretch.passage, span) for span in spans]
    whole = spans[0][0], spans[-1][1]
    if words_in(layout.of(whole)) > _LONGEST:
        if len(spans) < _FEWEST:
            return
        lines = tuple(_opening(layout, span) for span in spans)
        pieces = [Piece(stretch.passage, whole, BlockKind.LIST, lines)]
    worth, named = _worth(material, stretch, whole[0], "", items)
    yield ListFound(worth - _PROSE, pieces, named)


def _ordered(material: Material, stretch: _Stretch) -> Iterator[ListFound]:
    """Yields the sentences of a paragraph that say what comes first and what then."""
    layout = stretch.layout
    words = DATA[layout.document.language].order_words
    order = re.compile(rf"(?:^|[.;,:]\s+)(?:{words})\b", re.IGNORECASE)
    for paragraph in _paragraphs(layout, stretch.start, stretch.end):
        spans = layout.sentences(paragraph)
        at = [index for index, span in enumerate(spans) if order.search(layout.of(span))]
        if len({word.casefold() for word in order.findall(layout.of(paragraph))}) > 1:
            first, last = max(0, at[0] - 1), at[-1]
            if words_in(layout.of(paragraph)) <= _LONGEST:
                first = 0
            items = [layout.of(span) for span in spans[first : last + 1]]
            worth, named = _worth(material, stretch, spans[first][0], items[0], items[1:])
            piece = Piece(stretch.passage, (spans[first][0], spans[last][1]))
            yield ListFound(worth + _ORDER, [piece], named)


_KIND = 0.2  # the first column has the name of the things asked for
_ORDER = 0.1  # words of order make steps of what is no list
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
    material: Material, stretch: _Stretch, start: int, lead: str, items: Sequence[str]
) -> tuple[float, bool]:
    """Returns how well something that lists things answers, and whether it is named after it."""
    passage, terms, layout = material.passages[stretch.passage], material.topic, stretch.layout
    chunk = passage.chunk
    headings = layout.document.headings_at(start)
    introduced = " ".join((*headings[-1:], lead))
    head = material.terms(introduced, chunk)
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
        + 0.15 * stretch.score
        + 0.15 * counted
        + 0.25 * (terms.covered(head) > 0 and _tells_how(material, layout, introduced))
    )
    denied = [NEGATION.search(text) is None for text in (material.question.query, introduced)]
    worth *= _OTHERWISE if denied[0] != denied[1] else _ALIKE if not denied[0] else 1.0
    own = chunk.language == material.question.language
    named = own and denied[0] == denied[1] and terms.covered(head) >= _HEADED
    named = named and (worth >= _WORTHY or terms.covered(head | path) >= _NAMED)
    whole = bool(head) and terms.share_of(head) == 1 and terms.covered(head | path) >= _ABOVE
    named = named or (own and denied[0] == denied[1] and whole)
    return worth * (1.0 if own else _FOREIGN), named


def _line_above(layout: Layout, start: int) -> str:
    """Returns the few words above a list that say what it is, as a heading would; «» for more."""
    line = _paragraph_before(layout, start)
    return line if words_in(line) <= _TITLE and line[-1:].isalnum() else ""


def _paragraph_before(layout: Layout, start: int) -> str:
    before = layout.text[:start].rstrip()
    return layout.of(layout.paragraph(len(before) - 1)) if before else ""


def piece_of(layout: Layout, listing: Listing, passage: int) -> Piece:
    """Returns a list as it is shown: whole, or the first sentence of each item where it is long."""
    lines = [(item.start, item.end) for item in listing.items]
    if words_in(layout.of(listing.span)) > _LONGEST:
        lines = [_opening(layout, (item.start, item.end)) for item in listing.items]
    if listing.lead is not None:
        lines.insert(0, listing.lead)
    return Piece(passage, listing.span, BlockKind.LIST, tuple(lines))


def _opening(layout: Layout, item: Span) -> Span:
    """Returns the first sentence of an item that is more than its number or its name."""
    start, end = item
    for _, end in layout.sentences(item):
        if words_in(layout.text[start:end]) > _TITLE:
            break
    return start, end
