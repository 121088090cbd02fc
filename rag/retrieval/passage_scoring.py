"""A reader's verdicts on passages: each is read where it covers the question best.

Reading costs a forward pass over every word, so of a long passage only a window is read: whole
sentences around the one that covers most of the question. Spans come back as addresses in the
document. Knows nothing about the model that reads, nor about what the verdicts are used for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from rag.protocols import QAModel, SpanPrediction, probability
from rag.retrieval.coverage import Query, Split, Terms, sentence_terms, windows
from rag.schema import Passage, Span


class QAPassageScorer:
    """Reads passages with the reader and the text functions it is given."""

    def __init__(
        self,
        reader: QAModel,
        query: Callable[[str], Query],
        split: Split,
        terms: Terms,
        window: int,
    ) -> None:
        """`query` turns a question into weighed terms; `window`: characters read of a passage."""
        self._reader = reader
        self._query = query
        self._split = split
        self._terms = terms
        self._window = window

    @property
    def name(self) -> str:
        """Of the reader."""
        return self._reader.name

    def read(self, question: str, passages: Sequence[Passage]) -> list[SpanPrediction]:
        """One verdict a passage, in their order; spans in characters of the document."""
        query = self._query(question)
        places = [self.window(query, passage) for passage in passages]
        texts = [
            passage.chunk.text[start:end]
            for passage, (start, end) in zip(passages, places, strict=True)
        ]
        verdicts = self._reader.read(question, texts) if texts else []
        return [
            _placed(verdict, text, passage.chunk.start + start)
            for verdict, text, passage, (start, _) in zip(
                verdicts, texts, passages, places, strict=True
            )
        ]

    def window(self, query: Query, passage: Passage) -> Span:
        """The part of the passage that is read, in characters of its chunk."""
        text = passage.chunk.text
        if len(text) <= self._window:
            return 0, len(text)
        spans, terms = sentence_terms(passage.chunk, self._split, self._terms)
        covered = [query.covered(own) + query.covered(around) for own, around in windows(terms)]
        start, end = best_window(spans, covered, self._window)
        return start, _shortened(text, start, end, self._window)


def best_window(spans: Sequence[Span], covered: Sequence[float], limit: int) -> Span:
    """Whole sentences around the one that covers most, together at most `limit` characters.

    Grows by the neighbour that covers more, of equals by the following one. A first sentence that
    is longer than the limit is given whole. (0, 0) where there are no sentences.
    """
    if not spans:
        return 0, 0
    first = last = max(range(len(spans)), key=lambda place: covered[place])
    while True:
        sides = [
            (covered[place], place > last, place)
            for place in (first - 1, last + 1)
            if 0 <= place < len(spans)
            and spans[max(last, place)][1] - spans[min(first, place)][0] <= limit
        ]
        if not sides:
            return spans[first][0], spans[last][1]
        *_, place = max(sides)
        first, last = min(first, place), max(last, place)


def signals_of(verdict: SpanPrediction) -> Mapping[str, float]:
    """The verdict's logits as probabilities: relevance, answerable, span.

    By the logistic function, so each is as well calibrated as the reader's training made it.
    """
    return {
        "relevance": probability(verdict.relevance),
        "answerable": probability(verdict.answerable),
        "span": probability(verdict.score),
    }


def with_prediction(passage: Passage, verdict: SpanPrediction) -> Passage:
    """The passage with what a reader said of it among its signals, and its answer's span."""
    span = (verdict.start, verdict.end) if verdict.end > verdict.start else None
    return replace(passage, signals={**passage.signals, **signals_of(verdict)}, answer_span=span)


def _placed(verdict: SpanPrediction, text: str, offset: int) -> SpanPrediction:
    """With a span of whole words, a reader's own pieces being shorter, in the document."""
    start, end = verdict.start, verdict.end
    if start < end:
        while start and text[start - 1 : start + 1].isalnum():
            start -= 1
        while end < len(text) and text[end - 1 : end + 1].isalnum():
            end += 1
    return replace(verdict, start=start + offset, end=end + offset)


def _shortened(text: str, start: int, end: int, limit: int) -> int:
    """The end, or the last white space before the limit where one sentence is longer than it."""
    if end - start <= limit:
        return end
    space = text.rfind(" ", start, start + limit)
    return space if space > start else start + limit
