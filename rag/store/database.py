"""Connections to one SQLite file, transactions that survive a power cut, and the write lock."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from rag.errors import LibraryBusy, LibraryDamaged, RagError, UsageError

FILE_NAME = "library.sqlite"
FORMAT = 1
BUSY_SECONDS = 30

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    content_hash TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    language TEXT NOT NULL,
    pages TEXT NOT NULL,        -- JSON: start offset of each page
    sections TEXT NOT NULL,     -- JSON: [start, end, [heading, ...]]
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE TABLE chunks (           -- AUTOINCREMENT: an id is never given twice, even after a delete
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    text TEXT NOT NULL,
    page_first INTEGER,
    page_last INTEGER,
    headings TEXT NOT NULL
);
CREATE INDEX chunks_of_document ON chunks(document_id);
CREATE TABLE vectors (
    chunk_id INTEGER PRIMARY KEY REFERENCES chunks(id) ON DELETE CASCADE,
    vector BLOB NOT NULL        -- float32, little endian, unit length
);
CREATE VIRTUAL TABLE keywords USING fts5(
    terms, tokenize = "unicode61 remove_diacritics 0 tokenchars '-./''_’'"
);
CREATE VIRTUAL TABLE keyword_counts USING fts5vocab(keywords, row);
CREATE TABLE files (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL UNIQUE,  -- absolute path
    path TEXT NOT NULL,           -- relative to the root it was ingested from
    size INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,
    seen_ns INTEGER NOT NULL,
    content_hash TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    document_id INTEGER REFERENCES documents(id)
);
CREATE INDEX files_of_document ON files(document_id);
CREATE TABLE generations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    file TEXT NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL,
    count INTEGER NOT NULL, dimension INTEGER NOT NULL, fingerprint TEXT NOT NULL,
    first_id INTEGER NOT NULL, last_id INTEGER NOT NULL, revision INTEGER NOT NULL
);
"""


class Database:
    """One SQLite file, one connection a thread, at most one writing process."""

    def __init__(self, folder: Path) -> None:
        """Opens or creates. Raises LibraryDamaged for a file that is no library of this format."""
        self.folder = folder
        self.path = folder / FILE_NAME
        self._local = threading.local()
        self._connections: dict[threading.Thread, sqlite3.Connection] = {}
        self._guard = threading.Lock()
        self._lock = FileLock(folder / "write.lock")
        self._writer = threading.RLock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"{folder} cannot hold a library: {error.strerror}", "name a folder with --library"
            ) from error
        self._prepare()

    def connection(self) -> sqlite3.Connection:
        """This thread's connection, opened on first use."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
            with self._guard:
                self._close_orphans()
                self._connections[threading.current_thread()] = connection
        return connection

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of the block or nothing. On return it is on the disk."""
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
        """All reads of the block see one state."""
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
    def write_lock(self) -> Iterator[None]:
        """The right to write, held by one process. The system frees it when the process dies."""
        note = self.folder / "writer.pid"
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            holder = note.read_text().strip() if note.exists() else "unknown"
            raise LibraryBusy(
                f"another process ({holder}) is writing to {self.folder}",
                "wait for it to end, or stop it",
            ) from error
        try:
            note.write_text(str(os.getpid()))
            yield
        finally:
            self._lock.release()

    def close(self) -> None:
        """Closes the connections of all threads."""
        with self._guard:
            for connection in self._connections.values():
                connection.close()
            self._connections.clear()
        self._local = threading.local()

    def _close_orphans(self) -> None:
        # A web app asks from a new thread each time; their connections would pile up.
        for thread in [each for each in self._connections if not each.is_alive()]:
            self._connections.pop(thread).close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.row_factory = sqlite3.Row
        # FULL, not NORMAL: in WAL mode NORMAL may lose the last commits to a power cut.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA secure_delete=ON")
        return connection

    def _prepare(self) -> None:
        try:
            version = int(self.connection().execute("PRAGMA user_version").fetchone()[0])
            if version == 0:
                self._create()
            elif version != FORMAT:
                raise RagError(
                    f"{self.path} has format {version}, this version of Fuente reads {FORMAT}",
                    "use the version that wrote it, or ingest into a new --library",
                )
        except sqlite3.DatabaseError as error:
            self.close()
            raise LibraryDamaged(
                f"{self.path} is damaged: {error}",
                "restore it from a backup, or ingest the folders into a new --library",
            ) from error

    def _create(self) -> None:
        with self.transaction() as connection:
            # Another process may have created it while this one waited for the lock.
            if connection.execute("PRAGMA user_version").fetchone()[0]:
                return
            for statement in _statements(SCHEMA):
                connection.execute(statement)
            connection.execute("INSERT INTO meta VALUES ('revision', '0')")
            connection.execute(f"PRAGMA user_version = {FORMAT}")


def check(connection: sqlite3.Connection) -> list[str]:
    """What is wrong inside the database, in words; empty when all is well."""
    problems = [
        str(row[0]) for row in connection.execute("PRAGMA quick_check") if str(row[0]) != "ok"
    ]
    for sentence, query in _INVARIANTS.items():
        count = connection.execute(query).fetchone()[0]
        if count:
            problems.append(f"{count} {sentence}")
    return problems


_INVARIANTS = {
    "chunks without a vector": """SELECT count(*) FROM chunks
        WHERE id NOT IN (SELECT chunk_id FROM vectors)""",
    "chunks without search terms": """SELECT count(*) FROM chunks
        WHERE id NOT IN (SELECT rowid FROM keywords)""",
    "search entries without a chunk": """SELECT count(*) FROM keywords
        WHERE rowid NOT IN (SELECT id FROM chunks)""",
    "chunks of no document": """SELECT count(*) FROM chunks
        WHERE document_id NOT IN (SELECT id FROM documents)""",
    "documents of no file": """SELECT count(*) FROM documents WHERE id NOT IN
        (SELECT document_id FROM files WHERE document_id IS NOT NULL)""",
    "documents without chunks": """SELECT count(*) FROM documents
        WHERE id NOT IN (SELECT document_id FROM chunks)""",
    "chunks that differ from their document": """SELECT count(*) FROM chunks
        WHERE length(text) != "end" - start""",
}


def _statements(script: str) -> Iterator[str]:
    # `executescript` would commit the open transaction first.
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
