"""Files and folders that nobody but their owner can read, from their first moment.

The mode is given to the call that makes a thing, whatever the umask, and never set afterwards: a
file that is open for an instant can be held open for good. Where the system knows no such modes
(Windows, FAT), nothing here does any harm.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

FOLDER_MODE = 0o700
FILE_MODE = 0o600
_OTHERS = 0o077
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)


def make_folder(path: Path) -> Path:
    """Makes a folder, and the folders above it that are missing; returns it. Raises OSError."""
    for folder in (*reversed(path.parents), path):
        if not folder.is_dir():
            with contextlib.suppress(FileExistsError):  # another process was first
                folder.mkdir(FOLDER_MODE)
    if not path.is_dir():
        raise NotADirectoryError(20, os.strerror(20), str(path))
    return path


def create(path: Path) -> BinaryIO:
    """Opens a new file for writing. Raises OSError, FileExistsError where there is one already."""
    return os.fdopen(os.open(path, _NEW, FILE_MODE), "wb")


def touch(path: Path) -> None:
    """Makes an empty file for others to write, unless there is one. Raises OSError."""
    with contextlib.suppress(FileExistsError):
        create(path).close()


def write(path: Path, content: bytes) -> None:
    """Puts `content` into a file that is there whole or not at all. Raises OSError."""
    half = path.with_name(f".{os.getpid()}-{path.name}"[:250])
    half.unlink(missing_ok=True)
    try:
        with create(half) as stream:
            stream.write(content)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def copy_folder(source: Path, target: Path) -> None:
    """Copies a folder without its hidden files into `target`, which must not be there yet.

    Raises OSError. What is a link in `source` is a file of its own in `target`.
    """
    target.mkdir(FOLDER_MODE)
    for each in sorted(source.iterdir()):
        if each.name.startswith("."):
            continue
        if each.is_dir():
            copy_folder(each, target / each.name)
        else:
            with each.open("rb") as read, create(target / each.name) as written:
                shutil.copyfileobj(read, written)


def exposed(folder: Path) -> Iterator[Path]:
    """A folder of this user and all below it that others may read, write or enter."""
    if os.name != "posix":
        return
    for path in (folder, *folder.rglob("*")):
        try:
            facts = path.lstat()
        except OSError:  # gone in the meantime
            continue
        own = facts.st_uid == os.geteuid() and not stat.S_ISLNK(facts.st_mode)
        if own and stat.S_IMODE(facts.st_mode) & _OTHERS:
            yield path


def close(folder: Path) -> int:
    """Takes the rights of others from a folder and all below it; how many things had them.

    Only of this user's things, and only as far as the file system keeps modes.
    """
    count = 0
    for path in exposed(folder):
        with contextlib.suppress(OSError):
            path.chmod(stat.S_IMODE(path.lstat().st_mode) & ~_OTHERS)
            count += not stat.S_IMODE(path.lstat().st_mode) & _OTHERS
    return count
