"""The tables of conversations in the database that holds the library, for several servers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rag.conversations.file import TABLES
from rag.storage.engine import Connection
from rag.storage.purging import mark

if TYPE_CHECKING:
    from rag.storage.postgres import Database


class ConversationsTables:
    """What `ConversationsFile` is in a folder."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def writable(self) -> bool:
        """Tells whether conversations can be kept at all."""
        return self._database.writable

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection | None]:
        """Gives a connection."""
        yield self._database.connection()

    def transaction(self) -> contextlib.AbstractContextManager[Connection]:
        """Commits all of the block or nothing. On return it is on the disk."""
        return self._database.transaction()

    def migrate(self) -> None:
        """Makes the tables where there are none."""
        self._database.make_tables("conversations", TABLES)

    def note_deletion(self, connection: Connection) -> None:
        """Remembers in the open transaction that something was deleted."""
        mark(connection)

    def give_higher_ids(self) -> None:
        """Lets the next rows have ids above those that were inserted. Call in a transaction."""
        query = "SELECT coalesce(max(id), 0) FROM {}"
        ids = {
            table: self._database.connection().execute(query.format(table)).fetchone()[0]
            for table in ("turns", "usage")
        }
        self._database.set_last_ids(ids)

    def sweep(self) -> None:
        """Leaves it to the purge of the library, which writes these tables anew too."""
