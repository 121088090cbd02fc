"""Which files a removal means, and their removal from the store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rag.errors import UsageError
from rag.indexing.sources import key_of, root_of
from rag.storage import FileRecord, Store


def remove(store: Store, paths: Sequence[Path]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Removes files, or all files below a folder; call inside the write lock.

    A path is one on disk or one as the library shows it. Returns the paths of all that was
    removed, and of the uploaded copies among them, sorted. Raises UsageError for an unknown path.
    """
    shown = {file.source: file.path for path in paths for file in _files(store, path)}
    copies = store.remove(list(shown))
    return tuple(sorted(shown.values())), tuple(sorted(shown[source] for source in copies))


def _files(store: Store, path: Path) -> list[FileRecord]:
    found = store.ledger.below(key_of(root_of(path))) or store.ledger.named(path.as_posix())
    if not found:
        raise UsageError(f"{path} is not in the library", "rag status --verbose lists the files")
    return found
