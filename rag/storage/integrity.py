"""What must hold inside the database, whatever happened to the process that wrote it."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Mapping, Sequence

from rag.storage.engine import Connection

FILE_VALUES = (
    *("source", "path", "size", "modified_ns", "seen_ns", "content_hash", "outcome", "reason"),
    *("attempts", "document_id", "limits"),
)
"""Columns of a file's row of which a digest is kept."""

COPYING = "copying"
"""The fact of a library that is not whole yet, for another one is being copied into it."""

DOCUMENT_VALUES = ("content_hash", "title", "language", "outcome", "reason", "digest")
"""The same of a document's row; `digest` itself is of its text and chunks."""


def check(connection: Connection) -> list[str]:
    """Returns what is wrong with the tables, in words; nothing when all is well."""
    problems = []
    for sentence, query in _INVARIANTS.items():
        count = connection.execute(query).fetchone()[0]
        if count:
            problems.append(f"{count} {sentence}")
    problems += _find_changed(connection)
    for table, names in (("documents", DOCUMENT_VALUES), ("files", FILE_VALUES)):
        query = f"SELECT * FROM {table} WHERE row_digest != ''"  # noqa: S608
        rows = connection.execute(query)
        wrong = sum(row_digest(dict(row), names) != row["row_digest"] for row in rows)
        if wrong:
            problems.append(f"{wrong} rows of {table} that are not what was stored")
    return problems


def digest(stored: Sequence[str], chunks: Iterable[Sequence[object]]) -> str:
    """Returns a hash of what must not change: SQLite would not notice a bit that has flipped.

    `stored` are a document's text, pages, sections, blocks and notes as the table holds them; a
    document of format 2 has no blocks and no notes, and its hash is of the others. Of each chunk:
    start, end, text, first and last page, headings.
    """
    stored = [*stored[:3], *filter(None, stored[3:])]
    return _hash(itertools.chain(stored, *chunks))


def digest_of(connection: Connection, document_id: int) -> str:
    """Returns the hash of a document as it is stored now."""
    query = "SELECT text, pages, sections, blocks, notes FROM documents WHERE id = ?"
    stored = connection.execute(query, (document_id,)).fetchone()
    chunks = connection.execute(
        """SELECT start, "end", text, page_first, page_last, headings FROM chunks
        WHERE document_id = ? ORDER BY id""",
        (document_id,),
    )
    return digest(tuple(stored), map(tuple, chunks))


def row_digests(connection: Connection) -> dict[int, tuple[str, ...]]:
    """Returns what tells whether two libraries hold the same document, by id, ascending."""
    query = "SELECT id, content_hash, title, digest, row_digest FROM documents ORDER BY id"
    return {row[0]: tuple(row)[1:] for row in connection.execute(query)}


def row_digest(row: Mapping[str, object], names: Sequence[str]) -> str:
    """Returns a hash of the values of a row under these names."""
    return _hash(row[name] for name in names)


def _hash(values: Iterable[object]) -> str:
    hasher = hashlib.sha256()
    for value in values:
        data = str(value).encode("utf-8", "surrogatepass")
        hasher.update(len(data).to_bytes(8, "big") + data)
    return hasher.hexdigest()[:32]


def _find_changed(connection: Connection) -> list[str]:
    """Counts documents that are not what was stored; those of older versions have no digest."""
    written = list(connection.execute("SELECT id, digest FROM documents WHERE digest != ''"))
    wrong = sum(digest_of(connection, key) != kept for key, kept in written)
    return [f"{wrong} documents that are not what was stored"] if wrong else []


_INVARIANTS = {
    "chunks without a vector": """SELECT count(*) FROM chunks
        WHERE id NOT IN (SELECT chunk_id FROM vectors)""",
    "chunks without search terms": """SELECT count(*) FROM chunks
        WHERE id NOT IN (SELECT rowid FROM keywords)""",
    "search entries without a chunk": """SELECT count(*) FROM keywords
        WHERE rowid NOT IN (SELECT id FROM chunks)""",
    "chunks of no document": """SELECT count(*) FROM chunks
        WHERE document_id NOT IN (SELECT id FROM documents)""",
    "documents of no file": """SELECT count(*) FROM documents WHERE id NOT IN
        (SELECT document_id FROM files WHERE document_id IS NOT NULL)""",
    "documents without chunks": """SELECT count(*) FROM documents
        WHERE id NOT IN (SELECT document_id FROM chunks)""",
    "files with another name than their path's": """SELECT count(*) FROM files
        WHERE substr(replace(source, '\\', '/'), length(source) - length(path) + 1)
        != replace(path, '\\', '/') AND path NOT LIKE '%\ufffd%'""",  # which stands for no UTF-8
    "copy that has not ended: rag copy FROM TO goes on with it": f"""SELECT count(*) FROM meta
        WHERE key = '{COPYING}'""",  # noqa: S608
    "chunks that differ from their document": """SELECT count(*) FROM chunks
        WHERE length(text) != "end" - start""",
}
