"""What a question wants -> the pieces that answer it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.answering.composing.about import may_answer
from rag.answering.composing.asked_here import asked_here
from rag.answering.composing.clauses import named_part
from rag.answering.composing.comparison import compared
from rag.answering.composing.items import entries, item_piece, list_piece, named_item
from rag.answering.composing.listings import best_list, wants_list
from rag.answering.composing.margins import in_the_margin, only_contact
from rag.answering.composing.material import Material, Piece
from rag.answering.composing.prose import paragraph_piece, reason_piece
from rag.answering.composing.rows import named_alike, named_row, row_piece
from rag.answering.composing.yes_no import denial, row_verdict, yes_or_no
from rag.schema import BlockKind, Intent, Sentence

_ROW_INTENTS = (Intent.TABLE, Intent.FACT, Intent.COMPUTATION)
_MOST_UNSAID = 0.36  # share of a question, by a list that goes before the best sentences
_LISTED_LEAST, _STEPS_LEAST = 0.5, 0.2  # of the best one's score


@dataclass(frozen=True, slots=True)
class Composition:
    """The pieces of an answer in the order in which they are read, and yes or no where it says."""

    pieces: tuple[Piece, ...] = ()
    yes: bool | None = None
    open: tuple[str, ...] = ()
    """Parts of the question that nothing answers, while others are answered."""
    sure: bool = False
    """Whether the words say so much of it that they are believed whatever the confidence."""
    unsaid: float = 0.0
    """Share of what the question names that neither the pieces nor what is above them say."""


def compose(material: Material) -> Composition:
    """Returns the answer to one question; no pieces where there are no sentences."""
    if not material.sentences:
        return Composition()
    if margin := in_the_margin(material.question, material.passages, material.layout_of):
        return Composition((margin,), sure=True)
    whether, answered = material.whether, asked_here(material)
    if answered and (answered.yes is not None or not whether):
        return Composition((answered.piece,), answered.yes if whether else None, sure=True)
    if answered:
        material = _inside(material, answered.piece)
    if whether and (decided := row_verdict(material)):
        return Composition((decided.piece,), decided.yes, sure=True)
    if whether and (denied := denial(material)):
        return Composition((denied,), False, sure=True)
    composition = Composition((answered.piece,), sure=True) if answered else _composed(material)
    if whether:
        composition = replace(composition, yes=yes_or_no(material, composition.pieces))
    return composition


def _composed(material: Material) -> Composition:
    """Returns what answers without a word of yes or no."""
    if part := named_part(material):
        return Composition((part,), sure=True)
    if contact := only_contact(material):
        return Composition((_of(material, contact),), sure=True)
    listed = best_list(material) if wants_list(material) else None
    if listed and (listed.named or listed.nearer):
        return Composition(distinct(listed.pieces), sure=True)
    whole = _about(material, distinct(listed.pieces)) if listed else Composition()
    if whole.pieces and whole.unsaid < _MOST_UNSAID:
        return whole
    return _about(material, distinct(_pieces(material)))


def _about(material: Material, pieces: tuple[Piece, ...]) -> Composition:
    """Returns pieces that may answer, with how much they leave unsaid."""
    may, unsaid = may_answer(material, pieces)
    return Composition(pieces if may else (), unsaid=unsaid)


def _inside(material: Material, piece: Piece) -> Material:
    """Returns the material with the sentences of a piece alone."""
    start, end = piece.span
    inside = [
        sentence
        for sentence in material.sentences
        if sentence.passage == piece.passage and start <= sentence.start < end
    ]
    return replace(material, sentences=inside)


def _pieces(material: Material) -> Sequence[Piece]:
    if material.question.intent is Intent.COMPARISON:
        return compared(material)
    if wants_list(material):
        return _several(material)
    if material.question.intent is Intent.REASON and (reason := reason_piece(material)):
        return [reason]
    row = named_row(material) if material.question.intent in _ROW_INTENTS else None
    best = row or named_item(material) or _of(material, material.sentences[0])
    return named_alike(material, best)


def _of(material: Material, sentence: Sentence) -> Piece:
    """Returns the list, the row or the sentences that the sentence belongs to."""
    return (
        list_piece(material, sentence)
        or row_piece(material, sentence)
        or item_piece(material, sentence)
        or paragraph_piece(material, sentence)
    )


def _several(material: Material) -> list[Piece]:
    """Returns the best sentences of the best one's section, in the order of the text.

    Entries that open with what is asked for are all of them, in whatever section.
    """
    best = material.sentences[0]
    if named := entries(material):
        return [_of(material, sentence) for sentence in named]
    layout = material.layout(best.passage)
    section = layout.section_at(best.start) if layout else None
    document = material.passages[best.passage].chunk.document_id
    least = _STEPS_LEAST if material.question.intent is Intent.STEPS else _LISTED_LEAST
    chosen = [
        sentence
        for sentence in material.sentences
        if material.passages[sentence.passage].chunk.document_id == document
        and (section is None or section.start <= sentence.start < section.end)
        and sentence.score >= least * best.score
    ][: material.most]
    pieces = [_of(material, sentence) for sentence in chosen]
    return sorted(pieces, key=lambda piece: piece.span)


def distinct(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Returns the pieces without those that lie in another; sentences that overlap become one."""
    kept: list[Piece] = []
    for piece in pieces:
        over = [index for index, other in enumerate(kept) if _overlap(piece, other)]
        whole = piece
        for index in reversed(over):
            whole = _joined(kept[index], whole)
            if index != over[0]:
                del kept[index]
        if over:
            kept[over[0]] = whole
        else:
            kept.append(whole)
    return tuple(kept)


def _overlap(one: Piece, other: Piece) -> bool:
    """Tells whether a piece lies in the other, or both are prose that shares a sentence."""
    if one.passage != other.passage:
        return False
    start, end = max(one.span[0], other.span[0]), min(one.span[1], other.span[1])
    prose = one.kind is other.kind is BlockKind.SENTENCE
    return start < end and (prose or (start, end) in (one.span, other.span))


def _joined(one: Piece, other: Piece) -> Piece:
    """Returns the longer of two pieces that overlap, stretched over both where they are prose."""
    longer = max((one, other), key=lambda piece: piece.span[1] - piece.span[0])
    if one.kind is not BlockKind.SENTENCE or other.kind is not BlockKind.SENTENCE:
        return longer
    span = min(one.span[0], other.span[0]), max(one.span[1], other.span[1])
    return replace(longer, span=span)
