"""How much of a question's information a text covers, weighed by how rare its words are.

The measure behind the choice of sentences, and, by the best sentence of each passage, a reranker
that needs no weights and no forward pass: on XQuAD it raises recall@1 in both languages, where late
interaction over the bundled encoder loses in Spanish (`eval/LOG.md`, 2026-11-21).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.schema import Chunk, Passage, Span

Split = Callable[[str], Sequence[Span]]
Terms = Callable[[str, str], Sequence[str]]
"""(text, language) -> search terms."""


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

    def rarest(self, terms: set[str], count: int = 2) -> float:
        """Share of the `count` heaviest groups that have a term in `terms`, in [0, 1]."""
        order = sorted(range(len(self.groups)), key=lambda place: -self.weights[place])[:count]
        hits = [not terms.isdisjoint(self.groups[place]) for place in order]
        return sum(hits) / len(hits) if hits else 0.0

    def said(self, terms: Collection[str]) -> float:
        """Share of `terms` that the question says, in [0, 1]; 0 where there are none."""
        if not terms:
            return 0.0
        asked = {term for group in self.groups for term in group}
        return len(asked.intersection(terms)) / len(set(terms))


def query_weights(
    groups: Sequence[Sequence[str]],
    own: Sequence[Sequence[str]],
    frequencies: Mapping[str, int],
    total: int,
) -> tuple[list[float], float]:
    """Inverse document frequency of each group (Robertson and Sparck Jones 1976, as in BM25), and
    the share of groups that occur at all. A group that occurs nowhere weighs the most.

    `own`: of each group what is no translation. It decides where it occurs: how common a word's
    translations are says less of it.
    """
    counts = [
        _most(frequencies, mine) or _most(frequencies, group)
        for group, mine in zip(groups, own, strict=True)
    ]
    weights = [math.log(1 + (total - count + 0.5) / (count + 0.5)) for count in counts]
    known = sum(count > 0 for count in counts) / len(counts) if counts else 0.0
    return weights, known


def _most(frequencies: Mapping[str, int], group: Sequence[str]) -> int:
    return max((frequencies.get(term, 0) for term in group), default=0)


def windows(terms: Sequence[set[str]]) -> Iterator[tuple[set[str], set[str]]]:
    """Each sentence's terms, and the same with those of its neighbours."""
    for place, own in enumerate(terms):
        yield own, own.union(*terms[max(0, place - 1) : place + 2])


@lru_cache(maxsize=128)  # reranking, reading and weighing a question look at the same few chunks
def sentence_terms(
    chunk: Chunk, split: Split, terms: Terms
) -> tuple[Sequence[Span], Sequence[set[str]]]:
    """The sentences of a chunk, and the search terms of each in the chunk's language.

    Spans count from the chunk's beginning. What is given is shared: not to be changed.
    """
    spans = split(chunk.text)
    return spans, [set(terms(chunk.text[start:end], chunk.language)) for start, end in spans]


class CoverageReranker:
    """Scores in [0, 1]: what the best sentence of a passage covers, alone and with neighbours."""

    name = "coverage"

    def __init__(self, query: Callable[[str], Query], split: Split, terms: Terms) -> None:
        """`query` turns a question into weighed terms."""
        self._query = query
        self._split = split
        self._terms = terms

    def rerank(self, question: str, passages: Sequence[Passage]) -> list[float]:
        """One score a passage, in their order."""
        query = self._query(question)
        return [self._score(query, passage) for passage in passages]

    def _score(self, query: Query, passage: Passage) -> float:
        _, terms = sentence_terms(passage.chunk, self._split, self._terms)
        covered = [(query.covered(own), query.covered(around)) for own, around in windows(terms)]
        if not covered:
            return 0.0
        return (max(own for own, _ in covered) + max(around for _, around in covered)) / 2
