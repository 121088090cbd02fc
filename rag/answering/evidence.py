"""How well sentences answer a question, and whether the passages hold an answer at all.

A sentence is scored by the share of the question's information it covers (inverse document
frequency), by what its passage, headings and neighbours cover, by how its passage was found, and by
whether it holds the kind of thing that is asked for (a date, a number, a name). The best few are
compared with the question by their vectors, each under its title and headings, and ordered anew:
people seldom ask in the words of the text. Where there is a QA model, its predictions on passages
count, and it reads the best sentences again. Logistic models turn the features into probabilities,
others with a QA model than without.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from rag.answering.calibration import (
    Calibration,
    Features,
    LogisticModel,
    load_calibration,
    log_odds,
    logistic,
)
from rag.answering.candidates import Candidate, candidates
from rag.answering.layout import LayoutOf
from rag.answering.polarity import affirmed, asks_whether
from rag.answering.subject_candidates import about_subject
from rag.models import same_weights
from rag.protocols import Compare, Embedder, QAModel, SentenceSelector, Vectors, probability
from rag.retrieval import query_vector
from rag.schema import Intent, Passage, Question, Sentence
from rag.text.facts import NEGATION

# Features are fitted by name: dictionaries hold them, and calibration.json their weights. All lie
# in [0, 1], but for cosines and `keyword`. «Covers»: holds that share of the question's weight.
SENTENCE_FEATURES = (
    "covers",  # what the sentence covers; a row with the names of its columns
    "with_neighbours",  # what it covers with the sentences before and behind
    "with_headings",  # what it covers with the title and headings of its passage
    "right_kind",  # 1 where it may hold the kind of thing asked for, or none is named
    "defines",  # 1 where a definition is asked for and it gives one, 0.5 where it may
    "rank",  # 1 / position of its passage
    "passage",  # what its whole passage covers
    "rarest_here",  # share of them that it, or its headings, hold
    "length",  # its different search terms, at most LONGEST_SENTENCE, as a share of that
    "label",  # of a table's row: how much of the cell that names it the question says
    "binds",  # how much of what the question is about it names, with what stands above it
    "span",  # share of the QA model's span that lies in it, by how surely that answers
    "foreign",  # 1 where it is in another language than the question
    "dense",  # cosine of its passage to the question
    "fused",  # score of its passage by words and vector together
    "relevant",  # that its passage is about what is asked, by the QA model
    "answerable",  # that its passage answers, by the QA model
)
NEAR = "near"  # cosine to the question of a sentence under its title and headings: the best few
READING_FEATURES = ("read_answers",)  # that it answers, read by the QA model under its heading
QA_FEATURES = ("answers", "answerable")
ANSWER_FEATURES = (
    "best",  # log-odds of the score of the best sentence
    "near",  # its cosine to the question
    "binds",  # these features of it
    "covers",
    "known",  # share of the question's words that occur in the library
    "explains",  # 1 where an explanation is wanted, which no few words give
    *QA_FEATURES,  # log-odds that it answers, and that the likeliest passage does
    "unsaid",  # share of what the question names that what was composed leaves unsaid
)

COMPARED = 8
"""Best sentences that are compared by their vectors: a pass over some 40 words each."""

READ_AGAIN = 3
"""Best sentences that the QA model reads again."""

_FACTUAL = (Intent.FACT, Intent.TABLE, Intent.YES_NO, Intent.COMPUTATION)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Sentences best first, and what says whether an answer made of them is right."""

    question: Question
    sentences: tuple[Sentence, ...]
    signals: Features
    model: LogisticModel  # gives the confidence
    features: tuple[Features, ...] = ()  # of each sentence, in the same order
    compare: Compare | None = None  # the selector with the question, where it compared them

    def confidence(self, unsaid: float = 0.0) -> float:
        """Returns the probability that an answer is right that leaves so much unsaid."""
        signals = {**self.signals, "unsaid": unsaid}
        return logistic(self.model, signals) if self.sentences else 0.0


class EvidenceScorer:
    """Scores sentences; the embedder compares the best of them with the question."""

    def __init__(
        self,
        embedder: Embedder,
        calibration: Calibration | None = None,
        qa_model: QAModel | None = None,
        selector: SentenceSelector | None = None,
    ) -> None:
        """With `qa_model` the best sentences are read again, each by itself.

        They are compared by the `selector` or the `embedder`, whichever the models were fitted on.
        """
        self._embedder = embedder
        self._selector = selector
        self._qa_model = qa_model
        self._calibration = calibration or load_calibration()
        self._fitted_embedder = same_weights(embedder.fingerprint, self._calibration.embedder)

    @property
    def qa_model(self) -> QAModel | None:
        """Returns the model that reads sentences, if there is one."""
        return self._qa_model

    @property
    def calibration(self) -> Calibration:
        """Returns the fitted models."""
        return self._calibration

    def score(
        self, question: Question, passages: Sequence[Passage], layout_of: LayoutOf
    ) -> Evidence:
        """Returns every sentence of the passages once, though chunks overlap, with its score."""
        found = about_subject(question, passages, candidates(question, passages, layout_of))
        _add_spans(passages, found)
        self._add_passages(question, passages, found)
        read = _is_read(passages)
        self._order(question, passages, found, read)
        if self._qa_model is not None:
            self._read_again(question, self._qa_model, found[:READ_AGAIN])
        self._add_polarity(question, found[:COMPARED])
        ranked = tuple(one.sentence for one in found)
        features = tuple(one.features for one in found)
        signals = _signals(question, passages, ranked, features)
        kind = "answer-cross" if signals["foreign"] else "answer"
        model = self._calibration.models(read)[kind]
        selector = self._fitted_selector(read)
        compare = partial(selector.cosines, question.query) if selector else None
        return Evidence(question, ranked, signals, model, features, compare)

    def _fitted_selector(self, read: bool) -> SentenceSelector | None:
        """Returns the selector where the models were fitted on it."""
        fitted, _ = self._calibration.compared_by(read)
        selector = self._selector
        return selector if selector and same_weights(selector.fingerprint, fitted) else None

    def _add_passages(
        self, question: Question, passages: Sequence[Passage], found: Sequence[Candidate]
    ) -> None:
        """Sets what a sentence has from its passage; vectors that did not find one count least."""
        cosines = [passage.signals.dense for passage in passages if passage.signals.dense]
        usual = self._calibration.usual_near
        least = min(cosines, default=usual)
        for one in found:
            passage = passages[one.sentence.passage]
            signals = passage.signals
            one.features |= {
                "foreign": float(passage.chunk.language != question.language),
                "dense": (signals.dense or least) if self._fitted_embedder else usual,
                "fused": signals.fused,
                "relevant": signals.relevance or 0.0,
                "answerable": signals.answerable or 0.0,
            }

    def _order(
        self,
        question: Question,
        passages: Sequence[Passage],
        found: list[Candidate],
        read: bool,
    ) -> None:
        """Sorts the candidates best first and sets their scores; the best few are compared.

        Those that were not compared keep their order behind the others.
        """
        models = self._calibration.models(read)
        for one in found:
            one.sentence = replace(one.sentence, score=logistic(models["sentence"], one.features))
        found.sort(key=lambda one: -one.sentence.score)
        head, rest = found[:COMPARED], found[COMPARED:]
        cosines = self._cosines(question, [_under_headings(one, passages) for one in head], read)
        for one, cosine in zip(head, cosines, strict=True):
            one.features[NEAR] = float(cosine)
            one.sentence = replace(one.sentence, score=logistic(models["compared"], one.features))
        if question.intent is Intent.DEFINITION:
            _put_named_first(head)
        head.sort(key=lambda one: -one.sentence.score)
        floor = head[-1].sentence.score if head else 0.0
        for one in rest:
            one.sentence = replace(one.sentence, score=min(floor, one.sentence.score))
        found[:] = head + rest

    def _cosines(
        self, question: Question, texts: Sequence[str], read: bool
    ) -> Sequence[float] | Vectors:
        """Returns each text's cosine to the question; the usual one where no model here is fit."""
        fitted, usual = self._calibration.compared_by(read)
        if texts and (selector := self._fitted_selector(read)):
            return selector.cosines(question.query, texts)
        if texts and same_weights(self._embedder.fingerprint, fitted):
            rows = self._embedder.encode_documents(texts)
            return np.asarray(rows @ query_vector(question, self._embedder))
        return [usual] * len(texts)

    def _read_again(self, question: Question, model: QAModel, found: Sequence[Candidate]) -> None:
        """Sets what the QA model says of sentences that it reads each by itself."""
        predictions = model.read(question.query, [one.reading.text for one in found])
        for one, prediction in zip(found, predictions, strict=True):
            span = one.reading.in_document(prediction.start, prediction.end)
            answers, words = probability(prediction.answerable), probability(prediction.score)
            one.sentence = replace(one.sentence, words=span, answers=answers, span_score=words)
            one.features["read_answers"] = answers

    def _add_polarity(self, question: Question, found: Sequence[Candidate]) -> None:
        """Sets how surely each says yes, where yes or no is asked; `found` are the best.

        Of those that were not read again only what denies something is looked at.
        """
        model = self._calibration.polarity
        if model is None or not self._fitted_embedder or not asks_whether(question):
            return
        denying = (one for one in found[READ_AGAIN:] if NEGATION.search(one.sentence.text))
        chosen = [*found[:READ_AGAIN], *denying]
        texts = [one.sentence.text for one in chosen]
        chances = affirmed(question, texts, self._embedder, model) if texts else []
        for one, chance in zip(chosen, chances, strict=True):
            one.sentence = replace(one.sentence, affirms=chance)


def _put_named_first(found: Sequence[Candidate]) -> None:
    """Lowers the scores of sentences that say nothing of what is defined to the others' least.

    «Introdujo el tipo NF4» under the heading «QLoRA» is near to «¿Qué es QLoRA?».
    """
    named = [one.sentence.score for one in found if one.features["covers"]]
    for one in found:
        if named and not one.features["covers"]:
            one.sentence = replace(one.sentence, score=min(one.sentence.score, *named))


def _under_headings(one: Candidate, passages: Sequence[Passage]) -> str:
    """Returns a sentence as passages are embedded: under its title and headings."""
    passage = passages[one.sentence.passage]
    return replace(passage.chunk, text=one.sentence.text).for_embedding(passage.title)


def _is_read(passages: Sequence[Passage]) -> bool:
    """Tells whether the QA model has read the passages."""
    return any(passage.signals.answerable is not None for passage in passages)


def _add_spans(passages: Sequence[Passage], found: Sequence[Candidate]) -> None:
    """Sets `span`; a sentence in two overlapping passages is read twice: the better one counts."""
    for passage in passages:
        if passage.answer_span is None:
            continue
        start, end = passage.answer_span
        document, answerable = passage.chunk.document_id, passage.signals.answerable or 0.0
        for one in found:
            shared = min(end, one.sentence.end) - max(start, one.sentence.start)
            if shared > 0 and passages[one.sentence.passage].chunk.document_id == document:
                share = answerable * shared / (end - start)
                one.features["span"] = max(one.features["span"], share)


def _signals(
    question: Question,
    passages: Sequence[Passage],
    ranked: Sequence[Sentence],
    features: Sequence[Features],
) -> dict[str, float]:
    """Returns what the confidence is made of; `features` are those of the `ranked` sentences."""

    best = features[0] if features else {}
    answerable = max((passage.signals.answerable or 0.0 for passage in passages), default=0.0)
    return {
        "best": log_odds(ranked[0].score if ranked else 0.0),
        "near": best.get("near", 0.0),
        "binds": best.get("binds", 0.0),
        "covers": best.get("with_headings", 0.0),
        "known": question.terms.known,
        "explains": float(question.intent not in _FACTUAL),
        "answers": log_odds(best.get("read_answers", 0.0)),
        "answerable": log_odds(answerable),
        "foreign": float(bool(passages) and passages[0].chunk.language != question.language),
    }
