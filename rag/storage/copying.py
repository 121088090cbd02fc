"""Documents go from one store to another with all that hangs on them, and are read back there.

Ids stay what they are, so that what names a document or a chunk by its id (an answer that was kept)
still does; none that was ever given is given again.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.errors import LibraryDamaged
from rag.storage.documents import bump
from rag.storage.engine import Connection
from rag.storage.integrity import digest_of, row_digests
from rag.storage.store import Store

_WITH_IDS = ("documents", "chunks", "files")
_BLOCK = 500  # rows that are written at once


class Copying:
    """Copies one library's tables into another's. Each method is a transaction of the target."""

    def __init__(self, source: Store, target: Store) -> None:
        self._source, self._target = source, target

    def missing(self) -> list[int]:
        """Returns the documents that the target lacks, or holds otherwise, ascending by id."""
        there = row_digests(self._target.connection())
        return [
            key
            for key, kept in row_digests(self._source.connection()).items()
            if there.get(key) != kept
        ]

    def drop_others(self) -> None:
        """Removes the documents of the target that the source does not hold as they are."""
        here = row_digests(self._source.connection())
        for key, kept in row_digests(self._target.connection()).items():
            if here.get(key) != kept:
                with self._target.transaction() as connection:
                    connection.execute("DELETE FROM files WHERE document_id = ?", (key,))
                    self._target.keywords.remove(self._target.documents.remove(key))

    def add(self, document_id: int) -> None:
        """Copies a document with its files, chunks, vectors and terms.

        Raises LibraryDamaged when it does not come back as it was: then nothing of it is there.
        """
        source, target = self._source, self._target
        ids = source.documents.chunk_ids(document_id)
        vectors = source.documents.vectors_of(ids)
        with target.transaction() as connection:
            self._rows("documents", "id", document_id)
            self._rows("chunks", "document_id", document_id)
            self._rows("files", "document_id", document_id)
            connection.executemany("INSERT INTO vectors VALUES (?, ?)", list(vectors.items()))
            target.keywords.add(source.keywords.terms(ids).items())
            bump(connection)
            self._verify(document_id, ids)

    def _verify(self, document_id: int, ids: Sequence[int]) -> None:
        source, target = self._source, self._target
        before, after = (
            (
                digest_of(store.connection(), document_id),
                {key: row.tobytes() for key, row in store.documents.vectors_of(ids).items()},
                {key: sorted(terms) for key, terms in store.keywords.terms(ids).items()},
            )
            for store in (source, target)
        )
        if before != after:
            raise LibraryDamaged(
                f"document {document_id} did not come back from {target.engine.name} as it is in "
                f"{source.engine.name}",
                "rag status tells which of the two is damaged",
            )

    def finish(self) -> None:
        """Copies what hangs on no document, and what the library knows of itself."""
        source, target = self._source, self._target
        with target.transaction() as connection:
            for table in ("collected", "collections"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608
            connection.execute("DELETE FROM files WHERE document_id IS NULL")
            rows = source.connection().execute("SELECT * FROM files WHERE document_id IS NULL")
            insert(connection, "files", list(rows))
            for table in ("collections", "collected"):
                rows = source.connection().execute(f"SELECT * FROM {table}")  # noqa: S608
                insert(connection, table, list(rows))
            target.generations.set_embedder(source.generations.embedder())
            given = [store.engine.last_ids() for store in (source, target)]
            last = {name: max(ids.get(name, 0) for ids in given) for name in _WITH_IDS}
            target.engine.set_last_ids(last)

    def _rows(self, table: str, column: str, key: int) -> None:
        query = f"SELECT * FROM {table} WHERE {column} = ? ORDER BY id"  # noqa: S608
        rows = list(self._source.connection().execute(query, (key,)))
        insert(self._target.connection(), table, rows)


def insert(connection: Connection, table: str, rows: Sequence[object]) -> None:
    """Inserts rows of a table as another library gave them."""
    for start in range(0, len(rows), _BLOCK):
        block = [dict(row) for row in rows[start : start + _BLOCK]]  # type: ignore[call-overload]
        names = ", ".join(f'"{name}"' for name in block[0])
        marks = ", ".join("?" * len(block[0]))
        connection.executemany(
            f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608
            [tuple(row.values()) for row in block],
        )
