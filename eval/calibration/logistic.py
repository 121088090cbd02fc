"""Logistic models on named features, their folds and the area under their curve."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.answering.calibration import Features

FOLDS = 5
_PENALTY = 3.0  # on the squares of weights of features in deviations
_LEAST = 1e-12  # share of a right row: its logarithm stays finite

Model = dict[str, float]


def fitted(names: Sequence[str], rows: NDArray[np.float64], labels: NDArray[np.bool_]) -> Model:
    """Returns weights fitted on features in deviations, for the features as they are.

    The penalty would keep out what moves little, as cosines do. What never changes weighs 0: it
    tells nothing, and would pass for an intercept.
    """
    from sklearn.linear_model import LogisticRegression

    mean, deviation = rows.mean(axis=0), rows.std(axis=0)
    varies = deviation > 0
    scaled = (rows[:, varies] - mean[varies]) / deviation[varies]
    model = LogisticRegression(C=1.0, max_iter=1000).fit(scaled, labels)
    weights = np.zeros(len(names))
    weights[varies] = model.coef_[0] / deviation[varies]
    pairs = (("intercept", model.intercept_[0] - weights @ mean), *zip(names, weights, strict=True))
    return {name: round(float(value), 4) for name, value in pairs}


def fitted_lists(
    names: Sequence[str], lists: Sequence[NDArray[np.float64]], labels: Sequence[NDArray[np.bool_]]
) -> Model:
    """Returns weights by which the right rows of each list stand above its other rows.

    A softmax over each list (the conditional logit of McFadden, 1974), then a logistic model of
    its score alone, so that what comes out is the probability that a row is right.
    """
    from scipy.optimize import minimize

    rows = np.concatenate(lists)
    mean, deviation = rows.mean(axis=0), rows.std(axis=0)
    deviation = np.where(deviation > 0, deviation, np.inf)
    scaled = [(part - mean) / deviation for part in lists]

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total, slope = _PENALTY * weights @ weights, 2 * _PENALTY * weights
        for part, right in zip(scaled, labels, strict=True):
            scores = part @ weights
            shares = np.exp(scores - scores.max())
            shares /= shares.sum()
            chosen = shares[right].sum() + _LEAST
            total -= np.log(chosen)
            slope = slope + part.T @ (shares - np.where(right, shares, 0) / chosen)
        return float(total), slope

    weights = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B").x / deviation
    score = fitted(["score"], (rows @ weights)[:, None], np.concatenate(labels))
    scaled_weights = {
        name: round(float(score["score"] * weight), 4)
        for name, weight in zip(names, weights, strict=True)
    }
    return {"intercept": score["intercept"], **scaled_weights}


def linear(model: Model, values: Features) -> float:
    """Returns the logit that a model gives to named features."""
    return model["intercept"] + sum(
        weight * values[name] for name, weight in model.items() if name != "intercept"
    )


def folds(groups: Sequence[str]) -> Iterator[tuple[list[int], list[int]]]:
    """Yields the indices to fit on and to measure on; no group is in both."""
    names = sorted(set(groups))
    for fold in range(FOLDS):
        held = set(names[fold::FOLDS])
        test = [i for i, group in enumerate(groups) if group in held]
        train = [i for i, group in enumerate(groups) if group not in held]
        yield train, test


def area(odds: Sequence[float], labels: Sequence[bool]) -> float:
    """Returns the share of pairs of a right and a wrong answer in which the right one has more."""
    known, wanted = np.array(odds), np.array(labels, bool)
    right, wrong = known[wanted][:, None], known[~wanted]
    return float((right > wrong).mean() + (right == wrong).mean() / 2)
