"""The QA model's predictions on passages, each read where it covers the question best.

Reading costs a forward pass over every word, so of a long passage only a window is read: whole
sentences around the one that covers most of the question. Spans come back as addresses in the
document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.protocols import QAModel, SpanPrediction, probability
from rag.retrieval.coverage import sentence_terms, with_neighbours
from rag.schema import Passage, Question, Span


class QAPassageScorer:
    """Reads passages with a QA model, of each at most `window` characters."""

    def __init__(self, model: QAModel, window: int) -> None:
        self._model = model
        self._window = window

    def predict(self, question: Question, passages: Sequence[Passage]) -> list[SpanPrediction]:
        """Returns one prediction per passage, in their order; spans in document characters."""
        windows = [self.window(question, passage) for passage in passages]
        texts = [
            passage.chunk.text[start:end]
            for passage, (start, end) in zip(passages, windows, strict=True)
        ]
        predictions = self._model.read(question.query, texts) if texts else []
        return [
            _in_document(prediction, text, passage.chunk.start + start)
            for prediction, text, passage, (start, _) in zip(
                predictions, texts, passages, windows, strict=True
            )
        ]

    def window(self, question: Question, passage: Passage) -> Span:
        """Returns the part of the passage that is read, in characters of its chunk."""
        text = passage.chunk.text
        if len(text) <= self._window:
            return 0, len(text)
        spans, terms = sentence_terms(passage.chunk)
        wanted = question.terms
        covered = [
            wanted.covered(alone) + wanted.covered(around)
            for alone, around in with_neighbours(terms)
        ]
        start, end = best_window(spans, covered, self._window)
        return start, _shortened(text, start, end, self._window)


def best_window(spans: Sequence[Span], covered: Sequence[float], limit: int) -> Span:
    """Returns whole sentences around the one that covers most, at most `limit` characters.

    The window grows by the neighbour that covers more, of equals by the following one. A first
    sentence that is longer than the limit is given whole. (0, 0) where there are no sentences.
    """
    if not spans:
        return 0, 0
    first = last = max(range(len(spans)), key=lambda index: covered[index])
    while True:
        neighbours = [
            (covered[index], index > last, index)
            for index in (first - 1, last + 1)
            if 0 <= index < len(spans)
            and spans[max(last, index)][1] - spans[min(first, index)][0] <= limit
        ]
        if not neighbours:
            return spans[first][0], spans[last][1]
        *_, index = max(neighbours)
        first, last = min(first, index), max(last, index)


def with_prediction(passage: Passage, prediction: SpanPrediction) -> Passage:
    """Returns the passage with what the QA model said of it, and with the answer's span.

    Logits become probabilities by the logistic function: as well calibrated as the model is.
    """
    signals = replace(
        passage.signals,
        relevance=probability(prediction.relevance),
        answerable=probability(prediction.answerable),
        span=probability(prediction.score),
    )
    start, end = prediction.start, prediction.end
    return replace(passage, signals=signals, answer_span=(start, end) if end > start else None)


def _in_document(prediction: SpanPrediction, text: str, offset: int) -> SpanPrediction:
    """Moves the span into the document and widens it to whole words: a model's pieces are less."""
    start, end = prediction.start, prediction.end
    if start < end:
        while start and text[start - 1 : start + 1].isalnum():
            start -= 1
        while end < len(text) and text[end - 1 : end + 1].isalnum():
            end += 1
    return replace(prediction, start=start + offset, end=end + offset)


def _shortened(text: str, start: int, end: int, limit: int) -> int:
    """Returns the end, or the last space before the limit if one sentence is longer than it."""
    if end - start <= limit:
        return end
    space = text.rfind(" ", start, start + limit)
    return space if space > start else start + limit
