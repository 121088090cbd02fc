"""The fitted weights and thresholds of the support model: `support.json`.

A model maps features to weights, with an «intercept». «same» judges claims in the language of the
passage, «cross» those in the other one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

from rag.answering.calibration import Features, LogisticModel, logistic
from rag.schema import Support


@dataclass(frozen=True, slots=True)
class Scale:
    """One logistic model, and the probabilities from which a claim is supported, or partly so."""

    weights: LogisticModel
    supported: float
    partly: float

    def score(self, features: Features) -> float:
        """Returns the probability that the passage says what is claimed."""
        return logistic(self.weights, features)

    def support(self, score: float) -> Support:
        """Returns how far a claim of this probability is supported."""
        if score >= self.supported:
            return Support.SUPPORTED
        return Support.PARTLY if score >= self.partly else Support.NOT_FOUND


@dataclass(frozen=True, slots=True)
class SupportModel:
    """The scales for claims in the passage's language and in the other one."""

    same: Scale
    cross: Scale

    def scale(self, across: bool) -> Scale:
        """Returns the scale for claims across languages, or within one."""
        return self.cross if across else self.same


@cache
def load_model() -> SupportModel:
    """Loads the model that came with the installation."""
    text = resources.files("rag.answering.support").joinpath("support.json").read_text("utf-8")
    scales = json.loads(text)["models"]
    return SupportModel(Scale(**scales["same"]), Scale(**scales["cross"]))
