"""A disk that forgets what was not synced, as POSIX allows it to after a power cut.

A file's bytes last once the file has been synced, a name (made, moved, removed) once its folder
has. Of the rest any part may survive: writes in any order, names in the order they were changed.
Replays changes that were recorded; knows nothing about who made them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

Write = tuple[int, bytes | None]
"""(offset, bytes), or (length, None) for a truncation."""


@dataclass
class Inode:
    """One file: its bytes as synced, and what was done to them since."""

    synced: bytes = b""
    since: list[Write] = field(default_factory=list)

    def content(self, kept: list[Write]) -> bytes:
        """Returns the synced bytes with some of the later writes."""
        data = bytearray(self.synced)
        for offset, written in kept:
            if written is None:
                del data[offset:]
            data.extend(bytes(max(0, offset - len(data))))
            if written is not None:
                data[offset : offset + len(written)] = written
        return bytes(data)


@dataclass(frozen=True)
class Naming:
    """A name that was given to a file, or taken from it."""

    name: str
    inode: Inode | None
    left: str = ""  # the name that a moved file had before: both change at once


class Disk:
    """The files of one folder, by name."""

    def __init__(self, folder: Path) -> None:
        self._names = {
            path.name: Inode(path.read_bytes()) for path in folder.iterdir() if path.is_file()
        }
        self._lasting = dict(self._names)
        self._namings: list[Naming] = []

    def open(self, name: str, create: bool, empty: bool) -> None:
        """Opens a file to write: made if it is not there, emptied if asked for."""
        if name not in self._names and create:
            self._names[name] = Inode()
            self._namings.append(Naming(name, self._names[name]))
        elif empty and name in self._names:
            self.truncate(name, 0)

    def write(self, name: str, offset: int, data: bytes) -> None:
        """Writes bytes at an offset."""
        if name in self._names:
            self._names[name].since.append((offset, data))

    def truncate(self, name: str, size: int) -> None:
        """Cuts or extends a file to a size."""
        if name in self._names:
            self._names[name].since.append((size, None))

    def sync(self, name: str) -> None:
        """Makes the bytes of a file last."""
        if name in self._names:
            inode = self._names[name]
            inode.synced, inode.since = inode.content(inode.since), []

    def sync_folder(self) -> None:
        """Makes all names last."""
        self._lasting, self._namings = dict(self._names), []

    def rename(self, old: str, new: str) -> None:
        """Gives a file another name; whatever had it is gone."""
        if old in self._names:
            self._names[new] = self._names.pop(old)
            self._namings.append(Naming(new, self._names[new], left=old))

    def unlink(self, name: str) -> None:
        """Takes a name away."""
        if self._names.pop(name, None) is not None:
            self._namings.append(Naming(name, None))

    def after_cut(self, dice: random.Random | None) -> Iterator[tuple[str, bytes]]:
        """Gives (name, bytes) of what is there when the power is back.

        Without dice nothing survives that was not synced; with them, what they say.
        """
        names = dict(self._lasting)
        for naming in self._namings[: dice.randint(0, len(self._namings)) if dice else 0]:
            names.pop(naming.left, None)
            names.pop(naming.name, None)
            if naming.inode is not None:
                names[naming.name] = naming.inode
        for name, inode in names.items():
            kept = [write for write in inode.since if dice and dice.random() < 0.5]
            yield name, inode.content(kept)
