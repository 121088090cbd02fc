"""Which sentences of the passages answer a question, and whether any of them does.

A sentence is scored by the share of the question's information it covers (inverse document
frequency), by what its passage, headings and neighbours cover, and by whether it holds the kind of
thing that is asked for (a date, a number, a name). Across languages words do not meet, so vectors
of the sentences stand in. Where a reader has read the passages, its verdicts count too. Logistic
models turn this into probabilities, others with a reader than without. Knows nothing about
generators.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rag.answering.calibration import Calibration, Features, load_calibration
from rag.answering.question_types import defines, holds_kind
from rag.answering.table_rows import names_columns, row_label
from rag.protocols import Embedder, probability
from rag.retrieval.coverage import sentence_terms, windows
from rag.schema import Passage, Question, Sentence, Span
from rag.text import search_terms

SENTENCE_FEATURES = (
    "covers",
    "with_neighbours",
    "with_headings",
    "right_kind",
    "defines",
    "rank",
    "passage",
    "rarest",
    "length",
    "label",  # of a table's row: how much of the cell that names it the question says
    "near",
    "span",  # what follows is a reader's; 0 where there is none
)
QA_SIGNALS = ("relevance", "answerable", "span")
ANSWER_FEATURES = (
    "best",
    "covers",
    "passage",
    "rarest",
    "keyword",
    "dense",
    "known",
    *QA_SIGNALS,
)

_FEWEST_WORDS = 3
_WORD = re.compile(r"[^\W\d_]{2,}|\d[\d.,]*\d|\d")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Sentences best first, and the probability that the passages hold the answer."""

    sentences: tuple[Sentence, ...]
    confidence: float
    signals: Features
    features: tuple[Features, ...] = ()  # of each sentence, in the same order


FOREIGN = 0.6  # of its score decides a sentence's place that is in another language


class EvidenceFinder:
    """Scores sentences; the embedder compares those in another language than the question's."""

    def __init__(self, embedder: Embedder, calibration: Calibration | None = None) -> None:
        self._embedder = embedder
        self._calibration = calibration or load_calibration()

    @property
    def short_from(self) -> float:
        """Probability that a passage answers from which a reader's span is the short answer."""
        return self._calibration.short_from

    def find(self, question: Question, passages: Sequence[Passage]) -> Evidence:
        """Scores every sentence of the passages once, though chunks overlap."""
        sentences: list[Sentence] = []
        features: list[dict[str, float]] = []
        seen: set[Span] = set()
        for index, passage in enumerate(passages):
            for sentence, values in self._sentences(question, index, passage):
                key = (passage.chunk.document_id, sentence.start)
                if key not in seen:
                    seen.add(key)
                    sentences.append(sentence)
                    features.append(values)
        _add_spans(passages, sentences, features)
        models = self._calibration.models(
            any(each.signals.answerable is not None for each in passages)
        )
        languages = [passages[each.passage].chunk.language for each in sentences]
        kinds = ["same" if each == question.language else "cross" for each in languages]
        if models["cross"].get("near"):
            foreign = [index for index, kind in enumerate(kinds) if kind == "cross"]
            self._add_nearness(question, sentences, features, foreign)
        scored = [
            (replace(sentence, score=_logistic(models[kind], values)), values)
            for sentence, kind, values in zip(sentences, kinds, features, strict=True)
        ]
        scored.sort(key=lambda pair: -pair[0].score * _share(question, passages[pair[0].passage]))
        ranked = tuple(sentence for sentence, _ in scored)
        signals = _signals(question, passages, ranked, features)
        case = "cross" if signals["foreign"] else question.language  # their signals differ
        model = models.get(f"answer-{case}", models["answer"])
        confidence = _logistic(model, signals) if ranked else 0.0
        return Evidence(ranked, confidence, signals, tuple(values for _, values in scored))

    def _sentences(
        self, question: Question, index: int, passage: Passage
    ) -> Iterator[tuple[Sentence, dict[str, float]]]:
        chunk = passage.chunk
        spans, terms = sentence_terms(chunk)
        header = set(search_terms(" ".join((passage.title, *chunk.headings)), chunk.language))
        everything = header.union(*terms)
        asked = question.terms
        whole, rarest = asked.covered(everything), asked.rarest(everything)
        texts = [chunk.text[start:end] for start, end in spans]
        for (text, following), (start, end), (own, around) in zip(
            pairwise((*texts, "")), spans, windows(terms), strict=True
        ):
            if not _says_something(text, passage) or names_columns(text, following):
                continue
            label = search_terms(row_label(text) or "", chunk.language)
            yield (
                Sentence(index, chunk.start + start, chunk.start + end, text),
                {
                    "covers": asked.covered(own),
                    "with_neighbours": asked.covered(around),
                    "with_headings": asked.covered(own | header),
                    "right_kind": float(holds_kind(question.query, text)),
                    "defines": defines(question.query, text),
                    "rank": 1 / (1 + index),
                    "passage": whole,
                    "rarest": rarest,
                    "length": min(len(own), 40) / 40,
                    "label": asked.share_of(label),
                    "near": 0.0,
                    "span": 0.0,
                },
            )

    def _add_nearness(
        self,
        question: Question,
        sentences: Sequence[Sentence],
        features: Sequence[dict[str, float]],
        foreign: Sequence[int],
    ) -> None:
        """Cosine to the question, only where the words cannot meet: it costs a forward pass."""
        if not foreign:
            return
        vector = self._embedder.encode_queries([question.query])[0]
        rows = self._embedder.encode_documents([sentences[index].text for index in foreign])
        for index, cosine in zip(foreign, rows @ vector, strict=True):
            features[index]["near"] = float(cosine)


def _add_spans(
    passages: Sequence[Passage],
    sentences: Sequence[Sentence],
    features: Sequence[dict[str, float]],
) -> None:
    """How far each sentence holds what a reader points at, by how sure it is of an answer.

    A sentence in two overlapping passages is read twice: the better reading counts.
    """
    for passage in passages:
        if passage.answer_span is None:
            continue
        start, end = passage.answer_span
        document, sure = passage.chunk.document_id, passage.signals.answerable or 0.0
        for sentence, values in zip(sentences, features, strict=True):
            shared = min(end, sentence.end) - max(start, sentence.start)
            if shared > 0 and passages[sentence.passage].chunk.document_id == document:
                values["span"] = max(values["span"], sure * shared / (end - start))


def _share(question: Question, passage: Passage) -> float:
    """Of two sentences that say the same, the one in the question's language goes first."""
    return 1.0 if passage.chunk.language == question.language else FOREIGN


def _says_something(text: str, passage: Passage) -> bool:
    """Headings, lone numbers and scraps are no sentences to quote."""
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
    def best(name: str) -> float:
        return max((getattr(passage.signals, name) or 0.0 for passage in passages), default=0.0)

    return {
        "best": ranked[0].score if ranked else 0.0,
        "covers": max((values["covers"] for values in features), default=0.0),
        "passage": max((values["passage"] for values in features), default=0.0),
        "dense": best("dense"),
        "rarest": max((values["rarest"] for values in features), default=0.0),
        # as a share of the question's weight
        "keyword": best("keyword") / (sum(question.terms.weights) or 1.0),
        "known": question.terms.known,
        "foreign": float(bool(passages) and passages[0].chunk.language != question.language),
        **{name: best(name) for name in QA_SIGNALS},
    }


def _logistic(model: Features, values: Features) -> float:
    total = model["intercept"] + sum(
        weight * values[name] for name, weight in model.items() if name != "intercept"
    )
    return probability(total)
