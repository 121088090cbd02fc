"""The labelled pairs of claim and passage, and the fit of the support model on made-up ones."""

from __future__ import annotations

import random

import numpy as np

from eval.calibration import support
from eval.calibration.support_pairs import Pair, with_changes
from rag.answering.support.features import FEATURES


def test_a_supported_claim_is_also_had_with_a_fact_swapped_and_denied() -> None:
    text = "Later the tower was sold to Gustave Ruiz for 1200 euros."
    pair = Pair(text, text, True, "clapnq", "supported", "a")
    changed = {made.origin: made for made in with_changes([pair], random.Random(1))}
    assert {"supported", "number", "negated"} <= set(changed)
    assert "1200" not in changed["number"].claim
    assert "was not sold" in changed["negated"].claim
    assert [made.supported for made in changed.values()].count(True) == 1


def test_the_fit_keeps_what_is_supported_and_lets_little_else_pass() -> None:
    draw = np.random.default_rng(0)
    rows = []
    for number in range(400):
        supported = number % 2 == 0
        features = dict.fromkeys(FEATURES, 0.0)
        features["covers"] = float(np.clip(draw.normal(0.8 if supported else 0.3, 0.15), 0, 1))
        pair = Pair("c", "p", supported, "rgb", "supported", str(number))
        rows.append(support.MeasuredPair(pair, features))
    scale = support.fit(["covers", "near"], rows)
    scores = np.array([scale.score(row.features) for row in rows])
    labels = np.array([row.pair.supported for row in rows])
    assert scale.partly <= scale.supported < 1
    assert labels[scores >= scale.supported].mean() >= support.PRECISE
    assert (scores[labels] >= scale.partly).mean() >= support.KEPT - 0.02


def test_fitting_and_measuring_share_no_document() -> None:
    pairs = [Pair("c", "p", True, "rgb", "supported", str(number)) for number in range(500)]
    share = sum(map(support.is_for_fitting, pairs)) / len(pairs)
    assert 0.5 < share < 0.7
