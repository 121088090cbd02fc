"""The shortest verbatim span that answers: a cell of the chosen row, or the QA model's words.

It is shown only where what was composed holds it, it is of the kind that is asked for, and the QA
model points at it both in the passage and in the sentence; it never decides what is quoted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.answering.calibration import Calibration, logistic
from rag.answering.candidates import things
from rag.answering.composing import Composition, Material, Piece
from rag.answering.tables.requests import ARITHMETIC, request_of
from rag.schema import AnswerType, BlockKind, Intent, Sentence, Span
from rag.text.languages import DATA

SHORT_FEATURES = (
    "agrees",  # share of the words at which the QA model points in both readings
    "answers",  # probability that the passage answers
    "read_answers",  # and that the sentence does
    "read_span",  # probability of the words in the sentence
    "score",  # of the sentence
    "typed",  # 1 where the words are the kind of thing asked for, which the question names
    "alone",  # 1 where the sentence names no other of that kind
    "length",  # words, at most LONGEST, as a share of that
)
LONGEST = 12  # words: more are no short answer

_PAIRS = dict(zip("«“([{", "»”)]}", strict=True))
_BEFORE = " \t\n\r\u00a0,;:!?…·•–—|"  # what no answer begins or ends with
_AFTER = _BEFORE + ".-¿¡"
_WORD = re.compile(r"[^\W_]+")
_OPENERS = frozenset().union(*(language.openers for language in DATA.values()))
_SHORT = (Intent.FACT, Intent.TABLE)


@dataclass(frozen=True, slots=True)
class ShortAnswer:
    """The words, and where they stand in the document of a passage."""

    passage: int
    span: Span
    text: str


def short_answer(
    material: Material, composition: Composition, calibration: Calibration
) -> ShortAnswer | None:
    """Returns the short answer to a question that wants one; None where nothing is sure."""
    if material.question.intent not in _SHORT or len(composition.pieces) != 1:
        return None
    piece = composition.pieces[0]
    if piece.kind is BlockKind.ROW:
        return _cell(material, piece)
    found = prediction(material, piece)
    if found is None or calibration.short is None:
        return None
    short, features = found
    sure = logistic(calibration.short, features) >= calibration.short_threshold
    return short if sure else None


def _cell(material: Material, piece: Piece) -> ShortAnswer | None:
    """Returns the cell that is asked for, if it is of the right kind."""
    if piece.asked is None or request_of(material.question).operation in ARITHMETIC:
        return None  # one cell is no sum: what was not computed has no short answer
    cell = piece.cells[piece.asked]
    short = _short(material, piece.passage, (cell.start, cell.end))
    if short is None or not any(things(material.question.answer_type, short.text, row=True)):
        return None
    return short


def prediction(material: Material, piece: Piece) -> tuple[ShortAnswer, dict[str, float]] | None:
    """Returns the QA model's words in the best sentence of a piece, and how sure they are."""
    sentence = _best_sentence(material, piece)
    if sentence is None or sentence.words is None:
        return None
    passage = material.passages[sentence.passage]
    span = _as_thing(material.question.answer_type, sentence)
    short = _short(material, piece.passage, span)
    if short is None or not piece.span[0] <= short.span[0] < short.span[1] <= piece.span[1]:
        return None
    kind = material.question.answer_type
    named = list(things(kind, sentence.text)) if kind is not AnswerType.TEXT else []
    return short, {
        "agrees": _agreement(passage.answer_span, span),
        "answers": passage.signals.answerable or 0.0,
        "read_answers": sentence.answers,
        "read_span": sentence.span_score,
        "score": sentence.score,
        "typed": float(any(things(kind, short.text)) and kind is not AnswerType.TEXT),
        "alone": float(len(named) == 1),
        "length": len(short.text.split()) / LONGEST,
    }


def _best_sentence(material: Material, piece: Piece) -> Sentence | None:
    start, end = piece.span
    return next(
        (
            sentence
            for sentence in material.sentences
            if sentence.passage == piece.passage and start <= sentence.start < end
        ),
        None,
    )


def _as_thing(kind: AnswerType, sentence: Sentence) -> Span:
    """Returns the thing of the right kind at which the QA model points, else its own words."""
    start, end = sentence.words or (sentence.start, sentence.end)
    if kind is AnswerType.TEXT:
        return start, end
    for match in things(kind, sentence.text):
        first, last = sentence.start + match.start(), sentence.start + match.end()
        if first < end and start < last:
            return first, last
    return start, end


def _agreement(one: Span | None, other: Span) -> float:
    """Returns the characters that both spans have, as a share of all that they have."""
    if one is None:
        return 0.0
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return max(0, shared) / (max(one[1], other[1]) - min(one[0], other[0]))


def _short(material: Material, passage: int, span: Span) -> ShortAnswer | None:
    """Returns the words of a span, if they are few and say something new."""
    layout = material.layout(passage)
    if layout is None:
        return None
    start, end = trimmed(layout.text, *span)
    text = layout.text[start:end]
    new = _words(text) - _words(material.question.query) - _OPENERS
    if not new or len(text.split()) > LONGEST or "\n" in text:
        return None
    return ShortAnswer(passage, (start, end), text)


def _words(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text)}


def trimmed(text: str, start: int, end: int) -> Span:
    """Returns the span without marks and lone quotes or brackets at its edges.

    A bracket or quote that the span opens, and that closes right after it, is taken in.
    """
    for opens, closes in _PAIRS.items():
        inside = text[start:end]
        if inside.count(opens) == inside.count(closes) + 1 and text[end : end + 1] == closes:
            end += 1
    before = -1, -1
    while before != (start, end):
        before = start, end
        start, end = _trimmed_once(text, start, end)
    return start, end


def _trimmed_once(text: str, start: int, end: int) -> Span:
    inside = text[start:end].lstrip(_BEFORE)
    if inside[:1] in tuple(".-¿¡") and not inside[1:2].isalnum():  # but «-5», «.NET»
        inside = inside[1:]
    start = end - len(inside)
    bare = inside.rstrip(_AFTER)
    if inside[len(bare) :].startswith(".") and "." in bare.rsplit(" ", 1)[-1].lstrip("."):
        bare += "."  # «U.S.»
    if bare and _without_partner(bare[0], bare):
        return start + 1, start + len(bare)
    if bare and _without_partner(bare[-1], bare):
        return start, start + len(bare) - 1
    return start, start + len(bare)


def _without_partner(mark: str, text: str) -> bool:
    """Tells whether the mark is a quote or bracket that has no partner in the text."""
    if mark == '"':
        return text.count(mark) % 2 == 1
    pair = next(((a, b) for a, b in _PAIRS.items() if mark in (a, b)), None)
    return pair is not None and text.count(pair[0]) != text.count(pair[1])
