"""Reads passages one after another for everything on a subject, sentence by sentence.

What decides are the words of the subject, by their stems and, in the other language, by their
translations: all of them in one sentence, near each other. The QA model was tried for that: it
gives .9 to sentences that share one word with the subject. It estimates what the words have missed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rag.answering.everything.request import Request, Way
from rag.answering.everything.subject import WHOLE, Wanted
from rag.protocols import QAModel, probability
from rag.retrieval.coverage import sentence_terms, with_neighbours
from rag.schema import AnswerType, Passage, Span
from rag.text import fold, search_terms
from rag.text.entities import ENTITIES
from rag.text.facts import NEGATION

_HALF = 0.5  # of it in the sentence itself, where a heading says the rest
_SAID = 0.75  # of the words of a statement: who says it needs not all of them
_FEWEST_LETTERS = 12  # of a sentence: less is a number or a scrap


@dataclass(frozen=True, slots=True)
class Found:
    """A sentence that says what is asked for."""

    passage: Passage
    span: Span
    text: str
    heading: bool
    value: str = ""  # the thing itself, where things of a kind are wanted
    words: Span | None = None  # where it stands in the document


@dataclass(slots=True)
class Reader:
    """Reads for one request; `found` grows, and `doubt` adds up what may have been missed.

    `subjects` are the subject of the request and its other names; there is at least one.
    """

    request: Request
    subjects: Sequence[Wanted]
    qa_model: QAModel | None
    found: list[Found] = field(default_factory=list)
    doubt: float = 0.0
    _known: set[tuple[int, Span]] = field(default_factory=set)

    def read(self, passages: Sequence[Passage]) -> None:
        """Adds the sentences of the passages that say it; each once, though passages overlap."""
        rest = []
        for passage in passages:
            found = list(self._sentences(passage))
            if not found:
                rest.append(passage)
            for one in found:
                key = passage.chunk.document_id, one.span
                if key not in self._known:
                    self._known.add(key)
                    self.found.append(one)
        self.doubt += sum(self.doubts(rest))

    def doubts(self, passages: Sequence[Passage]) -> list[float]:
        """Returns how much the QA model holds that each passage is on the subject, in [0, 1].

        It reads the sentence that holds most of it. Zeros where there is no such model, or things
        of a kind are wanted, whose form decides.
        """
        if self.qa_model is None or not passages or self.request.kind is not None:
            return [0.0] * len(passages)
        texts = [self._likeliest(passage) for passage in passages]
        predictions = self.qa_model.read(self.subjects[0].topic.query, texts)
        return [probability(p.relevance) * probability(p.answerable) for p in predictions]

    def _likeliest(self, passage: Passage) -> str:
        spans, terms = sentence_terms(passage.chunk)
        wanted = self.subjects[0].terms(passage.chunk.language)
        best = max(range(len(spans)), key=lambda i: wanted.covered(terms[i]), default=None)
        heading = passage.chunk.headings[-1] if passage.chunk.headings else passage.title
        text = passage.chunk.text if best is None else passage.chunk.text[slice(*spans[best])]
        return f"{heading}\n{text}"

    def _sentences(self, passage: Passage) -> Iterator[Found]:
        chunk = passage.chunk
        spans, terms = sentence_terms(chunk)
        above = set(search_terms(" ".join(chunk.headings[-1:]), chunk.language))
        title = set(search_terms(" ".join((passage.title, *chunk.headings)), chunk.language))
        headings = {_bare(name) for name in (passage.title, *chunk.headings)}
        for (start, end), (alone, around) in zip(spans, with_neighbours(terms), strict=True):
            text = chunk.text[start:end]
            heading = _bare(text) in headings
            if len(text) < _FEWEST_LETTERS and not heading and self.request.kind is None:
                continue
            span = chunk.start + start, chunk.start + end
            if self.request.kind is not None:
                if not self.request.topic or self._whole(around | title, chunk.language):
                    yield from _things(self.request.kind, passage, span, text)
            elif self._says(text, chunk.language, alone, above, title):
                yield Found(passage, span, text, heading)

    def _whole(self, terms: set[str], language: str) -> bool:
        return any(one.terms(language).covered(terms) >= WHOLE for one in self.subjects)

    def _says(
        self, text: str, language: str, alone: set[str], above: set[str], title: set[str]
    ) -> bool:
        """Tells whether a sentence says it; `above` and `title` are the terms of its headings."""
        way = self.request.way
        if way is Way.SAYS:
            wanted = self.subjects[0].terms(language)
            denied = [NEGATION.search(one) is None for one in (self.request.topic, text)]
            enough = wanted.covered(alone) >= _HALF and wanted.covered(alone | title) >= _SAID
            return enough and denied[0] == denied[1]
        if way is Way.ABOUT and self._whole(above, language):
            return True
        for one in self.subjects:
            wanted = one.terms(language)
            covered = wanted.covered(alone)
            if covered > 0 and one.named_in(text, language, whole=covered >= WHOLE):
                return True
            if way is Way.ABOUT and covered >= _HALF and wanted.covered(alone | title) >= WHOLE:
                return True
        return False


def _things(kind: AnswerType, passage: Passage, span: Span, text: str) -> Iterator[Found]:
    for match in ENTITIES[kind].finditer(text):
        words = span[0] + match.start(), span[0] + match.end()
        yield Found(passage, span, text, False, " ".join(match.group().split()), words)


def _bare(text: str) -> str:
    return fold(text).strip(" #.:")
