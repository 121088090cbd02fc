"""The fitted coefficients: `calibration.json`, written by `eval/calibrate.py`.

A model maps features to weights, with an «intercept»: «same» and «cross» score sentences in the
question's language and in the other one, «answer-es», «answer-en» and «answer-cross» say whether
the passages hold the answer. There is a set for passages that a reader has read and one without.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

CALIBRATION = "calibration.json"
SHORT_FROM = 0.5  # until it has been fitted

Features = Mapping[str, float]
Models = Mapping[str, Features]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Models without a reader and with one, and when a reader's words stand as the short answer."""

    unread: Models
    read: Models | None = None
    short_from: float = SHORT_FROM
    """Least probability that the passage answers at all."""

    def models(self, read: bool) -> Models:
        """Those for passages that were read or not; the latter until the others are fitted."""
        return self.read if read and self.read else self.unread


@cache
def load_calibration() -> Calibration:
    """What came with the installation."""
    text = resources.files("rag.answering").joinpath(CALIBRATION).read_text(encoding="utf-8")
    fitted = json.loads(text)
    return Calibration(
        fitted["models"], fitted.get("read"), float(fitted.get("short_from", SHORT_FROM))
    )
