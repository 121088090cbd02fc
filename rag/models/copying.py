"""Copies of models, of what is part of one and of nothing else."""

from __future__ import annotations

from pathlib import Path

from rag.models.files import Budget, members, opened, write
from rag.models.folders import gguf_of, is_taken
from rag.models.gguf import SUFFIX as GGUF, parts_of, read_header
from rag.system import private_files


def copy(source: Path, target: Path, room: int) -> list[str]:
    """Copies what is part of a model; returns the names of the rest. Raises BadFile and OSError."""
    found = members(source)
    twice = (GGUF,) if gguf_of(source) is None else ()  # beside safetensors: the same once more
    taken = [m for m in found if is_taken(m.name) and not m.name.endswith(twice)]
    budget = Budget(room)
    budget.declare(sum(member.size for member in taken))
    private_files.make_folder(target)
    for member in taken:
        with opened(member.path) as stream:
            write(stream, target / member.name, budget)
    return [m.name for m in found if m not in taken and not m.name.startswith(".")]


def copy_file(source: Path, target: Path, room: int) -> list[str]:
    """Copies a GGUF file, with its other parts, into a folder; leaves nothing out.

    Raises BadFile and OSError.
    """
    parts = parts_of(source)
    budget = Budget(room)
    for part in parts:
        read_header(part)
        budget.declare(part.stat().st_size)
    private_files.make_folder(target)
    for part in parts:
        with opened(part) as stream:
            write(stream, target / part.name, budget)
    return []
