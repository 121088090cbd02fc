"""Which FAISS file is current, and what it must look like. One commit switches it."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from rag.storage.database import Database


@dataclass(frozen=True, slots=True)
class Generation:
    """The recorded facts of an index file; all are checked before it is trusted."""

    file: str
    sha256: str
    bytes: int
    count: int
    dimension: int
    fingerprint: str
    first_id: int
    last_id: int
    revision: int
    id: int = 0


class Generations:
    """Records of index files. The newest is the current one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def current(self) -> Generation | None:
        """The newest generation."""
        query = """SELECT file, sha256, bytes, count, dimension, fingerprint, first_id, last_id,
            revision, id FROM generations ORDER BY id DESC LIMIT 1"""
        row = self._database.connection().execute(query).fetchone()
        return None if row is None else Generation(*row)

    def describe(self, revision: int) -> dict[str, object] | None:
        """The current generation for a status report; `current` if it holds this revision."""
        generation = self.current()
        if generation is None:
            return None
        return {
            "id": generation.id,
            "file": generation.file,
            "vectors": generation.count,
            "current": generation.revision == revision,
        }

    def switch(self, generation: Generation) -> None:
        """Makes a finished index file the current one and forgets the records before it."""
        with self._database.transaction() as connection:
            cursor = connection.execute(
                """INSERT INTO generations (file, sha256, bytes, count, dimension, fingerprint,
                first_id, last_id, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                astuple(generation)[:-1],
            )
            connection.execute("DELETE FROM generations WHERE id < ?", (cursor.lastrowid,))

    def drop(self) -> None:
        """Forgets all generations: the next open rebuilds from the vectors."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM generations")

    def embedder(self) -> str | None:
        """Fingerprint of the model that made the vectors; None while there are none."""
        query = "SELECT value FROM meta WHERE key='embedder'"
        row = self._database.connection().execute(query).fetchone()
        return None if row is None else str(row[0])

    def set_embedder(self, fingerprint: str) -> None:
        """Records the model of the vectors."""
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('embedder', ?)", (fingerprint,))

    def adaptation(self) -> str | None:
        """Fingerprint of the library's own model that the vectors are searched through, if any."""
        query = "SELECT value FROM meta WHERE key='adaptation'"
        row = self._database.connection().execute(query).fetchone()
        return None if row is None else str(row[0])

    def set_adaptation(self, fingerprint: str | None) -> None:
        """Records it; None: the vectors are searched as they are."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM meta WHERE key='adaptation'")
            if fingerprint is not None:
                connection.execute("INSERT INTO meta VALUES ('adaptation', ?)", (fingerprint,))
