"""Vectors of another model that wait until all are there: a reindex that can be stopped.

They lie beside the ones that are searched, in a table that exists only while a reindex is under
way; one commit puts them in their stead.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.protocols import Vectors
from rag.storage.documents import bump
from rag.storage.engine import Engine, set_meta
from rag.storage.generations import Generations


class PendingVectors:
    """The vectors of a reindex that is not finished. Writes join the caller's transaction."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def embedder(self) -> str:
        """Returns the fingerprint of their model; "" while no reindex is under way."""
        return self._database.meta("pending_embedder")

    def begin(self, fingerprint: str) -> None:
        """Goes on with the reindex of this model; that of another one is given up."""
        if self.embedder() == fingerprint:
            return
        with self._database.transaction() as connection:
            connection.execute("DROP TABLE IF EXISTS pending_vectors")
            connection.execute(self._database.pending_table)
            set_meta(connection, "pending_embedder", fingerprint)

    def count(self) -> int:
        """Returns how many there are."""
        if not self.embedder():
            return 0
        query = "SELECT count(*) FROM pending_vectors"
        return int(self._database.connection().execute(query).fetchone()[0])

    def missing(self) -> list[int]:
        """Returns the ids of the chunks that have none yet, ascending."""
        query = """SELECT id FROM chunks WHERE id NOT IN (SELECT chunk_id FROM pending_vectors)
            ORDER BY id"""
        return [int(row[0]) for row in self._database.connection().execute(query)]

    def add(self, ids: Sequence[int], rows: Vectors) -> None:
        """Stores the vectors (n, dimension) of these chunks."""
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT INTO pending_vectors VALUES (?, ?)", zip(ids, rows, strict=True)
            )

    def adopt(self) -> None:
        """Makes them the ones that are searched, all in one transaction."""
        with self._database.transaction() as connection:
            fingerprint = self.embedder()
            connection.execute("DELETE FROM vectors")
            connection.execute("INSERT INTO vectors SELECT chunk_id, vector FROM pending_vectors")
            connection.execute("DROP TABLE pending_vectors")
            connection.execute("DELETE FROM meta WHERE key='pending_embedder'")
            generations = Generations(self._database)
            generations.set_embedder(fingerprint)
            generations.drop()  # its file holds other vectors under the same ids
            bump(connection)
