"""What is kept of a model when it comes in: where from, and size and sha256 of each file.

A manifest may come from a stranger's export, so all of it is held to its form. Knows nothing about
where models are.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rag import private
from rag.errors import ModelRefused
from rag.models.files import BadFile, load_json, opened
from rag.models.folders import files_of
from rag.schema import Outcome

MANIFEST = "fuente.json"
_TOLD = ("source", "revision", "licence", "precision")
_LONGEST = 500
_MOST_NAMED = 100
_PIECE = 1 << 20

Sums = Mapping[str, Mapping[str, Any]]
"""Size («bytes») and sha256 by the name of a file."""


def manifest_of(folder: Path) -> dict[str, Any]:
    """What was kept of a model; {} for a folder from elsewhere. Raises BadFile."""
    path = folder / MANIFEST
    if not os.path.lexists(path):
        return {}
    found = load_json(path)
    files = found.get("files") if isinstance(found, dict) else None
    if not isinstance(files, dict) or not all(isinstance(each, dict) for each in files.values()):
        raise BadFile(f"{MANIFEST} is no list of a model's files")
    left_out = found.get("left_out", [])
    if not isinstance(left_out, list):
        raise BadFile(f"{MANIFEST}: left_out is no list")
    return dict(found)


def told_of(folder: Path) -> dict[str, str]:
    """Of what a manifest says, that which may be handed on. Raises BadFile."""
    found = manifest_of(folder)
    return {name: str(found[name])[:_LONGEST] for name in _TOLD if found.get(name)}


def sums_of(folder: Path) -> Sums:
    """Size and sum of each file but the manifest; each is read once."""
    return {
        path.relative_to(folder).as_posix(): {"bytes": path.stat().st_size, "sha256": sha256(path)}
        for path in files_of(folder)
        if path.name != MANIFEST
    }


def verify(folder: Path, sums: Sums, called: object) -> None:
    """Holds `sums` against the manifest, where there is one. Raises ModelRefused.

    `called`: the model's name in messages.
    """
    listed = manifest_of(folder).get("files")
    if listed is None:
        return
    for name in listed.keys() | sums.keys():
        if name not in sums:
            raise _damaged(called, f"{name} is missing")
        if name not in listed:
            raise _damaged(called, f"{name} was added to what was exported")
        if {key: listed[name].get(key) for key in ("bytes", "sha256")} != sums[name]:
            raise _damaged(called, f"{name} is not the file that was exported: its sha256 differs")


def seal(folder: Path, told: Mapping[str, Any], sums: Sums, left_out: Sequence[str] = ()) -> None:
    """Writes the manifest: what is told of the model, and its sums."""
    content = {**told, "files": sums, "left_out": list(left_out[:_MOST_NAMED])}
    private.write(folder / MANIFEST, json.dumps(content, indent=1).encode())


def sha256(path: Path) -> str:
    """Hex digest of a file of any size."""
    hasher = hashlib.sha256()
    with opened(path) as stream:
        while piece := stream.read(_PIECE):
            hasher.update(piece)
    return hasher.hexdigest()


def _damaged(called: object, cause: str) -> ModelRefused:
    return ModelRefused(
        Outcome.UNREADABLE, f"model {called} is damaged: {cause}", "export it again"
    )
