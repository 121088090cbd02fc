"""Fits when the QA model's words are shown as the short answer: seldom enough to be right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from eval.calibration.logistic import fitted, folds, linear
from rag.answering.answer_span import SHORT_FEATURES

PRECISION = 0.85  # of the short answers that are shown, cross-validated
FEWEST_SHORT = 10  # short answers on which a precision can be said


def fit_short(shorts: Sequence[tuple[str, Mapping[str, float], bool]]) -> dict[str, object]:
    """The model of short answers, and the least probability at which PRECISION of them are right.

    Probabilities are cross-validated over articles; 1 where no threshold is precise enough.
    """
    rows = np.array([[signals[name] for name in SHORT_FEATURES] for _, signals, _ in shorts])
    right = np.array([label for _, _, label in shorts], bool)
    sure = np.zeros(len(right))
    for train, test in folds([group for group, _, _ in shorts]):
        if test:
            model = fitted(SHORT_FEATURES, rows[train], right[train])
            for index in test:
                sure[index] = linear(model, shorts[index][1])
    shown = [sure >= odds for odds in np.unique(sure)]
    precise = [
        sure[kept].min()
        for kept in shown
        if kept.sum() >= FEWEST_SHORT and right[kept].mean() >= PRECISION
    ]
    least = float(1 / (1 + np.exp(-min(precise)))) if precise else 1.0
    kept = sum(1 / (1 + np.exp(-sure)) >= least)
    print(f"short: from {least:.3f}, {kept} of {len(right)}, right at all {right.mean():.3f}")
    model = fitted(SHORT_FEATURES, rows, right)
    return {"short": model, "short_from": float(np.ceil(least * 1e4) / 1e4)}
