"""Whether a quoted sentence or row says yes or no to a question; never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.answering.composing.material import Material, Piece
from rag.answering.composing.rows import as_piece, header
from rag.answering.layout import Layout
from rag.schema import Chunk, DocumentBlock, DocumentBlockKind, Passage, Sentence
from rag.text.facts import NEGATION, facts_of, missing_names
from rag.text.languages import either

_LOOKED_AT = 24  # sentences, best first
_DENIES = 0.6  # share of the question that a clause with «not» must hold, with its surroundings
_SAYS = 0.75  # and one without, to say it
_OWN = 0.4  # share that stands in the sentence itself
_DENIED = 0.15  # «not» must be written, so it says more than words that only agree
_SURE_RANK = 6  # a sentence further behind is not about enough of the question to say yes
_REACH = 4  # words behind «not» among which it stands for one of the question's
_YES = re.compile(rf"\W*{either(lambda language: language.yes_cells)}\W*", re.IGNORECASE)
_NO = re.compile(rf"\W*{either(lambda language: language.no_cells)}\W*", re.IGNORECASE)
_WITHOUT = re.compile(rf"\b{either(lambda language: language.without)}\b", re.IGNORECASE)
_LIMITS = re.compile(rf"\b{either(lambda language: language.limits)}\b", re.IGNORECASE)
_CLAUSE = re.compile(r"[,;:]\s+|\s[–—-]\s")
_WORD = re.compile(r"[^\W_]+")
_CAPITALS = re.compile(r"\b[A-ZÁÉÍÓÚÑ]{3,}\b")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Yes or no, the piece that says it, and how much of the question that holds."""

    yes: bool
    piece: Piece
    held: float


def verdict(material: Material) -> Verdict | None:
    """Returns what the sentence or row that decides the question says; None where none does."""
    candidates = material.sentences[:_LOOKED_AT]
    found = [*_by_rows(material, candidates), *_by_sentences(material, candidates)]
    return max(found, key=lambda entry: entry.held + _DENIED * (not entry.yes), default=None)


def _by_rows(material: Material, candidates: Sequence[Sentence]) -> Iterator[Verdict]:
    for sentence in candidates:
        layout = material.layout(sentence.passage)
        block = layout.block_at(sentence.start) if layout else None
        if layout is None or block is None or block.kind is not DocumentBlockKind.ROW:
            continue
        chunk = material.passages[sentence.passage].chunk
        says = _cell_says(material, layout, block, chunk)
        if says is not None:
            piece = as_piece(material, layout, block, sentence.passage)
            row = " ".join((layout.of((block.start, block.end)), _columns(layout, block)))
            held = material.covered(_around(material.passages[sentence.passage], row), chunk)
            yield Verdict(says, piece, held)


def _columns(layout: Layout, row: DocumentBlock) -> str:
    return " ".join(header(layout, cell) for cell in row.cells)


def _cell_says(material: Material, layout: Layout, row: DocumentBlock, chunk: Chunk) -> bool | None:
    """Returns what the cell says whose column the question asks; None where none answers."""
    for cell in row.cells[1:]:
        text = layout.of((cell.start, cell.end))
        yes, no = _YES.fullmatch(text) is not None, _NO.fullmatch(text) is not None
        asked = material.covered(header(layout, cell), chunk) > 0
        others = [layout.of((one.start, one.end)) for one in row.cells if one is not cell]
        if yes != no and asked and material.covered(" ".join(others), chunk) > 0:
            return yes
    return None


def _by_sentences(material: Material, candidates: Sequence[Sentence]) -> Iterator[Verdict]:
    for rank, sentence in enumerate(candidates):
        chunk = material.passages[sentence.passage].chunk
        says = _says(material, sentence)
        if says is False or (says and rank < _SURE_RANK):
            held = material.covered(sentence.text, chunk)
            piece = Piece(sentence.passage, (sentence.start, sentence.end))
            yield Verdict(says, piece, held)


def _says(material: Material, sentence: Sentence) -> bool | None:
    """Returns what one sentence says of the question; None where it leaves it open."""
    question, passage, text = material.question, material.passages[sentence.passage], sentence.text
    if text.rstrip().endswith(("?", ":")) or _LIMITS.search(text):
        return None
    asked, around = facts_of(question.query), _paragraph(material, sentence)
    across = passage.chunk.language != question.language
    if missing_names(asked, facts_of(around), across) or asked.opposes(facts_of(text)):
        return None
    without = _WITHOUT.search(question.query) is not None
    own = material.covered(text, passage.chunk)
    whole = material.covered(around, passage.chunk)
    if own < _OWN:
        return None
    if _denied(material, text, passage.chunk):
        return without if whole >= _DENIES else None
    if without or NEGATION.search(_asked_clause(material, text, passage.chunk)):
        return None
    said = facts_of(text)
    numbers = all(any(one.agrees(two) for two in said.numbers) for one in asked.numbers)
    return True if numbers and whole >= _SAYS else None


def _around(passage: Passage, text: str) -> str:
    """Returns a text under the title and headings of its passage."""
    return f"{' '.join((passage.title, *passage.chunk.headings))}\n {text}"


def _paragraph(material: Material, sentence: Sentence) -> str:
    """Returns the paragraph of a sentence under its headings, with short forms that it spells."""
    layout, passage = material.layout(sentence.passage), material.passages[sentence.passage]
    text = sentence.text if layout is None else layout.of(layout.paragraph(sentence.start))
    initials = "".join(word[0] for word in _WORD.findall(text) if word[0].isupper())
    shorts = [short for short in _CAPITALS.findall(material.question.query) if short in initials]
    return _around(passage, " ".join((text, *shorts)))


def _asked_clause(material: Material, text: str, chunk: Chunk) -> str:
    """Returns the clause that holds most of the question."""
    return max(_CLAUSE.split(text), key=lambda clause: material.covered(clause, chunk))


def _denied(material: Material, text: str, chunk: Chunk) -> bool:
    """Tells whether a «not» of the text stands for a word of the question."""
    members = {term for group in material.question.terms.groups for term in group}
    for match in NEGATION.finditer(text):
        behind = " ".join(_WORD.findall(text[match.end() :])[:_REACH])
        if not members.isdisjoint(material.terms(behind, chunk)):
            return True
    return False
