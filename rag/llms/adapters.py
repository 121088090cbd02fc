"""What a model has learnt of a library: a LoRA adapter in the library's folder, with its record.

Made by `rag train generator`. It may repeat what documents say, so it goes when one is removed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rag.models.files import BadFile
from rag.models.gguf import SUFFIX, read_header
from rag.models.manifests import manifest_of

FOLDER = "adapters"


def place(library: Path, model: str) -> Path:
    """Returns where the adapter of a model lies, or would."""
    return library / FOLDER / f"{model}{SUFFIX}"


def record_of(library: Path, model: str) -> Path:
    """Returns where it is told how the adapter was made, and whether it was accepted."""
    return place(library, model).with_suffix(".json")


def weights_of(folder: Path) -> str:
    """Returns the sha256 of a GGUF model's file as it was kept when it came in; "" for none."""
    try:
        files = manifest_of(folder).get("files", {})
    except BadFile:
        return ""
    return next((str(sums["sha256"]) for name, sums in files.items() if name.endswith(SUFFIX)), "")


def adapter_for(library: Path, model: str, weights: str) -> Path | None:
    """Returns the accepted adapter for these weights (their sha256); None where there is none.

    One that is damaged, or was made for other weights of the same name, is none.
    """
    path = place(library, model)
    try:
        record: dict[str, Any] = json.loads(record_of(library, model).read_text(encoding="utf-8"))
        read_header(path)
    except (OSError, ValueError, BadFile):
        return None
    return path if record.get("accepted") and record.get("weights") == weights else None


def forget(library: Path) -> int:
    """Deletes all adapters of a library; returns how many there were."""
    found = list((library / FOLDER).glob(f"*{SUFFIX}"))
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)
