"""Sketches: how far an estimate of equal text is from the truth."""

from __future__ import annotations

import random

import numpy as np
import pytest

from rag.indexing.near_duplicates import ALIKE, RUN, SIZE, Sketches, share, sketch

WORDS = [f"palabra{number}" for number in range(3000)]


def text(seed: int, length: int = 1000) -> list[str]:
    return random.Random(seed).choices(WORDS, k=length)


def runs(words: list[str]) -> set[tuple[str, ...]]:
    return {tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}


def estimate(first: list[str], second: list[str]) -> float:
    rows = [np.frombuffer(sketch(" ".join(words)), "<u4") for words in (first, second)]
    return share(*rows)


@pytest.mark.parametrize("kept", [1000, 950, 800, 500, 100, 0])
def test_the_estimate_is_near_the_true_share(kept: int) -> None:
    for seed in range(10):
        first = text(seed)
        second = first[:kept] + text(seed + 100, 1000 - kept)
        true = len(runs(first) & runs(second)) / len(runs(first) | runs(second))
        assert abs(estimate(first, second) - true) < 0.25
        assert kept < 1000 or estimate(first, second) == 1


def test_a_sketch_is_small_sorted_and_of_the_words_only() -> None:
    first = sketch(" ".join(text(1, 5000)))
    values = np.frombuffer(first, "<u4")
    assert len(values) == SIZE
    assert (np.diff(values.astype(np.int64)) > 0).all()
    assert sketch("¡" + ",\n".join(text(1, 5000)).upper() + "!") == first


@pytest.mark.parametrize("short", ["", "uno dos tres", " \n", "a b c d e f g h i j"])
def test_short_texts_are_not_compared(short: str) -> None:
    assert sketch(short) == b""
    assert Sketches([]).nearest(b"") is None


def test_the_nearest_is_found_among_many() -> None:
    texts = {number: text(number, 400) for number in range(200)}
    stored = Sketches((number, sketch(" ".join(words))) for number, words in texts.items())
    for number in range(0, 200, 10):
        changed = [*texts[number][:-8], *text(999, 8)]
        found = stored.nearest(sketch(" ".join(changed)))
        assert found is not None
        assert found[0] == number
        assert ALIKE <= found[1] <= 1
        assert stored.nearest(sketch(" ".join(changed)), without=number) is None
    assert stored.nearest(sketch(" ".join(text(777)))) is None
