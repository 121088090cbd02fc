"""A question that the document itself asks, and the answer that it gives below: a page of FAQs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.answering.composing.listings import piece_of, wants_list
from rag.answering.composing.material import Material, Piece, under_headings, words_in
from rag.answering.layout import ROWS, Layout
from rag.answering.question_types import question_word
from rag.schema import DocumentBlockKind, Sentence, Span
from rag.text import fold
from rag.text.facts import NEGATION, facts_of
from rag.text.languages import either

_BEST = 3  # sentences, best first, that may be such a question or stand below one
_SAME = 0.6  # share of the question that the document's must say, with the headings above it
_OWN = 0.4  # and by itself, or of what these headings leave open
_LONGEST = 70  # words of prose that are shown
_WORD = re.compile(r"[^\W_]{4}")  # what is shorter is a preposition: «Por qué», «Para qué»
_ASKS = re.compile(r"\?[\W_]*$")
_SAYS_YES = re.compile(rf"\W*{either(lambda language: language.yes)}(?!\w)", re.IGNORECASE)
_SAYS_NO = re.compile(rf"\W*{either(lambda language: language.no)}(?!\w)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AskedHere:
    """What the document answers, and yes or no where the answer begins with it."""

    piece: Piece
    yes: bool | None


def asked_here(material: Material) -> AskedHere | None:
    """Returns what stands below the document's own form of the question; None where none is.

    What was found says where to look: one of the best sentences is that question, or stands in the
    section that has it for its heading.
    """
    for sentence in material.sentences[:_BEST]:
        layout = material.layout(sentence.passage)
        if layout is None:
            continue
        for asked, start, end in _questions(layout, sentence, material):
            if _is_it(material, sentence, asked):
                piece = _below(layout, sentence.passage, start, end)
                if piece is not None:
                    same = _same_sense(material.question.query, asked)
                    return AskedHere(piece, _said(layout.of(piece.span)) if same else None)
    return None


def _asks(heading: str, material: Material) -> bool:
    """Tells whether a heading is a question, or opens with the word that the question asks by.

    «Why it is quiet» answers «Why is the pump quiet?».
    """
    if _ASKS.search(heading):
        return True
    if wants_list(material):
        return False  # of which the whole section may be the list
    query = material.question.query
    own, asked = question_word(heading), question_word(query)
    if own is None or asked is None or _WORD.search(heading[: own.start()]):
        return False
    return fold(own.group()) == fold(asked.group())


def _questions(
    layout: Layout, sentence: Sentence, material: Material
) -> Iterator[tuple[str, int, int]]:
    """Yields the questions that a sentence may be or answer, and the stretch below each."""
    section = layout.section_at(sentence.start)
    end = section.end if section else len(layout.text)
    if _ASKS.search(sentence.text):
        yield sentence.text, sentence.end, end
    if section and section.headings and _asks(section.headings[-1], material):
        yield section.headings[-1], section.start, end
    for span in reversed(_before(layout, sentence.start)):
        if _ASKS.search(layout.of(span)):
            yield layout.of(span), span[1], end
            return


def _before(layout: Layout, offset: int) -> list[Span]:
    """Returns the sentences before an offset: of its paragraph, else the last of the one above."""
    spans = layout.sentences(layout.paragraph(offset))
    if before := [span for span in spans if span[1] <= offset]:
        return before
    above = layout.text[:offset].rstrip()
    return layout.sentences(layout.paragraph(len(above) - 1))[-1:] if above else []


def _is_it(material: Material, sentence: Sentence, asked: str) -> bool:
    passage = material.passages[sentence.passage]
    own = material.covered(asked, passage.chunk)
    whole = material.covered(under_headings(passage, asked), passage.chunk)
    return whole >= _SAME and max(own, material.adds(asked, passage)) >= _OWN


def _below(layout: Layout, passage: int, start: int, end: int) -> Piece | None:
    """Returns the list or the prose that follows a question, up to the next one."""
    span: Span | None = None
    offset = start
    while offset < end:
        if not layout.text[offset].isalnum() and layout.text[offset] not in "¿¡":
            offset += 1
            continue
        block = layout.block_at(offset)
        if block is not None and block.kind in ROWS:
            break  # what is asked of a table is one of its rows
        listing = layout.listing_at(offset)
        if listing is not None and span is None:
            return piece_of(layout, listing, passage)
        paragraph = layout.paragraph(offset)
        heading = block is not None and block.kind is DocumentBlockKind.HEADING
        for sentence in layout.sentences((offset, paragraph[1])) if not heading else ():
            if _ASKS.search(layout.of(sentence)):
                return None if span is None else Piece(passage, span)
            whole = (span or sentence)[0], sentence[1]
            if span is not None and words_in(layout.of(whole)) > _LONGEST:
                return Piece(passage, span)
            span = whole
        offset = max(paragraph[1], offset + 1)
    return None if span is None else Piece(passage, span)


def _same_sense(question: str, asked: str) -> bool:
    """Tells whether yes to the one is yes to the other: both say «not» or neither does."""
    if question_word(asked):
        return False
    same = (NEGATION.search(question) is None) == (NEGATION.search(asked) is None)
    return same and not facts_of(question).opposes(facts_of(asked))


def _said(text: str) -> bool | None:
    if _SAYS_NO.match(text):
        return False
    return True if _SAYS_YES.match(text) else None
