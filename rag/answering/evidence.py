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

from rag.answering.calibration import Calibration, Signals, load_calibration
from rag.answering.question_types import defines, holds_kind
from rag.answering.table_rows import names_columns, row_label
from rag.protocols import Embedder, probability
from rag.retrieval.coverage import Query, Split, Terms, sentence_terms, windows
from rag.schema import Passage, Sentence, Span

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
READER_SIGNALS = ("relevance", "answerable", "span")
ANSWER_FEATURES = (
    "best",
    "covers",
    "passage",
    "rarest",
    "keyword",
    "dense",
    "known",
    *READER_SIGNALS,
)

_FEWEST_WORDS = 3
_WORD = re.compile(r"[^\W\d_]{2,}|\d[\d.,]*\d|\d")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Sentences best first, and the probability that the passages hold the answer."""

    sentences: tuple[Sentence, ...]
    confidence: float
    signals: Signals
    features: tuple[Signals, ...] = ()  # of each sentence, in the same order


FOREIGN = 0.6  # of its score decides a sentence's place that is in another language


class EvidenceFinder:
    """Scores sentences with the text functions and the embedder it is given."""

    def __init__(
        self,
        split: Split,
        terms: Terms,
        embedder: Embedder,
        calibration: Calibration | None = None,
    ) -> None:
        self._split = split
        self._terms = terms
        self._embedder = embedder
        self._calibration = calibration or load_calibration()

    @property
    def short_from(self) -> float:
        """Probability that a passage answers from which a reader's span is the short answer."""
        return self._calibration.short_from

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
        _add_spans(passages, sentences, features)
        models = self._calibration.models(any("answerable" in each.signals for each in passages))
        spoken = [passages[each.passage].chunk.language for each in sentences]
        kinds = ["same" if language == query.language else "cross" for language in spoken]
        if models["cross"].get("near"):
            foreign = [place for place, kind in enumerate(kinds) if kind == "cross"]
            self._add_nearness(query, sentences, features, foreign)
        scored = [
            (replace(sentence, score=_logistic(models[kind], values)), values)
            for sentence, kind, values in zip(sentences, kinds, features, strict=True)
        ]
        scored.sort(key=lambda pair: -pair[0].score * _share(query, passages[pair[0].passage]))
        ranked = tuple(sentence for sentence, _ in scored)
        signals = _signals(query, passages, ranked, features)
        case = "cross" if signals["foreign"] else query.language  # their signals differ
        model = models.get(f"answer-{case}", models["answer"])
        confidence = _logistic(model, signals) if ranked else 0.0
        return Evidence(ranked, confidence, signals, tuple(values for _, values in scored))

    def _sentences(
        self, query: Query, index: int, passage: Passage
    ) -> Iterator[tuple[Sentence, dict[str, float]]]:
        chunk = passage.chunk
        spans, terms = sentence_terms(chunk, self._split, self._terms)
        header = set(self._terms(" ".join((passage.title, *chunk.headings)), chunk.language))
        everything = header.union(*terms)
        whole, rarest = query.covered(everything), query.rarest(everything)
        texts = [chunk.text[start:end] for start, end in spans]
        for (text, following), (start, end), (own, around) in zip(
            pairwise((*texts, "")), spans, windows(terms), strict=True
        ):
            if not _says_something(text, passage) or names_columns(text, following):
                continue
            label = self._terms(row_label(text) or "", chunk.language)
            yield (
                Sentence(index, chunk.start + start, chunk.start + end, text),
                {
                    "covers": query.covered(own),
                    "with_neighbours": query.covered(around),
                    "with_headings": query.covered(own | header),
                    "right_kind": float(holds_kind(query.text, text)),
                    "defines": defines(query.text, text),
                    "rank": 1 / (1 + index),
                    "passage": whole,
                    "rarest": rarest,
                    "length": min(len(own), 40) / 40,
                    "label": query.said(label),
                    "near": 0.0,
                    "span": 0.0,
                },
            )

    def _add_nearness(
        self,
        query: Query,
        sentences: Sequence[Sentence],
        features: Sequence[dict[str, float]],
        foreign: Sequence[int],
    ) -> None:
        """Cosine to the question, only where the words cannot meet: it costs a forward pass."""
        if not foreign:
            return
        asked = self._embedder.encode_queries([query.text])[0]
        rows = self._embedder.encode_documents([sentences[place].text for place in foreign])
        for place, cosine in zip(foreign, rows @ asked, strict=True):
            features[place]["near"] = float(cosine)


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
        document, sure = passage.chunk.document_id, passage.signals.get("answerable", 0.0)
        for sentence, values in zip(sentences, features, strict=True):
            shared = min(end, sentence.end) - max(start, sentence.start)
            if shared > 0 and passages[sentence.passage].chunk.document_id == document:
                values["span"] = max(values["span"], sure * shared / (end - start))


def _share(query: Query, passage: Passage) -> float:
    """Of two sentences that say the same, the one in the question's language goes first."""
    return 1.0 if passage.chunk.language == query.language else FOREIGN


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
    def best(name: str) -> float:
        return max((passage.signals.get(name, 0.0) for passage in passages), default=0.0)

    return {
        "best": ranked[0].score if ranked else 0.0,
        "covers": max((values["covers"] for values in features), default=0.0),
        "passage": max((values["passage"] for values in features), default=0.0),
        "dense": best("dense"),
        "rarest": max((values["rarest"] for values in features), default=0.0),
        # as a share of the question's weight
        "keyword": best("keyword") / (sum(query.weights) or 1.0),
        "known": query.known,
        "foreign": float(bool(passages) and passages[0].chunk.language != query.language),
        **{name: best(name) for name in READER_SIGNALS},
    }


def _logistic(model: Signals, values: Signals) -> float:
    total = model["intercept"] + sum(
        weight * values[name] for name, weight in model.items() if name != "intercept"
    )
    return probability(total)
