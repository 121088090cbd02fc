"""How a claim and the text that may bear it out compare, in figures.

Words are compared by stems and rarity, then facts that must agree, negation and opposites, and the
nearness of vectors.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.schema import Passage, Span, WeightedTerms
from rag.text import search_terms, split_sentences
from rag.text.facts import (
    Facts,
    counts_otherwise,
    facts_of,
    missing_names,
    missing_numbers,
)

FEATURES = (
    "covers",  # share of the claim's information in the cited sentences
    "around",  # and in these with their neighbours
    "passage",  # and in the whole passage with its title and headings
    "rarest",  # share of its two rarest words in the passage
    "ordered",  # share of its neighbouring word pairs that are neighbours there
    "numbers",  # 1 where a number or month of it is missing, or counts something else
    "names",  # names that are missing, at most 2
    "negated",  # one of the two says «not», weighed by what they share
    "opposed",  # they lean to opposite sides, weighed by what they share
    "disagrees",  # share covered where any of these four is not as it should be, else 0
    "altered",  # and share in order: what is all but quoted and then differs is no paraphrase
    "complete",  # 1 where the passage lacks none of its words
    "near",  # cosine to the nearest sentence
    "length",  # content words of the claim, at most 20, as a share of that
)
_COMPLETE = 0.99  # of the information: sums of weights are not exact
_NEAR = 5  # words: neighbours of the claim may have others between them
_ROW = re.compile(r"[^:;\n]+: [^;\n]*(?:; [^:;\n]+: [^;\n]*)+")  # of a table
_ITEM_NUMBER = re.compile(r"^\s*(?:[-*•]\s+)?\d{1,2}[.)]\s+")
Features = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Source:
    """A passage by its sentences, their spans in characters of the document."""

    language: str
    spans: Sequence[Span]
    texts: Sequence[str]
    terms: Sequence[Sequence[str]]  # of each sentence, in order
    heading: frozenset[str]

    @classmethod
    def of(cls, passage: Passage) -> Source:
        """Returns the passage's sentences; a passage without any is one sentence."""
        chunk = passage.chunk
        spans = split_sentences(chunk.text) or [(0, len(chunk.text))]
        texts = [chunk.text[start:end] for start, end in spans]
        heading = " ".join((passage.title, *chunk.headings))
        return cls(
            chunk.language,
            [(chunk.start + start, chunk.start + end) for start, end in spans],
            texts,
            [search_terms(text, chunk.language) for text in texts],
            frozenset(search_terms(heading, chunk.language)),
        )

    def around(self, sentences: Sequence[int]) -> list[int]:
        """Returns these sentences and their neighbours."""
        wanted = {index + step for index in sentences for step in (-1, 0, 1)}
        return sorted(wanted & set(range(len(self.spans))))

    def all_terms(self, sentences: Sequence[int]) -> set[str]:
        """Returns the terms of these sentences."""
        return {term for index in sentences for term in self.terms[index]}

    def facts(self, sentences: Sequence[int]) -> Facts:
        """Returns the facts of these sentences."""
        return facts_of(" \n".join(self.texts[index] for index in sentences))


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim ready to be compared with passages."""

    text: str
    language: str
    terms: WeightedTerms
    facts: Facts


def without_number(sentence: str) -> str:
    """Returns an item of a list without the number that its writer gave it: no document has it."""
    return _ITEM_NUMBER.sub("", sentence)


def compare(claim: Claim, source: Source, sentences: Sequence[int], near: float) -> Features:
    """Returns the features of a claim against some sentences of a passage, by their indices."""
    terms, everywhere = claim.terms, range(len(source.spans))
    whole = source.all_terms(everywhere) | source.heading
    covers = terms.covered(source.all_terms(sentences))
    exact = source.facts(sentences)
    across = claim.language != source.language
    ordered = _ordered(terms.groups, [source.terms[index] for index in sentences])
    shared = max(covers, near * across)
    missing = _other_numbers(claim, source, sentences)
    names = min(2.0, missing_names(claim.facts, source.facts(everywhere), across))
    negated = claim.facts.negated != exact.negated
    opposed = claim.facts.opposes(exact)
    otherwise = missing or names > 0 or negated or opposed
    known = terms.covered(whole)
    return {
        "covers": covers,
        "around": terms.covered(source.all_terms(source.around(sentences)) | source.heading),
        "passage": known,
        "rarest": terms.rarest(whole),
        "ordered": ordered,
        "numbers": float(missing),
        "names": names,
        "negated": shared * negated,
        "opposed": shared * opposed,
        "disagrees": covers * otherwise,
        "altered": ordered * otherwise,
        "complete": float(known > _COMPLETE),
        "near": near,
        "length": min(len(terms.groups), 20) / 20,
    }


def _other_numbers(claim: Claim, source: Source, sentences: Sequence[int]) -> bool:
    """Tells whether a number of the claim is not there, or is another thing's.

    It may stand in a neighbouring sentence, but not in another row of a table.
    """
    said = " \n".join(source.texts[index] for index in sentences)
    is_row = any(_ROW.fullmatch(source.texts[index].strip()) for index in sentences)
    around = source.facts(sentences if is_row else source.around(sentences))
    if missing_numbers(claim.facts, around):
        return True
    same = claim.language == source.language
    return same and counts_otherwise(claim.text, said, source.language)


def _ordered(groups: Sequence[Sequence[str]], sentences: Sequence[Sequence[str]]) -> float:
    """Returns the share of the claim's neighbouring words that are near each other, in order."""
    if len(groups) < 2:
        return float(any(set(groups[0]) & set(terms) for terms in sentences)) if groups else 0.0
    pairs = {
        (one, two)
        for terms in sentences
        for index, one in enumerate(terms)
        for two in terms[index + 1 : index + _NEAR]
    }
    hits = [
        any((one, two) in pairs for one in before for two in after)
        for before, after in itertools.pairwise(groups)
    ]
    return sum(hits) / len(hits)
