"""What kind of answer a question wants: a linear model over its words and its vector.

`intent.json` is fitted by `python -m eval.calibration.intents`, on `eval/intents.jsonl`. It holds
two models: one over words and vectors of the bundled embedder, and one over words alone for any
other embedder.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import combinations, pairwise

import numpy as np

from rag.protocols import Vectors
from rag.schema import Intent
from rag.text import fold
from rag.text.intent_cues import INTENT_CUES

_CAPITALS_COUNT = "key"
_WORD = re.compile(r"\d+|[^\W\d_]+")
_FEW, _SEVERAL, _MANY = 2, 4, 12  # words of a question
# How much the kinds of feature weigh before they are fitted; cross-validated in `eval/LOG.md`.
_WORDS, _CUE, _PAIR = 0.5, 0.3, 0.2


@dataclass(frozen=True, slots=True)
class IntentModel:
    """Weights: of features (features, intents), and of a vector (dimension, intents)."""

    intents: tuple[Intent, ...]
    features: Mapping[str, int]
    weights: Vectors
    intercept: Vectors
    vector: Vectors | None = None

    def ranked(self, features: Mapping[str, float], vector: Vectors | None) -> list[Intent]:
        """Returns the intents, likeliest first; `vector` (dimension,) is that of the question."""
        scores = self.intercept.copy()
        for name, value in features.items():
            row = self.features.get(name)
            if row is not None:
                scores += value * self.weights[row]
        if self.vector is not None and vector is not None:
            scores += vector @ self.vector
        return [self.intents[index] for index in np.argsort(-scores)]


def intents_of(
    query: str, language: str, vector: Vectors | None = None, fingerprint: str = ""
) -> list[Intent]:
    """Returns the kinds of answer that a question without its manners may want, likeliest first.

    `vector` (dimension,) is that of `query`, made by the embedder of this `fingerprint`.
    """
    models, embedder = load_models()
    known = vector is not None and same_weights(fingerprint, embedder)
    return models["vectors" if known else "words"].ranked(features_of(query, language), vector)


def same_weights(fingerprint: str, other: str) -> bool:
    """Tells whether two fingerprints name the same model, whatever the arithmetic it runs in."""
    return fingerprint.split(":")[:2] == other.split(":")[:2]


def features_of(query: str, language: str) -> dict[str, float]:
    """Returns the features of a question by name, with their values in [0, 1]."""
    words = ["0" if word[0].isdigit() else word for word in _WORD.findall(fold(query))]
    framed = ["^", *words, "$"]
    grams = dict.fromkeys([*words, *(f"{one} {two}" for one, two in pairwise(framed))])
    features = dict.fromkeys(grams, _WORDS / len(grams) ** 0.5)
    cues = sorted(_cues(query, language, len(words)))
    features |= {f"<{cue}>": _CUE for cue in cues}
    return features | {f"<{one}+{two}>": _PAIR for one, two in combinations(cues, 2)}


def _cues(query: str, language: str, words: int) -> list[str]:
    lengths = {"few": words <= _FEW, "several": words <= _SEVERAL, "many": words >= _MANY}
    found = [cue for cue, pattern in _patterns(language).items() if pattern.search(query)]
    marked = ["marked"] if "?" in query else []
    return found + marked + [name for name, holds in lengths.items() if holds]


@cache
def _patterns(language: str) -> Mapping[str, re.Pattern[str]]:
    return {
        cue: re.compile(pattern, 0 if cue == _CAPITALS_COUNT else re.IGNORECASE)
        for cue, pattern in INTENT_CUES[language].items()
    }


@cache
def load_models() -> tuple[Mapping[str, IntentModel], str]:
    """Loads what came with the installation: the models, and the embedder's fingerprint."""
    text = resources.files("rag.answering").joinpath("intent.json").read_text("utf-8")
    fitted = json.loads(text)
    models = {name: _model(fitted["intents"], fitted[name]) for name in ("vectors", "words")}
    return models, fitted["embedder"]


def _model(intents: Sequence[str], fitted: Mapping[str, object]) -> IntentModel:
    def array(name: str) -> Vectors:
        return np.asarray(fitted[name], np.float32)

    features = fitted["features"]
    assert isinstance(features, list)  # noqa: S101 - written by the command above
    return IntentModel(
        tuple(map(Intent, intents)),
        {name: row for row, name in enumerate(features)},
        array("weights"),
        array("intercept"),
        array("vector") if "vector" in fitted else None,
    )
