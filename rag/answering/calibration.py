"""Logistic models, and those of `calibration.json`, fitted by `eval/calibration/answers.py`.

A model maps features to weights, with an «intercept»: «same» and «cross» score sentences in the
question's language and in the other one, «answer-es», «answer-en» and «answer-cross» say whether
the passages hold the answer. There is a set for passages that the QA model has read and one
without.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from rag.protocols import probability

Features = Mapping[str, float]
LogisticModel = Mapping[str, float]
Models = Mapping[str, LogisticModel]

SHORT_THRESHOLD = 0.5  # until it has been fitted


def logistic(model: LogisticModel, features: Features) -> float:
    """Returns the probability that the model gives to these features."""
    return probability(
        model["intercept"]
        + sum(weight * features[name] for name, weight in model.items() if name != "intercept")
    )


@dataclass(frozen=True, slots=True)
class Calibration:
    """Models for passages that were not read and for those that were, and a threshold."""

    unread: Models
    read: Models | None = None
    short: LogisticModel | None = None
    """Probability that the QA model's words are the short answer; None: they are never shown."""
    short_threshold: float = SHORT_THRESHOLD
    """Least probability for which they are."""

    def models(self, read: bool) -> Models:
        """Returns the models for passages that were read or not."""
        return self.read if read and self.read else self.unread


@cache
def load_calibration() -> Calibration:
    """Loads what came with the installation."""
    text = resources.files("rag.answering").joinpath("calibration.json").read_text("utf-8")
    fitted = json.loads(text)
    threshold = float(fitted.get("short_from", SHORT_THRESHOLD))
    return Calibration(fitted["models"], fitted.get("read"), fitted.get("short"), threshold)
