"""A question and its conversation -> what was found, and a stream that writes the answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from rag.answering.evidence import Evidence, EvidenceScorer
from rag.answering.findings import (
    PartFindings,
    joined,
    part_findings,
    prepared_findings,
    said_or_none,
)
from rag.answering.follow_ups import followed_up, standalone
from rag.answering.layout import LayoutOf, layouts
from rag.answering.prepared_answers import PreparedAnswers, Unsearched
from rag.answering.prepared_parts import together
from rag.answering.question_analysis import QuestionAnalyzer
from rag.answering.stream import AnswerStream, WritingTools
from rag.config import Settings
from rag.protocols import Embedder, Generator, Stop
from rag.retrieval import Retriever
from rag.schema import Document, Filters, Passage, Question, Turn


class Answerer:
    """Answers questions of one library."""

    def __init__(
        self,
        analyzer: QuestionAnalyzer,
        retriever: Retriever,
        scorer: EvidenceScorer,
        get_document: Callable[[int], Document | None],
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
        self._prepared = PreparedAnswers(
            analyzer, retriever, scorer.qa_model, get_document, embedder
        )
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
        question, unsearched = self._analyzed(text, history, filters)
        if unsearched.survey is not None:
            unread = prepared_findings(question)
            return AnswerStream(unread, self._tools, history, stop, unsearched.survey)
        if unsearched.reply is not None:
            replied = prepared_findings(question, unsearched.reply)
            return AnswerStream(replied, self._tools, history, stop)
        if question.standalone != text:
            seconds["condense"] = time.perf_counter() - started
        layout_of = layouts(self._tools.get_document)
        found = self._searched(question, seconds)
        started = time.perf_counter()
        prepared = self._prepared.answer(question, found, layout_of)
        seconds["evidence"] = time.perf_counter() - started
        if prepared is not None:
            findings = prepared_findings(question, prepared, found, seconds)
            return AnswerStream(findings, self._tools, history, stop)
        searched = [(part, self._searched(part, seconds)) for part in question.parts]
        # sentences are scored only for parts that no table answers
        answers = [
            self._prepared.of_part(part, passages, layout_of)
            or self._part(part, passages, layout_of, seconds)
            for part, passages in searched
        ] or [self._part(question, found, layout_of, seconds)]
        parts = [answer for answer in answers if isinstance(answer, PartFindings)]
        if len(parts) < len(answers):
            prepared = together(answers, self._tools.get_document)
        else:
            prepared = self._prepared.of_sentence(question, parts, self._tools.get_document)
        if prepared is not None:
            findings = prepared_findings(question, prepared, found, seconds)
            return AnswerStream(findings, self._tools, history, stop)
        parts = [said_or_none(part) for part in parts]
        return AnswerStream(joined(question, parts, seconds), self._tools, history, stop)

    def _searched(self, question: Question, seconds: dict[str, float]) -> list[Passage]:
        """Returns the passages found; adds to the seconds."""
        started = time.perf_counter()
        passages = self._retriever.search(question, self._settings.passages)
        seconds["search"] = seconds.get("search", 0.0) + time.perf_counter() - started
        return passages

    def _part(
        self,
        question: Question,
        passages: Sequence[Passage],
        layout_of: LayoutOf,
        seconds: dict[str, float],
    ) -> PartFindings:
        """Returns what answers one question; adds to the seconds."""
        started = time.perf_counter()
        evidence = self._scorer.score(question, passages, layout_of)
        part = part_findings(
            question, passages, evidence, layout_of, self._scorer.calibration, self._settings
        )
        seconds["evidence"] += time.perf_counter() - started
        return part

    def score_evidence(self, question: Question, passages: Sequence[Passage]) -> Evidence:
        """Returns the sentences of the passages, scored against the question."""
        return self._scorer.score(question, passages, layouts(self._tools.get_document))

    def _analyzed(
        self, text: str, history: Sequence[Turn], filters: Filters | None
    ) -> tuple[Question, Unsearched]:
        """Returns the question, and what answers it without a search.

        What is complete without a search does not lean on the chat.
        """
        language, leans = self._analyzer.language(text, history), self._analyzer.leans
        if history:
            alone = self._analyzer.analyze(text, filters, language=language)
            if unsearched := self._prepared.unsearched(alone):
                return alone, unsearched
        question = self._analyzer.analyze(
            text,
            filters,
            standalone=standalone(text, history, language, leans),
            language=language,
            before=followed_up(history, language, leans),
        )
        return question, self._prepared.unsearched(question)
