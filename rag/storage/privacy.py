"""A library is its owner's alone: what in its folder is the library's, and who may read it.

A library that was made with open permissions is closed when its owner opens it. A folder that also
holds other things, such as the documents themselves, keeps its own permissions, and so do they.
"""

from __future__ import annotations

import logging
from pathlib import Path

from rag.system import private_files

log = logging.getLogger(__name__)

_OURS = (
    *("library.sqlite*", "conversations.sqlite*", "library-format-*", "write.lock", "writer.pid"),
    *("uploads", "models", "*.faiss", "*.corrupt", "open-*.html", ".*.tmp"),
)


def close(folder: Path) -> None:
    """Takes the rights of other users from a library of this user, and says so where they had any.

    Whether they had is seen from the folder and what stands directly in it: the rest lies behind.
    """
    roots = _roots(folder)
    if not any(map(private_files.is_exposed, (*roots, *folder.glob("library.sqlite*")))):
        return
    was_library = any(folder.glob("library.sqlite"))
    closed = sum(map(private_files.close, roots))
    if closed and was_library:
        log.warning(
            "%s could be read by other users of this machine; now it is yours alone (%d files and "
            "folders were changed)",
            folder,
            closed,
        )


def is_private(folder: Path) -> bool:
    """Tells whether nobody but its owner may read or change the library."""
    return not any(map(private_files.is_exposed, _roots(folder)))


def _roots(folder: Path) -> list[Path]:
    """Returns the folder, or what is the library's in a folder that holds other things too."""
    present = list(folder.iterdir())
    ours = [path for path in present if any(path.match(pattern) for pattern in _OURS)]
    return [folder] if len(ours) == len(present) else ours
