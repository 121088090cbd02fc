"""Which questions lean on the chat before them: a linear model, after what is plain to see.

A question that opens like a continuation («¿y…?», "and…") leans, and so does one with a pronoun
before anything that it may stand for. The others are told apart by their words, by what they name
and by their vector. `leaning.json` is fitted by `python -m eval.calibration.leaning`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import combinations

from rag.answering.linear_model import load_models
from rag.answering.question_intent import features_of
from rag.protocols import Embedder
from rag.text import fold, normalize_query
from rag.text.language import LanguageData
from rag.text.languages import DATA

MODEL = "leaning"
NAMING = re.compile(r"[^\W_][\w.\-/]*")
"""A word that may name something."""

_CUE, _PAIR = 0.3, 0.2  # how much a cue weighs beside the words before it is fitted
_MOST_CONTENT = 5  # words that name something: of more only that there are more counts
_REMEMBERED = 64  # questions: the last ones of a chat are asked about at every turn


class Leaning:
    """Tells which questions cannot be understood without the one before."""

    def __init__(self, embedder: Embedder | None = None) -> None:
        """Without the embedder that was fitted on, words alone decide."""
        self._embedder = embedder if embedder and _knows(embedder) else None
        self._told = lru_cache(_REMEMBERED)(self._leans)

    def __call__(self, question: str, language: str) -> bool:
        """Tells whether the question leans on the chat."""
        return self._told(question, language)

    def _leans(self, question: str, language: str) -> bool:
        if plainly_leans(question, language):
            return True
        vector, fingerprint = None, ""
        if self._embedder is not None:
            vector = self._embedder.encode_queries([normalize_query(question)])[0]
            fingerprint = self._embedder.fingerprint
        features = leaning_features(question, language)
        return float(load_models(MODEL).scores(features, vector, fingerprint)[0]) > 0


def _knows(embedder: Embedder) -> bool:
    return load_models(MODEL).knows(embedder.fingerprint)


def plainly_leans(question: str, language: str) -> bool:
    """Tells whether the question opens like a continuation, or points back with a pronoun."""
    words = DATA[language]
    return _has(words.continuations, question) or _points_back(question, words)


def leaning_features(question: str, language: str) -> dict[str, float]:
    """Returns the features of a question by name, with their values in [0, 1]."""
    cues = sorted(_cues(question, DATA[language]))
    return {
        **features_of(normalize_query(question), language),
        **{f"#{cue}": _CUE for cue in cues},
        **{f"#{one}+{two}": _PAIR for one, two in combinations(cues, 2)},
    }


def _cues(question: str, words: LanguageData) -> list[str]:
    content = len(content_words(question, words))
    cues = {
        "subjectless": _has(words.subjectless, question),
        "naming": re.search(words.naming, question) is not None,
        "asks": _has(words.asks_at_start, question),
        **{f"under {most}": content < most for most in range(1, _MOST_CONTENT + 1)},
    }
    return [cue for cue, holds in cues.items() if holds]


def content_words(text: str, words: LanguageData) -> list[str]:
    """Returns the words of a text that carry a topic."""
    return [word for word in NAMING.findall(text) if fold(word) not in words.stop_words]


def _has(pattern: str, question: str) -> bool:
    return re.search(pattern, question, re.IGNORECASE) is not None


def _points_back(question: str, words: LanguageData) -> bool:
    """Tells whether a pronoun comes before anything that it may stand for.

    In «What is X and when is it used?» it stands for what is asked first.
    """
    pointer = re.search(words.pointers, question, re.IGNORECASE)
    if pointer is None:
        return False
    before = question[: pointer.start()]
    asked_first, *_ = parts = re.split(rf"\s(?:{words.joins})\s", before, flags=re.IGNORECASE)
    if len(parts) > 1 and content_words(asked_first, words):
        return False
    return not re.search(words.naming, before)
