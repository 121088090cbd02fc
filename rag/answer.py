"""Question + history + passages -> a stream of verified text, then the Answer.

Order: free the question of the chat, search, weigh the evidence, abstain or generate, verify. What
leaves this module has been checked: every mark points to a quote that stands in its document.
Knows nothing about storage or the screen.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Generator as Coroutine
from dataclasses import replace
from functools import cache

from rag import languages
from rag.citations import Cited, GetDocument, settled, verify
from rag.config import Settings
from rag.evidence import Evidence, EvidenceFinder, Query, short_answer
from rag.followups import standalone
from rag.prompts import NOT_FOUND, STOPPED, pack
from rag.protocols import Generator, Stop
from rag.schema import Answer, Filters, Passage, Prompt, Sentence, Span, Turn

Search = Callable[[str, int, Filters | None, str], list[Passage]]
MakeQuery = Callable[[str], Query]
Short = tuple[Sentence, Span]

_ANSWER_TOKENS = 512  # of the context window, kept free for the answer


class Answerer:
    """Answers questions; holds no state between them."""

    def __init__(
        self,
        search: Search,
        make_query: MakeQuery,
        get_document: GetDocument,
        finder: EvidenceFinder,
        generator: Generator,
        settings: Settings,
    ) -> None:
        self._search = search
        self._make_query = make_query
        self._get_document = get_document
        self._finder = finder
        self._generator = generator
        self._settings = settings

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        filters: Filters | None = None,
        stop: Stop = lambda: False,
    ) -> AnswerStream:
        """Searches and weighs at once; the text is written while the stream is read."""
        started = time.perf_counter()
        language = languages.detect(question, self._settings.language)
        asked = standalone(question, history, language, languages.STOP_WORDS[language])
        passages = self._search(asked, self._settings.passages, filters, language)
        searched = time.perf_counter()
        evidence = self.weigh(asked, passages)
        weighed = time.perf_counter()
        found = evidence.confidence >= self._settings.min_confidence
        least = self._finder.short_from
        short = short_answer(asked, evidence.sentences, passages, least) if found else None
        draft = Answer(
            question=question,
            text=NOT_FOUND[language],
            short=None if short is None else _words(*short),
            citations=(),
            passages=_with_spans(passages, evidence.sentences if found else (), short, least),
            found=found,
            confidence=evidence.confidence,
            model=self._generator.name,
            language=language,
            standalone=asked,
            signals=evidence.signals,
            seconds={"search": searched - started, "evidence": weighed - searched},
        )
        return AnswerStream(self, draft, _first(evidence.sentences, short), history, stop)

    def weigh(self, question: str, passages: Sequence[Passage]) -> Evidence:
        """The sentences of the passages scored against the question."""
        return self._finder.find(self._make_query(question), passages)

    def _prompt(
        self, draft: Answer, evidence: Sequence[Sentence], history: Sequence[Turn]
    ) -> Prompt:
        generator = self._generator
        budget = generator.context_window - _ANSWER_TOKENS
        packed = pack(
            draft.standalone,
            draft.passages,
            history,
            draft.language,
            generator.count_tokens,
            budget,
        )
        return Prompt(
            question=draft.standalone,
            language=draft.language,
            messages=packed.messages,
            passages=draft.passages[: packed.used],
            evidence=tuple(evidence),
            short=draft.short,
        )


class AnswerStream:
    """Text deltas while it is read; `passages` at once, `answer` when it has been read."""

    def __init__(
        self,
        answerer: Answerer,
        draft: Answer,
        evidence: Sequence[Sentence],
        history: Sequence[Turn],
        stop: Stop,
    ) -> None:
        self._answerer = answerer
        self._draft = draft
        self._evidence = evidence
        self._history = history
        self._stop = stop
        # a document that is replaced meanwhile must not take back what has been shown
        self._get_document = cache(answerer._get_document)
        self._deltas = self._write()
        self._answer: Answer | None = None

    @property
    def passages(self) -> tuple[Passage, ...]:
        """What was found, before a word is written."""
        return self._draft.passages

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
        started = time.perf_counter()
        cited = Cited("", ())
        if self._draft.found:
            cited = yield from self._verified()
        if cited.citations:
            answer = replace(self._draft, text=cited.text, citations=cited.citations)
        else:
            # Nothing that can be proved was said: that is not an answer.
            cut = self._draft.found and self._stop()
            text = STOPPED[self._draft.language] if cut else self._draft.text
            answer = replace(self._draft, found=False, short=None, text=text)
            yield text
        seconds = {**answer.seconds, "generate": time.perf_counter() - started}
        seconds["total"] = sum(seconds.values())
        self._answer = replace(answer, seconds=seconds)

    def _verified(self) -> Coroutine[str, None, Cited]:
        """Yields only what has been verified, a sentence at a time; returns the whole."""
        answerer = self._answerer
        prompt = answerer._prompt(self._draft, self._evidence, self._history)
        text, checked, shown = "", 0, 0
        for delta in answerer._generator.stream(prompt, self._stop):
            text += delta
            ready = settled(text, languages.sentences)
            if ready > checked:
                checked = ready
                cited = self._check(text[:ready], prompt.passages)
                if len(cited.text) > shown:
                    yield cited.text[shown:]
                    shown = len(cited.text)
        cited = self._check(text, prompt.passages)
        if len(cited.text) > shown:
            yield cited.text[shown:]
        return cited

    def _check(self, text: str, passages: Sequence[Passage]) -> Cited:
        return verify(text, passages, self._evidence, self._get_document, languages.sentences)


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
