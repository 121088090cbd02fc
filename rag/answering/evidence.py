"""How well sentences answer a question, and whether the passages hold an answer at all.

A sentence is scored by the share of the question's information it covers (inverse document
frequency), by what its passage, headings and neighbours cover, and by whether it holds the kind of
thing that is asked for (a date, a number, a name). Across languages words do not meet, so vectors
of the sentences stand in. Where there is a QA model, its predictions on passages count, and it
reads the best sentences again, each under its heading. Logistic models turn the features into
probabilities, others with a QA model than without.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rag.answering.calibration import (
    Calibration,
    Features,
    LogisticModel,
    Models,
    load_calibration,
    log_odds,
    logistic,
)
from rag.answering.candidates import Candidate, candidates
from rag.answering.layout import LayoutOf
from rag.answering.linear_model import same_weights
from rag.answering.question_types import CONTACTS
from rag.answering.subject_binding import is_exact, names_another
from rag.protocols import Embedder, QAModel, probability
from rag.retrieval import query_vector
from rag.schema import Intent, Passage, Question, Sentence
from rag.text import search_terms

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
    "rarest",  # share of the question's rarest words in its passage
    "rarest_here",  # share of them that it, or its headings, hold
    "length",  # its different search terms, at most LONGEST_SENTENCE, as a share of that
    "label",  # of a table's row: how much of the cell that names it the question says
    "binds",  # how much of what the question is about it names, with what stands above it
    "near",  # cosine to the question, of sentences in the other language
    "span",  # share of the QA model's span that lies in it, by how surely that answers
)
READING_FEATURES = (  # log-odds of a sentence that the QA model has read under its heading
    "first",  # that it answers, by what was known before
    "read_relevant",  # that it is about what is asked
    "read_answers",  # that it answers
)
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

FOREIGN_SHARE = 0.6
"""Share of its score by which a sentence in another language than the question's is ranked."""

READ_AGAIN = 3
"""Best sentences that the QA model reads again: a pass over some 40 words each."""

_FACTUAL = (Intent.FACT, Intent.TABLE, Intent.YES_NO, Intent.COMPUTATION)
_UNREAD = 0.5  # of the least score of those that were read: the others stay behind them


@dataclass(frozen=True, slots=True)
class Evidence:
    """Sentences best first, and what says whether an answer made of them is right."""

    question: Question
    sentences: tuple[Sentence, ...]
    signals: Features
    model: LogisticModel  # gives the confidence
    features: tuple[Features, ...] = ()  # of each sentence, in the same order

    def confidence(self, unsaid: float = 0.0) -> float:
        """Returns the probability that an answer is right that leaves so much unsaid."""
        signals = {**self.signals, "unsaid": unsaid}
        return logistic(self.model, signals) if self.sentences else 0.0


class EvidenceScorer:
    """Scores sentences; the embedder compares those in another language than the question's."""

    def __init__(
        self,
        embedder: Embedder,
        calibration: Calibration | None = None,
        qa_model: QAModel | None = None,
    ) -> None:
        """With `qa_model` the best sentences are read again, each by itself."""
        self._embedder = embedder
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
        found = _bound(question, passages, candidates(question, passages, layout_of))
        _add_spans(passages, found)
        read = any(passage.signals.answerable is not None for passage in passages)
        models = self._calibration.models(read)
        foreign = {
            id(one): passages[one.sentence.passage].chunk.language != question.language
            for one in found
        }
        if models["cross"].get("near"):
            self._compare(question, [one for one in found if foreign[id(one)]])
        for one in found:
            one.features["first"] = logistic(
                models["cross" if foreign[id(one)] else "same"], one.features
            )
        found.sort(key=lambda one: -one.features["first"] * _share(foreign[id(one)]))
        scores = [one.features["first"] for one in found]
        if self._qa_model is not None and found and "again" in models:
            scores = self._read_again(question, self._qa_model, found, foreign, models)
        order = sorted(
            range(len(found)), key=lambda index: -scores[index] * _share(foreign[id(found[index])])
        )
        self._add_nearness(question, [found[index] for index in order[:1]])
        ranked = tuple(replace(found[index].sentence, score=scores[index]) for index in order)
        features = tuple(found[index].features for index in order)
        signals = _signals(question, passages, ranked, features)
        if not self._fitted_embedder:  # whose cosines lie otherwise
            signals["near"] = self._calibration.usual_near
        model = models["answer-cross" if signals["foreign"] else "answer"]
        return Evidence(question, ranked, signals, model, features)

    def _read_again(
        self,
        question: Question,
        model: QAModel,
        found: Sequence[Candidate],
        foreign: Mapping[int, bool],
        models: Models,
    ) -> list[float]:
        """Returns the scores of the best sentences after the QA model has read each, then 0s.

        Those that were not read keep their order behind the others.
        """
        head = found[:READ_AGAIN]
        self._add_nearness(question, head)
        predictions = model.read(question.query, [one.reading.text for one in head])
        scores = []
        for one, prediction in zip(head, predictions, strict=True):
            span = one.reading.in_document(prediction.start, prediction.end)
            answers, words = probability(prediction.answerable), probability(prediction.score)
            one.sentence = replace(one.sentence, words=span, answers=answers, span_score=words)
            one.features["read_relevant"] = probability(prediction.relevance)
            one.features["read_answers"] = answers
            name = "again-cross" if foreign[id(one)] else "again"
            scores.append(logistic(models[name], as_read(one.features)))
        floor = min(scores)
        rest = [min(floor, one.features["first"]) * _UNREAD for one in found[READ_AGAIN:]]
        return scores + rest

    def _add_nearness(self, question: Question, found: Sequence[Candidate]) -> None:
        """Sets `near` where it is not; the usual value where the fitted embedder is another."""
        new = [one for one in found if not one.features["near"]]
        if self._fitted_embedder:
            self._compare(question, new)
            return
        for one in new:
            one.features["near"] = self._calibration.usual_near

    def _compare(self, question: Question, found: Sequence[Candidate]) -> None:
        """Sets `near`, the cosine to the question: a forward pass for each sentence."""
        if not found:
            return
        vector = query_vector(question, self._embedder)
        rows = self._embedder.encode_documents([one.sentence.text for one in found])
        for one, cosine in zip(found, rows @ vector, strict=True):
            one.features["near"] = float(cosine)


def as_read(features: Features) -> Features:
    """Returns the features of a sentence with the log-odds of those that are probabilities."""
    return {**features, **{name: log_odds(features[name]) for name in READING_FEATURES}}


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


def _bound(
    question: Question, passages: Sequence[Passage], found: list[Candidate]
) -> list[Candidate]:
    """Returns the sentences about the code or day that is asked for; all where none is asked for.

    One that follows a bound sentence and names no other is still about the same.
    """
    subject = question.subject
    if question.intent == Intent.COMPARISON:
        return found
    if question.answer_type in CONTACTS:
        found = [one for one in found if one.features["right_kind"]]
    if not is_exact(subject):
        return _named(question, passages, _fragment_said(question, passages, found))
    kept: list[Candidate] = []
    about: int | None = None  # the passage whose last sentence was bound
    for one in found:
        passage = one.sentence.passage
        language = passages[passage].chunk.language
        follows = about == passage and not names_another(subject, language, one.sentence.text)
        about = passage if one.features["binds"] > 0 or follows else None
        if about is not None:
            kept.append(one)
    return kept


def _fragment_said(
    question: Question, passages: Sequence[Passage], found: list[Candidate]
) -> list[Candidate]:
    """Returns the sentences that say what a fragment names («¿Y la fianza?»); all if none does."""
    if not question.named:
        return found

    def says(one: Candidate) -> bool:
        language = passages[one.sentence.passage].chunk.language
        return not question.named.isdisjoint(search_terms(one.reading.text, language))

    return [one for one in found if says(one)] or found


def _named(
    question: Question, passages: Sequence[Passage], found: list[Candidate]
) -> list[Candidate]:
    """Returns the sentences that name nothing else of the kind; all where none names it itself."""
    if not any(one.features["binds"] > 0 for one in found):
        return found

    def another(one: Candidate) -> bool:
        language = passages[one.sentence.passage].chunk.language
        return names_another(question.subject, language, one.sentence.text)

    return [one for one in found if not another(one)]


def _share(foreign: bool) -> float:
    """Returns less for another language: it goes second where two sentences say the same."""
    return FOREIGN_SHARE if foreign else 1.0


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
