"""The fitted weights and thresholds: `support.json`, written by `eval/benchmarks/quality/support.py`.

A model maps features to weights, with an «intercept». «same» judges claims in the language of the
passage, «cross» those in the other one; a set that also knows a reader's verdict stands under
«read».
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from rag.claims import Support
from rag.protocols import probability

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
    reads: bool = False  # whether a reader's verdict is among the features

    def scale(self, across: bool) -> Scale:
        """The one that judges claims across languages, or within one."""
        return self.cross if across else self.same


@cache
def load_model(read: bool = False) -> SupportModel:
    """What came with the installation; `read`: the one with a reader's verdict, if it has one."""
    text = resources.files("rag.answering.support").joinpath(FITTED).read_text(encoding="utf-8")
    fitted = json.loads(text)
    reads = read and "read" in fitted
    scales = fitted["read" if reads else "models"]
    return SupportModel(Scale(**scales["same"]), Scale(**scales["cross"]), reads)
