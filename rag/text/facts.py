"""What two texts must agree in to say the same: numbers, months, names, negation, opposites.

A claim may say a passage in other words, but not with another figure, another name or a «not» too
many, within a language and across.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rag.text.entities import WORD, months_in, names_in
from rag.text.languages import DATA, either, fold
from rag.text.numbers import Number, counted_in, numbers_in
from rag.text.terms import stem

NEGATION = re.compile(rf"\b{either(lambda language: language.negations)}\b", re.IGNORECASE)
_OPPOSITES = tuple(
    tuple(
        re.compile(rf"\b(?:{'|'.join(words)})", re.IGNORECASE) for words in zip(*pairs, strict=True)
    )
    for pairs in zip(*(language.opposites for language in DATA.values()), strict=True)
)
_FIRST_LETTERS = 4  # enough to know a name that another language spells otherwise: «Londres»


@dataclass(frozen=True, slots=True)
class Facts:
    """What of a text must agree."""

    numbers: tuple[Number, ...]
    months: frozenset[int]
    names: frozenset[str]  # folded
    words: frozenset[str]  # all words, folded: a name may stand in any of them
    negated: bool
    leanings: tuple[tuple[bool, bool], ...]  # per pair of opposites, which sides occur

    def opposes(self, other: Facts) -> bool:
        """Tells whether this text takes one side of a pair and the other text the other side."""
        return any(
            (one[0] and not one[1] and two[1] and not two[0])
            or (one[1] and not one[0] and two[0] and not two[1])
            for one, two in zip(self.leanings, other.leanings, strict=True)
        )


@lru_cache(maxsize=2048)  # claims meet the same sentences often
def facts_of(text: str) -> Facts:
    """Returns the facts of a text."""
    return Facts(
        tuple(numbers_in(text)),
        frozenset(months_in(text)),
        frozenset(names_in(text)),
        frozenset(fold(word) for word in WORD.findall(text)),
        NEGATION.search(text) is not None,
        tuple((a.search(text) is not None, b.search(text) is not None) for a, b in _OPPOSITES),
    )


def missing_numbers(claim: Facts, source: Facts) -> int:
    """Returns how many of the claim's numbers and months the source does not state."""
    absent = sum(
        not any(number.agrees(other) for other in source.numbers) for number in claim.numbers
    )
    return absent + len(claim.months - source.months)


def counts_otherwise(claim: str, source: str, language: str) -> bool:
    """Tells whether the claim counts what the source, in the same language, counts otherwise.

    «6 candidatos» where the source has «40 candidatos», whatever else six is there.
    """
    counted: dict[str, list[Number]] = {}
    for number, word in counted_in(source):
        counted.setdefault(stem(word, language), []).append(number)
    return any(
        not any(number.agrees(other) for other in counted.get(stem(word, language), [number]))
        for number, word in counted_in(claim)
    )


def missing_names(claim: Facts, source: Facts, across: bool = False) -> int:
    """Returns how many of the claim's names the source lacks.

    `across` languages the first letters of a name are enough.
    """
    least = _FIRST_LETTERS
    starts = {word[:least] for word in source.words if len(word) > least} if across else set()
    return sum(
        name not in source.words and not (len(name) > least and name[:least] in starts)
        for name in claim.names
    )
