"""What stands apart from the text: a note, a comment, the letterhead, a telephone number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.answering.composing.material import Material, Piece
from rag.answering.layout import Layout, LayoutOf
from rag.answering.question_types import CONTACTS, contact_terms
from rag.schema import DocumentBlockKind, Passage, Question, Sentence, Span
from rag.text import search_terms
from rag.text.languages import DATA

_LEAST = 0.25  # share of the other words of the question that a note must hold
_LONGEST = 160  # characters of a letterhead: more is the text itself


def in_the_margin(
    question: Question, passages: Sequence[Passage], layout_of: LayoutOf
) -> Piece | None:
    """Returns the note about the other words of the question, or the letterhead it asks for.

    None where the question names neither, and where the passages found hold none.
    """
    data = DATA[question.language]
    notes = re.search(rf"\b(?:{data.notes})\b", question.query, re.IGNORECASE)
    if notes is not None:
        idle = set(search_terms(notes.group(), question.language))
        return _note(question, passages, layout_of, idle)
    if re.search(rf"\b(?:{data.letterheads})\b", question.query, re.IGNORECASE):
        return _letterhead(passages, layout_of)
    return None


def _note(
    question: Question, passages: Sequence[Passage], layout_of: LayoutOf, idle: set[str]
) -> Piece | None:
    """Returns the note that holds most of the question, without the words that name a note."""
    found: list[tuple[float, int, Span]] = []
    for index, passage in enumerate(passages):
        layout = layout_of(passage.chunk.document_id)
        for span in _notes(layout, passage) if layout else ():
            terms = set(search_terms(layout.of(span), passage.chunk.language)) if layout else set()
            found.append((question.terms.covered(terms - idle), -index, span))
    others = 1 - question.terms.covered(idle)
    held, index, span = max(found, default=(0.0, 0, (0, 0)))
    return Piece(-index, span) if held and held >= _LEAST * others else None


def _notes(layout: Layout, passage: Passage) -> Iterator[Span]:
    chunk = passage.chunk
    for block in layout.document.blocks_between(chunk.start, chunk.end):
        if block.kind is DocumentBlockKind.NOTE:
            yield block.start, block.end


def _letterhead(passages: Sequence[Passage], layout_of: LayoutOf) -> Piece | None:
    """Returns the first lines of the first document that opens with a few words of its own."""
    for index, passage in enumerate(passages):
        layout = layout_of(passage.chunk.document_id)
        if layout is None or passage.chunk.start > 0:
            continue
        start, end = layout.paragraph(len(layout.text) - len(layout.text.lstrip()))
        if 0 < end - start <= _LONGEST:
            return Piece(index, (start, end))
    return None


def only_contact(material: Material) -> Sentence | None:
    """Returns the sentence with the only contact of the document that the question is about.

    A telephone number, an e-mail or a postal address stands apart from the words it is of.

    A line such as «Tel.: 949 222 333» shares no word with the question, so that the document must:
    what was found of it holds every other word of the question. None where two could be meant.
    """
    question, best = material.question, material.sentences[0]
    if question.answer_type not in CONTACTS:
        return None
    document = material.passages[best.passage].chunk.document_id
    if _others(material, document, best):
        return None
    asking = contact_terms(question)
    held = _terms_of(material, document)
    about = [group for group in question.terms.groups if asking.isdisjoint(group)]
    return best if about and all(not held.isdisjoint(group) for group in about) else None


def _others(material: Material, document: int, best: Sentence) -> bool:
    """Tells whether the document gives another contact: every sentence left holds one."""
    return any(
        sentence.text.strip() != best.text.strip()
        for sentence in material.sentences
        if material.passages[sentence.passage].chunk.document_id == document
    )


def _terms_of(material: Material, document: int) -> set[str]:
    """Returns the search terms of the passages found of a document, with its title."""
    chunks = [
        (passage.title, passage.chunk)
        for passage in material.passages
        if passage.chunk.document_id == document
    ]
    return {
        term
        for title, chunk in chunks
        for term in material.terms(" ".join((title, *chunk.headings, chunk.text)), chunk)
    }
