"""Linear models over the words of a question and its vector, and the files that hold them.

Each file holds two models: one over words and vectors of the bundled embedder, and one over words
alone for any other embedder.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from rag.models import same_weights
from rag.protocols import Vectors


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Weights: of features (features, outcomes), and of a vector (dimension, outcomes)."""

    features: Mapping[str, int]
    weights: Vectors
    intercept: Vectors
    vector: Vectors | None = None

    def scores(self, features: Mapping[str, float], vector: Vectors | None) -> Vectors:
        """Returns a score for each outcome; `vector` (dimension,) is that of the question."""
        scores = self.intercept.copy()
        for name, value in features.items():
            row = self.features.get(name)
            if row is not None:
                scores += value * self.weights[row]
        if self.vector is not None and vector is not None:
            scores += vector @ self.vector
        return scores


@dataclass(frozen=True, slots=True)
class FittedModels:
    """The models of one file, and the fingerprint of the embedder whose vectors were fitted on."""

    vectors: LinearModel
    words: LinearModel
    embedder: str

    def knows(self, fingerprint: str) -> bool:
        """Tells whether vectors of the embedder with this fingerprint mean something here."""
        return same_weights(fingerprint, self.embedder)

    def scores(
        self, features: Mapping[str, float], vector: Vectors | None, fingerprint: str
    ) -> Vectors:
        """Returns a score for each outcome, by words alone where the vector is of another model."""
        known = vector is not None and self.knows(fingerprint)
        return (self.vectors if known else self.words).scores(features, vector if known else None)


@cache
def load_models(name: str) -> FittedModels:
    """Loads the models of `rag/answering/NAME.json`, which came with the installation."""
    text = resources.files("rag.answering").joinpath(f"{name}.json").read_text("utf-8")
    fitted = json.loads(text)
    return FittedModels(_model(fitted["vectors"]), _model(fitted["words"]), fitted["embedder"])


def _model(fitted: Mapping[str, object]) -> LinearModel:
    def array(name: str) -> Vectors:
        return np.asarray(fitted[name], np.float32)

    features = fitted["features"]
    assert isinstance(features, list)  # noqa: S101 - written by the commands that fit
    return LinearModel(
        {name: row for row, name in enumerate(features)},
        array("weights"),
        array("intercept"),
        array("vector") if "vector" in fitted else None,
    )
