"""One PostgreSQL database: connections, transactions one after another, and the right to write."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import cast

from rag.errors import LibraryBusy, RagError
from rag.storage import engine
from rag.storage.postgres import tables
from rag.storage.postgres.connection import Connection
from rag.system import addresses, private_files

_WRITER, _COMMIT = 0x46756E7465, 0x46756E7466
"""Advisory locks of the database: the right to write, and a transaction that changes something."""

_LOOK_SECONDS = 0.2  # between two looks of a worker whether the one that writes alone has ended

_OLDEST = (0, 8)  # of pgvector: its walk of the graph goes on until enough pass a filter


class Database(engine.Engine):
    """A library's database at an address, `postgresql://…`.

    Transactions that change something come one after another, as in SQLite: what they decide by
    reading holds until they commit. They store what was read and embedded outside of them.
    """

    pending_table = tables.PENDING_VECTORS

    def __init__(self, address: str, folder: Path) -> None:
        """Opens, or creates the tables. Raises RagError for a database that cannot be used."""
        super().__init__(folder, addresses.shown(address))
        self._address = address
        private_files.make_folder(folder)
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def connection(self) -> Connection:
        """Returns this thread's connection, opened on first use and after it was lost."""
        held: Connection | None = getattr(self._local, "connection", None)
        if held is not None and held.closed:
            del self._local.connection
        return cast(Connection, super().connection())

    def _connect(self) -> Connection:
        return Connection(self._address, self.name)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Commits all of the block or nothing; waits for the transaction of another one."""
        connection = self.connection()
        if connection.in_transaction:  # part of an outer block
            yield connection
            return
        with self._transaction(connection, "BEGIN"):
            connection.execute("SELECT pg_advisory_xact_lock(?)", (_COMMIT,))
            yield connection

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """Lets all reads of the block see one state."""
        connection = self.connection()
        if connection.in_transaction:
            yield
            return
        with self._transaction(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"):
            yield

    @contextlib.contextmanager
    def _transaction(self, connection: Connection, begin: str) -> Iterator[None]:
        connection.execute(begin)
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if not connection.closed:
                connection.execute("ROLLBACK")
            raise

    @contextlib.contextmanager
    def writing(self, patience: float = engine.PATIENCE) -> Iterator[None]:
        """Holds the right to write, which one thread has; the server frees it when that dies."""
        connection = self.connection()
        query = "SELECT pg_try_advisory_lock(?)"
        if not connection.execute(query, (_WRITER,)).fetchone()[0]:
            self._wait_for_workers(patience)
        try:
            yield
        finally:
            if not connection.closed:
                connection.execute("SELECT pg_advisory_unlock(?)", (_WRITER,))

    def _wait_for_workers(self, patience: float) -> None:
        """Takes the right to write once no worker has it. Raises LibraryBusy."""
        connection, (mode, name) = self.connection(), self._writer()
        busy = LibraryBusy(
            f"another process ({name}) is writing to {self.name}", "wait for it to end, or stop it"
        )
        if mode != "ShareLock" or not patience:
            raise busy
        connection.execute(f"SET lock_timeout = {int(1000 * patience)}")
        try:  # who waits is served before the next job begins
            connection.execute("SELECT pg_advisory_lock(?)", (_WRITER,))
        except LibraryBusy:
            raise busy from None
        finally:
            if not connection.closed:
                connection.execute("SET lock_timeout = 0")

    def _writer(self) -> tuple[str, str]:
        """Returns how the right to write is held, and by whom: machine and process."""
        query = """SELECT l.mode, a.application_name
            FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
            AND (l.classid::bigint << 32) + l.objid::bigint = ?"""
        row = self.connection().execute(query, (_WRITER,)).fetchone()
        return (str(row[0]), str(row[1])) if row else ("", "unknown")

    @contextlib.contextmanager
    def sharing(self, stop: Callable[[], bool]) -> Iterator[None]:
        """Holds the right to write together with other workers, and what is claimed meanwhile.

        Waits for a process that has it alone. Raises InterruptedError when `stop()` before that.
        """
        connection = self.connection()
        query = "SELECT pg_try_advisory_lock_shared(?)"
        while not connection.execute(query, (_WRITER,)).fetchone()[0]:
            if stop():
                raise InterruptedError("stopped while another process was writing")
            time.sleep(_LOOK_SECONDS)
        try:
            yield
        finally:
            if not connection.closed:
                connection.execute("SELECT pg_advisory_unlock_all()")

    def claim(self, key: str) -> bool:
        """Takes the right to store something by its key; False where another worker has it.

        It is held until the block of `sharing` ends, or the connection is lost.
        """
        query = "SELECT pg_try_advisory_lock(hashtextextended(?, ?))"
        return bool(self.connection().execute(query, (key, _WRITER)).fetchone()[0])

    def make_tables(self, name: str, script: str) -> None:
        """Makes the tables of another room as `script` does in SQLite, unless `name` is there."""
        with self.transaction() as connection:
            if connection.native("SELECT to_regclass(%s)", (name,)).fetchone()[0] is None:
                connection.script(tables.typed(script))

    def version(self) -> str:
        """Returns the versions of the server and of pgvector."""
        query = "SELECT split_part(current_setting('server_version'), ' ', 1)"
        server = self.connection().execute(query).fetchone()[0]
        return f"PostgreSQL {server}, pgvector {self._pgvector()}"

    def _pgvector(self) -> str:
        query = "SELECT extversion FROM pg_extension WHERE extname = 'vector'"
        row = self.connection().execute(query).fetchone()
        return str(row[0]) if row else ""

    def damage(self) -> list[str]:
        """Returns the indexes that were not finished, in words."""
        query = """SELECT indexrelid::regclass::text FROM pg_index i
            JOIN pg_class c ON c.oid = i.indrelid
            WHERE NOT indisvalid AND c.relnamespace = current_schema()::regnamespace"""
        return [f"the index {row[0]} is not whole" for row in self.connection().execute(query)]

    def last_ids(self) -> dict[str, int]:
        """Returns the last id that was ever given to a row, by table."""
        query = """SELECT table_name::text,
            pg_sequence_last_value(pg_get_serial_sequence(table_name, column_name)::regclass)
            FROM information_schema.columns
            WHERE is_identity = 'YES' AND table_schema = current_schema()"""
        return {row[0]: row[1] or 0 for row in self.connection().execute(query)}

    def set_last_ids(self, ids: Mapping[str, int]) -> None:
        """Lets the next rows of tables have ids above these. Call inside a transaction."""
        for table, last in ids.items():
            query = "SELECT setval(pg_get_serial_sequence(?, 'id'), greatest(?, 1), ?)"
            self.connection().execute(query, (table, last, last > 0))

    def _prepare(self) -> None:
        if not self._pgvector():
            with self.transaction() as connection:
                connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
            self.close()  # a connection learns its types when it is made
        version = self._pgvector()
        if tuple(map(int, version.split(".")[:2])) < _OLDEST:
            raise RagError(
                f"{self.name} has pgvector {version}, which cannot filter inside its search",
                "ALTER EXTENSION vector UPDATE, or install pgvector 0.8 on the server",
            )
        with self.transaction() as connection:
            tables.prepare(connection)
