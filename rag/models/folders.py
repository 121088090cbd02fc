"""Whether a folder of somebody's model may be loaded, and what it says of itself.

A model is data: safetensors, JSON and a tokenizer. Code, pickles, links that lead out and keys that
ask for code are refused before any library opens the folder. Knows nothing about loading.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rag.errors import ModelMissing

_REFUSED_SUFFIXES = frozenset(
    ".py .pyc .so .dll .bin .pt .pth .pkl .pickle .ckpt .h5 .msgpack .npy .npz".split()
)
_REFUSED_KEYS = ("auto_map", "custom_code", "custom_pipelines", "use_kernels", "kernel_config")
_OWN_MODULES = "sentence_transformers."
_OWN_WEIGHTS = "model.bin"  # of a CTranslate2 folder: a format of its own, no pickle
_LAYERS = frozenset("num_hidden_layers n_layer num_layers".split())


def check_folder(folder: Path, root: Path | None = None) -> None:
    """Raises ModelMissing for a model folder that could run code of its own.

    `root`: where its links may lead; the folder itself where it is not given.
    """
    home = (root or folder).resolve()
    for path in folder.rglob("*"):
        if not path.resolve().is_relative_to(home):
            raise _refusal(folder, f"{path.name} leads out of it")
        refused = path.suffix.lower() in _REFUSED_SUFFIXES
        if refused and not (path.name == _OWN_WEIGHTS and is_ctranslate2(path.parent)):
            raise _refusal(folder, f"holds {path.name}; only safetensors and JSON are loaded")
        if path.suffix == ".json":
            _check_json(folder, path)


def is_ctranslate2(folder: Path) -> bool:
    """Whether the folder is one of CTranslate2, which begins with a small version number.

    A pickle or a zip of torch begins otherwise, and no safetensors stand beside it.
    """
    try:
        with (folder / _OWN_WEIGHTS).open("rb") as stream:
            version = int.from_bytes(stream.read(4), "little")
    except OSError:
        return False
    return 0 < version < 64 and not any(folder.glob("*.safetensors"))


def weight_bytes(folder: Path) -> int:
    """Size of the weights in bytes."""
    files = [*folder.glob("*.safetensors"), *folder.glob(_OWN_WEIGHTS)]
    return sum(path.stat().st_size for path in files)


def cache_bytes(folder: Path, tokens: int, bytes_each: int = 2) -> int:
    """Bytes that the keys and values of `tokens` tokens take: 2 · layers · heads · width."""
    config = config_of(folder)
    layers = next((int(config[key]) for key in sorted(_LAYERS) if config.get(key)), 0)
    heads = int(config.get("num_key_value_heads") or config.get("num_attention_heads") or 0)
    width = config.get("head_dim") or (
        int(config.get("hidden_size") or 0) / max(int(config.get("num_attention_heads") or 1), 1)
    )
    return math.ceil(2 * layers * heads * float(width)) * tokens * bytes_each


def config_of(folder: Path) -> dict[str, Any]:
    """The model's own config.json; that of its source for a converted one; {} for none."""
    for name in ("source.json", "config.json"):
        try:
            found = json.loads((folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(found, dict):
            return dict(found.get("text_config") or found)
    return {}


def files_of(folder: Path) -> Iterator[Path]:
    """The regular files of a model, sorted; what a download keeps for itself is left out."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(
            part.startswith(".") for part in path.relative_to(folder).parts
        ):
            yield path


def _check_json(folder: Path, path: Path) -> None:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise _refusal(folder, f"{path.name} is no JSON: {error}") from error
    if isinstance(data, dict) and any(data.get(key) for key in _REFUSED_KEYS):
        raise _refusal(folder, f"{path.name} asks to run code from the folder")
    if path.name == "modules.json":
        foreign = [m["type"] for m in data if not str(m["type"]).startswith(_OWN_MODULES)]
        if foreign:
            raise _refusal(folder, f"modules.json names {foreign[0]}")


def _refusal(folder: Path, cause: str) -> ModelMissing:
    return ModelMissing(f"model folder {folder} is refused: {cause}", "use a plain export of it")
