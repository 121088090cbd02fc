"""How a claim and the text that may bear it out compare, in figures.

Words are compared by stems and rarity, then facts that must agree, negation and opposites, and the
nearness of vectors.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.schema import Passage, Span, WeightedTerms
from rag.text import search_terms, split_sentences
from rag.text.facts import Facts, facts_of, missing_names, missing_numbers

FEATURES = (
    "covers",  # share of the claim's information in the cited sentences
    "around",  # and in these with their neighbours
    "passage",  # and in the whole passage with its title and headings
    "rarest",  # share of its two rarest words in the passage
    "ordered",  # share of its neighbouring word pairs that are neighbours there
    "numbers",  # 1 where a number or month of it is missing
    "names",  # names that are missing, at most 2
    "negated",  # one of the two says «not», weighed by what they share
    "opposed",  # they lean to opposite sides, weighed by what they share
    "disagrees",  # share covered where any of these four is not as it should be, else 0
    "altered",  # and share in order: what is all but quoted and then differs is no paraphrase
    "complete",  # 1 where the passage lacks none of its words
    "near",  # cosine to the nearest sentence
    "length",  # content words of the claim, at most 20, as a share of that
)
_COMPLETE = 0.99
Features = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Source:
    """A passage taken apart: its sentences by span, in characters of the document."""

    passage: Passage
    spans: Sequence[Span]
    texts: Sequence[str]
    terms: Sequence[Sequence[str]]  # of each sentence, in order
    heading: frozenset[str]

    @property
    def language(self) -> str:
        """Of the passage."""
        return self.passage.chunk.language

    def around(self, places: Sequence[int]) -> list[int]:
        """These sentences and their neighbours."""
        wanted = {near for place in places for near in (place - 1, place, place + 1)}
        return sorted(wanted & set(range(len(self.spans))))

    def all_terms(self, places: Sequence[int]) -> set[str]:
        """The terms of these sentences."""
        return {term for place in places for term in self.terms[place]}

    def facts(self, places: Sequence[int]) -> Facts:
        """The facts of these sentences."""
        return facts_of(" \n".join(self.texts[place] for place in places))


def take_apart(passage: Passage) -> Source:
    """Returns the passage's sentences; a passage without any is one sentence."""
    chunk = passage.chunk
    spans = list(split_sentences(chunk.text)) or [(0, len(chunk.text))]
    texts = [chunk.text[start:end] for start, end in spans]
    heading = " ".join((passage.title, *chunk.headings))
    return Source(
        passage,
        [(chunk.start + start, chunk.start + end) for start, end in spans],
        texts,
        [search_terms(text, chunk.language) for text in texts],
        frozenset(search_terms(heading, chunk.language)),
    )


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim ready to be compared with passages."""

    text: str
    language: str
    terms: WeightedTerms
    facts: Facts


def compare(claim: Claim, source: Source, places: Sequence[int], near: float) -> Features:
    """Returns the features of a claim against the sentences at `places` of a passage."""
    asked, everywhere = claim.terms, range(len(source.spans))
    own = source.all_terms(places)
    whole = source.all_terms(everywhere) | source.heading
    covers = asked.covered(own)
    here, there = source.facts(source.around(places)), source.facts(everywhere)
    exact = source.facts(places)
    across = claim.language != source.language
    ordered = _ordered(asked.groups, [source.terms[place] for place in places])
    shared = max(covers, near * across)
    missing = missing_numbers(claim.facts, here) > 0
    names = min(2.0, missing_names(claim.facts, there, across))
    negated = claim.facts.negated != exact.negated
    opposed = claim.facts.opposes(exact)
    otherwise = missing or names > 0 or negated or opposed
    known = asked.covered(whole)
    return {
        "covers": covers,
        "around": asked.covered(source.all_terms(source.around(places)) | source.heading),
        "passage": known,
        "rarest": asked.rarest(whole),
        "ordered": ordered,
        "numbers": float(missing),
        "names": names,
        "negated": shared * negated,
        "opposed": shared * opposed,
        "disagrees": covers * otherwise,
        "altered": ordered * otherwise,
        "complete": float(known > _COMPLETE),
        "near": near,
        "length": min(len(asked.groups), 20) / 20,
    }


def _ordered(groups: Sequence[Sequence[str]], sentences: Sequence[Sequence[str]]) -> float:
    """Share of the neighbouring words of the claim that are near each other there, in order."""
    if len(groups) < 2:
        return 1.0 if groups and any(set(groups[0]) & set(each) for each in sentences) else 0.0
    pairs = {
        (one, two)
        for terms in sentences
        for place, one in enumerate(terms)
        for two in terms[place + 1 : place + 5]
    }
    hits = [
        any((one, two) in pairs for one in before for two in after)
        for before, after in itertools.pairwise(groups)
    ]
    return sum(hits) / len(hits)
