"""The models that come inside the package: where they are, and whether they are what was shipped.

An artefact is a folder of `model.onnx`, `tokenizer.json` and `model.json`, the manifest with size
and sha256 of the other two.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import ModelMissing

FORMAT = 1  # of the manifest
ARITHMETIC = "exact"
"""How the session adds products of bytes, named in every fingerprint: before sums were exact on
every processor, those of one without VNNI overflowed, and its vectors had the same fingerprint."""
MANIFEST, GRAPH, TOKENIZER = "model.json", "model.onnx", "tokenizer.json"
REINSTALL = "pip install --force-reinstall --no-deps fuente"


@dataclass(frozen=True, slots=True)
class Artefact:
    """A checked model: its files' contents and what its manifest says of it."""

    name: str
    version: str
    precision: str
    dimension: int
    max_tokens: int  # the special ones included
    fingerprint: str
    graph: bytes
    tokenizer: str
    query_prefix: str = ""  # before every question, if the model learnt it so
    passage_prefix: str = ""


def bundled_folder(kind: str) -> Path:
    """Returns where the package keeps its `embedder`, `reader` or `selector`, if it is there."""
    return Path(__file__).parent / kind


def load_artefact(folder: Path) -> Artefact:
    """Reads and checks a model folder. Raises ModelMissing, which names the file and the cause."""
    manifest = read_manifest(folder)
    try:
        query, passage = _prefixes(manifest)
        return Artefact(
            name=str(manifest["name"]),
            version=str(manifest["version"]),
            precision=str(manifest["precision"]),
            dimension=int(manifest["dimension"]),
            max_tokens=int(manifest["max_tokens"]),
            fingerprint=_fingerprint(manifest),
            graph=checked(folder / GRAPH, manifest["files"][GRAPH]),
            tokenizer=checked(folder / TOKENIZER, manifest["files"][TOKENIZER]).decode("utf-8"),
            query_prefix=query,
            passage_prefix=passage,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(folder / MANIFEST, f"is no manifest of a model ({error!r})") from error


def fingerprint_of(folder: Path) -> str:
    """Returns the fingerprint that a model claims, its files unread. Raises ModelMissing."""
    manifest = read_manifest(folder)
    try:
        return _fingerprint(manifest)
    except (KeyError, TypeError) as error:
        raise _damaged(folder / MANIFEST, f"is no manifest of a model ({error!r})") from error


def describe_bundled(kind: str) -> str:
    """Returns name, hash, precision and version of a bundled model. Raises ModelMissing."""
    model = load_artefact(bundled_folder(kind))
    return f"{model.fingerprint}, {model.precision}, version {model.version}"


def read_manifest(folder: Path) -> Mapping[str, Any]:
    """Returns what `model.json` says, its own format checked. Raises ModelMissing."""
    path = folder / MANIFEST
    try:
        manifest = json.loads(_read(path))
    except ValueError as error:
        raise _damaged(path, f"is no JSON ({error})") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise _damaged(path, f"is not of format {FORMAT}, the one this version reads")
    return manifest


def checked(path: Path, expected: Mapping[str, Any]) -> bytes:
    """Returns a file's bytes, if size and sha256 are as the manifest says. Raises ModelMissing."""
    content = _read(path)
    if len(content) != expected["bytes"]:
        raise _damaged(path, f"has {len(content)} bytes, {expected['bytes']} were shipped")
    if hashlib.sha256(content).hexdigest() != expected["sha256"]:
        raise _damaged(path, "is not the file that was shipped: its sha256 differs")
    return content


def _fingerprint(manifest: Mapping[str, Any]) -> str:
    """Returns name, hash and arithmetic: another graph, tokenizer or prefix is another model."""
    hashes = [str(manifest["files"][name]["sha256"]) for name in (GRAPH, TOKENIZER)]
    digest = hashlib.sha256("".join([*hashes, *_prefixes(manifest)]).encode()).hexdigest()[:16]
    return f"{manifest['name']}:{digest}:{ARITHMETIC}"


def _prefixes(manifest: Mapping[str, Any]) -> list[str]:
    """Returns what stands before a query and before a passage; «» where nothing does."""
    prefixes: Mapping[str, Any] = manifest.get("prefixes", {})
    return [str(prefixes.get(name, "")) for name in ("query", "passage")]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _damaged(path, f"cannot be read: {error.strerror}") from error


def _damaged(path: Path, cause: str) -> ModelMissing:
    return ModelMissing(f"model file {path} {cause}", REINSTALL)


def same_weights(fingerprint: str, other: str) -> bool:
    """Tells whether two fingerprints name the same model, whatever the arithmetic it runs in."""
    return fingerprint.split(":")[:2] == other.split(":")[:2]
