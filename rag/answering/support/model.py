"""The fitted weights and thresholds of the support model: `support.json`.

A model maps features to weights, with an «intercept». «same» judges claims in the language of the
passage, «cross» those in the other one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from rag.protocols import probability
from rag.schema import Support

FITTED = "support.json"


@dataclass(frozen=True, slots=True)
class Scale:
    """One logistic model, and the probabilities from which a claim is supported, or partly so."""

    weights: Mapping[str, float]
    supported: float
    partly: float

    def score(self, features: Mapping[str, float]) -> float:
        """Probability that the passage says what is claimed."""
        total = self.weights["intercept"] + sum(
            weight * features[name] for name, weight in self.weights.items() if name != "intercept"
        )
        return probability(total)

    def mark(self, score: float) -> Support:
        """The mark of a claim with this probability."""
        if score >= self.supported:
            return Support.SUPPORTED
        return Support.PARTLY if score >= self.partly else Support.NOT_FOUND


@dataclass(frozen=True, slots=True)
class SupportModel:
    """The scales for claims in the passage's language and in the other one."""

    same: Scale
    cross: Scale

    def scale(self, across: bool) -> Scale:
        """The one that judges claims across languages, or within one."""
        return self.cross if across else self.same


@cache
def load_model() -> SupportModel:
    """Loads the model that came with the installation."""
    text = resources.files("rag.answering.support").joinpath(FITTED).read_text(encoding="utf-8")
    scales = json.loads(text)["models"]
    return SupportModel(Scale(**scales["same"]), Scale(**scales["cross"]))
