"""Holds the sentences of an answer to the passages it was made from.

Each part of a sentence is laid beside the sentence of a passage that says most of it, and the two
are compared. A part that its own citation does not bear out is looked for in the other passages.
Places come from stored offsets: nothing depends on how well a model quotes. Knows nothing about
marks in a text; texts, vectors and verdicts come from the functions it is given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from rag.answering.support.features import (
    Claim,
    Features,
    Source,
    compare,
    take_apart,
)
from rag.answering.support.model import SupportModel, load_model
from rag.protocols import Embedder, Vectors
from rag.schema import Passage, Span, Support, WeightedTerms
from rag.text import fold
from rag.text.facts import facts_of

WeighTerms = Callable[[str], tuple[str, WeightedTerms]]
"""Text -> its language and its terms, weighed in the library."""

_TOKEN = re.compile(r"(?<!\w)[-−]\d+|[^\W_]+|[%€$]")
_ADDS = 0.2  # share of a claim's information that a neighbouring sentence must add to be quoted too
_LOOKED_AT = 2  # passages that are compared closely when a claim cites none
_FEWEST_TOKENS = 3  # fewer that a claim has are no quotation


@dataclass(frozen=True, slots=True)
class Attribution:
    """What bears a part out: spans of documents by passage, best first, and how well they do."""

    support: Support
    score: float
    spans: tuple[tuple[int, Span], ...] = ()


class Attributor:
    """Judges the parts of one answer. What has been taken apart is kept for the next part."""

    def __init__(
        self,
        passages: Sequence[Passage],
        weigh: WeighTerms,
        embedder: Embedder | None = None,
        model: SupportModel | None = None,
    ) -> None:
        """Without `embedder` no sentence is near another in meaning."""
        self._sources = [take_apart(passage) for passage in passages]
        self._weigh = weigh
        self._embedder = embedder
        self._model = model or load_model()

    def says_something(self, text: str) -> bool:
        """Whether the words hold anything that could be true or false."""
        return bool(self._weigh(text)[1].groups)

    def judge(self, text: str, cited: Sequence[int] = ()) -> Attribution:
        """The mark of a text, and the spans that bear it out; none where it is not found.

        `cited`: indices of the passages that are said to; the others are looked through where
        these do not, or where there are none.
        """
        claim = self._claimed(text)
        held = [self._hold(claim, index) for index in dict.fromkeys(cited)]
        if all(each.support is not Support.SUPPORTED for each in held):
            others = [self._hold(claim, index) for index in self._likely(claim, cited)]
            held += [each for each in others if each.support is Support.SUPPORTED]
        found = [each for each in held if each.support is not Support.NOT_FOUND]
        if not found:
            return Attribution(Support.NOT_FOUND, max((each.score for each in held), default=0.0))
        best = max(found, key=lambda each: each.score)
        kept = [each for each in found if each.support is best.support]
        own = [each for each in kept if each.spans[0][0] in cited] or [best]
        return replace(best, spans=tuple(span for each in own for span in each.spans))

    def _claimed(self, text: str) -> Claim:
        return Claim(text, *self._weigh(text), facts_of(text))

    def features(self, text: str, index: int) -> Features:
        """How a text compares with the passage at `index`: what its score is made of."""
        return self._compare(self._claimed(text), index)[0]

    def _hold(self, claim: Claim, index: int) -> Attribution:
        """The claim against one passage."""
        source = self._sources[index]
        same = verbatim(claim, source)
        if same is not None:
            return Attribution(Support.SUPPORTED, 1.0, ((index, same),))
        features, span = self._compare(claim, index)
        scale = self._model.scale(claim.language != source.language)
        score = scale.score(features)
        return Attribution(scale.mark(score), score, ((index, span),))

    def _compare(self, claim: Claim, index: int) -> tuple[Features, Span]:
        """The features of a claim, and the span of the passage that says most of it."""
        source = self._sources[index]
        near = self._nearness(claim, index)
        places = align(claim, source, near)
        closest = max((near[place] for place in places), default=0.0)
        span = source.spans[places[0]][0], source.spans[places[-1]][1]
        return compare(claim, source, places, closest), span

    def _likely(self, claim: Claim, known: Sequence[int]) -> list[int]:
        """The passages, other than those `known`, that may say it, likeliest first."""

        def promise(index: int) -> float:
            source, near = self._sources[index], self._nearness(claim, index)
            return max(
                claim.terms.covered(set(terms)) + close
                for terms, close in zip(source.terms, near, strict=True)
            )

        others = (index for index in range(len(self._sources)) if index not in known)
        return sorted(others, key=promise, reverse=True)[:_LOOKED_AT]

    def _nearness(self, claim: Claim, index: int) -> Sequence[float]:
        """Cosine of the claim to each sentence of a passage."""
        rows = self._vectors[index] if self._vectors else None
        if rows is None or self._embedder is None:
            return [0.0] * len(self._sources[index].spans)
        return [float(each) for each in rows @ self._vector(claim.text)]

    def _vector(self, text: str) -> Vectors:
        if text not in self._known:
            assert self._embedder is not None  # noqa: S101 - asked for with an embedder only
            self._known[text] = self._embedder.encode_documents([text])[0]
        return self._known[text]

    @cached_property
    def _known(self) -> dict[str, Vectors]:
        return {}

    @cached_property
    def _vectors(self) -> list[Vectors]:
        """One array (sentences, dimension) a passage: made once, and only when it is asked for."""
        if self._embedder is None:
            return []
        texts = [text for source in self._sources for text in source.texts]
        rows = self._embedder.encode_documents(texts)
        arrays, start = [], 0
        for source in self._sources:
            arrays.append(rows[start : start + len(source.texts)])
            start += len(source.texts)
        return arrays


def align(claim: Claim, source: Source, near: Sequence[float]) -> list[int]:
    """The sentence that says most of the claim, with a neighbour that adds to it; in order."""
    covered = [claim.terms.covered(set(terms)) for terms in source.terms]
    best = max(range(len(covered)), key=lambda place: covered[place] + near[place])
    gains = {
        place: claim.terms.covered(source.all_terms([best, place])) - covered[best]
        for place in (best + 1, best - 1)
        if 0 <= place < len(covered)
    }
    added = max(gains, key=lambda place: gains[place], default=best)
    return sorted({best, added}) if gains.get(added, 0.0) >= _ADDS else [best]


def verbatim(claim: Claim, source: Source) -> Span | None:
    """The span of the sentences of which the claim is a stretch, word by word; the shortest ones.

    Not where these say «not» and the claim does not: «It is untrue that…» has been left out.
    """
    wanted = list(_tokens(claim.text))
    if len(wanted) < _FEWEST_TOKENS:
        return None
    words = [(word, place) for place, text in enumerate(source.texts) for word in _tokens(text)]
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
