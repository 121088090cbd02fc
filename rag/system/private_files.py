"""Files and folders that nobody but their owner can read, from their first moment.

The mode is given to the call that makes a thing, whatever the umask, and never set afterwards: a
file that is open for an instant can be held open for good. Where the system knows no such modes
(Windows, FAT), nothing here does any harm.
"""

from __future__ import annotations

import contextlib
import os
import stat
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
    half = path.with_name(f".{os.getpid()}-{path.name}")
    half.unlink(missing_ok=True)
    try:
        with create(half) as stream:
            stream.write(content)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def is_exposed(path: Path) -> bool:
    """Tells whether others than its owner may read, change or enter a file or folder."""
    if os.name != "posix":
        return False
    try:
        mode = path.lstat().st_mode
    except OSError:  # gone in the meantime
        return False
    return not stat.S_ISLNK(mode) and bool(stat.S_IMODE(mode) & _OTHERS)


def close(path: Path) -> int:
    """Takes the rights of others from a file, or a folder and all below it; returns how many.

    Only from things of this user, and only as far as the file system keeps modes.
    """
    count = 0
    below = path.rglob("*") if path.is_dir() and not path.is_symlink() else ()
    for item in (path, *below):
        if is_exposed(item) and item.lstat().st_uid == os.geteuid():
            with contextlib.suppress(OSError):
                item.chmod(stat.S_IMODE(item.lstat().st_mode) & ~_OTHERS)
                count += not is_exposed(item)
    return count
