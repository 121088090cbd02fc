"""A question and its conversation -> what was found, and a stream that writes the answer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from rag.answering.answer_span import short_answer
from rag.answering.citations import GetDocument
from rag.answering.evidence import Evidence, EvidenceFinder
from rag.answering.question_analysis import QuestionAnalyzer
from rag.answering.question_rewriting import rewrite
from rag.answering.stream import AnswerStream, Draft, Writing
from rag.config import Settings
from rag.protocols import Embedder, Generator, Stop
from rag.retrieval import Retriever
from rag.schema import Filters, Passage, Question, Sentence, Span, Turn
from rag.text import sanitize

ShortAnswer = tuple[Sentence, Span]


class Answerer:
    """Answers questions of one library."""

    def __init__(
        self,
        analyzer: QuestionAnalyzer,
        retriever: Retriever,
        finder: EvidenceFinder,
        get_document: GetDocument,
        generator: Generator | None,
        settings: Settings,
        embedder: Embedder | None = None,
    ) -> None:
        """Without `generator` the answer is made of the documents' own sentences alone.

        With `embedder` written sentences are held to passages in other words or another language.
        """
        self._analyzer = analyzer
        self._retriever = retriever
        self._finder = finder
        self._settings = settings
        self._writing = Writing(analyzer.claim_terms, get_document, generator, settings, embedder)

    def ask(
        self,
        text: str,
        history: Sequence[Turn] = (),
        filters: Filters | None = None,
        stop: Stop = lambda: False,
    ) -> AnswerStream:
        """Searches and scores at once; the text is written while the stream is read."""
        seconds: dict[str, float] = {}
        started = time.perf_counter()
        question = self._understood(text, history, filters, stop)
        if question.standalone != text:
            seconds["condense"] = time.perf_counter() - started
        started = time.perf_counter()
        passages = self._retriever.search(question, self._settings.passages)
        seconds["search"] = time.perf_counter() - started
        started = time.perf_counter()
        evidence = self.score_evidence(question, passages)
        seconds["evidence"] = time.perf_counter() - started
        draft = self._draft(question, passages, evidence, seconds)
        return AnswerStream(self._writing, draft, history, stop)

    def score_evidence(self, question: Question, passages: Sequence[Passage]) -> Evidence:
        """Returns the sentences of the passages, scored against the question."""
        return self._finder.find(question, passages)

    def _understood(
        self, text: str, history: Sequence[Turn], filters: Filters | None, stop: Stop
    ) -> Question:
        language = self._analyzer.language(text)
        standalone = rewrite(text, history, language, self._writing.generator, stop)
        return self._analyzer.analyze(text, filters, standalone=standalone, language=language)

    def _draft(
        self,
        question: Question,
        passages: Sequence[Passage],
        evidence: Evidence,
        seconds: dict[str, float],
    ) -> Draft:
        found = evidence.confidence >= self._settings.min_confidence
        least = self._finder.short_from
        asked, sentences = question.standalone, evidence.sentences
        short = short_answer(asked, sentences, passages, least) if found else None
        return Draft(
            question=question,
            passages=_with_spans(passages, sentences if found else (), short, least),
            evidence=_first(sentences, short),
            short=None if short is None else _words(*short),
            found=found,
            confidence=evidence.confidence,
            signals=evidence.signals,
            flagged=_flagged(passages),
            seconds=seconds,
        )


def _flagged(passages: Sequence[Passage]) -> tuple[int, ...]:
    """Indices of the passages that hide characters or forge a chat."""
    return tuple(
        index
        for index, passage in enumerate(passages)
        if sanitize.suspicious(f"{passage.title}\n{passage.chunk.text}")
    )


def _words(sentence: Sentence, span: Span) -> str:
    return sentence.text[span[0] - sentence.start : span[1] - sentence.start]


def _first(sentences: Sequence[Sentence], short: ShortAnswer | None) -> tuple[Sentence, ...]:
    """The sentence that holds the short answer leads."""
    if short is None:
        return tuple(sentences)
    return (short[0], *(sentence for sentence in sentences if sentence is not short[0]))


def _with_spans(
    passages: Sequence[Passage],
    sentences: Sequence[Sentence],
    short: ShortAnswer | None,
    least: float,
) -> tuple[Passage, ...]:
    """Passages that know where in them the answer stands; nowhere when there are no `sentences`.

    The short answer's span comes first, then the QA model's where it is sure, then the best
    sentence.
    """
    spans: dict[int, Span | None] = {}
    for sentence in sentences:
        spans.setdefault(sentence.passage, (sentence.start, sentence.end))
    for index, passage in enumerate(passages):
        sure = (passage.signals.answerable or 0.0) >= least
        if sentences and passage.answer_span and sure:
            spans[index] = passage.answer_span
    if short is not None:
        spans[short[0].passage] = short[1]
    return tuple(
        replace(passage, answer_span=spans.get(index)) for index, passage in enumerate(passages)
    )
