"""Takes what was removed off the disk, and remembers that it must until it has.

A removal notes the purge in its own transaction (`mark`), so that a kill between the two loses
nothing: whoever opens or changes the library next goes on. The steps may be repeated:

    the library's copies of removed files  →  backups  →  terms of the keyword index
    →  the log, once nobody reads an older state  →  bytes that belong to no row; the note goes

`rag.indexing.index_sync` takes care of the FAISS files before.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.errors import RagError
from rag.schema import PURGED, UPLOADS, Holder, Purge
from rag.storage import scrub, tables
from rag.storage.database import BUSY_SECONDS, Database
from rag.storage.engine import Connection, Engine, set_meta
from rag.storage.sqlite_errors import of_system

PATIENCE_SECONDS = 5.0
"""For questions that are being answered while something is removed."""

_SCRUB_SECONDS = 3600  # a library of a million passages takes a minute
LOCKS = Path("/proc/locks")
_MARKS = range(123, 128)  # WAL_READ_LOCK(0) to (4) of SQLite's wal.c; they are its file format
_WORDS, _LENGTH = 3, 60  # of a command line: the program and the command, not what is asked
_NOTHING: dict[str, Any] = {"terms": False, "copies": []}

log = logging.getLogger(__name__)


def mark(connection: Connection, copies: Sequence[Path] = ()) -> None:
    """Notes in the open transaction that something was deleted, and files to be deleted with it."""
    before = read_note(connection)
    after = {"terms": True, "copies": [*(before or _NOTHING)["copies"], *map(_facts, copies)]}
    if after != before:
        write_note(connection, after)


class Purging(ABC):
    """The purge of one library. `run` inside the write lock, and outside transactions."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    @property
    def due(self) -> bool:
        """Tells whether something was deleted that may still be on the disk."""
        return read_note(self._database.connection()) is not None

    @abstractmethod
    def run(self, patience: float | None = None) -> Purge:
        """Goes on as far as it can. Waits up to `patience` seconds for those who read."""

    def _delete_copies(self) -> None:
        """Deletes the noted files, but for those that were put there anew since."""
        noted = read_note(self._database.connection())
        if not noted or not noted["copies"]:
            return
        for name, size, modified_ns in noted["copies"]:
            with contextlib.suppress(FileNotFoundError):
                if _facts(Path(name)) == [name, size, modified_ns]:
                    Path(name).unlink()
        with self._database.transaction() as connection:
            write_note(connection, {**noted, "copies": []})


class FilePurging(Purging):
    """The purge of a library in a SQLite file."""

    _database: Database

    def run(self, patience: float | None = None) -> Purge:
        """Goes on as far as it can. Waits up to `patience` seconds for those who read."""
        patience = PATIENCE_SECONDS if patience is None else patience
        try:
            self._delete_copies()
            self._delete_backups()
            self._merge_terms()
            if not self._empty_log(patience):
                return _read_by(holders(self._database.path))
            if not self._scrub():
                return Purge(False, "another process is writing to the library")
            self._empty_log(0)
        except OSError as error:
            return Purge(False, of_system(self._database.folder, error).message)
        except RagError as error:
            return Purge(False, error.message)
        return PURGED

    def _delete_backups(self) -> None:
        folder = self._database.folder
        for path in folder.glob(tables.BACKUPS):
            path.unlink(missing_ok=True)
        for path in (folder / UPLOADS).glob(".*-*"):  # half written, by a process that was killed
            if not _runs(path.name[1:].partition("-")[0]):
                path.unlink(missing_ok=True)

    def _merge_terms(self) -> None:
        """Merges all segments of FTS5, which keep the terms of deleted rows until then."""
        noted = read_note(self._database.connection())
        if noted and not noted["terms"]:
            return
        with self._database.transaction() as connection:
            connection.execute("INSERT INTO keywords (keywords) VALUES ('optimize')")
            write_note(connection, {**(noted or _NOTHING), "terms": False})

    def _empty_log(self, patience: float) -> bool:
        """Moves all of the log into the file; returns False while somebody reads an older state."""
        connection = self._database.connection()
        connection.execute(f"PRAGMA busy_timeout = {int(patience * 1000)}")
        try:
            return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")

    def _scrub(self) -> bool:
        """Zeroes what belongs to no row and deletes the note, in a process of its own."""
        command = [sys.executable, "-I", scrub.__file__, str(self._database.path.absolute())]
        try:
            done = subprocess.run(command, capture_output=True, timeout=_SCRUB_SECONDS, check=False)
        except subprocess.TimeoutExpired as error:
            raise RagError("the library's file could not be scrubbed in an hour") from error
        if done.returncode not in (0, scrub.BUSY):
            log.warning("scrubbing the library's file: %s", done.stderr.decode("utf-8", "replace"))
            raise RagError("the library's file could not be scrubbed")
        return done.returncode == 0


def _read_by(found: tuple[Holder, ...]) -> Purge:
    names = ", ".join(f"process {holder.pid} ({holder.name})" for holder in found)
    return Purge(False, f"{names or 'another process'} reads an older state of the library", found)


def read_note(connection: Connection) -> dict[str, Any] | None:
    """Returns what is still to be done; None where nothing is."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'purge'").fetchone()
    if row is None:
        return None
    try:
        return {**_NOTHING, **json.loads(row[0])}
    except (TypeError, ValueError):  # a bit has flipped: everything is to be looked at
        return {**_NOTHING, "terms": True}


def write_note(connection: Connection, value: dict[str, Any]) -> None:
    """Records in the open transaction what is still to be done."""
    set_meta(connection, "purge", json.dumps(value))


def _facts(path: Path) -> list[str | int]:
    """Returns by what a file is known again: path, bytes, date. Raises FileNotFoundError."""
    found = path.stat()
    return [str(path), found.st_size, found.st_mtime_ns]


def _runs(pid: str) -> bool:
    """Tells whether a process of this number runs; True for what is no number."""
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except (ValueError, PermissionError):
        return True
    return True


def holders(database: Path) -> tuple[Holder, ...]:
    """Returns the processes that read an older state of a database, by number.

    SQLite marks a running read by a lock on one of five bytes of the file `-shm`; Linux lists the
    locks with their owners. Elsewhere there are none to name.
    """
    try:
        inode = Path(f"{database}-shm").stat().st_ino
        lines = LOCKS.read_text("ascii").splitlines()
    except OSError:
        return ()
    pids = {pid for pid in (_reader(line, inode) for line in lines) if pid}
    return tuple(Holder(pid, _name(pid)) for pid in sorted(pids))


def _reader(line: str, inode: int) -> int:
    """Returns the process that holds a lock of this line on a mark; 0 for any other lock.

    12: POSIX  ADVISORY  READ 4711 fe:00:2146724 124 124
    """
    try:
        kind, _, _, pid, file, first, last = line.split()[1:8]
        held = range(int(first), int(last) + 1)
    except ValueError:  # of a process that waits, or to the end of a file
        return 0
    marks = range(max(held.start, _MARKS.start), min(held.stop, _MARKS.stop))
    same = kind in ("POSIX", "OFDLCK") and file.rpartition(":")[2] == str(inode)
    return max(int(pid), 0) if same and marks else 0


def _name(pid: int) -> str:
    """Returns the first words of a command line, without options and signs for a terminal."""
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return "unknown"
    if "-c" in arguments:  # of an interpreter: its program follows
        arguments = arguments[: arguments.index("-c")]
    words = [Path(word).name for word in arguments if word and not word.startswith("-")][:_WORDS]
    return "".join(sign for sign in " ".join(words) if sign.isprintable())[:_LENGTH]
