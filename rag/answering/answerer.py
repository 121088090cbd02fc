"""A question -> what was found, weighed, and a stream that writes the answer.

Knows nothing about storage or the screen.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from rag.answering.answer_span import short_answer
from rag.answering.citations import GetDocument
from rag.answering.evidence import Evidence, EvidenceFinder
from rag.answering.extractive_answer import ExtractiveGenerator
from rag.answering.prompts import NOT_FOUND
from rag.answering.question_rewriting import condensed
from rag.answering.question_types import explains
from rag.answering.stream import AnswerStream, Parts
from rag.config import Settings
from rag.protocols import Embedder, Generator, Stop
from rag.retrieval.coverage import Query
from rag.schema import Answer, Filters, Passage, Sentence, Span, Turn
from rag.text import detect_language, sanitize

Search = Callable[[str, int, Filters | None, str], list[Passage]]
MakeQuery = Callable[[str], Query]
Short = tuple[Sentence, Span]


class Answerer:
    """Answers questions; holds no state between them."""

    def __init__(
        self,
        search: Search,
        make_query: MakeQuery,
        make_claim: MakeQuery,
        get_document: GetDocument,
        finder: EvidenceFinder,
        generator: Generator,
        settings: Settings,
        embedder: Embedder | None = None,
    ) -> None:
        """`make_claim` weighs the words of a sentence as `make_query` those of a question.

        By `embedder` sentences are held to passages in other words or another language.
        """
        self._search = search
        self._finder = finder
        self._settings = settings
        quotes = isinstance(generator, ExtractiveGenerator)
        quick = None if quotes else ExtractiveGenerator(settings.max_sentences, explains)
        self._make_query = make_query
        self._parts = Parts(make_claim, get_document, generator, settings, quick, embedder)

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        filters: Filters | None = None,
        stop: Stop = lambda: False,
    ) -> AnswerStream:
        """Searches and weighs at once; the text is written while the stream is read."""
        started = time.perf_counter()
        language = detect_language(question, self._settings.language)
        writer = None if self._parts.quick is None else self._parts.generator
        asked = condensed(question, history, language, writer, stop)
        condensed_at = time.perf_counter()
        passages = self._search(asked, self._settings.passages, filters, language)
        searched = time.perf_counter()
        evidence = self.weigh(asked, passages)
        weighed = time.perf_counter()
        found = evidence.confidence >= self._settings.min_confidence
        least = self._finder.short_from
        short = short_answer(asked, evidence.sentences, passages, least) if found else None
        seconds = {"search": searched - condensed_at, "evidence": weighed - searched}
        if asked != question:
            seconds["condense"] = condensed_at - started
        draft = Answer(
            question=question,
            text=NOT_FOUND[language],
            short=None if short is None else _words(*short),
            citations=(),
            passages=_with_spans(passages, evidence.sentences if found else (), short, least),
            found=found,
            confidence=evidence.confidence,
            model=self._parts.generator.name,
            language=language,
            standalone=asked,
            signals=evidence.signals,
            seconds=seconds,
            flagged=_flagged(passages),
        )
        first = _first(evidence.sentences, short)
        return AnswerStream(self._parts, draft, first, history, stop)

    def weigh(self, question: str, passages: Sequence[Passage]) -> Evidence:
        """The sentences of the passages scored against the question."""
        return self._finder.find(self._make_query(question), passages)


def _flagged(passages: Sequence[Passage]) -> tuple[int, ...]:
    """Indices of the passages that hide characters or forge a chat."""
    return tuple(
        index
        for index, each in enumerate(passages)
        if sanitize.suspicious(f"{each.title}\n{each.chunk.text}")
    )


def _words(sentence: Sentence, span: Span) -> str:
    return sentence.text[span[0] - sentence.start : span[1] - sentence.start]


def _first(sentences: Sequence[Sentence], short: Short | None) -> tuple[Sentence, ...]:
    """The sentence that holds the short answer leads."""
    if short is None:
        return tuple(sentences)
    return (short[0], *(each for each in sentences if each is not short[0]))


def _with_spans(
    passages: Sequence[Passage],
    sentences: Sequence[Sentence],
    short: Short | None,
    least: float,
) -> tuple[Passage, ...]:
    """Passages that know where in them the answer stands; nowhere when there are no `sentences`.

    The short answer's span, else a reader's where it is sure, else the best sentence.
    """
    spans: dict[int, Span | None] = {}
    for sentence in sentences:
        spans.setdefault(sentence.passage, (sentence.start, sentence.end))
    for index, passage in enumerate(passages):
        if sentences and passage.answer_span and passage.signals.get("answerable", 0.0) >= least:
            spans[index] = passage.answer_span
    if short is not None:
        spans[short[0].passage] = short[1]
    return tuple(
        replace(passage, answer_span=spans.get(index)) for index, passage in enumerate(passages)
    )
