"""Which word translates which, learnt from sentences side by side.

IBM model 1 (Brown et al. 1993, «The mathematics of statistical machine translation»). Words are
numbers from 1 up. Knows nothing about what they stand for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]
ITERATIONS = 6
MAX_WORDS = 60  # a sentence: links grow with the square
_NULL = 0  # the «word» that target words without a counterpart come from
_BITS = 20  # of a word's number


class Table(NamedTuple):
    """Parallel arrays: a source word, a target word, p(target | source), times seen together."""

    source: Ids
    target: Ids
    chance: Floats
    seen: Floats


def translation_table(pairs: Sequence[tuple[Sequence[int], Sequence[int]]]) -> Table:
    """Returns the table learnt from `pairs` of (source sentence, target sentence).

    Sentences of more than `MAX_WORDS` are left out. `seen` is the expected number of times that
    the source word gave the target word.
    """
    source, target, groups = _links(pairs)
    keys, index = np.unique((source << _BITS) + target, return_inverse=True)
    of_key = keys >> _BITS
    chance = counts = np.ones(len(keys), dtype=np.float64)
    for _ in range(ITERATIONS):
        weight = chance[index]
        weight /= np.bincount(groups, weight)[groups]
        counts = np.asarray(np.bincount(index, weight, minlength=len(keys)), dtype=np.float64)
        chance = counts / np.maximum(np.bincount(of_key, counts)[of_key], 1e-12)
    return Table(of_key, keys & ((1 << _BITS) - 1), chance, counts)


def _links(pairs: Sequence[tuple[Sequence[int], Sequence[int]]]) -> tuple[Ids, Ids, Ids]:
    """Links each target word of a pair with each source word; a group is one target word."""
    source, target, lengths = [], [], []
    for sources, targets in pairs:
        if len(sources) > MAX_WORDS or len(targets) > MAX_WORDS:
            continue
        words = np.array([_NULL, *sources], dtype=np.int64)
        source.append(np.tile(words, len(targets)))
        target.append(np.repeat(np.array(targets, dtype=np.int64), len(words)))
        lengths.append(np.full(len(targets), len(words)))
    width = np.concatenate(lengths)
    return np.concatenate(source), np.concatenate(target), np.repeat(np.arange(len(width)), width)
