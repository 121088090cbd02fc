"""A question and its conversation -> what was found, and a stream that writes the answer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from rag.answering.answer_span import short_answer
from rag.answering.citations import GetDocument
from rag.answering.evidence import Evidence, EvidenceScorer
from rag.answering.question_analysis import QuestionAnalyzer
from rag.answering.question_rewriting import rewrite
from rag.answering.stream import AnswerStream, Findings, WritingTools, replied
from rag.config import Settings
from rag.protocols import Embedder, Generator, Stop
from rag.retrieval import Retriever
from rag.schema import Filters, Intent, Passage, Question, Sentence, Span, Turn
from rag.text import sanitize

ShortAnswer = tuple[Sentence, Span]


class Answerer:
    """Answers questions of one library."""

    def __init__(
        self,
        analyzer: QuestionAnalyzer,
        retriever: Retriever,
        scorer: EvidenceScorer,
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
        self._scorer = scorer
        self._settings = settings
        self._tools = WritingTools(
            analyzer.claim_terms, get_document, generator, settings, embedder
        )

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
        question = self._analyzed(text, history, filters, stop)
        reply = self._analyzer.reply(question)
        if reply is not None:
            return AnswerStream(replied(question, reply), self._tools, history, stop)
        if question.standalone != text:
            seconds["condense"] = time.perf_counter() - started
        started = time.perf_counter()
        passages = self._retriever.search(question, self._settings.passages)
        seconds["search"] = time.perf_counter() - started
        started = time.perf_counter()
        evidence = self.score_evidence(question, passages)
        seconds["evidence"] = time.perf_counter() - started
        findings = self._findings(question, passages, evidence, seconds)
        return AnswerStream(findings, self._tools, history, stop)

    def score_evidence(self, question: Question, passages: Sequence[Passage]) -> Evidence:
        """Returns the sentences of the passages, scored against the question."""
        return self._scorer.score(question, passages)

    def _analyzed(
        self, text: str, history: Sequence[Turn], filters: Filters | None, stop: Stop
    ) -> Question:
        language = self._analyzer.language(text, history)
        if history:
            alone = self._analyzer.analyze(text, filters, language=language)
            if self._analyzer.reply(alone) is not None:
                return alone
        standalone = rewrite(text, history, language, self._tools.generator, stop)
        return self._analyzer.analyze(text, filters, standalone=standalone, language=language)

    def _findings(
        self,
        question: Question,
        passages: Sequence[Passage],
        evidence: Evidence,
        seconds: dict[str, float],
    ) -> Findings:
        found = evidence.confidence >= self._settings.min_confidence and not _asks_unknown(question)
        sentences = evidence.sentences if found else ()
        threshold = self._scorer.short_threshold
        short = short_answer(question.standalone, sentences, passages, threshold)
        return Findings(
            question=question,
            passages=_with_answer_spans(passages, sentences, short, threshold),
            evidence=_short_answer_first(evidence.sentences, short),
            short=None if short is None else _text_of(*short),
            found=found,
            confidence=evidence.confidence,
            signals=evidence.signals,
            flagged=_suspicious(passages),
            seconds=seconds,
        )


def _asks_unknown(question: Question) -> bool:
    """Tells whether it asks for an identifier that is nowhere in the library.

    A comparison may still have one side.
    """
    return bool(question.subject.absent) and question.intent != Intent.COMPARISON


def _suspicious(passages: Sequence[Passage]) -> tuple[int, ...]:
    """Returns the indices of the passages that hide characters or forge a chat."""
    return tuple(
        index
        for index, passage in enumerate(passages)
        if sanitize.suspicious(f"{passage.title}\n{passage.chunk.text}")
    )


def _text_of(sentence: Sentence, span: Span) -> str:
    return sentence.text[span[0] - sentence.start : span[1] - sentence.start]


def _short_answer_first(
    sentences: Sequence[Sentence], short: ShortAnswer | None
) -> tuple[Sentence, ...]:
    if short is None:
        return tuple(sentences)
    return (short[0], *(sentence for sentence in sentences if sentence is not short[0]))


def _with_answer_spans(
    passages: Sequence[Passage],
    sentences: Sequence[Sentence],
    short: ShortAnswer | None,
    threshold: float,
) -> tuple[Passage, ...]:
    """Returns passages that know where in them the answer stands, if there are `sentences`.

    The short answer's span comes first, then the QA model's where it is sure, then the best
    sentence.
    """
    spans: dict[int, Span | None] = {}
    for sentence in sentences:
        spans.setdefault(sentence.passage, (sentence.start, sentence.end))
    for index, passage in enumerate(passages):
        sure = (passage.signals.answerable or 0.0) >= threshold
        if sentences and passage.answer_span and sure:
            spans[index] = passage.answer_span
    if short is not None:
        spans[short[0].passage] = short[1]
    return tuple(
        replace(passage, answer_span=spans.get(index)) for index, passage in enumerate(passages)
    )
