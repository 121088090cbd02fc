"""A library from a folder into a database or back: nothing is parsed or embedded again.

A copy that was stopped or killed goes on where it was. Until it is whole the target says so, and
nothing else may be written there.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from rag.conversations import Conversations
from rag.errors import UsageError
from rag.indexing.index_sync import settle
from rag.protocols import Stop
from rag.schema import UPLOADS
from rag.storage import Store
from rag.storage.copying import Copying
from rag.storage.engine import set_meta
from rag.storage.integrity import COPYING
from rag.system import addresses, private_files

_TOGETHER = 16  # documents in one transaction
OnCopied = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Copied:
    """How far a copy has come: documents that are there, and all of them."""

    done: int
    total: int

    @property
    def finished(self) -> bool:
        """Tells whether the target is whole."""
        return self.done == self.total


def copy(
    source: str, target: str, folder: Path, progress: OnCopied, stop: Stop = lambda: False
) -> Copied:
    """Copies the library at one place, a folder or an address of a database, to another one.

    `folder`: what a library in a database has beside it. `progress` gets (done, total) documents.
    Raises UsageError where there is no library, or where the target holds another one.
    """
    if not (source and target):  # an empty path would be the working directory
        raise UsageError("a library to copy has no name", "rag copy FROM TO")
    if not addresses.is_database(source) and not Path(source, "library.sqlite").is_file():
        raise UsageError(f"{source} holds no library", "rag copy FROM TO")
    with ExitStack() as stack:
        held, made = (stack.enter_context(_opened(at, folder)) for at in (source, target))
        stack.enter_context(made.writing())
        stack.enter_context(held.snapshot())
        return _copy(held, made, progress, stop)


def _opened(place: str, folder: Path) -> closing[Store]:
    is_database = addresses.is_database(place)
    return closing(Store(folder, place) if is_database else Store(Path(place)))


def _copy(source: Store, target: Store, progress: OnCopied, stop: Stop) -> Copied:
    tables, total = Copying(source, target), source.documents.counts()[0]
    if not target.meta(COPYING) and target.documents.counts()[0]:
        raise UsageError(f"{target.engine.name} holds a library already", "name an empty one")
    with target.transaction() as connection:
        set_meta(connection, COPYING, "1")
    tables.drop_others()
    missing = tables.missing()
    done = total - len(missing)
    for start in range(0, len(missing), _TOGETHER):
        block = missing[start : start + _TOGETHER]
        with target.transaction():  # the disk is waited for once a block
            for number, key in enumerate(block, done + start):
                if stop():
                    return Copied(number, total)
                tables.add(key)
                progress(number + 1, total)
    tables.finish()
    _copy_conversations(source, target)
    _copy_uploads(source.folder / UPLOADS, target.folder / UPLOADS)
    with target.transaction() as connection:
        connection.execute("DELETE FROM meta WHERE key = ?", (COPYING,))
    settle(target)
    return Copied(total, total)


def _copy_conversations(source: Store, target: Store) -> None:
    kept, there = (Conversations(store.folder, store.database) for store in (source, target))
    there.copy_from(kept)


def _copy_uploads(source: Path, target: Path) -> None:
    """Copies the files that only the library has, but for those that are there already."""
    if source.resolve() == target.resolve() or not source.is_dir():
        return
    private_files.make_folder(target)
    for path in source.iterdir():
        copied = target / path.name
        if path.is_file() and not path.name.startswith(".") and not copied.exists():
            half = target / f".{path.name}"
            shutil.copyfile(path, half)
            half.replace(copied)
