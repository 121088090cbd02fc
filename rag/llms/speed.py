"""How fast an installed GGUF model runs here: measured once for ten seconds, and kept."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from typing import Any

from rag.llms.installed import Installed, Models
from rag.llms.sampling import Sampling
from rag.models.files import BadFile
from rag.models.manifests import manifest_of
from rag.schema import Message, Prompt
from rag.system import private_files
from rag.system.machine import probe

_KEPT = ".speeds.json"
_SECONDS = 10.0
_WORDS = "The quick brown fox jumps over the lazy dog. " * 12  # some 130 tokens, two passes
_WRITTEN = 32  # tokens


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens a second of a prompt and of an answer."""

    read: float
    written: float

    def __str__(self) -> str:
        return f"{self.read:.0f} / {self.written:.0f}"


def kept(models: Models) -> dict[str, Speed]:
    """Returns the speeds that were measured on this machine, by the models' names."""
    rows = _rows(models)
    return {
        model.name: Speed(**rows[key]) for model in models.all() if (key := _key(model)) in rows
    }


def measure(models: Models, model: Installed) -> Speed | None:
    """Measures a model and keeps the result; None where it says nothing within ten seconds.

    Raises ModelMissing for one that does not load.
    """
    from rag.llms.llama_cpp import LlamaCppWriter  # brings along what speaks to its process

    writer = LlamaCppWriter(model.folder, Sampling(_WRITTEN))
    prompt = Prompt((Message("user", f"{_WORDS}\n\nContinue."),))
    times: list[float] = []
    pieces: list[str] = []
    began = time.monotonic()

    def emit(piece: str) -> None:
        pieces.append(piece)
        times.append(time.monotonic())

    writer.write(prompt, emit, lambda: time.monotonic() - began > _SECONDS)
    if len(times) < 2:
        return None
    read = writer.count_tokens(prompt.messages[0].content) / (times[0] - began)
    written = (writer.count_tokens("".join(pieces)) - 1) / max(times[-1] - times[0], 1e-3)
    speed = Speed(round(read, 1), round(written, 1))
    rows = {**_rows(models), _key(model): asdict(speed)}
    private_files.write(models.root / _KEPT, json.dumps(rows, indent=1).encode())
    return speed


def _rows(models: Models) -> dict[str, Any]:
    try:
        return dict(json.loads((models.root / _KEPT).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _key(model: Installed) -> str:
    """Returns what a speed depends on: the weights, the cores and the GPU."""
    machine = probe()
    try:
        files = manifest_of(model.folder).get("files", {}).values()
    except BadFile:
        files = ()
    sums = sorted(str(sums.get("sha256")) for sums in files)
    return f"{' '.join(sums)} {machine.cores} cores {machine.gpu}".strip()
