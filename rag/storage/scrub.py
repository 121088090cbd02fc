"""Zeroes the bytes of a SQLite file that belong to no row: run as a program of its own.

`secure_delete` zeroes what is deleted, but where SQLite moves a row to another page it may leave a
copy behind, in the room between a page's list of cells and its cells. No read ever looks there and
`secure_delete` never comes back for it; `VACUUM` would copy the whole library instead.

    python scrub.py DATABASE     exit code BUSY where somebody has written meanwhile

It holds SQLite's own write lock from before the first byte to the end, so that a parent that is
killed leaves nobody who could write beneath it, and settles the record of the purge in the same
transaction. Bytes outside all rows have no meaning: a power cut among these writes damages nothing,
and a search that runs meanwhile sees no difference. It is a program because a process that closes
any descriptor of the file loses the locks that SQLite holds on it. Imports the standard library
only.
"""

from __future__ import annotations

import os
import sqlite3
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

SECONDS = 5.0  # to wait for another writer
BUSY = 75  # EX_TEMPFAIL
_INTERIOR, _LEAF = {2: 12, 5: 12}, {10: 8, 13: 8}  # kind of page: bytes of its header
_HEADERS = _INTERIOR | _LEAF
_FAMILY = {2: "index", 10: "index", 5: "table", 13: "table"}


def scrub(path: str) -> bool:
    """Zeroes, and settles the purge; returns False when the log holds what the file lacks."""
    connection = sqlite3.connect(path, timeout=SECONDS, isolation_level=None)
    connection.execute("PRAGMA secure_delete=ON")
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            return False
        raise
    log = Path(f"{path}-wal")
    if log.exists() and log.stat().st_size:
        return False
    roots = "SELECT rootpage FROM sqlite_schema WHERE rootpage > 0"
    # never closed: the locks of `connection` would go with it
    descriptor = os.open(path, os.O_RDWR)
    _zero(descriptor, [1, *(row[0] for row in connection.execute(roots))])
    # A commit that writes makes every other connection drop the pages that it remembers: written
    # again by one of them, they would bring the old bytes back.
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('purge', '{}')")
    connection.execute("DELETE FROM meta WHERE key = 'purge'")
    connection.execute("COMMIT")
    connection.close()
    return True


def _zero(descriptor: int, roots: list[int]) -> None:
    size = int.from_bytes(os.pread(descriptor, 2, 16), "big")
    size = 65536 if size == 1 else size
    wrote = False
    for number, page in _pages(descriptor, roots, size):
        start, end = _gap(page, 100 if number == 1 else 0)
        if start < end <= size and page.count(0, start, end) != end - start:
            os.pwrite(descriptor, bytes(end - start), (number - 1) * size + start)
            wrote = True
    if wrote:
        os.fsync(descriptor)


def _pages(descriptor: int, roots: list[int], size: int) -> Iterator[tuple[int, bytes]]:
    """Gives number and content of the pages of all trees; those of a tree are of one family."""
    seen: set[int] = set()
    waiting = [(root, "") for root in roots]
    while waiting:
        number, family = waiting.pop()
        page = os.pread(descriptor, size, (number - 1) * size)
        kind = page[100 if number == 1 else 0] if len(page) == size else 0
        found = _FAMILY.get(kind)
        if number in seen or found is None or family not in ("", found):
            continue  # of a damaged file nothing is touched that may be something else
        seen.add(number)
        yield number, page
        if kind in _INTERIOR:
            waiting += [(child, found) for child in _children(page, 100 if number == 1 else 0)]


def _gap(page: bytes, at: int) -> tuple[int, int]:
    """Returns the bytes (start, end) between the list of cells and the first cell."""
    cells, content = struct.unpack_from(">HH", page, at + 3)
    return at + _HEADERS[page[at]] + 2 * cells, content or 65536


def _children(page: bytes, at: int) -> Iterator[int]:
    (cells,) = struct.unpack_from(">H", page, at + 3)
    yield struct.unpack_from(">I", page, at + 8)[0]
    for cell in struct.unpack_from(f">{cells}H", page, at + 12):
        yield struct.unpack_from(">I", page, cell)[0]


if __name__ == "__main__":
    sys.exit(0 if scrub(sys.argv[1]) else BUSY)
