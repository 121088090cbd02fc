"""Holds the sentences of an answer to the passages it was made from.

Each part of a sentence is laid beside the sentence of a passage that says most of it, and the two
are compared. A part that its own citation does not bear out is looked for in the other passages.
Spans come from stored offsets: nothing depends on how well a model quotes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from rag.answering.support.features import (
    Claim,
    Features,
    Source,
    compare,
    without_number,
)
from rag.answering.support.model import SupportModel, load_model
from rag.protocols import Embedder, Vectors
from rag.schema import Passage, Span, Support, WeightedTerms
from rag.text import fold
from rag.text.facts import facts_of

ClaimTerms = Callable[[str], tuple[str, WeightedTerms]]
"""Text -> its language and its terms with their weights in the library."""

_TOKEN = re.compile(r"(?<!\w)[-−]\d+|[^\W_]+|[%€$]")
_ADDS = 0.2  # share of a claim's information that a neighbouring sentence must add to be quoted too
_COMPARED = 2  # passages that are compared closely when a claim cites none
_ORDINARY_COSINE = 0.92  # of a claim and a sentence on its subject: it decides nothing
_DENIES = 0.5  # share of neighbouring words in order; no supported claim of 160 was taken for one
_FEWEST_TOKENS = 3  # fewer that a claim has are no quotation


@dataclass(frozen=True, slots=True)
class Attribution:
    """What bears a part out: spans of documents by passage, best first, and how well they do.

    `denied`: no passage supports it, and one says the opposite in much the same words.
    """

    support: Support
    score: float
    spans: tuple[tuple[int, Span], ...] = ()
    denied: bool = False


class Attributor:
    """Finds the support of one answer's claims; what it knows of passages is kept for the next."""

    def __init__(
        self,
        passages: Sequence[Passage],
        claim_terms: ClaimTerms,
        embedder: Embedder | None = None,
        model: SupportModel | None = None,
    ) -> None:
        """Without `embedder` all sentences are as near to the claim as they mostly are."""
        self._sources = [Source.of(passage) for passage in passages]
        self._claim_terms = claim_terms
        self._embedder = embedder
        self._model = model or load_model()
        self._claim_vectors: dict[str, Vectors] = {}

    def is_claim(self, text: str) -> bool:
        """Tells whether the words hold anything that could be true or false."""
        return bool(self._claim_terms(text)[1].groups)

    def attribute(self, text: str, cited: Sequence[int] = ()) -> Attribution:
        """Returns how far passages support a text, and by which spans.

        `cited` holds the indices of the passages that are said to; the others are looked through
        where these do not, or where there are none.
        """
        claim, denied = self._claim(text), False
        tried = [self._attribute(claim, index) for index in dict.fromkeys(cited)]
        if all(attribution.support is not Support.SUPPORTED for attribution in tried):
            others = [self._attribute(claim, index) for index in self._likeliest(claim, cited)]
            supporting = [other for other in others if other.support is Support.SUPPORTED]
            denied = not supporting and any(held.denied for held in (*tried, *others))
            tried += supporting
        found = [
            attribution for attribution in tried if attribution.support is not Support.NOT_FOUND
        ]
        if not found:
            highest = max((attribution.score for attribution in tried), default=0.0)
            return Attribution(Support.NOT_FOUND, highest, denied=denied)
        best = max(found, key=lambda attribution: attribution.score)
        spans = [
            span
            for attribution in found
            if attribution.support is best.support
            for span in attribution.spans
            if span[0] in cited
        ]
        return replace(best, spans=tuple(spans) or best.spans, denied=denied)

    def features(self, text: str, index: int) -> Features:
        """Returns how a text compares with the passage at `index`: what its score is made of."""
        return self._compare(self._claim(text), index)[0]

    def _claim(self, text: str) -> Claim:
        said = without_number(text)
        return Claim(said, *self._claim_terms(said), facts_of(said))

    def _attribute(self, claim: Claim, index: int) -> Attribution:
        """Returns how far one passage supports the claim."""
        source = self._sources[index]
        quoted = verbatim(claim, source)
        if quoted is not None:
            return Attribution(Support.SUPPORTED, 1.0, ((index, quoted),))
        features, span = self._compare(claim, index)
        scale = self._model.scale(claim.language != source.language)
        score = scale.score(features)
        if _denies(features):
            return Attribution(Support.NOT_FOUND, score, denied=True)
        return Attribution(scale.support(score), score, ((index, span),))

    def _compare(self, claim: Claim, index: int) -> tuple[Features, Span]:
        """Returns the features of a claim, and the span of the passage that says most of it."""
        source = self._sources[index]
        cosines = self._cosines(claim, index)
        sentences = align(claim, source, cosines)
        nearest = max((cosines[sentence] for sentence in sentences), default=0.0)
        span = source.spans[sentences[0]][0], source.spans[sentences[-1]][1]
        return compare(claim, source, sentences, nearest), span

    def _likeliest(self, claim: Claim, excluded: Sequence[int]) -> list[int]:
        """Returns the passages, none of those `excluded`, that may say it, likeliest first."""

        def likelihood(index: int) -> float:
            terms, cosines = self._sources[index].terms, self._cosines(claim, index)
            return max(
                claim.terms.covered(set(words)) + cosine
                for words, cosine in zip(terms, cosines, strict=True)
            )

        others = (index for index in range(len(self._sources)) if index not in excluded)
        return sorted(others, key=likelihood, reverse=True)[:_COMPARED]

    def _cosines(self, claim: Claim, index: int) -> Sequence[float]:
        """Returns the cosine of the claim to each sentence of a passage."""
        if self._embedder is None:
            return [_ORDINARY_COSINE] * len(self._sources[index].spans)
        if claim.text not in self._claim_vectors:
            self._claim_vectors[claim.text] = self._embedder.encode_documents([claim.text])[0]
        cosines = self._vectors[index] @ self._claim_vectors[claim.text]
        return [float(cosine) for cosine in cosines]

    @cached_property
    def _vectors(self) -> list[Vectors]:
        """Returns one array (sentences, dimension) a passage; made when it is first needed."""
        assert self._embedder is not None  # noqa: S101 - needed with an embedder only
        texts = [text for source in self._sources for text in source.texts]
        rows = self._embedder.encode_documents(texts)
        ends = np.cumsum([len(source.texts) for source in self._sources])
        return np.split(rows, ends[:-1])


def _denies(features: Features) -> bool:
    """Tells whether the sentence says the opposite: «not» or an antonym among the same words."""
    opposite = features["negated"] > 0 or features["opposed"] > 0
    return opposite and features["altered"] > _DENIES


def align(claim: Claim, source: Source, cosines: Sequence[float]) -> list[int]:
    """Returns the sentence that says most of the claim, with a neighbour that adds to it."""
    covered = [claim.terms.covered(set(terms)) for terms in source.terms]
    best = max(range(len(covered)), key=lambda index: covered[index] + cosines[index])
    gains = {
        index: claim.terms.covered(source.all_terms([best, index])) - covered[best]
        for index in (best + 1, best - 1)
        if 0 <= index < len(covered)
    }
    added = max(gains, key=lambda index: gains[index], default=best)
    return sorted({best, added}) if gains.get(added, 0.0) >= _ADDS else [best]


def verbatim(claim: Claim, source: Source) -> Span | None:
    """Returns the shortest span of sentences that hold the claim word by word.

    Not where these say «not» and the claim does not: «It is untrue that…» has been left out.
    """
    wanted = list(_tokens(claim.text))
    if len(wanted) < _FEWEST_TOKENS:
        return None
    words = [(word, index) for index, text in enumerate(source.texts) for word in _tokens(text)]
    found = []
    for start in range(len(words) - len(wanted) + 1):
        stretch = words[start : start + len(wanted)]
        if stretch[0][0] == wanted[0] and [word for word, _ in stretch] == wanted:
            first, last = stretch[0][1], stretch[-1][1]
            if source.facts(range(first, last + 1)).negated == claim.facts.negated:
                found.append((source.spans[first][0], source.spans[last][1]))
    return min(found, key=lambda span: span[1] - span[0], default=None)


@lru_cache(maxsize=2048)
def _tokens(text: str) -> Sequence[str]:
    return [fold(word) for word in _TOKEN.findall(text)]
