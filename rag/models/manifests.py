"""What is kept of a model when it comes in: where from, and size and sha256 of each file.

A manifest may come from a stranger's export, so all of it is held to its form.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rag.errors import ModelRefused
from rag.models.files import BadFile, load_json, members, opened
from rag.schema import Outcome
from rag.system import private_files

MANIFEST = "fuente.json"
_HANDED_ON = ("source", "revision", "licence", "precision")
_LONGEST = 500  # characters of a value that is handed on
_MOST_NAMED = 100  # of the files that were left out

Sums = Mapping[str, Mapping[str, Any]]
"""Size («bytes») and sha256 by the name of a file."""


def manifest_of(folder: Path) -> dict[str, Any]:
    """Returns what was kept of a model; {} for a folder from elsewhere. Raises BadFile."""
    path = folder / MANIFEST
    if not os.path.lexists(path):
        return {}
    found = load_json(path)
    files = found.get("files") if isinstance(found, dict) else None
    if not isinstance(files, dict) or not all(isinstance(sums, dict) for sums in files.values()):
        raise BadFile(f"{MANIFEST} is no list of a model's files")
    if not isinstance(found.get("left_out", []), list):
        raise BadFile(f"{MANIFEST}: left_out is no list")
    return dict(found)


def origin_of(folder: Path) -> dict[str, str]:
    """Returns of a manifest what may be handed on: where the model is from. Raises BadFile."""
    found = manifest_of(folder)
    return {name: str(found[name])[:_LONGEST] for name in _HANDED_ON if found.get(name)}


def sums_of(folder: Path) -> Sums:
    """Returns size and sum of each file but the manifest and hidden ones. Raises BadFile."""
    return {
        member.name: {"bytes": member.size, "sha256": sha256(member.path)}
        for member in members(folder)
        if member.path.name != MANIFEST and not member.is_hidden
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


def seal(folder: Path, facts: Mapping[str, Any], sums: Sums, left_out: Sequence[str] = ()) -> None:
    """Writes the manifest: the facts about the model, and its sums."""
    content = {**facts, "files": sums, "left_out": list(left_out[:_MOST_NAMED])}
    private_files.write(folder / MANIFEST, json.dumps(content, indent=1).encode())


def sha256(path: Path) -> str:
    """Returns the hexadecimal digest of a regular file of any size. Raises BadFile."""
    with opened(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _damaged(called: object, cause: str) -> ModelRefused:
    return ModelRefused(
        Outcome.UNREADABLE, f"model {called} is damaged: {cause}", "export it again"
    )
