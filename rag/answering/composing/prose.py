"""A sentence with the ones that complete it: its subject, its explanation, what it leaves open."""

from __future__ import annotations

import re

from rag.answering.composing.material import Material, Piece, words_in
from rag.answering.layout import ROWS, Layout
from rag.schema import DocumentBlockKind, Intent, Sentence, Span
from rag.text.languages import DATA, either

# words of an answer: with more around it a fact is hard to see, an explanation needs some more
LENGTH = {Intent.DEFINITION: 75, Intent.REASON: 80, Intent.COMPARISON: 90, Intent.STEPS: 140}
SHORTEST = 55
_POINTS_BACK = {
    code: re.compile(rf"[\"«“(]*(?:{data.points_back})", re.UNICODE) for code, data in DATA.items()
}
_GIVES_A_CAUSE = re.compile(rf"\b{either(lambda language: language.causes)}", re.IGNORECASE)
_EXPLAINED = (Intent.DEFINITION, Intent.REASON, Intent.COMPARISON, Intent.STEPS, Intent.LIST)


def paragraph_piece(material: Material, sentence: Sentence, length: int = 0) -> Piece:
    """Returns the sentence with the neighbours in its paragraph that complete it.

    One that points back takes the sentence before it along; one that is explained takes those that
    follow, as long as the whole has at most `length` words.
    """
    layout = material.layout(sentence.passage)
    span = sentence.start, sentence.end
    if layout is None or _stands_alone(layout, sentence.start):
        return Piece(sentence.passage, span)
    intent = material.question.intent
    length = length or LENGTH.get(intent, SHORTEST)
    spans = layout.sentences(layout.paragraph(sentence.start))
    at = next((i for i, (start, end) in enumerate(spans) if start <= span[0] < end), None)
    if at is None:
        return Piece(sentence.passage, span)
    chosen = _grown(material, layout, spans, at, length)
    return Piece(sentence.passage, (spans[chosen.start][0], spans[chosen.stop - 1][1]))


def _stands_alone(layout: Layout, offset: int) -> bool:
    """Tells whether the block at the offset is complete by itself: a row, a field, a caption."""
    block = layout.block_at(offset)
    return block is not None and block.kind in (
        *ROWS,
        DocumentBlockKind.FIELD,
        DocumentBlockKind.CAPTION,
        DocumentBlockKind.HEADING,
    )


def _grown(material: Material, layout: Layout, spans: list[Span], at: int, length: int) -> range:
    """Returns the indices of neighbouring sentences that make one answer."""
    first = last = at
    language = layout.document.language

    def room(span: Span) -> bool:
        whole = words_in(layout.text[spans[first][0] : spans[last][1]])
        return whole + words_in(layout.of(span)) <= length

    while first and room(spans[first - 1]) and _leans(material, layout, spans, first):
        first -= 1
    most = at + _FURTHER if material.question.intent is Intent.REASON else len(spans)
    while last + 1 < len(spans) and last < most and room(spans[last + 1]):
        following = layout.of(spans[last + 1])
        said = layout.text[spans[first][0] : spans[last][1]]
        if not _completes(material, said, following, language):
            break
        last += 1
    while last > at and layout.of(spans[last]).rstrip().endswith(":"):
        last -= 1  # what it introduces is not here
    return range(first, last + 1)


def _leans(material: Material, layout: Layout, spans: list[Span], index: int) -> bool:
    """Tells whether the sentence before says what this one is about.

    «Brasa 200. Potencia de 1.000 W.»: a few words that hold much of the question are a subject.
    """
    before, text = layout.of(spans[index - 1]), layout.of(spans[index])
    if points_back(text, layout.document.language):
        return True
    chunk = material.passages[0].chunk
    own = material.covered(text, chunk)
    gained = material.covered(f"{before} {text}", chunk) - own
    return words_in(before) <= _LABEL and gained >= _SUBJECT


def _completes(material: Material, said: str, following: str, language: str) -> bool:
    """Tells whether the sentence behind belongs to the answer."""
    question = material.question
    if question.intent is Intent.REASON:
        return _GIVES_A_CAUSE.search(said) is None or points_back(following, language)
    if question.intent in _EXPLAINED:
        return True
    chunk = material.passages[0].chunk
    before = material.terms(said, chunk)
    gained = question.terms.covered(before | material.terms(following, chunk))
    return gained > question.terms.covered(before) + _GAIN


_FURTHER = 2  # sentences behind one that repeats the question, among which its reason stands
_LABEL = 6  # words of a sentence that only names something
_SUBJECT = 0.25  # share of the question that it must add to be the subject of the next one
_GAIN = 0.08  # share of the question that a further sentence of a fact must add


def points_back(sentence: str, language: str) -> bool:
    """Tells whether a sentence begins with a word whose meaning stands before it."""
    return _POINTS_BACK[language].match(sentence) is not None


def reason_piece(material: Material) -> Piece | None:
    """Returns the sentence that gives the reason, or after which it is given; None in tables alone.

    A sentence that repeats the question and goes on says more than one that only scores higher.
    """
    found: list[tuple[float, Piece]] = []
    if section := _causes_section(material):
        return section
    for sentence in material.sentences[:_REASONS]:
        layout = material.layout(sentence.passage)
        if layout is None or _stands_alone(layout, sentence.start):
            continue
        piece = paragraph_piece(material, sentence)
        text, chunk = layout.of(piece.span), material.passages[sentence.passage].chunk
        caused = _GIVES_A_CAUSE.search(text) is not None
        worth = sentence.score + _SAID * material.covered(text, chunk) + _CAUSED * caused
        found.append((worth if chunk.language == material.question.language else worth / 2, piece))
    return max(found, key=lambda entry: entry[0], default=(0.0, None))[1]


def _causes_section(material: Material) -> Piece | None:
    """Returns what opens the section headed «Cause» of the best sentence's document.

    Only where that sentence gives no cause itself and the document has one such section.
    """
    best = material.sentences[0]
    layout = material.layout(best.passage)
    if layout is None or _GIVES_A_CAUSE.search(layout.of(layout.paragraph(best.start))):
        return None
    headed = [
        section
        for section in layout.document.sections
        if section.headings and _GIVES_A_CAUSE.match(section.headings[-1])
    ]
    if len(headed) != 1:
        return None
    inside = [
        one
        for one in material.sentences
        if material.passages[one.passage].chunk.document_id == layout.document.id
        and headed[0].start <= one.start < headed[0].end
    ]
    return paragraph_piece(material, inside[0]) if inside else None


_REASONS = 8  # sentences, best first, that may give it
_SAID, _CAUSED = 0.5, 0.3  # what the words of the question and a word of cause weigh
