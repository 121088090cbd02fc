"""An answer while it is written: the verbatim one at once, then checked text, then the Answer.

Every sentence of a language model is held to the passages before anyone sees it.
"""

from __future__ import annotations

import time
from collections.abc import Generator as Coroutine, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property

from rag.answering import extractive_answer
from rag.answering.citations import GetDocument, Verifier, verified_citation
from rag.answering.everything import Survey
from rag.answering.findings import Findings
from rag.answering.prepared import Prepared
from rag.answering.support import Attributor, contradiction
from rag.answering.support.attribution import ClaimTerms
from rag.answering.writing_prompt import writes_for, writing_prompt
from rag.config import Settings
from rag.protocols import Embedder, Generator, Stop
from rag.schema import (
    Answer,
    Block,
    Citation,
    Conflict,
    Fallback,
    NoteKind,
    Passage,
    Sentence,
    Span,
    SurveyProgress,
    Turn,
    shared_numbers,
)

_RIVAL = 0.1  # of the best sentence's score: a source that says it otherwise comes far behind
_MOST_CONFLICTS = 3
_NEAREST = 3  # passages shown where nothing was found


@dataclass(frozen=True, slots=True)
class WritingTools:
    """What an answer is written with; without `generator` it is made of verbatim sentences."""

    claim_terms: ClaimTerms
    get_document: GetDocument
    generator: Generator | None
    settings: Settings
    embedder: Embedder | None = None


class AnswerStream:
    """Text deltas while it is read; `passages` at once, `answer` when it was read."""

    def __init__(
        self,
        findings: Findings,
        tools: WritingTools,
        history: Sequence[Turn],
        stop: Stop,
        survey: Survey | None = None,
    ) -> None:
        """With `survey` the answer is what reading everything finds."""
        self._findings = findings
        self._survey = survey
        # a document that is replaced meanwhile must not take back what has been shown
        self._tools = replace(tools, get_document=cache(tools.get_document))
        self._history = history
        self._stop = stop
        self._verifier: Verifier | None = None
        self._deltas = self._write()
        self._answer: Answer | None = None
        self._progress: SurveyProgress | None = None

    @property
    def progress(self) -> SurveyProgress | None:
        """Returns how far the library has been read; None for a question that needs no such thing.

        While it is read the stream gives empty deltas.
        """
        return self._progress

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Returns the passages found, before a word is written."""
        return self._findings.passages

    @property
    def extractive(self) -> Answer | None:
        """Returns the verbatim answer if a language model writes another one."""
        return None if self._writer is None else self._extractive

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Returns the blocks of what has been given out so far, with their marks."""
        return () if self._verifier is None else self._verifier.checked.blocks

    @property
    def answer(self) -> Answer:
        """Returns the finished answer; reads the rest of the stream if need be."""
        for _ in self:
            pass
        assert self._answer is not None  # noqa: S101 - set by the exhausted stream
        return self._answer

    def __iter__(self) -> Iterator[str]:
        return self._deltas

    def _write(self) -> Iterator[str]:
        started, prepared = time.perf_counter(), self._findings.prepared
        if self._survey is not None:
            prepared = yield from self._surveyed(self._survey)
        if prepared is not None:
            answer = self._with_notices(self._findings.as_prepared(prepared))
            self._answer = _timed(answer, started) if self._survey else answer
            yield self._answer.text
            return
        generator, extractive = self._writer, self._extractive
        if generator is None:
            idle = self._tools.generator if self._findings.found else None
            self._answer = replace(extractive, unwritten="" if idle is None else idle.name)
            yield extractive.text
            return
        started = time.perf_counter()  # the verbatim answer has its own time
        answer = self._with_nearest((yield from self._written(generator, extractive)))
        if not answer.citations:
            yield answer.text
        extractive = extractive.renumbered(shared_numbers(answer, extractive))
        self._answer = _timed(replace(answer, extractive=extractive), started)

    @property
    def _writer(self) -> Generator | None:
        """Returns the model that writes the answer; None where nobody does."""
        findings = self._findings
        wanted = findings.found and findings.prepared is None
        writes = wanted and writes_for(findings.question, self._tools.settings)
        return self._tools.generator if writes else None

    def _surveyed(self, survey: Survey) -> Coroutine[str, None, Prepared]:
        """Yields an empty delta for every step of a survey; returns what it found."""
        steps = survey.run(self._stop)
        while True:
            try:
                self._progress = next(steps)
            except StopIteration as end:
                prepared: Prepared = end.value
                return prepared
            yield ""

    @cached_property
    def _extractive(self) -> Answer:
        """Returns the answer in the documents' own sentences."""
        started = time.perf_counter()
        findings = self._findings
        blocks, citations = extractive_answer.as_blocks(
            findings.composition,
            findings.passages,
            self._tools.get_document,
            findings.question.language,
        )
        answer = findings.answer(extractive_answer.NAME, blocks, citations)
        return _timed(self._with_nearest(self._with_notices(answer)), started)

    def _written(self, generator: Generator, extractive: Answer) -> Coroutine[str, None, Answer]:
        """Yields what has been checked, a sentence at a time; returns the answer."""
        tools = self._tools
        prompt = writing_prompt(self._findings, self._history, generator, tools.settings)
        attributor = Attributor(prompt.passages, tools.claim_terms, tools.embedder)
        self._verifier = verifier = Verifier(
            prompt.passages,
            attributor,
            tools.get_document,
            self._findings.question,
            extractive.citations,
        )
        stopped = False
        if prompt.passages:
            for delta in generator.stream(prompt, self._stop):
                if text := verifier.add(delta):
                    yield text
            stopped = self._stop()
            if text := verifier.finish(cut=stopped):
                yield text
        used = len(prompt.passages)
        checked = verifier.checked
        if checked.citations:
            answer = self._findings.answer(generator.name, checked.blocks, checked.citations)
            return replace(self._with_notices(answer), used=used, struck=verifier.struck)
        if extractive.found:
            yield extractive.text
            why = _fallback(used, stopped, verifier)
            return replace(extractive, used=used, struck=verifier.struck, fallback=why)
        answer = self._findings.answer(generator.name, (), ())
        return replace(answer, blocks=(self._findings.refusal(stopped),), used=used)

    def _with_nearest(self, answer: Answer) -> Answer:
        """Returns the answer, with what came nearest if it found nothing."""
        if answer.found:
            return answer
        get_document = self._tools.get_document
        citations = (
            verified_citation(number, passage, _without_heading(passage), get_document)
            for number, passage in enumerate(answer.passages[:_NEAREST], start=1)
        )
        return replace(answer, nearest=tuple(citation for citation in citations if citation))

    def _with_notices(self, answer: Answer) -> Answer:
        """Returns the answer with what a person should know besides of what it rests on."""
        documents = [
            self._tools.get_document(citation.passage.chunk.document_id)
            for citation in answer.citations
        ]
        hidden = (
            document.path
            for document in documents
            if document and any(note.kind is NoteKind.HIDDEN_TEXT for note in document.notes)
        )
        conflicts = self._conflicts(answer.citations)
        return replace(answer, conflicts=conflicts, hidden=tuple(dict.fromkeys(hidden)))

    def _conflicts(self, citations: Sequence[Citation]) -> tuple[Conflict, ...]:
        """Returns other documents' sentences on the same question that say it otherwise."""
        evidence = self._findings.evidence
        best = max((sentence.score for sentence in evidence), default=0.0)
        rivals = [sentence for sentence in evidence if sentence.score >= _RIVAL * best]
        found: dict[tuple[str, str], Conflict] = {}
        for citation in citations:
            for rival in rivals:
                conflict = self._conflict(citation, rival)
                if conflict is not None:
                    found.setdefault((conflict.said, conflict.other), conflict)
        return tuple(found.values())[:_MOST_CONFLICTS]

    def _conflict(self, citation: Citation, rival: Sentence) -> Conflict | None:
        chunk = self.passages[rival.passage].chunk
        if chunk.document_id == citation.passage.chunk.document_id:
            return None
        difference = contradiction(citation.quote, rival.text)
        document = self._tools.get_document(chunk.document_id)
        stands = document is not None and document.text[rival.start : rival.end] == rival.text
        if difference is None or not stands:
            return None
        return Conflict(
            citation=citation.number,
            said=difference.value,
            passage=rival.passage,
            start=rival.start,
            end=rival.end,
            quote=rival.text,
            other=difference.other_value,
        )


def _fallback(used: int, stopped: bool, verifier: Verifier) -> Fallback:
    """Returns why nothing of what a model wrote is shown."""
    if not used:
        return Fallback.NO_ROOM
    if stopped:
        return Fallback.STOPPED
    return Fallback.UNPROVED if verifier.withheld else Fallback.SILENT


def _without_heading(passage: Passage) -> Span:
    """Returns the stretch of a passage behind the heading with which it begins."""
    chunk = passage.chunk
    heading = chunk.headings[-1] if chunk.headings else passage.title
    behind = chunk.text.removeprefix(heading).lstrip()
    return (chunk.end - len(behind) if behind else chunk.start), chunk.end


def _timed(answer: Answer, started: float) -> Answer:
    """Returns the answer with the time of writing it, and the total."""
    seconds = {name: spent for name, spent in answer.seconds.items() if name != "total"}
    seconds["generate"] = time.perf_counter() - started
    return replace(answer, seconds={**seconds, "total": sum(seconds.values())})
