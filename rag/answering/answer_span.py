"""The shortest verbatim span of a sentence that answers.

The cell of a table whose row and column are asked for; else the QA model's span where there is one
that is sure enough; else by rules, for a date, an amount or a name. A question that wants an
explanation has no short answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from rag.answering.question_types import kind_of, wants_explanation
from rag.answering.table_rows import named_cells, row_label
from rag.schema import Passage, Sentence, Span
from rag.text.entities import DATE, DATE_WITH_MONTH, ENTITIES
from rag.text.languages import DATA, either

_RULED_SENTENCES = 3  # sentences, best first, that the rules look at
_AS_SURE = 0.9  # of the surest prediction's worth
_PAIRS = dict(zip("«“([{", "»”)]}", strict=True))
_BEFORE = " \t\n\r\u00a0,;:!?…·•–—|"  # what no answer begins or ends with
_AFTER = _BEFORE + ".-¿¡"

_WORD = re.compile(r"[^\W_]+")
_COLUMN = re.compile(r"(?:^|; )[^:;]+: ")
_OPENERS = frozenset().union(*(language.openers for language in DATA.values()))
_COUNTED = re.compile(
    rf"\b{either(lambda language: language.asks_how_many)}\s+([^\W\d_]{{3,}})",
    re.IGNORECASE,
)
_STEM = 5  # letters that «documentos» and «documento» share: enough to know the thing counted
_FEWEST_LETTERS = 4  # of a word of the question that shows where in a sentence to look


def short_answer(
    question: str, sentences: Sequence[Sentence], passages: Sequence[Passage], threshold: float
) -> tuple[Sentence, Span] | None:
    """Returns the sentence that holds the short answer, and its span in document characters.

    `sentences` are those of `passages`, best first. A span of the QA model counts when the passage
    answers with a probability of at least `threshold`.
    """
    if wants_explanation(question) or not sentences:
        return None
    cell = _cell(question, sentences[0])
    if cell is not None:
        return sentences[0], cell
    predicted = _predicted(question, sentences, passages, threshold)
    if predicted is not None:
        return predicted
    spans = ((sentence, rule_span(question, sentence)) for sentence in sentences[:_RULED_SENTENCES])
    return next(((sentence, span) for sentence, span in spans if span is not None), None)


def _cell(question: str, row: Sentence) -> Span | None:
    """Returns the cell whose column the question names, where it names just one."""
    wanted = _words(question)
    cells = [
        span for name, span in named_cells(row.text) if _words(name) and _words(name) <= wanted
    ]
    if len(cells) != 1:
        return None
    start, end = cells[0]
    return row.start + start, row.start + end


def _predicted(
    question: str, sentences: Sequence[Sentence], passages: Sequence[Passage], threshold: float
) -> tuple[Sentence, Span] | None:
    """Returns the part of the QA model's span that lies in one of the sentences."""
    language = passages[sentences[0].passage].chunk.language
    prediction = _best_prediction(passages, language, threshold)
    if prediction is None:
        return None
    start, end = prediction.span
    overlapping = [
        sentence
        for sentence in sentences
        if passages[sentence.passage].chunk.document_id == prediction.passage.chunk.document_id
        and _overlap(prediction.span, sentence) > 0
    ]
    if not overlapping:  # in a heading, or a scrap that is not quoted
        return None
    sentence = max(overlapping, key=lambda sentence: _overlap(prediction.span, sentence))
    first, last = trimmed(
        sentence.text,
        max(start, sentence.start) - sentence.start,
        min(end, sentence.end) - sentence.start,
    )
    if not _says_new(sentence.text[first:last], _words(question)):
        return None
    return sentence, (sentence.start + first, sentence.start + last)


def _overlap(span: Span, sentence: Sentence) -> int:
    return min(span[1], sentence.end) - max(span[0], sentence.start)


class _Prediction(NamedTuple):
    passage: Passage
    span: Span
    answerable: float
    """Probability that the passage answers."""
    worth: float


def _best_prediction(
    passages: Sequence[Passage], language: str, threshold: float
) -> _Prediction | None:
    """Returns, of span predictions about as sure as the surest, that of the passage found first.

    Where a text and its translation both answer, the model is often surer of one by a hair:
    `language`, that of the best sentence, decides, and there `threshold` need not be reached again.
    """
    predictions = [
        _prediction(passage, passage.answer_span) for passage in passages if passage.answer_span
    ]
    surest = max(
        (found.worth for found in predictions if found.answerable >= threshold), default=None
    )
    if surest is None:
        return None
    level = [found for found in predictions if found.worth >= _AS_SURE * surest]
    level.sort(key=lambda prediction: prediction.answerable < threshold)
    return next((found for found in level if found.passage.chunk.language == language), None)


def _prediction(passage: Passage, span: Span) -> _Prediction:
    answerable = passage.signals.answerable or 0.0
    relevance = 1.0 if passage.signals.relevance is None else passage.signals.relevance
    return _Prediction(passage, span, answerable, answerable * relevance)


def rule_span(question: str, sentence: Sentence) -> Span | None:
    """Returns the date, amount or name of the sentence that the question asks for.

    Of several the one that counts the thing asked for, then the one nearest to the question's
    words. The span is in document characters.
    """
    kind = kind_of(question)
    if kind is None:
        return None
    text, known, entity = sentence.text, _words(question), ENTITIES[kind.name]
    excluded = [] if entity is DATE else _dates_and_columns(text)
    spans = [
        match.span()
        for match in entity.finditer(text)
        if _says_new(match.group(), known)
        and not any(start < match.end() and match.start() < end for start, end in excluded)
    ]
    if not spans:
        return None
    anchors = [
        match.start()
        for match in _WORD.finditer(text)
        if len(match.group()) >= _FEWEST_LETTERS and match.group().casefold() in known
    ]
    counted = _COUNTED.search(question)
    thing = counted.group(1)[:_STEM].casefold() if counted else ""
    start, end = min(
        spans,
        key=lambda span: (thing not in text[slice(*span)].casefold(), _distance(span, anchors)),
    )
    return sentence.start + start, sentence.start + end


def _dates_and_columns(text: str) -> list[Span]:
    """Returns where no amount or name is: in a date, and in the name of a column."""
    columns = _COLUMN.finditer(text) if row_label(text) is not None else ()
    return [match.span() for match in (*DATE_WITH_MONTH.finditer(text), *columns)]


def _says_new(text: str, known: set[str]) -> bool:
    """Tells whether the text is more than the `known` words of the question."""
    return not _words(text) <= known | _OPENERS


def _words(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text)}


def _distance(span: Span, anchors: Sequence[int]) -> float:
    """Returns the mean distance in characters from the span to the question's words."""
    if not anchors:
        return float(span[0])
    return sum(abs(anchor - span[0]) for anchor in anchors) / len(anchors)


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
