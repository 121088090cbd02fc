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
    Models,
    load_calibration,
    logistic,
)
from rag.answering.candidates import Candidate, candidates
from rag.answering.layout import LayoutOf
from rag.answering.subject_binding import is_exact, names_another
from rag.protocols import Embedder, QAModel, probability
from rag.retrieval import query_vector
from rag.schema import Intent, Passage, Question, Sentence

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
READING_FEATURES = (  # of a sentence that the QA model has read by itself, under its heading
    "first",  # the probability before
    "read_relevant",  # that it is about what is asked
    "read_answers",  # that it answers
)
QA_SIGNALS = ("relevance", "answerable", "span")
ANSWER_FEATURES = (
    "best",  # the score of the best sentence
    "lead",  # by how much that is above the best one of another document
    "covers",  # the highest of these three features of a sentence
    "passage",
    "rarest",
    "best_covers",  # these of the best sentence
    "best_binds",
    "best_kind",
    "best_rarest",
    "best_span",
    "best_relevant",
    "best_answers",
    "keyword",  # the highest BM25 score, by the weight of the question
    "known",  # share of the question's words that occur in the library
    "explains",  # 1 where an explanation is wanted, which no few words give
    *QA_SIGNALS,  # the highest probabilities of the QA model; 0 without one
)

FOREIGN_SHARE = 0.6
"""Share of its score by which a sentence in another language than the question's is ranked."""

READ_AGAIN = 5
"""Best sentences that the QA model reads again: a pass over some 40 words each."""

_FACTUAL = (Intent.FACT, Intent.TABLE, Intent.YES_NO, Intent.COMPUTATION)
_UNREAD = 0.5  # of the least score of those that were read: the others stay behind them


@dataclass(frozen=True, slots=True)
class Evidence:
    """Sentences best first, and the probability that the best one answers."""

    question: Question
    sentences: tuple[Sentence, ...]
    confidence: float
    signals: Features
    features: tuple[Features, ...] = ()  # of each sentence, in the same order


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
            self._add_nearness(question, [one for one in found if foreign[id(one)]])
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
        ranked = tuple(replace(found[index].sentence, score=scores[index]) for index in order)
        features = tuple(found[index].features for index in order)
        signals = _signals(question, passages, ranked, features)
        case = "cross" if signals["foreign"] else question.language  # their signals differ
        model = models.get(f"answer-{case}", models["answer"])
        confidence = logistic(model, signals) if ranked else 0.0
        return Evidence(question, ranked, confidence, signals, features)

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
        predictions = model.read(question.query, [one.reading.text for one in head])
        scores = []
        for one, prediction in zip(head, predictions, strict=True):
            span = one.reading.in_document(prediction.start, prediction.end)
            answers, words = probability(prediction.answerable), probability(prediction.score)
            one.sentence = replace(one.sentence, words=span, answers=answers, span_score=words)
            one.features["read_relevant"] = probability(prediction.relevance)
            one.features["read_answers"] = answers
            name = "again-cross" if foreign[id(one)] else "again"
            scores.append(logistic(models[name], one.features))
        floor = min(scores)
        rest = [min(floor, one.features["first"]) * _UNREAD for one in found[READ_AGAIN:]]
        return scores + rest

    def _add_nearness(self, question: Question, found: Sequence[Candidate]) -> None:
        """Sets `near` only where the words cannot meet: it costs a forward pass."""
        if not found:
            return
        vector = query_vector(question, self._embedder)
        rows = self._embedder.encode_documents([one.sentence.text for one in found])
        for one, cosine in zip(found, rows @ vector, strict=True):
            one.features["near"] = float(cosine)


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
    if not is_exact(subject):
        return _named(question, passages, found)
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

    def highest(signal: str) -> float:
        return max((getattr(passage.signals, signal) or 0.0 for passage in passages), default=0.0)

    def most(feature: str) -> float:
        return max((values[feature] for values in features), default=0.0)

    def best(feature: str) -> float:
        return features[0].get(feature, 0.0) if features else 0.0

    return {
        "best": ranked[0].score if ranked else 0.0,
        "lead": _lead(passages, ranked),
        "covers": most("covers"),
        "passage": most("passage"),
        "rarest": most("rarest"),
        "best_covers": best("with_headings"),
        "best_binds": best("binds"),
        "best_kind": best("right_kind"),
        "best_rarest": best("rarest_here"),
        "best_span": best("span"),
        "best_relevant": best("read_relevant"),
        "best_answers": best("read_answers"),
        "keyword": highest("keyword") / (sum(question.terms.weights) or 1.0),
        "known": question.terms.known,
        "explains": float(question.intent not in _FACTUAL),
        "foreign": float(bool(passages) and passages[0].chunk.language != question.language),
        **{name: highest(name) for name in QA_SIGNALS},
    }


def _lead(passages: Sequence[Passage], ranked: Sequence[Sentence]) -> float:
    """Returns how far the best sentence is above the best one of another passage."""
    if not ranked:
        return 0.0
    first = ranked[0].passage
    others = (sentence.score for sentence in ranked if sentence.passage != first)
    return ranked[0].score - max(others, default=0.0)
