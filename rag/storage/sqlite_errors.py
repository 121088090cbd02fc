"""What the disk and SQLite refuse, in words that name the thing, the cause and the next command."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from rag.errors import LibraryBusy, LibraryDamaged, RagError

KEPT = "; what was stored before is kept"
_AGAIN = "then run the same command again"
_CAUSES = {
    errno.ENOSPC: ("the disk is full", f"free some room, {_AGAIN}"),
    errno.EDQUOT: ("your quota of the disk is used up", f"free some room, {_AGAIN}"),
    errno.EFBIG: ("a file may not grow any more", f"raise the limit (ulimit -f), {_AGAIN}"),
    errno.EROFS: ("the disk is read-only", "name a folder that can be written with --library"),
    errno.EACCES: ("it may not be written", "change its permissions, or use another --library"),
    errno.EPERM: ("it may not be written", "change its permissions, or use another --library"),
    errno.ENOENT: ("the folder is gone", "put it back, or name another one with --library"),
}
_DISK = ("the disk reports an error", f"see to the disk, {_AGAIN}")
_CODES = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_READONLY: errno.EACCES,
    sqlite3.SQLITE_PERM: errno.EACCES,
    sqlite3.SQLITE_CANTOPEN: errno.ENOENT,
}
_LOST = (  # our statements are right, and what they name was there
    "no such column",
    "no such table",
    "malformed",  # database schema, JSON
    "unrecognized",  # this and below: how the keyword index was declared
    "parse error in tokenize",
    "error in tokenizer",
    "vtable constructor failed",
)
_BROKEN_TEXT = "Could not decode to UTF-8"  # of sqlite3 itself, without a code; ours is all UTF-8
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_BLOCK = 256  # rows
RESTORE = "restore it from a backup, or ingest the folders into a new --library"

T = TypeVar("T")


def of_system(path: Path, error: OSError) -> RagError:
    """Returns the stated failure for an OSError while something was written below `path`."""
    cause, advice = _CAUSES.get(error.errno or 0, _DISK)
    return RagError(f"{path} cannot be written: {cause}{KEPT}", advice)


def of_sqlite(path: Path, error: sqlite3.Error) -> RagError | None:
    """Returns the stated failure for an error of SQLite; None for a fault of ours."""
    code = getattr(error, "sqlite_errorcode", None) or 0
    primary = code & 0xFF  # the extended codes keep the primary one there
    lost = primary == sqlite3.SQLITE_ERROR and str(error).startswith(_LOST)
    if primary in _DAMAGED or lost or str(error).startswith(_BROKEN_TEXT):
        cause = str(error).split(" with text ")[0]  # no words of a document in messages
        return LibraryDamaged(f"{path} is damaged: {cause}", RESTORE)
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return LibraryBusy(f"another process is writing to {path}", "wait for it to end")
    if primary == sqlite3.SQLITE_CANTOPEN and path.parent.is_dir():
        return of_system(path, OSError(errno.EACCES, ""))
    if primary == sqlite3.SQLITE_IOERR:
        return of_system(path, OSError(errno.EIO, ""))
    if primary in _CODES:
        return of_system(path, OSError(_CODES[primary], ""))
    return None


@contextlib.contextmanager
def stated(path: Path) -> Iterator[None]:
    """Turns what SQLite raises into a RagError that names `path`, but for faults of ours."""
    try:
        yield
    except sqlite3.Error as error:
        failure = of_sqlite(path, error)
        if failure is None:
            raise
        raise failure from error
    except UnicodeDecodeError as error:  # SQLite's complaint quotes what it found in the schema
        raise LibraryDamaged(f"{path} is damaged: its schema is no UTF-8", RESTORE) from error


def _stating(method: Callable[..., T]) -> Callable[..., T]:
    """Returns a method of sqlite3's cursors whose failures are stated."""

    @functools.wraps(method)
    def call(cursor: Cursor, *arguments: Any) -> T:
        with stated(cursor.connection.path):
            return method(cursor, *arguments)

    return call


class Cursor(sqlite3.Cursor):
    """A cursor whose failures are stated."""

    connection: Connection

    execute = _stating(sqlite3.Cursor.execute)
    executemany = _stating(sqlite3.Cursor.executemany)
    fetchone = _stating(sqlite3.Cursor.fetchone)
    fetchmany = _stating(sqlite3.Cursor.fetchmany)
    fetchall = _stating(sqlite3.Cursor.fetchall)
    __next__ = _stating(sqlite3.Cursor.__next__)

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]  # sqlite3's gives itself
        """Yields row by row, fetched in blocks: a million rows go through here."""
        while rows := self.fetchmany(_BLOCK):
            yield from rows


class Connection(sqlite3.Connection):
    """A connection to the file at `path`, whose failures are stated."""

    path: Path = Path()

    def cursor(self, factory: Any = None) -> Any:
        """Returns a cursor whose failures are stated."""
        return super().cursor(factory or Cursor)

    # sqlite3's own take a plain cursor, whatever `cursor` gives

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """Does what sqlite3's does."""
        return self.cursor().execute(sql, parameters)  # type: ignore[no-any-return]

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        """Does what sqlite3's does."""
        return self.cursor().executemany(sql, parameters)  # type: ignore[no-any-return]


def writable(folder: Path) -> bool:
    """Tells whether files may be made in a folder, and its database, if any, be written."""
    return os.access(folder, os.W_OK | os.X_OK)
