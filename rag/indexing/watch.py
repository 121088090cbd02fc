"""Keeps a library in sync with folders: looks, and ingests when something has changed.

It looks every few seconds at names, sizes and dates, as `rag ingest` does, so it works on every
file system.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rag.errors import LibraryBusy
from rag.indexing.sources import discover
from rag.protocols import Stop

Look = frozenset[tuple[str, int, int]]
"""Key, size and date of each file."""


def watch(
    paths: Sequence[Path],
    leave_out: Path,
    ingest: Callable[[bool], object],
    stop: Stop,
    seconds: float = 2.0,
    pause: Callable[[float], object] = time.sleep,
) -> None:
    """Calls `ingest` now and after each change of the files below `paths`, until `stop()`.

    `ingest` is told whether it is the first one. While another process writes, it is tried again
    after each pause. Between two looks lie `seconds`; a change is taken up once two looks agree,
    so a file is not read while it is being copied. Raises what `ingest` raises, and UsageError
    when a path is gone.
    """
    done: Look | None = None
    last = look(paths, leave_out)
    while not stop():
        now = look(paths, leave_out)
        if now == last and now != done:
            with contextlib.suppress(LibraryBusy):
                ingest(done is None)
                done = now
        last = now
        if not stop():
            pause(seconds)


def look(paths: Sequence[Path], leave_out: Path) -> Look:
    """Returns what is there. Raises UsageError for a path that is not."""
    sources = discover(paths, leave_out).sources
    return frozenset((source.key, source.size, source.modified_ns) for source in sources)
