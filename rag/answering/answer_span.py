"""The shortest verbatim span of a sentence that answers.

The cell of a table whose row and column are asked for; else a reader's span where there is one that
is sure enough; else by rules, for a date, an amount or a name. A question that wants an explanation
has no short answer. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rag.answering.entity_patterns import rule_span, says_new, words
from rag.answering.question_types import explains
from rag.answering.table_rows import named_cells
from rag.schema import Passage, Sentence, Span

_TRIED = 3  # sentences, best first, that the rules look at
_AS_SURE = 0.9  # of the surest reading's worth
_PAIRS = dict(zip("«“([{", "»”)]}", strict=True))
_BEFORE = " \t\n\r\u00a0,;:!?…·•–—|"  # what no answer begins or ends with
_AFTER = _BEFORE + ".-¿¡"


def short_answer(
    question: str, sentences: Sequence[Sentence], passages: Sequence[Passage], least: float
) -> tuple[Sentence, Span] | None:
    """The sentence that holds the short answer, and its span in document characters, or None.

    `sentences` are those of `passages`, best first. A reader's span counts when the passage answers
    with a probability of at least `least`.
    """
    if explains(question) or not sentences:
        return None
    cell = _cell(question, sentences[0])
    if cell is not None:
        return sentences[0], cell
    read = _read(question, sentences, passages, least)
    if read is not None:
        return read
    ruled = ((sentence, rule_span(question, sentence)) for sentence in sentences[:_TRIED])
    return next(((sentence, span) for sentence, span in ruled if span is not None), None)


def _cell(question: str, row: Sentence) -> Span | None:
    """Of a table's row the cell whose column the question names, where it names just one."""
    asked = words(question)
    cells = [span for name, span in named_cells(row.text) if words(name) and words(name) <= asked]
    if len(cells) != 1:
        return None
    start, end = cells[0]
    return row.start + start, row.start + end


def _read(
    question: str, sentences: Sequence[Sentence], passages: Sequence[Passage], least: float
) -> tuple[Sentence, Span] | None:
    found = _reading(passages, passages[sentences[0].passage].chunk.language, least)
    if found is None:
        return None
    best, (start, end) = found.passage, found.span
    own = [
        sentence
        for sentence in sentences
        if passages[sentence.passage].chunk.document_id == best.chunk.document_id
        and min(end, sentence.end) > max(start, sentence.start)
    ]
    if not own:  # in a heading, or a scrap that is not quoted
        return None
    sentence = max(own, key=lambda each: min(end, each.end) - max(start, each.start))
    place = max(start, sentence.start) - sentence.start, min(end, sentence.end) - sentence.start
    first, last = trimmed(sentence.text, *place)
    if not says_new(sentence.text[first:last], words(question)):
        return None
    return sentence, (sentence.start + first, sentence.start + last)


class _Reading(NamedTuple):
    passage: Passage
    span: Span
    sure: float
    """Probability that the passage answers."""
    worth: float


def _reading(passages: Sequence[Passage], language: str, least: float) -> _Reading | None:
    """Of readings that are about as sure as the surest, that of the passage found first.

    Where a text and its translation both answer, the reader is often surer of one by a hair:
    `language`, that of the best sentence, decides, and there `least` need not be reached again.
    """
    read = [
        _Reading(each, each.answer_span, *_verdict(each)) for each in passages if each.answer_span
    ]
    surest = max((each.worth for each in read if each.sure >= least), default=None)
    if surest is None:
        return None
    level = [each for each in read if each.worth >= _AS_SURE * surest]
    level.sort(key=lambda each: each.sure < least)
    spoken = (each for each in level if each.passage.chunk.language == language)
    return next(spoken, None)


def _verdict(passage: Passage) -> tuple[float, float]:
    signals = passage.signals
    sure = signals.answerable or 0.0
    return sure, sure * (1.0 if signals.relevance is None else signals.relevance)


def trimmed(text: str, start: int, end: int) -> Span:
    """The span without marks and lone quotes or brackets at its edges.

    A bracket or quote that the span opens, and that closes right after it, is taken in.
    """
    for opens, closes in _PAIRS.items():
        inside = text[start:end]
        if inside.count(opens) == inside.count(closes) + 1 and text[end : end + 1] == closes:
            end += 1
    before = -1, -1
    while before != (start, end):
        before = start, end
        start, end = _shaved(text, start, end)
    return start, end


def _shaved(text: str, start: int, end: int) -> Span:
    """One round of trimming."""
    inside = text[start:end].lstrip(_BEFORE)
    if inside[:1] in tuple(".-¿¡") and not inside[1:2].isalnum():  # but «-5», «.NET»
        inside = inside[1:]
    start = end - len(inside)
    bare = inside.rstrip(_AFTER)
    if inside[len(bare) :].startswith(".") and "." in bare.rsplit(" ", 1)[-1].lstrip("."):
        bare += "."  # «U.S.»
    if bare and _lone(bare[0], bare):
        return start + 1, start + len(bare)
    if bare and _lone(bare[-1], bare):
        return start, start + len(bare) - 1
    return start, start + len(bare)


def _lone(mark: str, text: str) -> bool:
    """Whether a quote or bracket has no partner in the text."""
    if mark == '"':
        return text.count(mark) % 2 == 1
    pair = next(((a, b) for a, b in _PAIRS.items() if mark in (a, b)), None)
    return pair is not None and text.count(pair[0]) != text.count(pair[1])
