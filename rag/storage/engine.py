"""What the tables stand on: connections, transactions, and the right to write.

There are two engines: a SQLite file (`database`) and a PostgreSQL database (`postgres`). The tables
say what they want in statements that both understand: `?` for a bound value,
`IN (SELECT value FROM json_each(?))` for one of a list that is bound as one value, `RETURNING id`
and `ON CONFLICT`. What only one engine can do, such as searching words, is a class for each.
"""

from __future__ import annotations

import contextlib
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

PATIENCE = 300.0  # seconds to wait for workers, each of which finishes the files in hand


class Cursor(Protocol):
    """The rows of a statement. A row is found by the number and by the name of a column."""

    @property
    def rowcount(self) -> int:
        """Returns how many rows a change has met."""

    def fetchone(self) -> Any:
        """Returns the next row; None where there is none."""

    def fetchmany(self, size: int, /) -> list[Any]:
        """Returns at most so many of the next rows."""

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """One connection to a library's database. Failures are stated as RagError."""

    @property
    def in_transaction(self) -> bool:
        """Tells whether a transaction is open."""

    def execute(self, sql: str, parameters: Any = (), /) -> Cursor:
        """Runs a statement."""

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Cursor:
        """Runs a statement with many values."""

    def close(self) -> None:
        """Ends the connection."""


class Engine(ABC):
    """One connection a thread, at most one process with the right to write.

    `folder` holds the files of the library: all of it, or the uploads of one in a database.
    """

    pending_table = ""
    """Makes the table of vectors that are searched once all are there."""

    def __init__(self, folder: Path, name: str) -> None:
        """`name`: what messages call the library."""
        self.folder, self.name = folder, name
        self.writable = True
        self._local = threading.local()
        self._connections: dict[threading.Thread, Connection] = {}
        self._guard = threading.Lock()

    def connection(self) -> Connection:
        """Returns this thread's connection, opened on first use."""
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
            with self._guard:
                self._close_orphans()
                self._connections[threading.current_thread()] = connection
        return connection

    @abstractmethod
    def _connect(self) -> Connection: ...

    @abstractmethod
    def transaction(self) -> contextlib.AbstractContextManager[Connection]:
        """Commits all of the block or nothing; on return it is on the disk.

        One at a time writes; an inner block is part of the outer one.
        """

    @abstractmethod
    def snapshot(self) -> contextlib.AbstractContextManager[None]:
        """Lets all reads of the block see one state."""

    @abstractmethod
    def writing(self, patience: float = PATIENCE) -> contextlib.AbstractContextManager[None]:
        """Holds the right to write, which one process has; it is freed when that dies.

        Workers of a queue share that right among them. They are waited for up to `patience`
        seconds; any other process that writes is not. Raises LibraryBusy.
        """

    @abstractmethod
    def version(self) -> str:
        """Returns the engine's name and version."""

    @abstractmethod
    def damage(self) -> list[str]:
        """Returns what the engine itself says is wrong with its files, in words."""

    @abstractmethod
    def last_ids(self) -> dict[str, int]:
        """Returns the last id that was ever given to a row, by table."""

    @abstractmethod
    def set_last_ids(self, ids: Mapping[str, int]) -> None:
        """Lets the next rows of tables have ids above these. Call inside a transaction."""

    def meta(self, key: str) -> str:
        """Returns a fact about the whole library; "" for one that is not recorded."""
        row = self.connection().execute("SELECT value FROM meta WHERE key=?", (key,)).fetchone()
        return str(row[0]) if row else ""

    def revision(self) -> int:
        """Returns a number that grows with every change of the set of chunks."""
        return int(self.meta("revision"))

    def close(self) -> None:
        """Closes the connections of all threads."""
        with self._guard:
            for connection in self._connections.values():
                connection.close()
            self._connections.clear()
        self._local = threading.local()

    def _close_orphans(self) -> None:
        # A web app asks from a new thread each time; their connections would pile up.
        for thread in [thread for thread in self._connections if not thread.is_alive()]:
            self._connections.pop(thread).close()


def set_meta(connection: Connection, key: str, value: str) -> None:
    """Records a fact about the whole library in the open transaction."""
    connection.execute(
        """INSERT INTO meta VALUES (?, ?)
        ON CONFLICT (key) DO UPDATE SET value = excluded.value""",
        (key, value),
    )
