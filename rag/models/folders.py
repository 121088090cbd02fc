"""Whether a folder of somebody's model may be loaded, and what it says of itself.

A model is data: safetensors, JSON and a tokenizer, or a GGUF file that has it all. Code, pickles,
links that lead out and JSON that asks for either are refused before any library opens the folder.
"""

from __future__ import annotations

import math
from pathlib import Path, PurePosixPath

from rag.errors import ModelRefused
from rag.models.configs import cache_width, check_config, check_json, check_size
from rag.models.files import BadFile, Member, load_json, members
from rag.models.gguf import SUFFIX as GGUF, read_header

_CODE_AND_PICKLES = frozenset(
    ".py .pyc .so .dll .bin .pt .pth .pkl .pickle .ckpt .h5 .msgpack .npy .npz".split()
)
_TAKEN = frozenset(".gguf .safetensors .json .jinja .txt .model .tiktoken .md".split())
_PAPERS = ("LICENSE", "LICENCE", "NOTICE")
CONFIG = "config.json"


def check_folder(folder: Path, root: Path | None = None, called: object = None) -> None:
    """Raises ModelRefused for a model folder that could run code, or is built to do harm.

    `root`: where its links may lead; the folder itself where it is not given. `called`: its name in
    messages.
    """
    try:
        for member in members(folder, root):
            if runs_code(member.name):
                raise BadFile(f"holds {member.name}; only safetensors, GGUF and JSON are loaded")
            if member.path.suffix.lower() == ".json":
                _check_json(member)
            elif member.path.suffix.lower() == GGUF and gguf_of(member.path.parent):
                read_header(member.path)
    except OSError as error:
        raise _refusal(called or folder, BadFile(f"cannot be read: {error.strerror}")) from error
    except BadFile as error:
        raise _refusal(called or folder, error) from error


def runs_code(name: str) -> bool:
    """Tells whether a file of this name is code, or data that runs code when it is loaded."""
    return PurePosixPath(name).suffix.lower() in _CODE_AND_PICKLES


def is_taken(name: str) -> bool:
    """Tells whether a file of this name is part of a model: weights, settings, words, licence."""
    path = PurePosixPath(name)
    hidden = any(part.startswith(".") for part in path.parts)
    known = path.suffix.lower() in _TAKEN or path.name in _PAPERS
    return known and not hidden


def gguf_of(folder: Path) -> Path | None:
    """Returns the file of a GGUF model's folder; None for a folder of another kind.

    Of a model in several files it is the first, which names the others. Beside safetensors such a
    file is the same model once more.
    """
    if any(folder.glob("*.safetensors")):
        return None
    return next(iter(sorted(folder.glob(f"*{GGUF}"))), None)


def weight_bytes(folder: Path) -> int:
    """Returns the size of the weights in bytes."""
    kinds = ["*.safetensors", *([f"*{GGUF}"] if gguf_of(folder) else [])]
    files = [path for kind in kinds for path in folder.glob(kind)]
    return sum(path.stat().st_size for path in files if path.is_file())


def cache_bytes(folder: Path, tokens: int) -> int:
    """Returns the bytes that the keys and values of `tokens` tokens take in 16 bits.

    Raises BadFile for a configuration of a wrong form.
    """
    if gguf := gguf_of(folder):
        return read_header(gguf).cache_bytes(tokens)
    config = load_json(folder / CONFIG)
    check_config(CONFIG, config)
    return math.ceil(2 * cache_width(config)) * tokens * 2


def _check_json(member: Member) -> None:
    data = load_json(member.path)
    check_json(member.path.name, data)
    if member.path.name == CONFIG:
        check_config(member.name, data)
        check_size(data, weight_bytes(member.path.parent))


def _refusal(called: object, error: BadFile) -> ModelRefused:
    message = f"model folder {called} is refused: {error}"
    return ModelRefused(error.outcome, message, "use a plain export of it")
