"""Whether a quoted sentence or row says yes or no to a question; never guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.answering.composing.bounds import keeps_bound
from rag.answering.composing.material import Material, Piece, akin, under_headings
from rag.answering.composing.rows import as_piece, header, label_share
from rag.answering.layout import Layout
from rag.schema import Chunk, DocumentBlock, DocumentBlockKind, Sentence
from rag.text import search_terms
from rag.text.facts import NEGATION, facts_of, missing_names
from rag.text.languages import either

SAYS = 0.6
"""Probability that a sentence says yes, from which it is told so; where it is as low, no."""

_MET = 0.5  # share of the question that a sentence under its headings says, to say yes to it
_BOUND = 0.6  # share that it says with what is around it, but for figures, to keep a bound
_DENIES = 0.3  # and at most it for a «not» to be believed whatever the confidence
_DENIED = 0.6  # share of the question that such a sentence says with what is around it
_NEW = 0.45  # and of what the headings leave open that it says itself
_HELD = 0.6  # share of the question that a row must say which it does not name
_LOOKED_AT = 24  # sentences, best first, whose rows may decide
_NAMED = 0.5  # share of a row's label that the question says, to mean that row
_WORD = re.compile(r"[^\W_]+")
_CAPITALS = re.compile(r"\b[A-ZÁÉÍÓÚÑ]{3,}\b")
_YES = re.compile(rf"\W*{either(lambda language: language.yes_cells)}\W*", re.IGNORECASE)
_NO = re.compile(rf"\W*{either(lambda language: language.no_cells)}\W*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """Yes or no by a cell, the row as a piece, and how much of the question it holds."""

    yes: bool
    piece: Piece
    held: float


def row_verdict(material: Material) -> RowVerdict | None:
    """Returns what the row that decides the question says; None where none does."""
    found = (_of_row(material, sentence) for sentence in material.sentences[:_LOOKED_AT])
    return max(filter(None, found), key=lambda verdict: verdict.held, default=None)


def denial(material: Material) -> Piece | None:
    """Returns the sentence that denies in so many words what is asked; None where none does.

    It holds a «not», leans to no, says most of the question, and no better one says yes.
    """
    for sentence in material.sentences:
        if sentence.affirms is None or not _of_the_same(material, sentence):
            continue
        if _says_yes(material, sentence):
            return None
        passage = material.passages[sentence.passage]
        around, chunk = _around(material, sentence), passage.chunk
        own = material.covered(sentence.text, chunk)
        if (
            sentence.affirms <= _DENIES
            and NEGATION.search(sentence.text)
            and material.covered(under_headings(passage, around), chunk) >= _DENIED
            and max(own, material.adds(sentence.text, passage)) >= _NEW
        ):
            return Piece(sentence.passage, (sentence.start, sentence.end))
    return None


def yes_or_no(material: Material, pieces: Sequence[Piece]) -> bool | None:
    """Returns what the best sentence of the first piece says; None where it leaves it open.

    One about another number or name than the question's says nothing of it.
    """
    sentence = next((one for one in material.sentences if _inside(one, pieces[:1])), None)
    if sentence and (kept := _kept_bound(material, sentence)) is not None:
        return kept
    if sentence is None or sentence.affirms is None or not _of_the_same(material, sentence):
        return None
    if sentence.affirms <= 1 - SAYS:
        return False
    return True if _says_yes(material, sentence) else None


def _kept_bound(material: Material, sentence: Sentence) -> bool | None:
    """Returns whether the figure of a sentence that says enough keeps the question's bound."""
    passage, question = material.passages[sentence.passage], material.question
    around = under_headings(passage, _around(material, sentence))
    words = question.terms.without(lambda term: any(map(str.isdigit, term)))
    met = words.covered(material.terms(around, passage.chunk))
    if met < _BOUND or question.subject.negated or not _names_agree(material, sentence):
        return None
    return keeps_bound(question, sentence.text, passage.chunk.language)


def _says_yes(material: Material, sentence: Sentence) -> bool:
    """Tells whether a sentence leans to yes, and says enough of the question."""
    if sentence.affirms is None or sentence.affirms < SAYS:
        return False
    passage = material.passages[sentence.passage]
    met = material.covered(under_headings(passage, sentence.text), passage.chunk)
    return met >= _MET and _says_more_than_names(material, sentence, passage.chunk)


def _says_more_than_names(material: Material, sentence: Sentence, chunk: Chunk) -> bool:
    """Tells whether a sentence says anything of what is asked about who or what is named."""
    names = set(search_terms(" ".join(material.question.subject.names), material.question.language))
    asked = [group for group in material.topic.groups if names.isdisjoint(group)]
    said = material.terms(sentence.text, chunk)
    return not asked or any(not said.isdisjoint(group) for group in asked)


def _inside(sentence: Sentence, pieces: Sequence[Piece]) -> bool:
    return any(
        piece.passage == sentence.passage and piece.span[0] <= sentence.start < piece.span[1]
        for piece in pieces
    )


def _of_the_same(material: Material, sentence: Sentence) -> bool:
    """Tells whether a sentence states the question's numbers, and its names with what is around."""
    asked, stated = facts_of(material.question.query), facts_of(sentence.text)
    agree = all(any(one.agrees(two) for two in stated.numbers) for one in asked.numbers)
    return agree and _names_agree(material, sentence)


def _names_agree(material: Material, sentence: Sentence) -> bool:
    """Tells whether a sentence says the question's names, with what is around it."""
    passage, query = material.passages[sentence.passage], material.question.query
    named = facts_of(_with_shorts(query, under_headings(passage, _around(material, sentence))))
    across = passage.chunk.language != material.question.language
    return not missing_names(facts_of(query), named, across)


def _around(material: Material, sentence: Sentence) -> str:
    """Returns the paragraph of a sentence."""
    layout = material.layout(sentence.passage)
    return sentence.text if layout is None else layout.of(layout.paragraph(sentence.start))


def _with_shorts(query: str, text: str) -> str:
    """Returns a text with the short forms of the question that it spells: «EU» for a union."""
    initials = "".join(word[0] for word in _WORD.findall(text) if word[0].isupper())
    shorts = (short for short in _CAPITALS.findall(query) if short in initials)
    return " ".join((text, *shorts))


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
    row = " ".join((layout.of((block.start, block.end)), _columns(layout, block)))
    held = material.covered(under_headings(passage, row), passage.chunk)
    if named < _NAMED and held < _HELD:
        return None
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
