"""Which sentences of the passages answer a question, and whether any of them does.

A sentence is scored by the share of the question's information it covers (inverse document
frequency), by what its passage, headings and neighbours cover, and by whether it holds the kind of
thing that is asked for (a date, a number, a name). Across languages words do not meet, so vectors
of the sentences stand in. Where the QA model has read the passages, its predictions count too.
Logistic models turn the features into probabilities, others with a QA model than without.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rag.answering.calibration import Calibration, Features, load_calibration, logistic
from rag.answering.question_types import defines, holds_kind
from rag.answering.table_rows import names_columns, row_label
from rag.protocols import Embedder
from rag.retrieval.coverage import sentence_terms, with_neighbours
from rag.schema import Passage, Question, Sentence
from rag.text import search_terms

# Features are fitted by name: dictionaries hold them, and calibration.json their weights. All lie
# in [0, 1], but for cosines and `keyword`. «Covers»: holds that share of the question's weight.
SENTENCE_FEATURES = (
    "covers",  # what the sentence covers
    "with_neighbours",  # what it covers with the sentences before and behind
    "with_headings",  # what it covers with the title and headings of its passage
    "right_kind",  # 1 where it may hold the kind of thing asked for, or none is named
    "defines",  # 1 where a definition is asked for and it gives one, 0.5 where it may
    "rank",  # 1 / position of its passage
    "passage",  # what its whole passage covers
    "rarest",  # share of the question's rarest words in its passage
    "length",  # its different search terms, at most LONGEST_SENTENCE, as a share of that
    "label",  # of a table's row: how much of the cell that names it the question says
    "near",  # cosine to the question, of sentences in the other language
    "span",  # share of the QA model's span that lies in it, by how surely that answers
)
QA_SIGNALS = ("relevance", "answerable", "span")
ANSWER_FEATURES = (
    "best",  # the score of the best sentence
    "covers",  # the highest of these three features of a sentence
    "passage",
    "rarest",
    "keyword",  # the highest BM25 score, by the weight of the question
    "dense",  # the highest cosine of a passage
    "known",  # share of the question's words that occur in the library
    *QA_SIGNALS,  # the highest probabilities of the QA model; 0 without one
)
LONGEST_SENTENCE = 40

FOREIGN_SHARE = 0.6
"""Share of its score by which a sentence in another language than the question's is ranked."""

_FEWEST_WORDS = 3  # that make a sentence worth quoting
_WORD = re.compile(r"[^\W\d_]{2,}|\d[\d.,]*\d|\d")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Sentences best first, and the probability that the passages hold the answer."""

    sentences: tuple[Sentence, ...]
    confidence: float
    signals: Features
    features: tuple[Features, ...] = ()  # of each sentence, in the same order


class EvidenceScorer:
    """Scores sentences; the embedder compares those in another language than the question's."""

    def __init__(self, embedder: Embedder, calibration: Calibration | None = None) -> None:
        self._embedder = embedder
        self._calibration = calibration or load_calibration()

    @property
    def short_threshold(self) -> float:
        """Returns the least probability of an answer for which the QA model's span is shown."""
        return self._calibration.short_threshold

    def score(self, question: Question, passages: Sequence[Passage]) -> Evidence:
        """Returns every sentence of the passages once, though chunks overlap, with its score."""
        sentences, features = _candidates(question, passages)
        _add_spans(passages, sentences, features)
        read = any(passage.signals.answerable is not None for passage in passages)
        models = self._calibration.models(read)
        languages = [passages[sentence.passage].chunk.language for sentence in sentences]
        foreign = [language != question.language for language in languages]
        if models["cross"].get("near"):
            self._add_nearness(question, sentences, features, foreign)
        scored = [
            (
                replace(sentence, score=logistic(models["cross" if other else "same"], values)),
                values,
            )
            for sentence, other, values in zip(sentences, foreign, features, strict=True)
        ]
        scored.sort(key=lambda pair: -pair[0].score * _share(question, passages[pair[0].passage]))
        ranked = tuple(sentence for sentence, _ in scored)
        signals = _signals(question, passages, ranked, features)
        case = "cross" if signals["foreign"] else question.language  # their signals differ
        model = models.get(f"answer-{case}", models["answer"])
        confidence = logistic(model, signals) if ranked else 0.0
        return Evidence(ranked, confidence, signals, tuple(values for _, values in scored))

    def _add_nearness(
        self,
        question: Question,
        sentences: Sequence[Sentence],
        features: Sequence[dict[str, float]],
        foreign: Sequence[bool],
    ) -> None:
        """Sets `near` only where the words cannot meet: it costs a forward pass."""
        indices = [index for index, other in enumerate(foreign) if other]
        if not indices:
            return
        vector = self._embedder.encode_queries([question.query])[0]
        rows = self._embedder.encode_documents([sentences[index].text for index in indices])
        for index, cosine in zip(indices, rows @ vector, strict=True):
            features[index]["near"] = float(cosine)


def _candidates(
    question: Question, passages: Sequence[Passage]
) -> tuple[list[Sentence], list[dict[str, float]]]:
    """Returns the sentences that can be quoted, each once, and the features of each."""
    sentences: list[Sentence] = []
    features: list[dict[str, float]] = []
    seen: set[tuple[int, int]] = set()
    for index, passage in enumerate(passages):
        for sentence, values in _sentences(question, index, passage):
            key = (passage.chunk.document_id, sentence.start)
            if key not in seen:
                seen.add(key)
                sentences.append(sentence)
                features.append(values)
    return sentences, features


def _sentences(
    question: Question, index: int, passage: Passage
) -> Iterator[tuple[Sentence, dict[str, float]]]:
    """Yields the sentences of one passage that can be quoted, with their features."""
    chunk, terms = passage.chunk, question.terms
    spans, terms_of_sentences = sentence_terms(chunk)
    header = set(search_terms(" ".join((passage.title, *chunk.headings)), chunk.language))
    everything = header.union(*terms_of_sentences)
    whole, rarest = terms.covered(everything), terms.rarest(everything)
    texts = [chunk.text[start:end] for start, end in spans]
    for (text, following), (start, end), (alone, around) in zip(
        pairwise((*texts, "")), spans, with_neighbours(terms_of_sentences), strict=True
    ):
        if not _quotable(text, passage) or names_columns(text, following):
            continue
        label = search_terms(row_label(text) or "", chunk.language)
        yield (
            Sentence(index, chunk.start + start, chunk.start + end, text),
            {
                "covers": terms.covered(alone),
                "with_neighbours": terms.covered(around),
                "with_headings": terms.covered(alone | header),
                "right_kind": float(holds_kind(question.query, text)),
                "defines": defines(question.query, text),
                "rank": 1 / (1 + index),
                "passage": whole,
                "rarest": rarest,
                "length": min(len(alone), LONGEST_SENTENCE) / LONGEST_SENTENCE,
                "label": terms.share_of(label),
                "near": 0.0,
                "span": 0.0,
            },
        )


def _add_spans(
    passages: Sequence[Passage],
    sentences: Sequence[Sentence],
    features: Sequence[dict[str, float]],
) -> None:
    """Sets `span`; a sentence in two overlapping passages is read twice: the better one counts."""
    for passage in passages:
        if passage.answer_span is None:
            continue
        start, end = passage.answer_span
        document, answerable = passage.chunk.document_id, passage.signals.answerable or 0.0
        for sentence, values in zip(sentences, features, strict=True):
            shared = min(end, sentence.end) - max(start, sentence.start)
            if shared > 0 and passages[sentence.passage].chunk.document_id == document:
                values["span"] = max(values["span"], answerable * shared / (end - start))


def _share(question: Question, passage: Passage) -> float:
    """Returns less for another language: it goes second where two sentences say the same."""
    return 1.0 if passage.chunk.language == question.language else FOREIGN_SHARE


def _quotable(text: str, passage: Passage) -> bool:
    """Tells whether a text is a sentence: no heading, lone number or scrap."""
    words = _WORD.findall(text)
    bare = text.strip(" #.:").casefold()
    names = [name.strip(" #.:").casefold() for name in (passage.title, *passage.chunk.headings)]
    # «7. Costes» reads as two sentences: the second is still the heading
    return len(words) >= _FEWEST_WORDS and not any(name.endswith(bare) for name in names)


def _signals(
    question: Question,
    passages: Sequence[Passage],
    ranked: Sequence[Sentence],
    features: Sequence[Features],
) -> dict[str, float]:
    def highest(signal: str) -> float:
        return max((getattr(passage.signals, signal) or 0.0 for passage in passages), default=0.0)

    def best(feature: str) -> float:
        return max((values[feature] for values in features), default=0.0)

    return {
        "best": ranked[0].score if ranked else 0.0,
        "covers": best("covers"),
        "passage": best("passage"),
        "dense": highest("dense"),
        "rarest": best("rarest"),
        "keyword": highest("keyword") / (sum(question.terms.weights) or 1.0),
        "known": question.terms.known,
        "foreign": float(bool(passages) and passages[0].chunk.language != question.language),
        **{name: highest(name) for name in QA_SIGNALS},
    }
