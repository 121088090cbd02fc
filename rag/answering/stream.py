"""An answer while it is written: the verbatim one at once, then checked text, then the Answer.

Every sentence is held to the passages before anyone sees it. Knows nothing about how passages were
found.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Generator as Coroutine
from dataclasses import dataclass, replace
from functools import cache

from rag.answering.citations import GetDocument, Verifier
from rag.answering.extractive_answer import ExtractiveGenerator
from rag.answering.prompts import NOT_FOUND, STOPPED, pack, refuses
from rag.answering.support import Attributor, clash
from rag.claims import Claim, Conflict
from rag.config import Settings
from rag.protocols import Embedder, Generator, Stop
from rag.retrieval.coverage import Query
from rag.schema import Answer, Citation, Passage, Prompt, Sentence, Turn
from rag.text import sanitize, search_terms, split_sentences

_RIVAL = 0.1  # of the best sentence's score: a source that says it otherwise comes far behind
_MOST_CONFLICTS = 3


@dataclass(frozen=True, slots=True)
class Parts:
    """What writing an answer takes. `quick` writes the verbatim one, None where that is the one."""

    make_claim: Callable[[str], Query]
    get_document: GetDocument
    generator: Generator
    settings: Settings
    quick: ExtractiveGenerator | None = None
    embedder: Embedder | None = None

    def judge(self, passages: Sequence[Passage]) -> Attributor:
        """Holds sentences to these passages."""
        texts = split_sentences, search_terms
        return Attributor(passages, *texts, self.make_claim, self.embedder)


class AnswerStream:
    """Text deltas while it is read; `passages` and `quick` at once, `answer` when it was read."""

    def __init__(
        self,
        parts: Parts,
        draft: Answer,
        evidence: Sequence[Sentence],
        history: Sequence[Turn],
        stop: Stop,
    ) -> None:
        # a document that is replaced meanwhile must not take back what has been shown
        self._parts = replace(parts, get_document=cache(parts.get_document))
        self._draft = draft
        self._evidence = evidence
        self._history = history
        self._stop = stop
        self._quick: Answer | None = None
        self._verifier: Verifier | None = None
        self._deltas = self._write()
        self._answer: Answer | None = None

    @property
    def passages(self) -> tuple[Passage, ...]:
        """What was found, before a word is written."""
        return self._draft.passages

    @property
    def quick(self) -> Answer | None:
        """The verbatim answer, made when first asked for; None where no model writes another."""
        if self._quick is None and self._parts.quick is not None and self._draft.found:
            started = time.perf_counter()
            generator = self._parts.quick
            prompt = self._prompt(self.passages)
            verifier = self._verifier_of(prompt)
            for delta in generator.stream(prompt, lambda: False):
                verifier.add(delta)
            verifier.finish()
            quick = self._finished(replace(self._draft, model=generator.name), verifier, prompt)
            self._quick = _timed(quick, "generate", started)
        return self._quick

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The sentences of what has been given out so far, with their marks."""
        return () if self._verifier is None else self._verifier.cited.claims

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
        quick = self.quick
        started = time.perf_counter()
        answer = replace(self._draft, quick=quick)
        if self._draft.found:
            answer = yield from self._verified(answer)
        if not answer.citations:
            yield answer.text
        self._answer = _timed(answer, "generate", started)

    def _verified(self, draft: Answer) -> Coroutine[str, None, Answer]:
        """Yields what has been checked, a sentence at a time; returns the answer."""
        prompt = self._packed()
        self._verifier = verifier = self._verifier_of(prompt)
        if prompt.passages or self._parts.quick is None:
            for delta in self._parts.generator.stream(prompt, self._stop):
                if text := verifier.add(delta):
                    yield text
            if text := verifier.finish(cut=self._stop()):
                yield text
        if verifier.cited.citations:
            return self._finished(draft, verifier, prompt)
        if draft.quick is not None and draft.quick.found and not verifier.refused:
            # what a model wrote had no support, or it wrote nothing: the documents' words stand
            yield draft.quick.text
            return replace(draft.quick, quick=draft.quick, used=len(prompt.passages))
        return self._finished(draft, verifier, prompt)

    def _finished(self, draft: Answer, verifier: Verifier, prompt: Prompt) -> Answer:
        """The draft with what was checked; nothing that can be proved is not an answer."""
        cited, used = verifier.cited, len(prompt.passages)
        if not cited.citations:
            cut = self._stop() and not verifier.refused
            text = (STOPPED if cut else NOT_FOUND)[draft.language]
            return replace(draft, found=False, short=None, text=text, used=used)
        return replace(
            draft,
            text=cited.text,
            citations=cited.citations,
            claims=cited.claims,
            conflicts=self._conflicts(cited.citations),
            used=used,
        )

    def _packed(self) -> Prompt:
        """What the generator is shown: the passages that fit."""
        draft, generator = self._draft, self._parts.generator
        if self._parts.quick is None:
            return self._prompt(self.passages)
        packed = pack(
            draft.standalone,
            draft.passages,
            self._history,
            draft.language,
            generator.count_tokens,
            generator.context_window - self._parts.settings.max_tokens,
            sanitize.clean,
            draft.flagged,
        )
        return replace(self._prompt(draft.passages[: packed.used]), messages=packed.messages)

    def _prompt(self, passages: tuple[Passage, ...]) -> Prompt:
        draft, evidence = self._draft, tuple(self._evidence)
        return Prompt(draft.standalone, draft.language, (), passages, evidence, draft.short)

    def _verifier_of(self, prompt: Prompt) -> Verifier:
        texts = [passage.chunk.text for passage in prompt.passages]

        def flatten(text: str) -> str:
            return sanitize.flattened(text, lambda address: any(address in each for each in texts))

        judge = self._parts.judge(prompt.passages)
        get_document = self._parts.get_document
        return Verifier(prompt.passages, judge, get_document, split_sentences, refuses, flatten)

    def _conflicts(self, citations: Sequence[Citation]) -> tuple[Conflict, ...]:
        """Other documents' sentences on the same question that say it otherwise."""
        best = max((each.score for each in self._evidence), default=0.0)
        rivals = [each for each in self._evidence if each.score >= _RIVAL * best]
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
        document = self._parts.get_document(chunk.document_id)
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
