"""What kind of answer a question wants: a linear model over its words and its vector.

`intent.json` is fitted by `python -m eval.calibration.intents`, on `eval/intents.jsonl`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from itertools import combinations, pairwise

import numpy as np

from rag.answering.linear_model import load_models
from rag.protocols import Vectors
from rag.schema import Intent
from rag.text import fold
from rag.text.intent_cues import INTENT_CUES

MODEL = "intent"
INTENTS = tuple(Intent)
"""In the order of the model's outcomes."""

_CAPITALS_COUNT = "key"
_WORD = re.compile(r"\d+|[^\W\d_]+")
_FEW, _SEVERAL, _MANY = 2, 4, 12  # words of a question
# How much the kinds of feature weigh before they are fitted; cross-validated in `eval/LOG.md`.
_WORDS, _CUE, _PAIR = 0.5, 0.3, 0.2


def intents_of(
    query: str, language: str, vector: Vectors | None = None, fingerprint: str = ""
) -> list[Intent]:
    """Returns the kinds of answer that a question without its manners may want, likeliest first.

    `vector` (dimension,) is that of `query`, made by the embedder of this `fingerprint`.
    """
    scores = load_models(MODEL).scores(features_of(query, language), vector, fingerprint)
    return [INTENTS[index] for index in np.argsort(-scores)]


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
