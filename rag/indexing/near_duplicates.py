"""Near-duplicates by bottom-k sketches: the least hashes of all runs of five words.

The share of common runs (Jaccard) of two texts is estimated from their sketches alone: Broder, «On
the resemblance and containment of documents», 1997; with k = 64 its standard error is 0.04 at 0.9.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint32]

SIZE = 64  # hashes a sketch
RUN = 5  # words
KEYS = 4  # hashes by which a text is looked up; two alike texts share one but in 0.2 % of cases
ALIKE = 0.8  # share of common runs from which two texts count as nearly the same
_LEAST = 8  # runs; shorter texts are alike by chance
_BLOCK = 100_000  # words at a time
_WORD = re.compile(r"\w+")
_FACTORS = np.array([0x9E3779B97F4A7C15 ** (n + 1) % 2**64 | 1 for n in range(RUN)], np.uint64)


def sketch(text: str) -> bytes:
    """Returns at most `SIZE` ascending uint32; nothing for a text too short to compare."""
    least, before, runs = np.empty(0, np.uint32), np.empty(0, np.uint64), 0
    for hashes in _word_hashes(text):
        row = np.concatenate([before, hashes])
        mixed = _run_hashes(row)
        least = np.union1d(least, mixed)[:SIZE]
        runs += len(mixed)
        before = row[-(RUN - 1) :]
    return least.astype("<u4").tobytes() if runs >= _LEAST else b""


def _word_hashes(text: str) -> Iterator[NDArray[np.uint64]]:
    """Gives the hashes of all words in blocks: a book's at once would take ten times its size."""
    words = (zlib.crc32(match[0].casefold().encode()) for match in _WORD.finditer(text))
    while block := list(islice(words, _BLOCK)):
        yield np.array(block, np.uint64)


def _run_hashes(row: NDArray[np.uint64]) -> Hashes:
    """Returns the hashes of all runs of RUN words."""
    runs = max(0, len(row) - RUN + 1)
    mixed = np.zeros(runs, np.uint64)
    for offset, factor in enumerate(_FACTORS):
        mixed = (mixed ^ (row[offset : offset + runs] * factor)) * _FACTORS[0]
    return (mixed >> np.uint64(32)).astype(np.uint32)


def share(first: Hashes, second: Hashes) -> float:
    """Returns the estimated share in [0, 1] of the runs of both texts that they share."""
    both = np.union1d(first, second)[:SIZE]
    common = np.intersect1d(first, second, assume_unique=True)
    return float(np.isin(both, common, assume_unique=True).mean()) if len(both) else 0.0


class Sketches:
    """All sketches of a library, to find the one most like another."""

    def __init__(self, stored: Iterable[tuple[int, bytes]]) -> None:
        self._rows: dict[int, Hashes] = {}
        self._holders: dict[int, list[int]] = {}
        for key, data in stored:
            self.add(key, data)

    def add(self, key: int, data: bytes) -> None:
        """Adds the sketch of a document."""
        if data:
            self._rows[key] = row = _hashes(data)
            for value in row[:KEYS].tolist():
                self._holders.setdefault(value, []).append(key)

    def nearest(self, data: bytes, without: int | None = None) -> tuple[int, float] | None:
        """Returns (id, share) of the text most like this one, if any is alike."""
        asked = _hashes(data)
        near = {key for value in asked[:KEYS].tolist() for key in self._holders.get(value, ())}
        shares = [(share(asked, self._rows[key]), -key) for key in near - {without}]
        best = max(shares, default=(0.0, 0))
        return (-best[1], best[0]) if best[0] >= ALIKE else None


def _hashes(data: bytes) -> Hashes:
    return np.frombuffer(data, "<u4")
