"""One connection to PostgreSQL that takes the statements of the tables and states its failures."""

from __future__ import annotations

import contextlib
import os
import re
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from rag.errors import LibraryBusy, LibraryDamaged, ModelMissing, RagError
from rag.storage.engine import Cursor
from rag.storage.sqlite_errors import KEPT, RESTORE

try:
    import psycopg
    from pgvector.psycopg import register_vector
    from psycopg.pq import TransactionStatus
    from psycopg.types import TypeInfo
except ImportError as error:
    raise ModelMissing(
        "a library in PostgreSQL needs a package that is not installed",
        'pip install "fuente[postgres]"',
    ) from error

_WAIT_SECONDS = 10  # for a server to answer at all
_AGAIN = "then run the same command again"
_SETTINGS = """
SET jit = off;                      -- compiling takes longer than our statements
SET tcp_keepalives_idle = 10;       -- what a machine held that is gone is free after 25 seconds,
SET tcp_keepalives_interval = 5;    -- and not after the two hours that systems wait
SET tcp_keepalives_count = 3;
"""
_SPELLINGS = (
    ("%", "%%"),
    ("IN (SELECT value FROM json_each(?))", "= ANY(?)"),
    ("json_each(?) named", "unnest(?::text[]) AS named(value)"),
    ("?", "%s"),
)
"""What is spelled otherwise here, in the order in which it is replaced."""

_CAUSES = {  # by the beginning of an SQLSTATE
    "08": ("it does not answer", f"start the server, {_AGAIN}"),
    "57P": ("it does not answer", f"start the server, {_AGAIN}"),
    "53100": ("its disk is full", f"free some room, {_AGAIN}"),
    "53300": ("it has no connection left", "raise max_connections of the server"),
    "28": ("it does not let this user in", "correct the address, or the server's pg_hba.conf"),
    "3D000": ("there is no such database", "createdb NAME"),
    "42501": ("this user may not do that there", "GRANT the rights, or connect as another user"),
    "58": ("its disk reports an error", f"see to the server's disk, {_AGAIN}"),
}
_REFUSALS = {'" does not exist': "3D000", "authentication": "28", "pg_hba.conf": "28"}
_BUSY = ("40001", "40P01", "55P03")
_DAMAGED = ("XX001", "XX002", "42P01", "42703")  # corrupt pages; tables and columns that are gone


class Row(tuple[Any, ...]):
    """Values that are found by the number and by the name of their column."""

    __slots__ = ()
    positions: dict[str, int] = {}  # noqa: RUF012 - of a subclass for each list of columns

    def keys(self) -> Iterable[str]:
        """Returns the names of the columns, so that `dict` can read a row."""
        return self.positions

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(self.positions[key] if isinstance(key, str) else key)


@lru_cache(maxsize=512)
def _kind(names: tuple[str, ...]) -> type[Row]:
    return type("Row", (Row,), {"positions": {name: at for at, name in enumerate(names)}})


def _rows(cursor: psycopg.Cursor[Any]) -> Callable[[Sequence[Any]], Row]:
    return _kind(tuple(column.name for column in cursor.description or ()))


@lru_cache(maxsize=512)
def spelled(sql: str) -> str:
    """Returns a statement of the tables as PostgreSQL and its driver want it."""
    for before, after in _SPELLINGS:
        sql = sql.replace(before, after)
    return sql


class Connection:
    """A connection to the database that messages call `name`."""

    def __init__(self, address: str, name: str) -> None:
        """Connects. Raises RagError where the database cannot be used."""
        self.name = name
        with stated(name):
            self._plain = psycopg.connect(
                address,
                autocommit=True,
                prepare_threshold=None,  # a plan fits one length of a list, and not another
                row_factory=_rows,
                connect_timeout=_WAIT_SECONDS,
                application_name=f"fuente {socket.gethostname()} {os.getpid()}",
            )
        try:
            self.script(_SETTINGS)
            if TypeInfo.fetch(self._plain, "vector"):
                register_vector(self._plain)
        except BaseException:
            self.close()
            raise

    @property
    def in_transaction(self) -> bool:
        """Tells whether a transaction is open."""
        return self._plain.info.transaction_status != TransactionStatus.IDLE

    @property
    def closed(self) -> bool:
        """Tells whether nothing can be asked any more."""
        return self._plain.closed

    def execute(self, sql: str, parameters: Any = (), /) -> Cursor:
        """Runs a statement that SQLite understands too."""
        return self.native(spelled(sql), parameters)

    def native(self, sql: str, parameters: Any = ()) -> Cursor:
        """Runs a statement of PostgreSQL's own; what comes back is binary."""
        with stated(self.name):
            return self._plain.execute(sql.encode(), parameters or None, binary=True)

    def script(self, sql: str) -> None:
        """Runs several statements."""
        with stated(self.name):
            self._plain.execute(sql.encode())

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Cursor:
        """Runs a statement that SQLite understands too with many values."""
        with stated(self.name):
            cursor = self._plain.cursor()
            cursor.executemany(spelled(sql).encode(), parameters)
            return cursor

    @property
    def plain(self) -> psycopg.Connection[Any]:
        """Returns the driver's connection, for a package that has its own statements."""
        return self._plain

    def close(self) -> None:
        """Closes it; whatever it holds is freed."""
        self._plain.close()


@contextlib.contextmanager
def stated(name: str) -> Iterator[None]:
    """Turns what the driver raises into a RagError that names the database, but faults of ours."""
    try:
        yield
    except psycopg.Error as error:
        failure = _failure(name, error)
        if failure is None:
            raise
        raise failure from error


def _failure(name: str, error: psycopg.Error) -> RagError | None:
    state = error.sqlstate or _state_of(error)
    if state.startswith(_DAMAGED):
        return LibraryDamaged(f"{name} is damaged: {_first_line(error)}", RESTORE)
    if state.startswith(_BUSY):
        return LibraryBusy(f"another process is using {name}", "wait for it to end")
    for beginning, (cause, advice) in _CAUSES.items():
        if state.startswith(beginning):
            return RagError(f"{name} cannot be used: {cause}{KEPT} ({_first_line(error)})", advice)
    return None


def _state_of(error: psycopg.Error) -> str:
    """Returns the SQLSTATE of a connection that was refused: the driver gives its words only."""
    if not isinstance(error, psycopg.OperationalError):
        return ""
    return next((state for words, state in _REFUSALS.items() if words in str(error)), "08")


def _first_line(error: psycopg.Error) -> str:
    """Returns what the server said, without values of a row and without a password."""
    line = str(error).strip().partition("\n")[0]
    return re.sub(r"password=\S+", "password=…", line)
