"""How much of a question's information a text covers, weighed by how rare its words are.

The measure behind the choice of sentences and, by the best sentence of each passage, a reranker
that needs no weights and no forward pass: on XQuAD it raises recall@1 in both languages, where late
interaction over the bundled encoder loses in Spanish (`eval/LOG.md`, 2026-11-21).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from rag.schema import Chunk, Passage, Question, Span, WeightedTerms
from rag.text import search_terms, split_sentences


def weighted_terms(
    groups: Sequence[Sequence[str]],
    untranslated: Sequence[Sequence[str]],
    frequencies: Mapping[str, int],
    total: int,
) -> WeightedTerms:
    """Weighs each group by its inverse document frequency among `total` chunks.

    The formula is that of Robertson and Sparck Jones (1976), as in BM25; a group that occurs
    nowhere weighs the most. `untranslated` holds the members of each group that are no
    translations: they decide how often it occurs, where they occur at all.
    """
    counts = [
        _highest(frequencies, members) or _highest(frequencies, group)
        for group, members in zip(groups, untranslated, strict=True)
    ]
    weights = [math.log(1 + (total - count + 0.5) / (count + 0.5)) for count in counts]
    known = sum(count > 0 for count in counts) / len(counts) if counts else 0.0
    return WeightedTerms(groups, weights, known)


def _highest(frequencies: Mapping[str, int], group: Sequence[str]) -> int:
    return max((frequencies.get(term, 0) for term in group), default=0)


def with_neighbours(terms: Sequence[set[str]]) -> Iterator[tuple[set[str], set[str]]]:
    """Yields each sentence's terms, and the same joined with those of its neighbours."""
    for index, alone in enumerate(terms):
        yield alone, alone.union(*terms[max(0, index - 1) : index + 2])


@lru_cache(maxsize=128)  # reranking, reading and weighing a question look at the same few chunks
def sentence_terms(chunk: Chunk) -> tuple[Sequence[Span], Sequence[set[str]]]:
    """Returns the sentences of a chunk, and the search terms of each in the chunk's language.

    Spans count from the chunk's beginning. The result is shared and must not be changed.
    """
    spans = split_sentences(chunk.text)
    return spans, [set(search_terms(chunk.text[start:end], chunk.language)) for start, end in spans]


class CoverageReranker:
    """Scores in [0, 1]: what the best sentence of a passage covers, alone and with neighbours."""

    name = "coverage"

    def rerank(self, question: Question, passages: Sequence[Passage]) -> list[float]:
        """Returns one score per passage, in their order."""
        return [_coverage(question.terms, passage) for passage in passages]


def _coverage(wanted: WeightedTerms, passage: Passage) -> float:
    _, terms = sentence_terms(passage.chunk)
    covered = [
        (wanted.covered(alone), wanted.covered(around)) for alone, around in with_neighbours(terms)
    ]
    if not covered:
        return 0.0
    return (max(alone for alone, _ in covered) + max(around for _, around in covered)) / 2
