"""What must hold inside the database, whatever happened to the process that wrote it."""

from __future__ import annotations

import hashlib
import itertools
import sqlite3
from collections.abc import Iterable, Sequence


def check(connection: sqlite3.Connection) -> list[str]:
    """What is wrong inside the database, in words; empty when all is well."""
    problems = [
        str(row[0]) for row in connection.execute("PRAGMA quick_check") if str(row[0]) != "ok"
    ]
    for sentence, query in _INVARIANTS.items():
        count = connection.execute(query).fetchone()[0]
        if count:
            problems.append(f"{count} {sentence}")
    return problems + _changed(connection)


def digest(stored: Sequence[str], chunks: Iterable[Sequence[object]]) -> str:
    """Returns a hash of what must not change: SQLite would not notice a bit that has flipped.

    `stored` are a document's text, pages, sections, blocks and notes as the table holds them; a
    document of format 2 has no blocks and no notes, and its hash is of the others. Of each chunk:
    start, end, text, first and last page, headings.
    """
    hasher = hashlib.sha256()
    stored = [*stored[:3], *filter(None, stored[3:])]
    for part in (*stored, *map(str, itertools.chain.from_iterable(chunks))):
        data = part.encode("utf-8", "surrogatepass")
        hasher.update(len(data).to_bytes(8, "big") + data)
    return hasher.hexdigest()[:32]


def _changed(connection: sqlite3.Connection) -> list[str]:
    """Documents that are not what was stored; those of older versions have no digest."""
    query = """SELECT id, digest, text, pages, sections, blocks, notes FROM documents
        WHERE digest != ''"""
    wrong = 0
    for key, written, *stored in connection.execute(query):
        chunks = connection.execute(
            """SELECT start, "end", text, page_first, page_last, headings FROM chunks
            WHERE document_id = ? ORDER BY id""",
            (key,),
        )
        wrong += digest(stored, map(tuple, chunks)) != written
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
        WHERE substr(replace(source, '\\', '/'), -length(path)) != replace(path, '\\', '/')
        AND instr(path, char(65533)) = 0""",  # a name that is no UTF-8 is shown with that sign
    "chunks that differ from their document": """SELECT count(*) FROM chunks
        WHERE length(text) != "end" - start""",
}
