"""Question -> dense and keyword candidates -> fused -> reranked -> read -> passages.

Scores are normalised per question and joined with weights, which rank fusion does not know:
`eval/LOG.md`, «An embedder from a strong start».
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from rag.config import Settings
from rag.protocols import Embedder, Reranker, VectorIndex, Vectors
from rag.retrieval.language_shift import SHIFT, load_shift
from rag.retrieval.passage_scoring import QAPassageScorer, with_prediction
from rag.schema import Passage, Question, Signals
from rag.storage import Store

Scores = dict[int, float]

# Weight of the dense score against the keyword score: the best of any pair of languages lies within
# a step of it (`python -m eval.calibration.weights`).
DENSE_WEIGHT = 0.6
PAIRS = (("es", "es"), ("en", "en"), ("es", "en"), ("en", "es"))  # of the question, of the passage
# Weight of the reranker's score against the fused one, by the reranker's name and the languages.
RERANK_WEIGHT = {"coverage": dict.fromkeys(PAIRS, 0.5)}
# and for the QA model's relevance against all that came before it
QA_WEIGHT = {("es", "es"): 0.4, ("en", "en"): 0.4, ("es", "en"): 0.3, ("en", "es"): 0.3}
READ_DEPTH = 8  # passages that the QA model reads: as good as twenty, at half the cost
# Cosine from which two passages say the same in two languages, by embedder. Of the bundled one,
# between articles and their translations 95 in 100 lie above .86, of passages of other articles the
# nearest one lies below .82 in 95 of 100.
TWIN = {"fuente-embedder": 0.84}
# what a passage in the other language loses where one in the question's says the same, where none
# does, and where that cannot be told
FOREIGN = {True: 0.4, False: 0.08, None: 0.24}
TRAINED_RERANKER = dict.fromkeys(PAIRS, 0.7)  # a cross-encoder: not measured here


class Retriever:
    """Finds passages in a store. `index` gives the vector index of the moment."""

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        index: Callable[[], VectorIndex],
        settings: Settings,
        reranker: Reranker | None = None,
        qa_scorer: QAPassageScorer | None = None,
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._index = index
        self._settings = settings
        self._reranker = reranker
        self._qa_scorer = qa_scorer
        # both searches let go of Python's lock: on two cores they take as long as the longer one
        self._dense_thread = ThreadPoolExecutor(1, "dense")

    def search(self, question: Question, k: int) -> list[Passage]:
        """Returns the k best passages, scores falling within [0, 1].

        The question's filters act inside both searches. Only a list longer than `candidates` goes
        on below 0.
        """
        # a long list is wanted as it is; a short one is chosen from more candidates than asked for
        depth = max(k, self._settings.candidates)
        filters = question.filters
        allowed = self._store.documents.allowed(filters) if filters else None
        dense = self._dense_thread.submit(self._dense, self._index(), question, depth, allowed)
        keyword = dict(self._store.keywords.search(question.terms.groups, depth, allowed))
        passages = self._fuse(question, dense.result(), keyword)
        passages = passages[: max(k, self._settings.rerank_depth)]
        passages = self._read(question, self._rerank(question, passages))
        depth = self._settings.rerank_depth
        head = self._own_language_first(passages[:depth], question.language)
        return _above(head, passages[depth:])[:k]

    def everything(
        self, questions: Sequence[Question], least: float, nearest: int
    ) -> tuple[list[int], list[int]]:
        """Returns the ids of the chunks that could be about one of the questions, and of the rest.

        Those hold at least the share `least` of its weight, most first, or are among the `nearest`
        to the first question by their vectors. Its filters act on both lists.
        """
        filters = questions[0].filters
        allowed = self._store.documents.allowed(filters)
        held: Scores = {}
        for question in questions:
            for key, share in self._shares(question, allowed if filters else None).items():
                held[key] = max(share, held.get(key, 0.0))
        dense = self._dense(self._index(), questions[0], nearest, allowed if filters else None)
        could = [key for key in allowed if held.get(key, 0.0) >= least or key in dense]
        could.sort(key=lambda key: (-held.get(key, 0.0), key))
        return could, sorted(set(allowed).difference(could))

    def _shares(self, question: Question, allowed: Sequence[int] | None) -> Scores:
        """Returns the share of a question's weight that each chunk holds, if any."""
        terms, held = question.terms, Scores()
        total = sum(terms.weights) or 1.0
        for group, weight in zip(terms.groups, terms.weights, strict=True):
            for key in self._store.keywords.holding(group, allowed):
                held[key] = held.get(key, 0.0) + weight / total
        return held

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Returns chunks as passages, in the order of their ids; those that are gone are absent."""
        found = self._store.documents.chunks(ids)
        return [Passage(*found[key], 0.0) for key in ids if key in found]

    def _dense(
        self, index: VectorIndex, question: Question, k: int, allowed: Sequence[int] | None
    ) -> Scores:
        """Returns the cosines of the k nearest chunks; those in another language gain SHIFT."""
        vector, gain = query_vector(question, self._embedder), 0.0
        if self._shifts(question):
            vector, gain = load_shift().moved(vector, question.language)
        return {key: score - gain for key, score in index.search(vector, k, allowed)}

    def _shifts(self, question: Question) -> bool:
        return load_shift().knows(self._embedder.fingerprint, question.language)

    def _fuse(self, question: Question, dense: Scores, keyword: Scores) -> list[Passage]:
        shift = SHIFT if self._shifts(question) else 0.0
        scaled_dense = normalise(dense, self._settings.candidates)
        scaled_keyword = normalise(keyword, self._settings.candidates)
        # not found by a search: no better than the last it did find
        worst_dense = min((0.0, *scaled_dense.values()))
        worst_keyword = min((0.0, *scaled_keyword.values()))
        passages = []
        found = self._store.documents.chunks(scaled_dense.keys() | scaled_keyword.keys())
        for chunk, title, path in found.values():
            score = DENSE_WEIGHT * scaled_dense.get(chunk.id, worst_dense)
            score += (1 - DENSE_WEIGHT) * scaled_keyword.get(chunk.id, worst_keyword)
            near = dense.get(chunk.id, 0.0)
            if near and chunk.language != question.language:
                near -= shift  # its cosine as it is
            signals = Signals(near, keyword.get(chunk.id, 0.0), score)
            passages.append(Passage(chunk, title, path, score, signals))
        return _best_first(passages)

    def _rerank(self, question: Question, passages: list[Passage]) -> list[Passage]:
        depth = self._settings.rerank_depth
        head, tail = passages[:depth], passages[depth:]
        if self._reranker is None or len(head) < 2:
            return passages
        scores = self._reranker.rerank(question, head)
        weights = RERANK_WEIGHT.get(self._reranker.name, TRAINED_RERANKER)
        blended = blend(head, scores, weights, question.language)
        reranked = [
            replace(passage, signals=replace(passage.signals, rerank=score))
            for passage, score in zip(blended, scores, strict=True)
        ]
        return _above(_best_first(reranked), tail)

    def _read(self, question: Question, passages: list[Passage]) -> list[Passage]:
        depth = min(READ_DEPTH, self._settings.rerank_depth)
        head, tail = passages[:depth], passages[depth:]
        if self._qa_scorer is None or not head:
            return passages
        predictions = self._qa_scorer.predict(question, head)
        relevances = [prediction.relevance for prediction in predictions]
        blended = blend(head, relevances, QA_WEIGHT, question.language)
        read = [
            with_prediction(
                replace(after, signals=replace(after.signals, unread=before.score)), prediction
            )
            for before, after, prediction in zip(head, blended, predictions, strict=True)
        ]
        return _above(_best_first(read), tail)

    def _own_language_first(self, passages: list[Passage], language: str) -> list[Passage]:
        """Takes something off the score of what is in another language, where there is a choice."""
        chunks = [passage.chunk for passage in passages]
        foreign = [chunk.id for chunk in chunks if chunk.language != language]
        native = [chunk.id for chunk in chunks if chunk.language == language]
        if not foreign or not native:
            return passages
        translated = self._translations(native, foreign)
        penalties = {chunk_id: FOREIGN[translated.get(chunk_id)] for chunk_id in foreign}

        def lowered(passage: Passage) -> float:
            penalty = penalties.get(passage.chunk.id, 0.0)
            return passage.score - min(penalty, max(0.0, passage.score))

        return _best_first([replace(passage, score=lowered(passage)) for passage in passages])

    def _translations(self, native: Sequence[int], foreign: Sequence[int]) -> dict[int, bool]:
        """Returns whether a `native` chunk says what a `foreign` one does; empty where unknown."""
        least = TWIN.get(self._embedder.fingerprint.partition(":")[0])
        if least is None:
            return {}
        vectors = self._store.documents.vectors_of([*native, *foreign])
        rows = [vectors[chunk_id] for chunk_id in native if chunk_id in vectors]
        if not rows:
            return {}
        stacked = np.stack(rows)
        return {
            chunk_id: bool((stacked @ vectors[chunk_id]).max() >= least)
            for chunk_id in foreign
            if chunk_id in vectors
        }


def blend(
    passages: Sequence[Passage],
    scores: Sequence[float],
    weights: Mapping[tuple[str, str], float],
    language: str,
) -> list[Passage]:
    """Returns the passages, in their order, with their score mixed with the scaled other one.

    `weights` gives the share of `scores` by (language of the question, of the passage).
    """
    scaled = normalise(dict(enumerate(scores)), len(scores))
    shares = [weights[language, passage.chunk.language] for passage in passages]
    return [
        replace(passage, score=share * scaled[index] + (1 - share) * passage.score)
        for index, (passage, share) in enumerate(zip(passages, shares, strict=True))
    ]


def _above(head: list[Passage], tail: Sequence[Passage]) -> list[Passage]:
    """Returns both lists; the tail was not looked at closely and may not overtake the head."""
    floor = head[-1].score if head else 0.0
    return [*head, *(replace(passage, score=min(passage.score, floor)) for passage in tail)]


def normalise(scores: Mapping[int, float], depth: int) -> Scores:
    """Returns the scores of one question, min-max scaled over the `depth` best candidates.

    The best is 1, those beyond `depth` go on below 0, so that a longer list ranks its head like a
    shorter one. A single candidate gets 1.
    """
    if not scores:
        return {}
    ordered = sorted(scores.values(), reverse=True)
    high, low = ordered[0], ordered[min(depth, len(ordered)) - 1]
    if high - low < 1e-9:
        return dict.fromkeys(scores, 1.0)
    return {key: (value - low) / (high - low) for key, value in scores.items()}


def _best_first(passages: Sequence[Passage]) -> list[Passage]:
    return sorted(passages, key=lambda passage: (-passage.score, passage.chunk.id))


def query_vector(question: Question, embedder: Embedder) -> Vectors:
    """Returns the vector (dimension,) that the question came with, or one made now."""
    if question.vector is not None:
        return question.vector
    vector: Vectors = embedder.encode_queries([question.query])[0]
    return vector
