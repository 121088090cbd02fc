"""A telephone number, an e-mail or a postal address, which stands apart from the words it is of."""

from __future__ import annotations

from rag.answering.composing.material import Material
from rag.answering.question_types import CONTACTS, contact_terms
from rag.schema import Sentence


def only_contact(material: Material) -> Sentence | None:
    """Returns the sentence with the only contact of the document that the question is about.

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
