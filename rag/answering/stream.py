"""An answer while it is written: the verbatim one at once, then checked text, then the Answer.

Every sentence of a language model is held to the passages before anyone sees it.
"""

from __future__ import annotations

import time
from collections.abc import Generator as Coroutine
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from rag.answering import extractive_answer
from rag.answering.citations import GetDocument, Verifier, verified_citation
from rag.answering.prompts import NOT_FOUND, STOPPED, pack
from rag.answering.support import Attributor, clash
from rag.answering.support.attribution import WeighTerms
from rag.config import Settings
from rag.protocols import Embedder, Generator, Stop
from rag.schema import (
    Answer,
    Block,
    BlockKind,
    Citation,
    Conflict,
    Passage,
    Prompt,
    Question,
    Sentence,
    Turn,
    shared_numbers,
)

_RIVAL = 0.1  # of the best sentence's score: a source that says it otherwise comes far behind
_MOST_CONFLICTS = 3
_NEAREST = 3  # passages shown where nothing was found


@dataclass(frozen=True, slots=True)
class Writing:
    """What writing an answer takes; without `generator` it is made of verbatim sentences alone."""

    claim_terms: WeighTerms
    get_document: GetDocument
    generator: Generator | None
    settings: Settings
    embedder: Embedder | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known of an answer before a word of it is written; evidence is best first."""

    question: Question
    passages: tuple[Passage, ...]
    evidence: tuple[Sentence, ...]
    short: str | None
    found: bool
    confidence: float
    signals: Mapping[str, float]
    flagged: tuple[int, ...]
    seconds: Mapping[str, float]

    def answer(
        self, model: str, blocks: tuple[Block, ...], citations: tuple[Citation, ...]
    ) -> Answer:
        """Returns the finished answer; one that cites nothing has found nothing."""
        found = self.found and bool(citations)
        return Answer(
            question=self.question,
            blocks=blocks if found else (self.refusal(),),
            short=self.short if found else None,
            citations=citations if found else (),
            passages=self.passages,
            found=found,
            confidence=self.confidence,
            model=model,
            signals=self.signals,
            seconds=self.seconds,
            flagged=self.flagged,
        )

    def refusal(self, stopped: bool = False) -> Block:
        """Says that the documents do not hold it, or that writing was stopped too early."""
        words = (STOPPED if stopped else NOT_FOUND)[self.question.language]
        return Block(BlockKind.REFUSAL, words)


class AnswerStream:
    """Text deltas while it is read; `passages` at once, `answer` when it was read."""

    def __init__(self, writing: Writing, draft: Draft, history: Sequence[Turn], stop: Stop) -> None:
        # a document that is replaced meanwhile must not take back what has been shown
        self._writing = replace(writing, get_document=cache(writing.get_document))
        self._draft = draft
        self._history = history
        self._stop = stop
        self._verbatim: Answer | None = None
        self._verifier: Verifier | None = None
        self._deltas = self._write()
        self._answer: Answer | None = None

    @property
    def passages(self) -> tuple[Passage, ...]:
        """What was found, before a word is written."""
        return self._draft.passages

    @property
    def extractive(self) -> Answer | None:
        """The verbatim answer while a language model writes another; None where none does."""
        return self._extractive() if self._writing.generator and self._draft.found else None

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks of what has been given out so far, with their marks."""
        return () if self._verifier is None else self._verifier.cited.blocks

    @property
    def answer(self) -> Answer:
        """The finished answer; reads the rest of the stream if need be."""
        for _ in self:
            pass
        assert self._answer is not None  # noqa: S101 - set by the exhausted stream
        return self._answer

    def __iter__(self) -> Iterator[str]:
        return self._deltas

    def _write(self) -> Iterator[str]:
        generator = self._writing.generator
        started = time.perf_counter()
        if generator is None or not self._draft.found:
            answer = self._extractive()
            name = extractive_answer.NAME if generator is None else generator.name
            self._answer = replace(answer, model=name)
            yield answer.text
            return
        extractive = self._extractive()
        started = time.perf_counter()
        answer = self._with_nearest((yield from self._written(generator, extractive)))
        if not answer.citations:
            yield answer.text
        extractive = extractive.renumbered(shared_numbers(answer, extractive))
        self._answer = _timed(replace(answer, extractive=extractive), "generate", started)

    def _extractive(self) -> Answer:
        """The answer in the documents' own sentences, made when first asked for."""
        if self._verbatim is None:
            started = time.perf_counter()
            draft, settings = self._draft, self._writing.settings
            sentences = (
                extractive_answer.compose(
                    draft.question,
                    draft.evidence,
                    draft.passages,
                    draft.short is not None,
                    settings.max_sentences,
                )
                if draft.found
                else []
            )
            blocks, citations = extractive_answer.as_blocks(
                sentences, draft.passages, self._writing.get_document
            )
            answer = draft.answer(extractive_answer.NAME, blocks, citations)
            answer = replace(answer, conflicts=self._conflicts(answer.citations))
            self._verbatim = _timed(self._with_nearest(answer), "generate", started)
        return self._verbatim

    def _written(self, generator: Generator, extractive: Answer) -> Coroutine[str, None, Answer]:
        """Yields what has been checked, a sentence at a time; returns the answer."""
        prompt = self._prompt(generator)
        self._verifier = verifier = self._verifier_of(prompt)
        if prompt.passages:
            for delta in generator.stream(prompt, self._stop):
                if text := verifier.add(delta):
                    yield text
            if text := verifier.finish(cut=self._stop()):
                yield text
        used = len(prompt.passages)
        cited = verifier.cited
        if cited.citations:
            answer = self._draft.answer(generator.name, cited.blocks, cited.citations)
            return replace(answer, conflicts=self._conflicts(cited.citations), used=used)
        if extractive.found and not verifier.refused:
            # what a model wrote had no support, or it wrote nothing: the documents' words stand
            yield extractive.text
            return replace(extractive, used=used)
        stopped = self._stop() and not verifier.refused
        answer = self._draft.answer(generator.name, (), ())
        return replace(answer, blocks=(self._draft.refusal(stopped),), used=used)

    def _prompt(self, generator: Generator) -> Prompt:
        """What the language model is shown: the passages that fit."""
        draft = self._draft
        packed = pack(
            draft.question.standalone,
            draft.passages,
            self._history,
            draft.question.language,
            generator.count_tokens,
            generator.context_window - self._writing.settings.max_tokens,
            draft.flagged,
        )
        return Prompt(packed.messages, draft.passages[: packed.used])

    def _verifier_of(self, prompt: Prompt) -> Verifier:
        writing = self._writing
        attributor = Attributor(prompt.passages, writing.claim_terms, writing.embedder)
        return Verifier(prompt.passages, attributor, writing.get_document)

    def _with_nearest(self, answer: Answer) -> Answer:
        """An answer that found nothing shows what came nearest."""
        if answer.found:
            return answer
        cited = (
            verified_citation(
                number,
                passage,
                (passage.chunk.start, passage.chunk.end),
                self._writing.get_document,
            )
            for number, passage in enumerate(answer.passages[:_NEAREST], start=1)
        )
        return replace(answer, nearest=tuple(each for each in cited if each is not None))

    def _conflicts(self, citations: Sequence[Citation]) -> tuple[Conflict, ...]:
        """Other documents' sentences on the same question that say it otherwise."""
        evidence = self._draft.evidence
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
        clashing = clash(citation.quote, rival.text)
        document = self._writing.get_document(chunk.document_id)
        there = document is not None and document.text[rival.start : rival.end] == rival.text
        if clashing is None or not there:
            return None
        place = rival.passage, rival.start, rival.end
        return Conflict(citation.number, clashing.said, *place, rival.text, clashing.other)


def _timed(answer: Answer, stage: str, started: float) -> Answer:
    """With the time of this stage, and the total."""
    seconds = {name: spent for name, spent in answer.seconds.items() if name != "total"}
    seconds[stage] = time.perf_counter() - started
    return replace(answer, seconds={**seconds, "total": sum(seconds.values())})
