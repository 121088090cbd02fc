"""One SQLite file: connections, transactions that survive a power cut, and the write lock."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

import numpy as np
from filelock import FileLock, Timeout

from rag.errors import LibraryBusy, LibraryDamaged, RagError, UsageError
from rag.storage import privacy, tables
from rag.storage.engine import PATIENCE, Engine
from rag.storage.sqlite_errors import RESTORE, Connection, of_system, stated, writable
from rag.system import private_files

FILE_NAME = "library.sqlite"
BUSY_SECONDS = 30  # to wait for another writer: a batch takes seconds


# A list is bound as one value, which `json_each` reads; a vector as float32, little endian.
sqlite3.register_adapter(list, json.dumps)
sqlite3.register_adapter(np.ndarray, lambda row: np.ascontiguousarray(row, dtype="<f4").tobytes())


class Database(Engine):
    """One SQLite file, one connection a thread, at most one writing process."""

    pending_table = tables.PENDING_VECTORS

    def __init__(self, folder: Path) -> None:
        """Opens or creates. Raises LibraryDamaged for a file that is no library of this format."""
        super().__init__(folder, str(folder))
        self.path = folder / FILE_NAME
        self._lock = FileLock(folder / "write.lock", mode=private_files.FILE_MODE)
        self._writer = threading.RLock()
        try:
            private_files.make_folder(folder)
        except OSError as error:
            raise UsageError(
                f"{folder} cannot hold a library: {error.strerror}", "name a folder with --library"
            ) from error
        self.writable = writable(folder)
        if self.writable:
            privacy.close(folder)
        self._prepare()

    def connection(self) -> Connection:
        """Returns this thread's connection, opened on first use."""
        return cast(Connection, super().connection())

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Commits all of the block or nothing. On return it is on the disk."""
        connection = self.connection()
        with self._writer:
            if connection.in_transaction:  # part of an outer block
                yield connection
                return
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # on a full disk SQLite has rolled back by itself
                    connection.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """Lets all reads of the block see one state."""
        connection = self.connection()
        if connection.in_transaction:
            yield
            return
        connection.execute("BEGIN")
        try:
            yield
        finally:
            connection.execute("COMMIT")

    @contextlib.contextmanager
    def writing(self, patience: float = PATIENCE) -> Iterator[None]:
        """Holds the right to write, which one process has; the system frees it when it dies."""
        note = self.folder / "writer.pid"
        self._require_writable()
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            holder = note.read_text().strip() if note.exists() else "unknown"
            raise LibraryBusy(
                f"another process ({holder}) is writing to {self.folder}",
                "wait for it to end, or stop it",
            ) from error
        except OSError as error:
            raise of_system(self.folder, error) from error
        try:
            with contextlib.suppress(OSError):  # a full disk: the note is a courtesy
                private_files.touch(note)
                note.write_text(str(os.getpid()))
            yield
        finally:
            self._lock.release()

    def version(self) -> str:
        """Returns the version of SQLite."""
        return f"SQLite {sqlite3.sqlite_version}"

    def damage(self) -> list[str]:
        """Returns what SQLite finds wrong with the file, in words."""
        rows = self.connection().execute("PRAGMA quick_check")
        return [str(row[0]) for row in rows if str(row[0]) != "ok"]

    def last_ids(self) -> dict[str, int]:
        """Returns the last id that was ever given to a row, by table."""
        return dict(map(tuple, self.connection().execute("SELECT name, seq FROM sqlite_sequence")))

    def set_last_ids(self, ids: Mapping[str, int]) -> None:
        """Lets the next rows of tables have ids above these. Call inside a transaction."""
        connection = self.connection()
        connection.executemany("DELETE FROM sqlite_sequence WHERE name = ?", zip(ids))
        connection.executemany("INSERT INTO sqlite_sequence VALUES (?, ?)", ids.items())

    def _connect(self) -> Connection:
        if self.writable:
            try:
                private_files.touch(self.path)  # SQLite gives -wal and -shm the mode of this file
            except OSError as error:
                raise of_system(self.folder, error) from error
        with stated(self.path):
            connection = sqlite3.connect(
                self._address(),
                timeout=BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
                factory=Connection,
                uri=True,
            )
        connection.path = self.path
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys=ON")
        # Else what a statement might undo, text included, goes to the system's temporary folder.
        connection.execute("PRAGMA temp_store=MEMORY")
        if self.writable:
            # FULL, not NORMAL: in WAL mode NORMAL may lose the last commits to a power cut.
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
                connection.execute(f"PRAGMA {pragma}")
        return connection

    def _address(self) -> str:
        address = self.path.absolute().as_uri()
        if self.writable:
            return address
        # Nobody can write there, so nobody has to be locked out: no file beside it is needed.
        kept = self.path.with_name(FILE_NAME + "-wal").exists()
        return f"{address}?mode=ro" if kept else f"{address}?immutable=1"

    def _require_writable(self) -> None:
        if not self.writable:
            raise of_system(self.folder, OSError(errno.EACCES, ""))

    def _prepare(self) -> None:
        try:
            version = tables.format_of(self.connection())
            if version == 0:
                self._create()
            tables.require_readable(self.path, version or tables.FORMAT)
            if 0 < version < tables.FORMAT:
                self._migrate()
        except sqlite3.DatabaseError as error:
            self.close()
            raise LibraryDamaged(f"{self.path} is damaged: {error}", RESTORE) from error
        except RagError:
            self.close()
            raise

    def _create(self) -> None:
        self._require_writable()
        if any(self.folder.glob("*.faiss")):  # an index of nothing: there was more here
            raise LibraryDamaged(
                f"{self.path} is gone or empty, the index beside it is not", RESTORE
            )
        with self.transaction() as connection:
            # Another process may have created it while this one waited for the lock.
            if tables.format_of(connection) == 0:
                tables.create(connection)

    def _migrate(self) -> None:
        with self.writing():
            version = tables.format_of(self.connection())
            if version == tables.FORMAT:  # another process was first
                return
            tables.back_up(self.connection(), self.path, version)
            with self.transaction() as connection:
                tables.migrate(connection)
