"""Documents, their chunks and the chunks' vectors."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from rag.protocols import Vectors
from rag.schema import Chunk, Document, DocumentInfo, Filters, Note
from rag.storage.engine import Connection, Engine
from rag.storage.integrity import DOCUMENT_VALUES, digest, row_digest
from rag.storage.ledger import FileRecord
from rag.storage.purging import mark
from rag.storage.rows import (
    read_chunk,
    read_document,
    read_info,
    read_notes,
    read_vectors,
    structure_columns,
)

Ids = NDArray[np.int64]

_BLOCK = 10_000  # vectors at a time, 15 MB


@dataclass(frozen=True, slots=True)
class Entry:
    """A document ready to be stored: chunks, their vectors (n, dimension) and search terms.

    The terms are consumed once.
    """

    document: Document
    record: FileRecord
    chunks: Sequence[Chunk]
    vectors: Vectors
    terms: Iterable[Sequence[str]]
    sketch: bytes = b""


class Documents:
    """Reads and writes what was read from files. Writes join the caller's transaction."""

    def __init__(self, database: Engine) -> None:
        self._database = database
        self._counted: tuple[int, tuple[int, int]] = (-1, (0, 0))

    def add(self, entry: Entry) -> tuple[int, list[int]]:
        """Stores a document with its chunks and their vectors; returns the ids of all."""
        with self._database.transaction() as connection:
            document_id = _insert_document(connection, entry)
            ids = [_insert_chunk(connection, document_id, chunk) for chunk in entry.chunks]
            connection.executemany(
                "INSERT INTO vectors VALUES (?, ?)", zip(ids, entry.vectors, strict=True)
            )
            bump(connection)
        return document_id, ids

    def remove(self, document_id: int) -> list[int]:
        """Deletes a document with all that hangs on it; returns the ids of its chunks."""
        with self._database.transaction() as connection:
            rows = connection.execute("SELECT id FROM chunks WHERE document_id=?", (document_id,))
            ids = [int(row[0]) for row in rows]
            connection.execute("DELETE FROM documents WHERE id=?", (document_id,))
            mark(connection)
            bump(connection)
        return ids

    def get(self, document_id: int) -> Document | None:
        """Returns the whole document, or None when it is gone, or the id is no 64-bit number."""
        if not -(2**63) <= document_id < 2**63:
            return None
        query = f"SELECT d.*, {_PATH} AS path FROM documents d WHERE d.id=?"  # noqa: S608
        row = self._database.connection().execute(query, (document_id,)).fetchone()
        return None if row is None else read_document(row)

    def notes(self, ids: Iterable[int]) -> dict[int, tuple[Note, ...]]:
        """Returns what was left out of documents, by id, for those of which something was."""
        query = f"""SELECT d.id, d.notes, {_PATH} AS path FROM documents d
            WHERE d.notes NOT IN ('', '[]') AND d.id IN (SELECT value FROM json_each(?))"""  # noqa: S608
        rows = self._database.connection().execute(query, (list(ids),))
        return {row["id"]: read_notes(row) for row in rows}

    def retitle(self, document_id: int, title: str) -> None:
        """Gives a document another title."""
        with self._database.transaction() as connection:
            query = "SELECT * FROM documents WHERE id=?"
            row = dict(connection.execute(query, (document_id,)).fetchone()) | {"title": title}
            connection.execute(
                "UPDATE documents SET title=?, row_digest=? WHERE id=?",
                (title, row_digest(row, DOCUMENT_VALUES), document_id),
            )
            mark(connection)

    def chunk_ids(self, document_id: int) -> list[int]:
        """Returns the ids of a document's chunks."""
        query = "SELECT id FROM chunks WHERE document_id=?"
        return [int(row[0]) for row in self._database.connection().execute(query, (document_id,))]

    def sketches(self, above: int = 0) -> list[tuple[int, bytes]]:
        """Returns (document id, sketch) of the documents with an id `above` this that have one."""
        query = "SELECT id, sketch FROM documents WHERE length(sketch) > 0 AND id > ?"
        rows = self._database.connection().execute(query, (above,))
        return [(int(row[0]), bytes(row[1])) for row in rows]

    def find(self, content_hash: str) -> int | None:
        """Returns the id of the document with these bytes."""
        query = "SELECT id FROM documents WHERE content_hash=?"
        row = self._database.connection().execute(query, (content_hash,)).fetchone()
        return None if row is None else int(row[0])

    def infos(self, filters: Filters | None = None) -> list[DocumentInfo]:
        """Returns the documents that pass the filters, or all, by path."""
        within, values = _passing(filters) if filters else ("SELECT id FROM documents", [])
        query = f"""SELECT d.id, d.title, d.language, json_array_length(d.pages) AS pages,
            {_PATH} AS path, {_SOURCE} AS source,
            (SELECT count(*) FROM chunks c WHERE c.document_id = d.id) AS chunks
            FROM documents d WHERE d.id IN ({within}) ORDER BY path"""  # noqa: S608
        return [read_info(row) for row in self._database.connection().execute(query, values)]

    def chunks(self, ids: Iterable[int]) -> dict[int, tuple[Chunk, str, str]]:
        """Returns (chunk, title, path) by chunk id; ids that are gone are absent."""
        query = f"""SELECT c.*, d.title, d.language, {_PATH} AS path
            FROM chunks c JOIN documents d ON d.id = c.document_id
            WHERE c.id IN (SELECT value FROM json_each(?))"""  # noqa: S608
        rows = self._database.connection().execute(query, (list(ids),))
        return {row["id"]: (read_chunk(row), row["title"], row["path"]) for row in rows}

    def allowed(self, filters: Filters) -> list[int]:
        """Returns the ids of the chunks that pass the filters."""
        within, values = _passing(filters)
        query = f"SELECT id FROM chunks WHERE document_id IN ({within})"  # noqa: S608
        return [int(row[0]) for row in self._database.connection().execute(query, values)]

    def vector_blocks(self, above: int = 0) -> Iterator[tuple[Ids, Vectors]]:
        """Gives chunk ids (n,), ascending, and their vectors (n, dimension) in blocks.

        Only of chunks with an id `above` this one; so memory stays flat.
        """
        query = "SELECT chunk_id, vector FROM vectors WHERE chunk_id > ? ORDER BY chunk_id"
        rows = self._database.connection().execute(query, (above,))
        while block := rows.fetchmany(_BLOCK):
            ids = np.array([chunk_id for chunk_id, _ in block], dtype=np.int64)
            yield ids, read_vectors([vector for _, vector in block])

    def vectors_of(self, ids: Iterable[int]) -> dict[int, Vectors]:
        """Returns the vector (dimension,) by chunk id; ids that are gone are absent."""
        query = """SELECT chunk_id, vector FROM vectors
            WHERE chunk_id IN (SELECT value FROM json_each(?))"""
        rows = self._database.connection().execute(query, (list(ids),))
        return {row[0]: read_vectors([row[1]])[0] for row in rows}

    def vector_ids(self) -> Ids:
        """Returns the ids (n,) of all chunks that have a vector, ascending."""
        query = "SELECT chunk_id FROM vectors ORDER BY chunk_id"
        rows = self._database.connection().execute(query)
        return np.fromiter((row[0] for row in rows), dtype=np.int64)

    def counts(self) -> tuple[int, int]:
        """Returns (documents, chunks), counted once a revision: all rows are walked to count."""
        if self._database.connection().in_transaction:  # what is seen may yet be rolled back
            return self._count("documents"), self._count("chunks")
        with self._database.snapshot():
            revision = self._database.revision()
            if self._counted[0] != revision:
                self._counted = revision, (self._count("documents"), self._count("chunks"))
            return self._counted[1]

    def _count(self, table: str) -> int:
        query = f"SELECT count(*) FROM {table}"  # noqa: S608
        return int(self._database.connection().execute(query).fetchone()[0])

    def languages(self) -> dict[str, int]:
        """Returns the number of documents per language."""
        query = "SELECT language, count(*) FROM documents GROUP BY language"
        return {row[0]: row[1] for row in self._database.connection().execute(query)}


# A document may be known under several paths; the oldest one names it.
_PATH = "(SELECT f.path FROM files f WHERE f.document_id = d.id ORDER BY f.id LIMIT 1)"
_SOURCE = "(SELECT f.source FROM files f WHERE f.document_id = d.id ORDER BY f.id LIMIT 1)"


def _passing(filters: Filters) -> tuple[str, list[object]]:
    """Returns a query for the ids of the documents that pass the filters, with its values.

    What one may not read has no say: of a document that lies in several folders, the path that
    names it must be readable, and the files that pass the other filters too.
    """
    parts: dict[str, Sequence[str]] = {
        "p.language IN (SELECT value FROM json_each(?))": filters.languages,
        _below("lower(f.path)", "lower(named.value)"): filters.paths,
        """EXISTS (SELECT 1 FROM json_each(?) named WHERE lower(named.value)
            = substr(lower(f.path), length(f.path) - length(named.value) + 1))""": filters.suffixes,
        """EXISTS (SELECT 1 FROM json_each(?) named JOIN collected k
            ON lower(k.collection) = lower(named.value) WHERE k.source = f.source)""": (
            filters.collections
        ),
    }
    given: dict[str, object] = {part: list(names) for part, names in parts.items() if names}
    if filters.readable is not None:
        named = "(SELECT n.path FROM files n WHERE n.document_id = p.id ORDER BY n.id LIMIT 1)"
        given |= {_below(path): list(filters.readable) for path in ("f.path", named)}
    if filters.since:
        given["f.modified_ns >= ?"] = _day_ns(filters.since, 0)
    if filters.until:
        given["f.modified_ns < ?"] = _day_ns(filters.until, 1)
    query = f"""SELECT p.id FROM documents p JOIN files f
        ON f.document_id = p.id WHERE {" AND ".join(given) or "TRUE"}"""  # noqa: S608
    return query, list(given.values())


def _below(path: str, name: str = "named.value") -> str:
    """Returns the condition that a path is one of a list of files and folders, or in one.

    A list of any length is one bound value: SQLite takes a thousand conditions at most.
    """
    return f"""EXISTS (SELECT 1 FROM json_each(?) named WHERE {path} = rtrim({name}, '/')
        OR substr({path}, 1, length(rtrim({name}, '/')) + 1) = rtrim({name}, '/') || '/')"""  # noqa: S608


def _day_ns(day: str, later: int) -> int:
    """Returns when a day begins here, `later` days on, in nanoseconds since 1970."""
    midnight = datetime.combine(date.fromisoformat(day) + timedelta(later), datetime.min.time())
    return int(midnight.timestamp()) * 1_000_000_000


def _insert_document(connection: Connection, entry: Entry) -> int:
    document, record = entry.document, entry.record
    structure = structure_columns(document)
    row = {
        "content_hash": document.content_hash,
        "title": document.title,
        "text": document.text,
        "language": document.language,
        **structure,
        "outcome": record.outcome,
        "reason": record.reason,
        "sketch": entry.sketch,
        "digest": digest((document.text, *structure.values()), map(_columns, entry.chunks)),
    }
    row["row_digest"] = row_digest(row, DOCUMENT_VALUES)
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    inserted = connection.execute(
        f"INSERT INTO documents ({names}) VALUES ({marks}) RETURNING id",  # noqa: S608
        tuple(row.values()),
    )
    return int(inserted.fetchone()[0])


def _insert_chunk(connection: Connection, document_id: int, chunk: Chunk) -> int:
    inserted = connection.execute(
        """INSERT INTO chunks (document_id, start, "end", text, page_first, page_last, headings)
        VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id""",
        (document_id, *_columns(chunk)),
    )
    return int(inserted.fetchone()[0])


def _columns(chunk: Chunk) -> tuple[object, ...]:
    headings = json.dumps(chunk.headings, ensure_ascii=False)
    return chunk.start, chunk.end, chunk.text, chunk.page_first, chunk.page_last, headings


def bump(connection: Connection) -> None:
    """Notes in the open transaction that the chunks or their vectors have changed."""
    connection.execute(
        """UPDATE meta SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)
        WHERE key = 'revision'"""
    )
