"""The SQLite file of conversations: its tables, transactions, and a deletion that leaves nothing.

A connection is opened for each use: uses are few and small, and no thread has to close another's.
The rollback journal is gone after each commit, so the file is all that there is to look through.
"""

from __future__ import annotations

import contextlib
import errno
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from rag.errors import RagError
from rag.storage import engine
from rag.storage.sqlite_errors import Connection, of_system, stated, writable
from rag.system import private_files

NAME = "conversations.sqlite"
FORMAT = 2
_WITHOUT_OWNERS = 1  # the format before conversations had owners
_BUSY_SECONDS = 30.0  # for another process to finish its commit

TABLES = """
CREATE TABLE conversations (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    changed REAL NOT NULL,        -- seconds since 1970
    scope TEXT NOT NULL,          -- JSON of the filters
    owner TEXT NOT NULL DEFAULT ''    -- a user of the server, or none: the library's owner
);
CREATE TABLE turns (              -- AUTOINCREMENT: an id is never given twice
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation TEXT NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
    asked REAL NOT NULL,
    question TEXT NOT NULL,
    state TEXT NOT NULL,
    answer TEXT NOT NULL DEFAULT '',   -- JSON
    words TEXT NOT NULL               -- question and answer, folded, to be searched
);
CREATE INDEX turns_of_conversation ON turns(conversation);
CREATE TABLE quoted (             -- documents whose text stands in an answer
    turn INTEGER NOT NULL REFERENCES turns(id) ON DELETE CASCADE,
    document INTEGER NOT NULL,
    PRIMARY KEY (turn, document)
) WITHOUT ROWID;
CREATE INDEX quoted_document ON quoted(document);
CREATE TABLE feedback (
    turn INTEGER PRIMARY KEY REFERENCES turns(id) ON DELETE CASCADE,
    good INTEGER NOT NULL,
    reason TEXT NOT NULL,
    right_answer TEXT NOT NULL,
    at REAL NOT NULL
);
CREATE TABLE usage (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL, found INTEGER NOT NULL, language TEXT NOT NULL, model TEXT NOT NULL,
    seconds TEXT NOT NULL         -- JSON: by stage
);
CREATE TABLE unswept (            -- not empty: something was deleted, see `sweep`
    id INTEGER PRIMARY KEY AUTOINCREMENT
);
"""


class ConversationsFile:
    """One file in a library's folder. It is made at the first write; until then there is none."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME

    @property
    def writable(self) -> bool:
        """Tells whether conversations can be kept at all."""
        return writable(self.path.parent)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection | None]:
        """Gives a connection; None where nothing has been kept yet."""
        if not self.path.exists():
            yield None
            return
        with self._connected() as connection:
            version = _format_of(connection)  # 0: made, and killed before more
            if version not in (0, FORMAT):
                raise _other_format(self.path, version)
            yield connection if version else None

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Commits all of the block or nothing. On return it is on the disk."""
        if not self.writable:
            raise of_system(self.path, OSError(errno.EACCES, ""))
        try:
            private_files.touch(self.path)
        except OSError as error:
            raise of_system(self.path, error) from error
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                _prepare(connection, self.path)
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def migrate(self) -> None:
        """Brings a file of an earlier version of Fuente to the tables of this one."""
        if not self.path.exists():
            return
        with self._connected() as connection:
            earlier = 0 < _format_of(connection) < FORMAT
        if earlier:
            with self.transaction():
                pass  # which prepares the tables

    def note_deletion(self, connection: engine.Connection) -> None:
        """Remembers in the open transaction that something was deleted."""
        connection.execute("INSERT INTO unswept DEFAULT VALUES")

    def give_higher_ids(self) -> None:
        """Does nothing: SQLite never gives an id below one that was inserted."""

    def sweep(self) -> None:
        """Writes the file anew where something was deleted.

        `secure_delete` zeroes what is deleted, but a row that SQLite has moved may have left a copy
        in the room between rows; in a file written anew there is none.
        """
        with self.reading() as connection:
            if connection is None or not connection.execute("SELECT 1 FROM unswept").fetchone():
                return
            connection.execute("VACUUM")
            connection.execute("DELETE FROM unswept")

    @contextlib.contextmanager
    def _connected(self) -> Iterator[Connection]:
        with stated(self.path):
            connection = sqlite3.connect(
                self.path, timeout=_BUSY_SECONDS, isolation_level=None, factory=Connection
            )
        connection.path = self.path
        connection.row_factory = sqlite3.Row
        try:
            for pragma in (
                "foreign_keys=ON",
                "synchronous=FULL",
                "secure_delete=ON",
                "temp_store=MEMORY",  # else VACUUM copies the texts to a temporary file
            ):
                connection.execute(f"PRAGMA {pragma}")
            yield connection
        finally:
            connection.close()


def _format_of(connection: Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _prepare(connection: Connection, path: Path) -> None:
    version = _format_of(connection)
    if version == 0:
        for statement in TABLES.split(";"):
            if statement.strip():
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {FORMAT}")
    elif version == _WITHOUT_OWNERS:
        connection.execute("ALTER TABLE conversations ADD COLUMN owner TEXT NOT NULL DEFAULT ''")
        connection.execute(f"PRAGMA user_version = {FORMAT}")
    elif version != FORMAT:
        raise _other_format(path, version)


def _other_format(path: Path, version: int) -> RagError:
    return RagError(
        f"{path} has format {version}, this version of Fuente reads {FORMAT}",
        "open it where it can be written, with the version that wrote it, or move the file away",
    )
