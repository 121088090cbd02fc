"""Which engine holds a library: a SQLite file in a folder, or a PostgreSQL database."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, Protocol

from rag.protocols import VectorIndex
from rag.storage.database import Database
from rag.storage.engine import Engine
from rag.storage.keywords import Keywords
from rag.storage.purging import FilePurging, Purging


class LiveIndex(VectorIndex, Protocol):
    """The vectors of a database that searches them itself."""

    def health(self) -> str:
        """Says how many vectors there are, and how they are searched."""

    def renew(self) -> None:
        """Makes what a large library needs to be searched fast. Call inside the write lock."""


class Opened(NamedTuple):
    """An engine, and what each engine does in its own way.

    `live_index` is None where the vectors are searched in a file that is made of them.
    """

    engine: Engine
    keywords: Keywords
    purging: Purging
    live_index: LiveIndex | None


def open_engine(folder: Path, address: str) -> Opened:
    """Opens or creates a library in a folder, or in the database at an address if there is one."""
    if not address:
        file = Database(folder)
        return Opened(file, Keywords(file), FilePurging(file), None)
    from rag.storage import postgres  # its driver is an extra

    database = postgres.Database(address, folder)
    return Opened(
        database,
        postgres.Keywords(database),
        postgres.Purging(database),
        postgres.VectorIndex(database),
    )
