"""What a child of the sandbox runs to read a file: `work`. Knows nothing about processes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rag.readers import read

OCR_SHARE = 0.8  # of a file's time: what is recognised until then is kept


def work(request: dict[str, Any], beat: Callable[[], None], seconds: float) -> dict[str, Any]:
    """Reads the file `request["path"]`: a Reading as JSON holds it. Raises FileProblem."""
    return asdict(read(Path(request["path"]), beat, OCR_SHARE * seconds))
