"""Measuring on what was held back: parts by document, and the interval of a gain.

A document and its near copies (another version of a contract, a page saved twice) are one group and
stand in one part, so nothing of what is asked has been learnt from. Knows nothing about texts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Places = NDArray[np.intp]
COPY = 0.95  # cosine from which two passages say the same
COPIED = 0.2  # share of a document's passages from which it is another's near copy
RESAMPLES = 2_000
NORMAL = 1.96  # quantile for 95 %, both sides


def groups(vectors: Floats, documents: Places) -> Places:
    """The group of each passage: the least number of a document among near copies.

    vectors (m, d) of unit length, documents (m,) the number of each passage's document.
    """
    numbers = [int(each) for each in np.unique(documents)]
    leader = {number: number for number in numbers}
    rows = {number: vectors[documents == number] for number in numbers}
    for place, left in enumerate(numbers):
        others = np.isin(documents, numbers[place + 1 :])
        near = rows[left] @ vectors[others].T > COPY
        for right in np.unique(documents[others][near.any(axis=0)]):
            shared = near[:, documents[others] == right]
            if max(shared.any(axis=1).mean(), shared.any(axis=0).mean()) >= COPIED:
                _join(leader, left, int(right))
    return np.array([leader[int(number)] for number in documents], dtype=np.intp)


def _join(leader: dict[int, int], left: int, right: int) -> None:
    low, high = sorted((leader[left], leader[right]))
    for number, first in leader.items():
        leader[number] = low if first == high else first


def parts(group: Places, count: int, seed: int) -> Places:
    """One of `count` parts for each row, whole groups together, of like size.

    The largest groups are dealt first, each to the part that has least.
    """
    names, sizes = np.unique(group, return_counts=True)
    shuffled = np.random.default_rng(seed).permutation(len(names))
    order = shuffled[np.argsort(-sizes[shuffled], kind="stable")]
    filled = np.zeros(count, dtype=np.intp)
    part: dict[int, int] = {}
    for place in order:
        part[int(names[place])] = least = int(filled.argmin())
        filled[least] += sizes[place]
    return np.array([part[int(name)] for name in group], dtype=np.intp)


def interval(gain: Floats, group: Places, seed: int) -> tuple[float, float]:
    """95 % interval of the mean of paired differences, by resampling whole groups.

    Questions about one document share its luck: single ones would pretend to know too much
    (cluster bootstrap, Davison and Hinkley 1997, section 3.8). Of few groups a bootstrap still is
    too sure: its interval is widened from the normal's to Student's quantile (Cornish and Fisher).
    """
    names, place = np.unique(group, return_inverse=True)
    sums, sizes = np.bincount(place, weights=gain), np.bincount(place)
    drawn = np.random.default_rng(seed).integers(len(names), size=(RESAMPLES, len(names)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    mean, free = float(gain.mean()), max(1, len(names) - 1)
    wider = np.sqrt(1 + 1 / free) * (1 + (NORMAL**2 + 1) / (4 * free))
    low, high = mean + wider * (np.percentile(means, (2.5, 97.5)) - mean)
    return float(low), float(high)


def least(gain: Floats, group: Places) -> float:
    """The mean less two standard errors, whole groups counting as one observation each."""
    _, place = np.unique(group, return_inverse=True)
    off = np.bincount(place, weights=gain - gain.mean())
    return float(gain.mean() - 2 * np.sqrt((off**2).sum()) / len(gain))
