"""Which files a path stands for: walks folders, keeps to regular files inside them.

Hidden files, links that lead out of the folder, devices and the library's own folder are left out.
Knows nothing about formats or the store.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.errors import UsageError


@dataclass(frozen=True, slots=True)
class Source:
    """A file to ingest: where it is, its name relative to the ingested root, and its metadata."""

    location: Path  # absolute
    path: str  # relative to the root, with forward slashes
    size: int
    modified_ns: int

    @property
    def key(self) -> str:
        """The absolute path as text; a name need not be valid UTF-8, what is stored must be."""
        return key_of(self.location)


def root_of(path: Path) -> Path:
    """The one absolute path of a file or folder, however it was spelled or linked to."""
    return path.expanduser().resolve()


def key_of(location: Path) -> str:
    """An absolute path as text that SQLite accepts."""
    return os.fsencode(location).decode("utf-8", "backslashreplace")


def discover(paths: Sequence[Path], leave_out: Path) -> list[Source]:
    """Files below `paths`, sorted, each once. Raises UsageError for a path that is not there."""
    found: dict[Path, Source] = {}
    for given in paths:
        if not given.expanduser().exists():
            raise UsageError(f"{given} does not exist", "check the path")
        root = root_of(given)
        base = root if root.is_dir() else root.parent
        files = _walk(root, root_of(leave_out)) if root.is_dir() else iter([root])
        for location in files:
            source = _source(location, base)
            if source is not None:
                found.setdefault(location, source)
    return sorted(found.values(), key=lambda source: source.path)


def _walk(root: Path, leave_out: Path) -> Iterator[Path]:
    # os.walk does not follow links to folders, so a cycle of links cannot trap it.
    for folder, names, files in os.walk(root):
        here = Path(folder)
        names[:] = sorted(
            name for name in names if not name.startswith(".") and here / name != leave_out
        )
        yield from (here / name for name in sorted(files) if not name.startswith((".", "~$")))


def _source(location: Path, base: Path) -> Source | None:
    try:
        facts = location.stat()
        inside = location.resolve().is_relative_to(base)
    except OSError:  # it vanished, or it is a link to nothing or to itself
        return None
    if not inside or not stat.S_ISREG(facts.st_mode):
        return None
    path = location.relative_to(base).as_posix()
    shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return Source(location, shown, facts.st_size, facts.st_mtime_ns)
