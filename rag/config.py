"""Settings: defaults < rag.toml < RAG_* environment < flags, and where each value came from.

Nothing is read at import. `load` returns one frozen object that is passed down; no other module
looks at the environment. `rag config` prints the origins.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from rag.errors import UsageError

CONFIG_FILE = "rag.toml"
ENVIRONMENT_PREFIX = "RAG_"
KEY_VARIABLE = "RAG_API_KEY"


@dataclass(frozen=True, slots=True)
class Settings:
    """Every choice a user can make. Lengths are in the embedder's tokens, times in seconds."""

    library: Path = Path(".rag")
    embedder: str = "bundled"  # or a sentence-transformers name or folder
    reranker: str = "auto"  # auto (coverage) | none | late-interaction | a cross-encoder
    reader: str = "bundled"  # bundled: where it is installed | off
    reader_chars: int = 300  # of each passage, some 75 tokens: what 20 may cost decides
    generator: str = "auto"  # auto | extractive | transformers | ctranslate2 | openai
    generator_model: str = ""  # a pulled model, a folder or a hub name; the server's name for it
    generator_precision: str = "auto"  # auto | fp32 | bf16 | fp16 | int8 | int4
    generator_device: str = "auto"  # auto | cpu | cuda | mps
    base_url: str = ""  # of an OpenAI-compatible server; its key is in the variable RAG_API_KEY
    context_tokens: int = 0  # prompt and answer together; 0: what the model has
    max_tokens: int = 512  # of an answer
    temperature: float = 0.0  # 0: the likeliest token always
    top_p: float = 1.0
    top_k: int = 0  # 0: all
    seed: int = 0
    prompt_lookup: int = 8  # tokens guessed from the passages at a time; 0: none
    answer_timeout: float = 300.0  # for waiting, reading and writing together
    answers_at_once: int = 1  # that a model writes in the same passes, or a server is asked for
    waiting_questions: int = 4  # that may queue for the generator; more are refused at once
    models: Path = Path("~/.fuente/models")  # where `rag models pull` puts them
    precision: str = "auto"  # auto | fp32 | bf16; of the embedder
    threads: int = 0  # 0: as many as the machine has cores
    chunk_tokens: int = 400
    chunk_overlap: int = 60
    candidates: int = 50  # taken from each of the dense and the keyword search
    rerank_depth: int = 20
    passages: int = 5  # shown to the generator
    max_sentences: int = 4
    min_confidence: float = 0.5  # below it the answer is «not in your documents»
    batch_chunks: int = 64  # chunks committed together during an ingest
    max_file_mb: int = 200
    read_timeout: float = 60.0  # a reader that shows no progress this long is killed
    reader_memory_mb: int = 2048  # of each child that reads a file or draws a page
    language: str = "es"  # of the interface when the browser does not say
    origins: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)


NAMES = tuple(item.name for item in fields(Settings) if item.name != "origins")
_CHOICES = {
    "language": ("es", "en"),
    "precision": ("auto", "fp32", "bf16"),
    "reader": ("bundled", "off"),
    "generator": ("auto", "extractive", "transformers", "ctranslate2", "openai"),
    "generator_precision": ("auto", "fp32", "bf16", "fp16", "int8", "int4"),
    "generator_device": ("auto", "cpu", "cuda", "mps"),
}
_POSITIVE = frozenset(
    """chunk_tokens candidates rerank_depth reader_chars passages max_sentences batch_chunks
    max_file_mb read_timeout reader_memory_mb max_tokens answer_timeout answers_at_once""".split()
)
_NOT_NEGATIVE = frozenset(
    "temperature top_p top_k prompt_lookup context_tokens waiting_questions".split()
)
_KINDS = {item.name: type(getattr(Settings(), item.name)) for item in fields(Settings)}


def load(
    flags: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
) -> Settings:
    """Merge the four layers. Raises UsageError for unknown names and for values of a wrong kind."""
    layers = (
        (CONFIG_FILE, _from_file((directory or Path.cwd()) / CONFIG_FILE)),
        ("environment", _from_environment(os.environ if environment is None else environment)),
        ("flag", {key: value for key, value in (flags or {}).items() if value is not None}),
    )
    values: dict[str, Any] = {}
    origins = dict.fromkeys(NAMES, "default")
    for origin, layer in layers:
        for name, value in layer.items():
            values[name] = _within(name, _convert(name, value, origin), origin)
            origins[name] = origin
    return Settings(**values, origins=origins)


def api_key(environment: Mapping[str, str] | None = None) -> str:
    """The key of the server at `base_url`: from the environment alone, so that no file keeps it."""
    return (os.environ if environment is None else environment).get(KEY_VARIABLE, "")


def _from_file(path: Path) -> Mapping[str, object]:
    try:
        with path.open("rb") as stream:
            return tomllib.load(stream)
    except FileNotFoundError:
        return {}
    except (ValueError, OSError) as error:  # no TOML, no UTF-8, or no file
        raise UsageError(f"{path} cannot be read: {error}", "correct or remove the file") from error


def _from_environment(environment: Mapping[str, str]) -> Mapping[str, object]:
    # Only known names: RAG_* may hold another program's variables.
    return {
        name: environment[ENVIRONMENT_PREFIX + name.upper()]
        for name in NAMES
        if ENVIRONMENT_PREFIX + name.upper() in environment
    }


def _convert(name: str, value: object, origin: str) -> object:
    if name not in NAMES:
        raise UsageError(f"unknown setting «{name}» in {origin}", "rag config lists them all")
    kind = _KINDS[name]
    try:
        # concrete Path classes differ by platform; build through the public one
        return Path(str(value)).expanduser() if issubclass(kind, Path) else kind(value)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"setting {name} from {origin} is {value!r}, expected {kind.__name__}",
            f"correct it in {origin}",
        ) from error


def _within(name: str, value: Any, origin: str) -> object:
    choices = _CHOICES.get(name, (value,))
    if value not in choices:
        wanted = " or ".join(choices)
    elif name in _POSITIVE and not value > 0:
        wanted = "more than 0"
    elif name in _NOT_NEGATIVE and not value >= 0:
        wanted = "0 or more"
    else:
        return value
    raise UsageError(
        f"setting {name} from {origin} is {value!r}, expected {wanted}", f"correct it in {origin}"
    )
