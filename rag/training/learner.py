"""Learns a map with its strength chosen inside, and asks what was held back.

A part of the questions is asked by a map of the other parts, whose strength was chosen by leaving
out each of those in turn as well (nested cross-validation): nothing of what is measured has been
learnt from, the choice of the strength included. Knows nothing about where the questions come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from rag.training.held_back import least, parts
from rag.training.linear_map import Asked, Floats, Places, gains, spread, whitening


class Learner:
    """Questions in parts, whole groups together; use the same seed to get the same parts."""

    def __init__(
        self, asked: Asked, group: Places, strengths: Sequence[float], count: int, seed: int
    ) -> None:
        """`group` (n,) of each question; `count` parts."""
        self._asked, self._group, self._strengths = asked, group, strengths
        part = parts(group, count, seed)
        self._places = [np.flatnonzero(part == number) for number in range(count)]
        self._sums = [spread(asked, places) * len(places) for places in self._places]
        self._now = self.gains(None)
        self._inner = self._leave_two_out()

    def gains(self, matrix: Floats | None) -> Floats:
        """Reciprocal ranks of all questions under a map that is given, shape (n,)."""
        return gains(self._asked, np.arange(len(self._group)), matrix)

    def held_back(self) -> Floats:
        """Reciprocal ranks (n,), each part's by a map that the part had no share in."""
        found = np.zeros(len(self._group), dtype=np.float32)
        for number, places in enumerate(self._places):
            chosen = self._surest(number)
            found[places] = gains(self._asked, places, self._maps(number)[chosen])
        return found

    def learn(self) -> tuple[Floats, float]:
        """The map (d, d) of all questions, and its strength."""
        chosen = self._surest()
        return self._maps()[chosen], self._strengths[chosen]

    def _maps(self, *left_out: int) -> list[Floats]:
        """One of each strength, from all parts but those."""
        rest = [number for number in range(len(self._places)) if number not in left_out]
        total = sum(len(self._places[number]) for number in rest)
        covariance = np.sum([self._sums[number] for number in rest], axis=0) / total
        return list(whitening(covariance, self._strengths))

    def _leave_two_out(self) -> Floats:
        """Reciprocal ranks (parts, strengths, n): at [i, s, q] those of question q, of another part
        than i, under the map of strength s that knows neither i nor the part of q.
        """
        count = len(self._places)
        found = np.zeros((count, len(self._strengths), len(self._group)), dtype=np.float32)
        for left, right in combinations(range(count), 2):
            for place, matrix in enumerate(self._maps(left, right)):
                for out, other in ((left, right), (right, left)):
                    asked = self._places[other]
                    found[out, place, asked] = gains(self._asked, asked, matrix)
        return found

    def _surest(self, number: int | None = None) -> int:
        """Place of the strength whose gain is surest, one part left out or none.

        Not the greatest mean: a weak hold gains and loses more, and a choice by means would follow
        the luck of few documents.
        """
        if number is None:
            ranks = self._inner.sum(axis=0) / (len(self._places) - 1)
            places = np.arange(len(self._group))
        else:
            ranks = self._inner[number]
            places = np.setdiff1d(np.arange(len(self._group)), self._places[number])
        gained = ranks[:, places] - self._now[places]
        return int(np.argmax([least(row, self._group[places]) for row in gained]))
