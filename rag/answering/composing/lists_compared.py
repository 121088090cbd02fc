"""What lists things, compared with the question beside the best sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.answering.composing.material import Material, Piece

_MOST, _WORDS = 8, 40  # lists that a model compares, and words of each
_MEANING = 5.0  # what it is worth to be nearer to the question than the best sentence
_FARTHER, _NEARER = 0.08, 0.02  # of cosines


@dataclass(frozen=True, slots=True)
class ListFound:
    """Something that lists things, and how well it answers."""

    worth: float
    pieces: Sequence[Piece]
    named: bool
    """Whether its heading and lead-in say what is asked: then it is believed, however unsure."""
    nearer: bool = False
    """Whether it is nearer to the question than the best sentence, which is believed as much."""


def compared(material: Material, found: Sequence[ListFound]) -> Sequence[ListFound]:
    """Returns the worthiest, worth more the nearer they are to the question than the best sentence.

    The selector tells what is near; without one all stay as they are. What is clearly farther is
    not named after the question, whatever its heading says.
    """
    if material.compare is None or not found:
        return found
    found = sorted(found, key=lambda one: -one.worth)[:_MOST]
    best = material.sentences[0]
    passage = material.passages[best.passage]
    sentence = replace(passage.chunk, text=best.text).for_embedding(passage.title)
    texts = [sentence, *(_text(material, one) for one in found)]
    first, *cosines = map(float, material.compare(texts))
    return [
        replace(
            one,
            worth=one.worth + _MEANING * (cosine - first),
            named=one.named and cosine > first - _FARTHER,
            nearer=cosine > first + _NEARER,
        )
        for one, cosine in zip(found, cosines, strict=True)
    ]


def _text(material: Material, found: ListFound) -> str:
    """Returns the first words of what lists things, under its title and headings."""
    piece = found.pieces[0]
    passage, layout = material.passages[piece.passage], material.layout(piece.passage)
    if layout is None:
        return passage.chunk.for_embedding(passage.title)
    spans = [span for one in found.pieces for span in one.lines or (one.span,)]
    words = " ".join(map(layout.of, spans)).split()[:_WORDS]
    headings = layout.document.headings_at(piece.span[0])
    chunk = replace(passage.chunk, text=" ".join(words), headings=headings)
    return chunk.for_embedding(passage.title)
