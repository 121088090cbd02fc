"""Files of a stranger's model: met, read, copied and deleted without trust in any of them.

No link is followed out, no pipe or device is opened, nothing recurses, and all has a limit. Knows
nothing about what the files mean.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from rag import private
from rag.errors import ModelMissing, RagError
from rag.schema import Outcome

MOST_FILES = 10_000
MOST_LEVELS = 8
MOST_JSON = 64_000_000  # bytes; the largest tokenizers have half of it
_PIECE = 1 << 20
_NO_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_PASSING = (KeyboardInterrupt, SystemExit, GeneratorExit)


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


class Spent(Protocol):
    """Is told of bytes before they are written, and refuses too many."""

    def spend(self, count: int) -> None:
        """`count` bytes are about to be written."""


def members(folder: Path, home: Path | None = None) -> list[Member]:
    """The regular files below a folder, sorted, hidden ones too.

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


def opened(path: Path) -> BinaryIO:
    """A regular file to read; waits for no pipe. Raises BadFile."""
    try:
        handle = os.open(path, os.O_RDONLY | _NO_WAITING)
    except OSError as error:
        raise BadFile(f"{path.name} cannot be opened: {error.strerror}") from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise BadFile(f"{path.name} is no regular file", Outcome.UNSUPPORTED)
    return os.fdopen(handle, "rb")


def load_json(path: Path) -> Any:
    """What a JSON file holds. Raises BadFile for one too large, too deep, or no JSON."""
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


def write(source: BinaryIO, target: Path, budget: Spent) -> int:
    """Copies a stream to a new file; returns the bytes. Raises OSError."""
    private.make_folder(target.parent)
    count = 0
    with private.create(target) as out:
        while piece := source.read(_PIECE):
            budget.spend(len(piece))
            out.write(piece)
            count += len(piece)
    return count


def sync(folder: Path) -> None:
    """Brings a folder and all below it down to the disk. Raises OSError."""
    for here, _, files in os.walk(folder):
        for name in files:
            _sync(Path(here) / name)
        sync_names(Path(here))


def sync_names(folder: Path) -> None:
    """Brings the names in a folder down to the disk. Raises OSError."""
    if os.name == "posix":  # elsewhere a folder cannot be opened
        _sync(folder)


def _sync(path: Path) -> None:
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
            inner = [(each.name, each.is_dir(follow_symlinks=False)) for each in entries]
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


@contextmanager
def stated(what: str, advice: str) -> Iterator[None]:
    """Whatever goes wrong inside becomes a ModelMissing: `what` names the model and the attempt.

    Libraries raise anything at all on a stranger's files, those in Rust even past `Exception`.
    """
    try:
        yield
    except (RagError, *_PASSING):
        raise
    except BaseException as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            advice = "make room on the disk"
        cause = (str(error).splitlines() or [""])[0][:300] or type(error).__name__
        raise ModelMissing(f"{what}: {cause}", advice) from error
