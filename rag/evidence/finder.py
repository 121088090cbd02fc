"""Which sentences of the passages answer a question, and whether any of them does.

A sentence is scored by the share of the question's information it covers (inverse document
frequency), by what its passage, headings and neighbours cover, and by whether it holds the kind of
thing that is asked for (a date, a number, a name). Across languages words do not meet, so vectors
of the sentences stand in. Two logistic models turn this into probabilities; their coefficients are
fitted by `eval/calibrate.py` and kept in `calibration.json`. Knows nothing about generators.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

import numpy as np

from rag.evidence.coverage import Query, Split, Terms, sentence_terms, windows
from rag.evidence.kinds import defines, holds_kind
from rag.protocols import Embedder
from rag.schema import Passage, Sentence, Span

CALIBRATION = "calibration.json"
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
    "near",
)
ANSWER_FEATURES = ("best", "covers", "passage", "rarest", "keyword", "dense", "known")

_FEWEST_WORDS = 3
_WORD = re.compile(r"[^\W\d_]{2,}|\d[\d.,]*\d|\d")

Signals = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Sentences best first, and the probability that the passages hold the answer."""

    sentences: tuple[Sentence, ...]
    confidence: float
    signals: Signals
    features: tuple[Signals, ...] = ()  # of each sentence, in the same order


class EvidenceFinder:
    """Scores sentences with the text functions and the embedder it is given."""

    def __init__(
        self,
        split: Split,
        terms: Terms,
        embedder: Embedder,
        calibration: Mapping[str, Signals] | None = None,
    ) -> None:
        self._split = split
        self._terms = terms
        self._embedder = embedder
        self._calibration = calibration or load_calibration()

    def find(self, query: Query, passages: Sequence[Passage]) -> Evidence:
        """Scores every sentence of the passages once, though chunks overlap."""
        sentences: list[Sentence] = []
        features: list[dict[str, float]] = []
        seen: set[Span] = set()
        for index, passage in enumerate(passages):
            for sentence, values in self._sentences(query, index, passage):
                key = (passage.chunk.document_id, sentence.start)
                if key not in seen:
                    seen.add(key)
                    sentences.append(sentence)
                    features.append(values)
        self._add_nearness(query, passages, sentences, features)
        scored = [
            (
                replace(sentence, score=self._score(query, passages[sentence.passage], values)),
                values,
            )
            for sentence, values in zip(sentences, features, strict=True)
        ]
        scored.sort(key=lambda pair: -pair[0].score)
        ranked = tuple(sentence for sentence, _ in scored)
        signals = _signals(query, passages, ranked, features)
        confidence = _logistic(self._answer_model(query, signals), signals) if ranked else 0.0
        return Evidence(ranked, confidence, signals, tuple(values for _, values in scored))

    def _sentences(
        self, query: Query, index: int, passage: Passage
    ) -> Iterator[tuple[Sentence, dict[str, float]]]:
        chunk = passage.chunk
        spans = self._split(chunk.text)
        terms = sentence_terms(chunk, spans, self._terms)
        header = set(self._terms(" ".join((passage.title, *chunk.headings)), chunk.language))
        everything = header.union(*terms)
        whole, rarest = query.covered(everything), query.rarest(everything)
        for (start, end), (own, around) in zip(spans, windows(terms), strict=True):
            text = chunk.text[start:end]
            if not _says_something(text, passage):
                continue
            yield (
                Sentence(index, chunk.start + start, chunk.start + end, text),
                {
                    "covers": query.covered(own),
                    "with_neighbours": query.covered(around),
                    "with_headings": query.covered(own | header),
                    "right_kind": float(holds_kind(query.text, text)),
                    "defines": float(defines(query.text, text)),
                    "rank": 1 / (1 + index),
                    "passage": whole,
                    "rarest": rarest,
                    "length": min(len(own), 40) / 40,
                    "near": 0.0,
                },
            )

    def _add_nearness(
        self,
        query: Query,
        passages: Sequence[Passage],
        sentences: Sequence[Sentence],
        features: Sequence[dict[str, float]],
    ) -> None:
        """Cosine to the question, only where the words cannot meet: it costs a forward pass."""
        foreign = [
            place
            for place, sentence in enumerate(sentences)
            if passages[sentence.passage].chunk.language != query.language
        ]
        if not foreign:
            return
        asked = self._embedder.encode_queries([query.text])[0]
        rows = self._embedder.encode_documents([sentences[place].text for place in foreign])
        for place, cosine in zip(foreign, rows @ asked, strict=True):
            features[place]["near"] = float(cosine)

    def _answer_model(self, query: Query, signals: Signals) -> Signals:
        """Fitted for the language, or for passages in the other one: their signals differ."""
        case = "cross" if signals["foreign"] else query.language
        return self._calibration.get(f"answer-{case}", self._calibration["answer"])

    def _score(self, query: Query, passage: Passage, values: Signals) -> float:
        model = "same" if passage.chunk.language == query.language else "cross"
        return _logistic(self._calibration[model], values)


@cache
def load_calibration() -> Mapping[str, Signals]:
    """The fitted coefficients: sentences in one language and across, answers by language."""
    text = resources.files("rag").joinpath(CALIBRATION).read_text(encoding="utf-8")
    models: Mapping[str, Signals] = json.loads(text)["models"]
    return models


def _says_something(text: str, passage: Passage) -> bool:
    """Headings, lone numbers and scraps are no sentences to quote."""
    words = _WORD.findall(text)
    bare = text.strip(" #.:").casefold()
    names = [name.strip(" #.:").casefold() for name in (passage.title, *passage.chunk.headings)]
    # «7. Costes» reads as two sentences: the second is still the heading
    return len(words) >= _FEWEST_WORDS and not any(name.endswith(bare) for name in names)


def _signals(
    query: Query,
    passages: Sequence[Passage],
    ranked: Sequence[Sentence],
    features: Sequence[Signals],
) -> dict[str, float]:
    return {
        "best": ranked[0].score if ranked else 0.0,
        "covers": max((values["covers"] for values in features), default=0.0),
        "passage": max((values["passage"] for values in features), default=0.0),
        "dense": max((passage.signals.get("dense", 0.0) for passage in passages), default=0.0),
        "rarest": max((values["rarest"] for values in features), default=0.0),
        "keyword": _said(query, passages),
        "known": query.known,
        "foreign": float(bool(passages) and passages[0].chunk.language != query.language),
    }


def _said(query: Query, passages: Sequence[Passage]) -> float:
    """The best keyword score as a share of the question's weight."""
    best = max((passage.signals.get("keyword", 0.0) for passage in passages), default=0.0)
    return best / (sum(query.weights) or 1.0)


def _logistic(model: Signals, values: Signals) -> float:
    total = model["intercept"] + sum(
        weight * values[name] for name, weight in model.items() if name != "intercept"
    )
    return float(1 / (1 + np.exp(-total)))
