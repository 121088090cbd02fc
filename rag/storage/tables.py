"""The tables: how they are made, how those of an older version become these.

A migration runs in one transaction behind a backup beside the file.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rag.errors import RagError
from rag.system import private_files

FORMAT = 5  # of the tables, as the database records it
BACKUP = "library-format-{}.sqlite"
BACKUPS = "library-format-*"
"""Half-written ones and their journals are among them."""

_SHARED = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    content_hash TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    language TEXT NOT NULL,
    pages TEXT NOT NULL,        -- JSON: start offset of each page
    sections TEXT NOT NULL,     -- JSON: [start, end, [heading, ...]]
    blocks TEXT NOT NULL DEFAULT '',        -- JSON: [start, end, kind, level, [cell, ...]]
    notes TEXT NOT NULL DEFAULT '',         -- JSON: [kind, where, count, text]
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    sketch BLOB NOT NULL DEFAULT x'',       -- uint32: the least hashes of its shingles
    row_digest TEXT NOT NULL DEFAULT '',    -- of the row's short values
    digest TEXT NOT NULL DEFAULT ''         -- of all that it says, and of its chunks
);
CREATE TABLE chunks (           -- AUTOINCREMENT: an id is never given twice, even after a delete
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    text TEXT NOT NULL,
    page_first INTEGER,
    page_last INTEGER,
    headings TEXT NOT NULL
);
CREATE INDEX chunks_of_document ON chunks(document_id);
CREATE TABLE files (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL UNIQUE,  -- absolute path
    path TEXT NOT NULL,           -- relative to the root it was ingested from
    size INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,
    seen_ns INTEGER NOT NULL,
    content_hash TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    document_id INTEGER REFERENCES documents(id),
    row_digest TEXT NOT NULL DEFAULT '',
    limits TEXT NOT NULL DEFAULT ''        -- what the parser was granted when it failed
);
CREATE INDEX files_of_document ON files(document_id);
CREATE TABLE generations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    file TEXT NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL,
    count INTEGER NOT NULL, dimension INTEGER NOT NULL, fingerprint TEXT NOT NULL,
    first_id INTEGER NOT NULL, last_id INTEGER NOT NULL, revision INTEGER NOT NULL
);
"""

_SQLITE = """
CREATE TABLE vectors (
    chunk_id INTEGER PRIMARY KEY REFERENCES chunks(id) ON DELETE CASCADE,
    vector BLOB NOT NULL        -- float32, little endian, unit length
);
CREATE VIRTUAL TABLE keywords USING fts5(
    terms, tokenize = "unicode61 remove_diacritics 0 tokenchars '-./''_’'"
);
CREATE VIRTUAL TABLE keyword_counts USING fts5vocab(keywords, row);
"""

PENDING_VECTORS = """CREATE TABLE IF NOT EXISTS pending_vectors (
    chunk_id INTEGER PRIMARY KEY REFERENCES chunks(id) ON DELETE CASCADE,
    vector BLOB NOT NULL
)"""
"""Of a reindex that is not finished."""

_COLLECTIONS = """
CREATE TABLE collections (name TEXT PRIMARY KEY COLLATE NOCASE);
CREATE TABLE collected (        -- no key of `files`: an edited file gets a new row there
    collection TEXT NOT NULL COLLATE NOCASE
        REFERENCES collections(name) ON UPDATE CASCADE ON DELETE CASCADE,
    source TEXT NOT NULL,
    PRIMARY KEY (collection, source)
);
CREATE INDEX collected_source ON collected(source);
"""

SHARED = _SHARED + _COLLECTIONS
"""The tables that both engines have."""

SCHEMA = SHARED + _SQLITE

_MIGRATIONS = {
    1: """
ALTER TABLE documents ADD COLUMN sketch BLOB NOT NULL DEFAULT x'';
ALTER TABLE documents ADD COLUMN digest TEXT NOT NULL DEFAULT '';
ALTER TABLE files ADD COLUMN limits TEXT NOT NULL DEFAULT '';
""",
    2: """
ALTER TABLE documents ADD COLUMN blocks TEXT NOT NULL DEFAULT '';
ALTER TABLE documents ADD COLUMN notes TEXT NOT NULL DEFAULT '';
""",
    3: """
ALTER TABLE documents ADD COLUMN row_digest TEXT NOT NULL DEFAULT '';
ALTER TABLE files ADD COLUMN row_digest TEXT NOT NULL DEFAULT '';
""",
    4: _COLLECTIONS,
}
"""What makes format n + 1 of format n."""


def create(connection: sqlite3.Connection) -> None:
    """Makes all tables. Call inside a transaction."""
    for statement in _statements(SCHEMA):
        connection.execute(statement)
    connection.execute("INSERT INTO meta VALUES ('revision', '0')")
    connection.execute(f"PRAGMA user_version = {FORMAT}")


def format_of(connection: sqlite3.Connection) -> int:
    """Returns the format of a database; 0 for an empty one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def require_readable(path: Path, version: int) -> None:
    """Raises RagError for a format that this version neither reads nor migrates."""
    if version != FORMAT and version not in _MIGRATIONS:
        raise RagError(
            f"{path} has format {version}, this version of Fuente reads {FORMAT}",
            "use the version that wrote it, or ingest into a new --library",
        )


def back_up(connection: Any, path: Path, version: int) -> Path:
    """Copies the database beside itself under its format's name; call outside transactions."""
    backup = path.with_name(BACKUP.format(version))
    if not backup.exists():
        partial = backup.with_suffix(".partial")
        partial.unlink(missing_ok=True)
        private_files.touch(partial)
        with contextlib.closing(sqlite3.connect(partial)) as copy:
            connection.backup(copy)
        partial.replace(backup)
    return backup


def migrate(connection: sqlite3.Connection) -> None:
    """Brings the tables to FORMAT, step by step. Call inside a transaction."""
    for version in range(format_of(connection), FORMAT):
        for statement in _statements(_MIGRATIONS[version]):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {version + 1}")


def _statements(script: str) -> Iterator[str]:
    # `executescript` would commit the open transaction first.
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
