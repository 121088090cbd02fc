"""Logistic models, and those of `calibration.json`, fitted by `eval/calibration/answers.py`.

A model maps features to weights, with an «intercept»: «sentence» scores all sentences, «compared»
those whose vector was compared with the question's, «answer» and «answer-cross» say whether what is
best answers, in the question's language and in the other one. There is a set for passages that the
QA model has read and one without.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from rag.protocols import probability

Features = Mapping[str, float]
LogisticModel = Mapping[str, float]
Models = Mapping[str, LogisticModel]

_CERTAIN = 0.002  # probabilities nearer to 0 or 1 say no more
SHORT_THRESHOLD = 0.5  # until it has been fitted


def logistic(model: LogisticModel, features: Features) -> float:
    """Returns the probability that the model gives to these features."""
    return probability(
        model["intercept"]
        + sum(weight * features[name] for name, weight in model.items() if name != "intercept")
    )


def log_odds(probability: float) -> float:
    """Returns the log-odds of a probability, which is never taken for certain."""
    kept = min(max(probability, _CERTAIN), 1 - _CERTAIN)
    return math.log(kept / (1 - kept))


@dataclass(frozen=True, slots=True)
class Calibration:
    """Models for passages that were not read and for those that were, and a threshold."""

    unread: Models
    read: Models | None = None
    short: LogisticModel | None = None
    """Probability that the QA model's words are the short answer; None: they are never shown."""
    short_threshold: float = SHORT_THRESHOLD
    """Least probability for which they are."""

    polarity: LogisticModel | None = None
    """Probability that a sentence says yes, by how it leans; None: yes and no are never said."""
    embedder: str = ""
    """Fingerprint of the embedder whose cosines were fitted on."""
    usual_near: float = 0.0
    """Their mean: what counts where another embedder made them."""
    selector: str = ""
    """Fingerprint of the sentence selector that compared the sentences of what was read."""
    usual_selected: float = 0.0
    """The mean of its cosines."""

    def compared_by(self, read: bool) -> tuple[str, float]:
        """Returns whose cosines of sentences the models were fitted on, and their mean."""
        if read and self.read and self.selector:
            return self.selector, self.usual_selected
        return self.embedder, self.usual_near

    def models(self, read: bool) -> Models:
        """Returns the models for passages that were read or not."""
        return self.read if read and self.read else self.unread


@cache
def load_calibration() -> Calibration:
    """Loads what came with the installation."""
    text = resources.files("rag.answering").joinpath("calibration.json").read_text("utf-8")
    fitted = json.loads(text)
    return Calibration(
        fitted["models"],
        fitted.get("read"),
        fitted.get("short"),
        float(fitted.get("short_from", SHORT_THRESHOLD)),
        fitted.get("polarity"),
        fitted["embedder"],
        fitted["usual_near"],
        fitted.get("selector", ""),
        fitted.get("usual_selected", 0.0),
    )
