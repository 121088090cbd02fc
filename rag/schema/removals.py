"""What a removal did: what went, and whether the text is off the disk or who still holds it."""

from __future__ import annotations

from dataclasses import dataclass

UPLOADS = "uploads"
"""Folder inside the library's for copies of files that are its own: a removal deletes them."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that reads an older state of the library. `name` is how it was started."""

    pid: int
    name: str


@dataclass(frozen=True, slots=True)
class Purge:
    """Says whether nothing that was removed is left in the library's folder.

    A purge that is not `complete` is recorded there: the next command that opens or changes the
    library goes on with it. `reason` says what it waits for, in English.
    """

    complete: bool = True
    reason: str = ""
    holders: tuple[Holder, ...] = ()


PURGED = Purge()
"""Nothing was removed, or nothing of it is left."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What a removal did. Paths are those that the library showed, sorted.

    `copies` are the ones among them whose file was the library's own and has been deleted.
    """

    paths: tuple[str, ...]
    copies: tuple[str, ...] = ()
    purge: Purge = PURGED
