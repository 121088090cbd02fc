"""A survey of the library: candidates, reading with progress, an estimate of what was missed."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator as Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from rag.answering.everything.reading import Reader
from rag.answering.everything.request import Request
from rag.answering.everything.subject import Wanted
from rag.answering.everything.wording import Outcome, worded
from rag.answering.prepared import Prepared
from rag.protocols import QAModel, Stop
from rag.schema import Document, DocumentInfo, Filters, Passage, Question, SurveyProgress
from rag.text import fold, search_terms
from rag.text.entities import WORD
from rag.text.same_names import same_names

_BATCH = 16  # passages between two looks at `stop`: a quarter of a second on two cores
_HELD = 0.3  # share of the subject's weight that a passage holds which is read
_NEAREST = 30  # passages by their vectors, read whatever their words
_SAMPLE = 24  # of the passages that are not read: half a second
_MISSED = 0.01  # of the QA model's belief in passages without the words: eval/LOG.md


class PassageSource(Protocol):
    """The passages of a library, as `rag.retrieval.Retriever` gives them."""

    def everything(
        self, questions: Sequence[Question], least: float, nearest: int
    ) -> tuple[list[int], list[int]]:
        """Returns the ids of those that could be about one of the questions, and of the rest."""

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Returns them in the order of their ids."""


@dataclass(frozen=True, slots=True)
class Survey:
    """One survey that is ready to begin."""

    request: Request
    question: Question
    surveyor: Surveyor

    def run(self, stop: Stop) -> Coroutine[SurveyProgress, None, Prepared]:
        """Yields how far it has come, at once and after every few passages; returns the answer.

        After `stop()` the answer is made of what was read, and says so.
        """
        return self.surveyor.run(self, stop)


@dataclass(frozen=True, slots=True)
class Surveyor:
    """Reads the passages of one library."""

    analyze: Callable[[str, Filters, str], Question]
    """A text, filters and its language -> the question of that text."""
    infos: Callable[[Filters], Sequence[DocumentInfo]]
    retriever: PassageSource
    qa_model: QAModel | None
    get_document: Callable[[int], Document | None]

    def run(self, survey: Survey, stop: Stop) -> Coroutine[SurveyProgress, None, Prepared]:
        """Does as `Survey.run`."""
        outcome = yield from self.outcome(survey, stop)
        return worded(survey.request, survey.question, outcome, self.get_document)

    def outcome(self, survey: Survey, stop: Stop) -> Coroutine[SurveyProgress, None, Outcome]:
        """Does as `run`, and returns what was found before it is worded."""
        request, question = survey.request, survey.question
        infos = _among(request, self.infos(question.filters), question.language)
        filters = question.filters
        if request.among and infos:  # no path at all would restrict nothing
            filters = replace(filters, paths=tuple(info.path for info in infos))
        subjects = self._subjects(request, filters, question.language)
        least = 0.0 if request.kind is not None else _HELD
        topics = [subject.topic for subject in subjects]
        ids, others = self.retriever.everything(topics, least, _NEAREST)
        reader, read = Reader(request, subjects, self.qa_model), 0
        yield SurveyProgress(0, len(ids))
        while read < len(ids) and not stop():
            batch = ids[read : read + _BATCH]
            reader.read(self.retriever.passages(batch))
            read += len(batch)
            yield SurveyProgress(read, len(ids))
        # things of a kind are known by their form, in every passage
        estimates = self.qa_model is not None and request.kind is None and read == len(ids)
        expected = (
            reader.doubt * _MISSED + self._outside(reader, others, stop) if estimates else None
        )
        return Outcome(reader.found, infos, read, len(ids), expected)

    def _subjects(self, request: Request, filters: Filters, language: str) -> list[Wanted]:
        """Returns the subject, then its other names of which the library knows the words."""
        text = request.topic or request.label
        names = same_names(text, language)
        topic = self.analyze(text, filters, language)
        subjects = [Wanted.of(topic, text, translate=not names)]
        for name, code in names:
            topic = self.analyze(name, filters, code)
            # a word that nobody knows is read as one that sounds like it: «WWII» as «wish»
            if set(WORD.findall(fold(name))) <= set(WORD.findall(fold(topic.query))):
                subjects.append(Wanted.of(topic, name, translate=False))
        return subjects

    def _outside(self, reader: Reader, others: Sequence[int], stop: Stop) -> float:
        """Returns how many of the passages that were not read may say it, by a sample of them."""
        if not others or stop():
            return 0.0
        chosen = random.Random(len(others)).sample(  # noqa: S311 - the same sample each time
            others, min(_SAMPLE, len(others))
        )
        doubts = reader.doubts(self.retriever.passages(chosen))
        return _MISSED * len(others) * sum(doubts) / max(1, len(doubts))


def _among(request: Request, infos: Sequence[DocumentInfo], language: str) -> list[DocumentInfo]:
    """Returns the documents that are called what the request names; all where none is."""
    wanted = set(search_terms(request.among, language))
    named = [
        info
        for info in infos
        if wanted & set(search_terms(f"{info.title} {info.path}", info.language))
    ]
    return named if wanted and named else list(infos)
