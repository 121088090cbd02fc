"""Which sentences of the passages answer a question, and whether any of them does.

A sentence is scored by the share of the question's information it covers (inverse document
frequency), by what its passage, headings and neighbours cover, and by whether it holds the kind of
thing that is asked for (a date, a number, a name). Across languages words do not meet, so vectors
of the sentences stand in. Two logistic models turn this into probabilities; their coefficients are
fitted by `eval/calibrate.py` and kept in `calibration.json`. Knows nothing about generators.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

import numpy as np

from rag.protocols import Embedder
from rag.schema import Passage, Sentence, Span

CALIBRATION = "calibration.json"
SENTENCE_FEATURES = (
    "covers", "with_neighbours", "with_headings", "right_kind", "defines", "rank", "passage",
    "length", "near",
)  # fmt: skip
ANSWER_FEATURES = ("best", "covers", "passage", "dense", "known")

Signals = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Query:
    """A question as search terms: groups of alternatives, and the weight (idf) of each group."""

    text: str
    language: str
    groups: Sequence[Sequence[str]]
    weights: Sequence[float]
    known: float  # share of the groups that occur anywhere in the library

    def covered(self, terms: set[str]) -> float:
        """Share of the weight whose group has a term in `terms`, in [0, 1]."""
        total = sum(self.weights)
        hit = sum(
            weight
            for group, weight in zip(self.groups, self.weights, strict=True)
            if not terms.isdisjoint(group)
        )
        return hit / total if total else 0.0


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
        split: Callable[[str], Sequence[Span]],
        terms: Callable[[str, str], Sequence[str]],
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
        confidence = _logistic(self._calibration["answer"], signals) if ranked else 0.0
        return Evidence(ranked, confidence, signals, tuple(values for _, values in scored))

    def _sentences(
        self, query: Query, index: int, passage: Passage
    ) -> Iterator[tuple[Sentence, dict[str, float]]]:
        chunk = passage.chunk
        spans = self._split(chunk.text)
        terms = [set(self._terms(chunk.text[a:b], chunk.language)) for a, b in spans]
        header = set(self._terms(" ".join((passage.title, *chunk.headings)), chunk.language))
        whole = query.covered(set().union(*terms)) if terms else 0.0
        for place, (start, end) in enumerate(spans):
            around = set().union(*terms[max(0, place - 1) : place + 2])
            text = chunk.text[start:end]
            yield (
                Sentence(index, chunk.start + start, chunk.start + end, text),
                {
                    "covers": query.covered(terms[place]),
                    "with_neighbours": query.covered(around),
                    "with_headings": query.covered(terms[place] | header),
                    "right_kind": float(holds_kind(query.text, text)),
                    "defines": float(defines(query.text, text)),
                    "rank": 1 / (1 + index),
                    "passage": whole,
                    "length": min(len(terms[place]), 40) / 40,
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

    def _score(self, query: Query, passage: Passage, values: Signals) -> float:
        model = "same" if passage.chunk.language == query.language else "cross"
        return _logistic(self._calibration[model], values)


def query_weights(
    groups: Sequence[Sequence[str]], frequencies: Mapping[str, int], total: int
) -> tuple[list[float], float]:
    """Inverse document frequency of each group (Robertson and Sparck Jones 1976, as in BM25), and
    the share of groups that occur at all. A group that occurs nowhere weighs the most.
    """
    counts = [max((frequencies.get(term, 0) for term in group), default=0) for group in groups]
    weights = [math.log(1 + (total - count + 0.5) / (count + 0.5)) for count in counts]
    known = sum(count > 0 for count in counts) / len(counts) if counts else 0.0
    return weights, known


@cache
def load_calibration() -> Mapping[str, Signals]:
    """The fitted coefficients of the models `same`, `cross` and `answer`."""
    text = resources.files("rag").joinpath(CALIBRATION).read_text(encoding="utf-8")
    models: Mapping[str, Signals] = json.loads(text)["models"]
    return models


# --- what kind of thing is asked for -------------------------------------------------------------

_KINDS = (
    (
        re.compile(
            r"\b(cu[aá]ndo|(?:qué|que) (?:año|fecha|día|mes|siglo|década)|when|"
            r"(?:what|which) (?:year|date|day|month|century|decade))\b",
            re.IGNORECASE,
        ),
        re.compile(r"\d|\b(?:siglo|century)\b", re.IGNORECASE),
    ),
    (
        re.compile(
            r"\b(cu[aá]nt[oa]s?|qué (?:porcentaje|cantidad|número|proporción)|"
            r"how (?:many|much|long|old|far|tall|large|big|high|often|fast)|"
            r"what (?:percentage|percent|number|amount|share|proportion))\b",
            re.IGNORECASE,
        ),
        re.compile(
            r"\d|\b(?:un[oa]?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|cien|mil|millones|"
            r"one|two|three|four|five|six|seven|eight|nine|ten|hundred|thousand|million|twice|half|"
            r"mitad|doble)\b",
            re.IGNORECASE,
        ),
    ),
    (
        re.compile(r"\b(qui[eé]n(?:es)?|who|whom|whose)\b", re.IGNORECASE),
        re.compile(r"(?<=\W)[A-ZÁÉÍÓÚÑ]\w+"),
    ),
)


def holds_kind(question: str, sentence: str) -> bool:
    """Whether the sentence holds the kind of thing the question asks for; True if it names none."""
    for asks, holds in _KINDS:
        if asks.search(question):
            return holds.search(sentence) is not None
    return True


_ASKS_DEFINITION = re.compile(
    r"^[¿\s]*(?:qué|que) (?:es|son|significa)n? (?:(?:un[ao]?s?|el|la|los|las) )?(?P<es>[^?]+)"
    r"|^\s*what (?:is|are|does) (?:(?:an?|the) )?(?P<en>[^?]+?)(?: mean)?\s*\??$",
    re.IGNORECASE,
)
_DEFINES = (
    r"\b{topic}\w{{0,3}}\b[^.;]{{0,60}}?\b(?:es|son|significan?|consisten?|se (?:define|llama)n?|"
    r"is|are|means?|refers?|consists?)\b"
)
_TOPIC_WORDS = 5  # a longer topic asks about something more particular than a definition


def defines(question: str, sentence: str) -> bool:
    """Whether the question asks what something is and the sentence says so near its beginning."""
    asked = _ASKS_DEFINITION.match(question)
    topic = (asked.group("es") or asked.group("en") or "").strip() if asked else ""
    if not topic or len(topic.split()) > _TOPIC_WORDS:
        return False
    pattern = _DEFINES.format(topic=re.escape(topic))
    return re.search(pattern, sentence[:200], re.IGNORECASE) is not None


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
        "known": query.known,
        "foreign": float(bool(passages) and passages[0].chunk.language != query.language),
    }


def _logistic(model: Signals, values: Signals) -> float:
    total = model["intercept"] + sum(
        weight * values[name] for name, weight in model.items() if name != "intercept"
    )
    return float(1 / (1 + np.exp(-total)))
