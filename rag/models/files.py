"""Files of a stranger's model: met, read, copied and deleted without trust in any of them.

No link is followed out, no pipe or device is opened, nothing recurses, and all has a limit.
"""

from __future__ import annotations

import io
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from rag.schema import Outcome
from rag.system import private_files

MOST_FILES = 10_000  # the largest published models have some hundred
MOST_LEVELS = 8  # of folders; sentence-transformers has two
MOST_JSON = 64_000_000  # bytes; the largest tokenizers have half of it
MOST_BYTES = 1_000_000_000_000  # of a model: more than any that is published
MOST_RATIO = 20  # of unpacked to packed bytes: trained weights hardly pack at all
RATIO_FREE = 100_000_000  # bytes, below which the ratio says nothing
_PIECE = 1 << 20
_NO_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class BadFile(Exception):
    """What is wrong with a model's files, for a message that names the model."""

    def __init__(self, cause: str, outcome: Outcome = Outcome.UNREADABLE) -> None:
        super().__init__(cause)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Member:
    """A regular file of a folder; `name` is relative, with forward slashes."""

    name: str
    path: Path
    size: int

    @property
    def is_hidden(self) -> bool:
        """Tells whether it, or a folder on the way to it, begins with a dot."""
        return any(part.startswith(".") for part in self.name.split("/"))


class Budget:
    """What may be written: by the room on the disk, and by the size of what it comes from."""

    def __init__(self, room: int, packed: int = 0) -> None:
        """`packed`: bytes of the archive; 0 for a folder."""
        self._room = max(room, 0)
        self._packed = packed
        self._entries = 0
        self._spent = 0
        self._declared = 0

    def count(self, entries: int = 1) -> None:
        """Counts entries of an archive. Raises BadFile where they are too many."""
        self._entries += entries
        if self._entries > MOST_FILES:
            raise BadFile(f"has more than {MOST_FILES} files", Outcome.TOO_LARGE)

    def declare(self, count: int) -> None:
        """Counts bytes that are said to come. Raises BadFile where they are too many."""
        self._declared += max(count, 0)
        self._check(self._declared)

    def spend(self, count: int) -> None:
        """Counts bytes that do come, before they are written. Raises BadFile for too many."""
        self._spent += count
        self._check(self._spent)

    def _check(self, count: int) -> None:
        if self._packed and count > RATIO_FREE and count > MOST_RATIO * self._packed:
            reason = f"unpacks to {count // self._packed} times its size and more"
            raise BadFile(reason, Outcome.BOMB)
        if count > MOST_BYTES:
            raise BadFile(f"has more than {MOST_BYTES // 10**9} GB", Outcome.TOO_LARGE)
        if count > self._room:
            sizes = f"{count / 1e9:.1f} GB and more, there is room for {self._room / 1e9:.1f}"
            raise BadFile(f"takes {sizes}", Outcome.TOO_LARGE)


def members(folder: Path, home: Path | None = None) -> list[Member]:
    """Returns the regular files below a folder, sorted, hidden ones too.

    `home`: where links may lead; the folder itself where it is not given. Raises BadFile for links
    that lead out, for what is neither file nor folder, and for too many files or levels.
    """
    within = (home or folder).resolve()
    found: list[Member] = []
    folders = [(folder, "")]
    while folders:
        here, above = folders.pop()
        if above.count("/") > MOST_LEVELS:
            raise BadFile(f"has more than {MOST_LEVELS} levels of folders", Outcome.TOO_LARGE)
        with os.scandir(here) as entries:
            for entry in entries:
                name = above + entry.name
                if entry.is_dir(follow_symlinks=False):
                    folders.append((here / entry.name, f"{name}/"))
                else:
                    found.append(_member(here / entry.name, name, within))
                if len(found) + len(folders) > MOST_FILES:
                    raise BadFile(f"has more than {MOST_FILES} files", Outcome.TOO_LARGE)
    return sorted(found, key=lambda member: member.name)


def _member(path: Path, name: str, within: Path) -> Member:
    if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(within):
        raise BadFile(f"{name} leads out of it", Outcome.OUTSIDE)
    try:
        facts = path.stat()
    except OSError as error:
        raise BadFile(f"{name} cannot be opened: {error.strerror}") from error
    if not stat.S_ISREG(facts.st_mode):
        raise BadFile(f"{name} is no regular file", Outcome.UNSUPPORTED)
    return Member(name, path, facts.st_size)


def opened(path: Path) -> io.BufferedReader:
    """Opens a regular file to read; waits for no pipe. Raises BadFile."""
    try:
        handle = os.open(path, os.O_RDONLY | _NO_WAITING)
    except OSError as error:
        raise BadFile(f"{path.name} cannot be opened: {error.strerror}") from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise BadFile(f"{path.name} is no regular file", Outcome.UNSUPPORTED)
    return os.fdopen(handle, "rb")


def load_json(path: Path) -> Any:
    """Returns what a JSON file holds. Raises BadFile for one too large, too deep, or no JSON."""
    with opened(path) as stream:
        content = stream.read(MOST_JSON + 1)
    if len(content) > MOST_JSON:
        reason = f"{path.name} has more than {MOST_JSON // 1_000_000} MB"
        raise BadFile(reason, Outcome.TOO_LARGE)
    try:
        return json.loads(content.decode("utf-8"))
    except RecursionError as error:
        raise BadFile(f"{path.name} is nested too deep", Outcome.BOMB) from error
    except ValueError as error:
        raise BadFile(f"{path.name} is no JSON: {error}") from error


def write(source: BinaryIO, target: Path, budget: Budget) -> int:
    """Copies a stream to a new file; returns the bytes. Raises OSError."""
    private_files.make_folder(target.parent)
    count = 0
    with private_files.create(target) as out:
        while piece := source.read(_PIECE):
            budget.spend(len(piece))
            out.write(piece)
            count += len(piece)
    return count


def sync(folder: Path) -> None:
    """Brings a folder and all below it down to the disk. Raises OSError."""
    for here, _, files in os.walk(folder):
        for name in (*files, ""):
            sync_one(Path(here, name))


def sync_one(path: Path) -> None:
    """Brings a file, or the names in a folder, down to the disk. Raises OSError."""
    if os.name != "posix" and path.is_dir():  # it cannot be opened
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def wipe(path: Path) -> None:
    """Deletes a file, a link, or a folder with all below it, whatever its depth and modes.

    Each inner folder is first moved beside `path`: so no path grows long, and nothing recurses.
    """
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    folders, number = [path], 0
    while folders:
        here = folders.pop()
        _unlock(here)
        with os.scandir(here) as entries:
            inner = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
        for name, is_folder in inner:
            if is_folder:
                number += 1
                _unlock(here / name)  # one that may not be written cannot be moved
                folders.append((here / name).rename(path.with_name(f"{path.name}-{number}")))
            else:
                (here / name).unlink()
        here.rmdir()


def _unlock(folder: Path) -> None:
    if folder.lstat().st_mode & stat.S_IRWXU != stat.S_IRWXU:
        folder.chmod(stat.S_IRWXU)
