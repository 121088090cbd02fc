"""What a question's vector is moved by, so that its own language does not crowd out the other.

Vectors of passages lie apart by their language: of two that say the same, the one in the question's
language is nearer, and among many passages speaking the same language is enough. Taking each
language's mean off its vectors makes up for it (Libovický, Rosa and Fraser 2020, arXiv 2004.05160);
here the question alone is moved along the difference of the means, so that no passage is embedded
anew. Fitted by `python -m eval.calibration.languages` on articles and their translations.
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

SHIFT = 0.03
"""What a passage in the other language gains in cosine: more costs within a language."""

FILE = "language_shift.json"


@dataclass(frozen=True, slots=True)
class LanguageShift:
    """The way from one language to the other among the vectors of one embedder.

    `direction` (dimension,) has a product with vectors that is greater by 1 in the one language
    than in the other; `means` are these products by language.
    """

    direction: Vectors
    means: Mapping[str, float]
    embedder: str

    def moved(self, vector: Vectors, language: str) -> tuple[Vectors, float]:
        """Returns a question's vector, and what its products with its own language thereby gain."""
        low = min(self.means.values())
        towards = 1.0 if self.means[language] == low else -1.0
        gain = SHIFT * towards * self.means[language]
        return (vector + SHIFT * towards * self.direction).astype(np.float32), gain

    def knows(self, fingerprint: str, language: str) -> bool:
        """Tells whether vectors of this embedder, and a question in this language, are moved."""
        return same_weights(fingerprint, self.embedder) and language in self.means


@cache
def load_shift() -> LanguageShift:
    """Loads what came with the installation."""
    fitted = json.loads(resources.files("rag.retrieval").joinpath(FILE).read_text("utf-8"))
    direction = np.array(fitted["direction"], dtype=np.float32)
    return LanguageShift(direction, fitted["means"], fitted["embedder"])
