"""What an answer's sentences rest on: the marks that a person sees beside them.

Shapes only; places are characters of the answer's text. Knows nothing about how they are found.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Support(StrEnum):
    """How far the documents bear a sentence out."""

    SUPPORTED = "supported"
    PARTLY = "partly"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer, `text[start:end]`, and what was found behind it."""

    start: int
    end: int
    support: Support
    score: float  # probability that the cited spans say it, in [0, 1]
    citations: tuple[int, ...] = ()  # numbers of the answer's citations


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two sources that say the same thing with another number, date or name."""

    citation: int  # number of the answer's citation that says `said`
    said: str
    passage: int  # index into the answer's passages, of the one that says `other`
    start: int  # of its sentence, in its document
    end: int
    quote: str
    other: str
