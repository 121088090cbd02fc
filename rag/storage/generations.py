"""Which FAISS file is current, and what it must look like. One commit switches it."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from rag.storage.engine import Engine, set_meta


@dataclass(frozen=True, slots=True)
class Generation:
    """The recorded facts of an index file; all are checked before it is trusted.

    `fingerprint` names the model of its vectors, `revision` the state of the store that it holds.
    """

    file: str
    sha256: str
    bytes: int
    count: int
    dimension: int
    first_id: int
    last_id: int
    fingerprint: str = ""
    revision: int = 0
    id: int = 0


class Generations:
    """Records of index files. The newest is the current one."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def current(self) -> Generation | None:
        """Returns the newest generation."""
        query = "SELECT * FROM generations ORDER BY id DESC LIMIT 1"
        row = self._database.connection().execute(query).fetchone()
        return None if row is None else Generation(**dict(row))

    def switch(self, generation: Generation) -> int:
        """Makes a finished index file the current one; returns its id.

        The records before it are forgotten.
        """
        values = asdict(generation)
        del values["id"]
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        with self._database.transaction() as connection:
            inserted = connection.execute(
                f"INSERT INTO generations ({names}) VALUES ({marks}) RETURNING id",  # noqa: S608
                tuple(values.values()),
            )
            key = int(inserted.fetchone()[0])
            connection.execute("DELETE FROM generations WHERE id < ?", (key,))
        return key

    def drop(self) -> None:
        """Forgets all generations: the next open rebuilds from the vectors."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM generations")

    def embedder(self) -> str:
        """Returns the fingerprint of the model that made the vectors; "" while there are none."""
        return self._database.meta("embedder")

    def set_embedder(self, fingerprint: str) -> None:
        """Records the model of the vectors."""
        with self._database.transaction() as connection:
            set_meta(connection, "embedder", fingerprint)
