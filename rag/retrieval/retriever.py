"""Question -> dense and keyword candidates -> fused -> reranked -> read -> passages.

Scores are normalised per question and joined with weights that follow the pair of languages: words
find best within one language, across by their translations, and rank fusion knows neither. Weights:
`eval/LOG.md`, «Words across the languages». Knows nothing about answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from rag.config import Settings
from rag.protocols import Embedder, Reranker, VectorIndex
from rag.retrieval.passage_scoring import QAPassageScorer, with_prediction
from rag.schema import Filters, Passage
from rag.storage import Store
from rag.text import detect_language, normalize_query, query_terms

Scores = dict[int, float]

# (language of the question, of the passage) -> weight of the dense score against the keyword score
DENSE_WEIGHT = {("es", "es"): 0.4, ("en", "en"): 0.35, ("es", "en"): 0.5, ("en", "es"): 0.5}
# the same for the reranker's score against the fused one, by the reranker's name
RERANK_WEIGHT = {
    "coverage": {("es", "es"): 0.4, ("en", "en"): 0.45, ("es", "en"): 0.4, ("en", "es"): 0.4},
    "late-interaction": {
        ("es", "es"): 0.1,
        ("en", "en"): 0.4,
        ("es", "en"): 0.1,
        ("en", "es"): 0.4,
    },
}
# and for a reader's relevance against all that came before it
READER_WEIGHT = {("es", "es"): 0.4, ("en", "en"): 0.4, ("es", "en"): 0.3, ("en", "es"): 0.3}
# Cosine from which two passages say the same in two languages, by embedder. Of the bundled one,
# between articles and their translations 95 in 100 lie above .73, between others 95 below .51.
TWIN = {"fuente-embedder": 0.65}
# what a passage in the other language loses where one in the question's says the same, where none
# does, and where that cannot be told
FOREIGN = {True: 0.4, False: 0.08, None: 0.24}
TRAINED_RERANKER = dict.fromkeys(DENSE_WEIGHT, 0.7)  # a cross-encoder: not measured here


class Retriever:
    """Finds passages in a store. `index` gives the vector index of the moment."""

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        index: Callable[[], VectorIndex],
        settings: Settings,
        reranker: Reranker | None = None,
        reader: QAPassageScorer | None = None,
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._index = index
        self._settings = settings
        self._reranker = reranker
        self._reader = reader
        # both searches let go of Python's lock: on two cores they take as long as the longer one
        self._beside = ThreadPoolExecutor(1, "dense")

    def search(
        self, question: str, k: int, filters: Filters | None = None, language: str | None = None
    ) -> list[Passage]:
        """The k best passages, scores falling within [0, 1]. Filters act inside both searches.

        Only a list longer than `candidates` goes on below 0.
        """
        asked = language or detect_language(question, self._settings.language)
        question = normalize_query(question)
        # a long list is wanted as it is; a short one is chosen from more candidates than asked for
        depth = max(k, self._settings.candidates)
        allowed = self._store.documents.allowed(filters) if filters else None
        near = self._beside.submit(self._dense, self._index(), question, depth, allowed)
        keyword = self._keyword(question, asked, depth, allowed)
        passages = self._fuse(near.result(), keyword, asked)
        passages = passages[: max(k, self._settings.rerank_depth)]
        passages = self._read(question, asked, self._rerank(question, asked, passages))
        depth = self._settings.rerank_depth
        return _above(self._own_language_first(passages[:depth], asked), passages[depth:])[:k]

    def _dense(
        self, index: VectorIndex, question: str, k: int, allowed: Sequence[int] | None
    ) -> Scores:
        vector = self._embedder.encode_queries([question])[0]
        return dict(index.search(vector, k, allowed))

    def _keyword(self, question: str, asked: str, k: int, allowed: Sequence[int] | None) -> Scores:
        groups = query_terms(question, asked)
        return dict(self._store.keywords.search(groups, k, allowed))

    def _fuse(self, dense: Scores, keyword: Scores, asked: str) -> list[Passage]:
        near = normalise(dense, self._settings.candidates)
        said = normalise(keyword, self._settings.candidates)
        # not found by a search: no better than the last it did find
        far, unsaid = min((0.0, *near.values())), min((0.0, *said.values()))
        passages = []
        found = self._store.documents.chunks(near.keys() | said.keys())
        for chunk, title, path in found.values():
            weight = DENSE_WEIGHT[asked, chunk.language]
            score = weight * near.get(chunk.id, far) + (1 - weight) * said.get(chunk.id, unsaid)
            signals = {
                "dense": dense.get(chunk.id, 0.0),
                "keyword": keyword.get(chunk.id, 0.0),
                "fused": score,
            }
            passages.append(Passage(chunk, title, path, score, signals))
        return _best_first(passages)

    def _rerank(self, question: str, asked: str, passages: list[Passage]) -> list[Passage]:
        depth = self._settings.rerank_depth
        head, tail = passages[:depth], passages[depth:]
        if self._reranker is None or len(head) < 2:
            return passages
        raw = self._reranker.rerank(question, head)
        weights = RERANK_WEIGHT.get(self._reranker.name, TRAINED_RERANKER)
        blended = blend(head, raw, weights, asked)
        marked = [
            replace(passage, signals={**passage.signals, "rerank": value})
            for passage, value in zip(blended, raw, strict=True)
        ]
        return _above(_best_first(marked), tail)

    def _read(self, question: str, asked: str, passages: list[Passage]) -> list[Passage]:
        depth = self._settings.rerank_depth
        head, tail = passages[:depth], passages[depth:]
        if self._reader is None or not head:
            return passages
        verdicts = self._reader.read(question, head)
        blended = blend(head, [each.relevance for each in verdicts], READER_WEIGHT, asked)
        read = [
            with_prediction(
                replace(after, signals={**after.signals, "unread": before.score}), verdict
            )
            for before, after, verdict in zip(head, blended, verdicts, strict=True)
        ]
        return _above(_best_first(read), tail)

    def _own_language_first(self, passages: list[Passage], asked: str) -> list[Passage]:
        """Something off the score of what is in another language, where there is a choice."""
        foreign = [each.chunk.id for each in passages if each.chunk.language != asked]
        own = [each.chunk.id for each in passages if each.chunk.language == asked]
        if not foreign or not own:
            return passages
        said = self._said_in(own, foreign)
        lost = {each: FOREIGN[said.get(each)] for each in foreign}

        def left(passage: Passage) -> float:
            return passage.score - min(lost.get(passage.chunk.id, 0.0), max(0.0, passage.score))

        return _best_first([replace(each, score=left(each)) for each in passages])

    def _said_in(self, own: Sequence[int], foreign: Sequence[int]) -> dict[int, bool]:
        """Whether one of the `own` chunks says what a `foreign` one says; empty: nobody knows."""
        least = TWIN.get(self._embedder.fingerprint.partition(":")[0])
        if least is None:
            return {}
        rows = self._store.documents.vectors_of([*own, *foreign])
        ours = [rows[each] for each in own if each in rows]
        if not ours:
            return {}
        said = np.stack(ours)
        return {each: bool((said @ rows[each]).max() >= least) for each in foreign if each in rows}


def blend(
    passages: Sequence[Passage],
    raw: Sequence[float],
    weights: Mapping[tuple[str, str], float],
    asked: str,
) -> list[Passage]:
    """The passages, in their order, with their score mixed with the scaled `raw` one.

    `weights` gives the share of `raw` by (language of the question, of the passage).
    """
    scaled = normalise(dict(enumerate(raw)), len(raw))
    shares = [weights[asked, passage.chunk.language] for passage in passages]
    return [
        replace(passage, score=share * scaled[place] + (1 - share) * passage.score)
        for place, (passage, share) in enumerate(zip(passages, shares, strict=True))
    ]


def _above(head: list[Passage], tail: Sequence[Passage]) -> list[Passage]:
    """The tail was not looked at closely and may not overtake the head."""
    floor = head[-1].score if head else 0.0
    return [*head, *(replace(each, score=min(each.score, floor)) for each in tail)]


def normalise(scores: Mapping[int, float], depth: int) -> Scores:
    """Min-max over the `depth` best candidates of one question; the best is 1, worse ones go on
    below 0, so that a longer list ranks its head like a shorter one. A single candidate gets 1.
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
