"""What is known of an answer before it is written, for a question of several parts too."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rag.answering.answer_span import ShortAnswer, short_answer
from rag.answering.calibration import Calibration
from rag.answering.composing import Composition, Material, Piece, compose, distinct
from rag.answering.evidence import Evidence
from rag.answering.extractive_answer import NAME, yes_or_no
from rag.answering.layout import LayoutOf
from rag.answering.prepared import Prepared
from rag.answering.prompts import NOT_FOUND, STOPPED
from rag.answering.tables.requests import ARITHMETIC, request_of, says_operation
from rag.config import Settings
from rag.schema import (
    Answer,
    AnswerType,
    Block,
    BlockKind,
    Citation,
    Intent,
    Passage,
    Question,
    Sentence,
    Span,
)
from rag.text import sanitize

TOPIC = re.compile(r"\s*\([^()]*\)\??$")
"""What a part of a question took over from the part before it."""


_FIGURES = (AnswerType.AMOUNT, AnswerType.MONEY, AnswerType.PERCENT, AnswerType.TIME)
_WORD_CONFIDENCE = 0.6  # below it yes or no is left to the reader of the quote
_UNREAD = Prepared(())  # while everything has yet to be read


@dataclass(frozen=True, slots=True)
class PartFindings:
    """What answers one question: its passages, their sentences, and what was composed of them."""

    question: Question
    passages: tuple[Passage, ...]
    evidence: Evidence
    composition: Composition
    short: str | None
    found: bool
    confidence: float


@dataclass(frozen=True, slots=True)
class Findings:
    """What is known of an answer before a word of it is written; evidence is best first."""

    question: Question
    passages: tuple[Passage, ...]
    evidence: tuple[Sentence, ...]
    composition: Composition
    short: str | None
    found: bool
    confidence: float
    signals: Mapping[str, float]
    flagged: tuple[int, ...]
    seconds: Mapping[str, float]
    prepared: Prepared | None = None
    """What is said as it stands: computed, counted, or where no evidence is needed."""

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

    def as_prepared(self, prepared: Prepared) -> Answer:
        """Returns what was prepared as the finished answer."""
        return replace(
            self.answer(NAME, (), ()),
            blocks=prepared.blocks,
            citations=prepared.citations,
            short=prepared.short,
            confidence=prepared.confidence,
            found=prepared.found,
        )

    def refusal(self, stopped: bool = False) -> Block:
        """Returns the words for no answer: the documents do not hold it, or writing was stopped."""
        text = (STOPPED if stopped else NOT_FOUND)[self.question.language]
        return Block(BlockKind.REFUSAL, text)


def prepared_findings(
    question: Question,
    prepared: Prepared = _UNREAD,
    passages: Sequence[Passage] = (),
    seconds: Mapping[str, float] | None = None,
) -> Findings:
    """Returns what is known of an answer that is complete before it is written."""
    spent = {"total": 0.0} if seconds is None else {**seconds, "total": sum(seconds.values())}
    nothing, found = Composition(), tuple(passages)
    flagged = _suspicious(found)
    return Findings(question, found, (), nothing, None, True, 1.0, {}, flagged, spent, prepared)


def part_findings(
    question: Question,
    passages: Sequence[Passage],
    evidence: Evidence,
    layout_of: LayoutOf,
    calibration: Calibration,
    settings: Settings,
) -> PartFindings:
    """Returns what is composed of the evidence, if it is sure enough."""
    most, compare = settings.max_sentences, evidence.compare
    material = Material(question, evidence.sentences, passages, layout_of, most, compare)
    composition = compose(material)
    confidence = evidence.confidence(composition.unsaid)
    confident = composition.sure or confidence >= settings.min_confidence
    if not composition.sure and confidence < _WORD_CONFIDENCE:
        composition = replace(composition, yes=None)
    found = confident and bool(composition.pieces) and not _asks_unknown(question)
    if not found:
        material, composition = replace(material, sentences=()), Composition()
    short = short_answer(material, composition, calibration)
    spans = _answer_spans(material.sentences, short)
    marked = tuple(
        replace(passage, answer_span=spans.get(index)) for index, passage in enumerate(passages)
    )
    words = None if short is None else short.text
    return PartFindings(question, marked, evidence, composition, words, found, confidence)


def said_or_none(part: PartFindings) -> PartFindings:
    """Returns what answers, without what only holds figures to compute with.

    Where a sum or a difference is asked for and none could be computed for sure, only words that
    say one answer: «en total».
    """
    question, pieces = part.question, part.composition.pieces
    operation = request_of(question).operation
    computes = question.intent is Intent.COMPUTATION or question.answer_type in _FIGURES
    if not computes or operation not in ARITHMETIC or not pieces:
        return part
    if any(says_operation(operation, _quoted(part, piece)) for piece in pieces):
        return part
    return replace(part, composition=Composition(), short=None, found=False)


def _quoted(part: PartFindings, piece: Piece) -> str:
    chunk = part.passages[piece.passage].chunk
    return chunk.text[max(0, piece.span[0] - chunk.start) : piece.span[1] - chunk.start]


def _asks_unknown(question: Question) -> bool:
    """Tells whether it asks for an identifier that is nowhere in the library.

    A comparison may still have one side.
    """
    return bool(question.subject.absent) and question.intent != Intent.COMPARISON


def _answer_spans(
    sentences: Sequence[Sentence], short: ShortAnswer | None
) -> dict[int, Span | None]:
    """Returns where in each passage the answer stands: the short answer, else the best sentence."""
    spans: dict[int, Span | None] = {}
    for sentence in sentences:
        spans.setdefault(sentence.passage, (sentence.start, sentence.end))
    if short is not None:
        spans[short.passage] = short.span
    return spans


def joined(
    question: Question, parts: Sequence[PartFindings], seconds: Mapping[str, float]
) -> Findings:
    """Returns the findings of all parts as one; what one part leaves open is said as such."""
    passages, places = _passages(parts)
    answered = [part for part in parts if part.found]
    surest = answered or parts
    pieces = [
        replace(piece, passage=places[index][piece.passage])
        for index, part in enumerate(parts)
        for piece in part.composition.pieces
    ]
    open_parts = [
        TOPIC.sub("", part.question.query) for part in parts if answered and not part.found
    ]
    yes = parts[0].composition.yes if len(parts) == 1 else None
    word = yes_or_no(yes, question.language)
    return Findings(
        question=question,
        passages=passages,
        evidence=_evidence(parts, places),
        composition=Composition(distinct(pieces), yes, tuple(open_parts)),
        short=word or (parts[0].short if len(parts) == 1 else None),
        found=bool(answered),
        confidence=min((part.confidence for part in surest), default=0.0),
        signals=surest[0].evidence.signals,
        flagged=_suspicious(passages),
        seconds=seconds,
    )


def _passages(
    parts: Sequence[PartFindings],
) -> tuple[tuple[Passage, ...], list[dict[int, int]]]:
    """Returns the passages of all parts, each once, and where those of each part went."""
    passages: list[Passage] = []
    known: dict[int, int] = {}
    places: list[dict[int, int]] = []
    for part in parts:
        places.append({})
        for index, passage in enumerate(part.passages):
            if passage.chunk.id not in known:
                known[passage.chunk.id] = len(passages)
                passages.append(passage)
            places[-1][index] = known[passage.chunk.id]
    return tuple(passages), places


def _evidence(
    parts: Sequence[PartFindings], places: Sequence[Mapping[int, int]]
) -> tuple[Sentence, ...]:
    """Returns the sentences of all parts, best first, by the passages of the whole."""
    found = [
        replace(sentence, passage=places[index][sentence.passage])
        for index, part in enumerate(parts)
        for sentence in part.evidence.sentences
    ]
    if len(parts) == 1:
        return tuple(found)
    return tuple(sorted(found, key=lambda sentence: -sentence.score))


def _suspicious(passages: Sequence[Passage]) -> tuple[int, ...]:
    """Returns the indices of the passages that hide characters or forge a chat."""
    return tuple(
        index
        for index, passage in enumerate(passages)
        if sanitize.suspicious(f"{passage.title}\n{passage.chunk.text}")
    )
