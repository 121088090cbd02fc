"""What is known of each file: its bytes' hash, what became of it, and which document it holds."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from rag.store.database import Database
from rag.store.purging import mark


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file as last seen. `source` is absolute, `path` relative to the root it came from."""

    source: str
    path: str
    size: int
    modified_ns: int
    seen_ns: int
    content_hash: str
    outcome: str
    reason: str = ""
    attempts: int = 1
    document_id: int | None = None
    limits: str = ""  # what the reader was granted, for a file that failed


_COLUMNS = (
    "source, path, size, modified_ns, seen_ns, content_hash, outcome, reason, attempts, "
    "document_id, limits"
)


class Ledger:
    """The table of files. Writes join the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, source: str) -> FileRecord | None:
        """The record of one absolute path."""
        return next(iter(self._select("source = ?", source)), None)

    def below(self, folder: str) -> list[FileRecord]:
        """Records of the files inside `folder` (absolute), or of that one file."""
        prefix = folder.rstrip(os.sep) + os.sep
        return self._select(
            "source = ? OR substr(source, 1, ?) = ?", folder, str(len(prefix)), prefix
        )

    def named(self, path: str) -> list[FileRecord]:
        """Records whose relative path is `path` or lies below it."""
        prefix = path.rstrip("/") + "/"
        return self._select("path = ? OR substr(path, 1, ?) = ?", path, str(len(prefix)), prefix)

    def of_document(self, document_id: int) -> list[FileRecord]:
        """All files that hold this document, oldest first."""
        return self._select("document_id = ?", str(document_id))

    def put(self, record: FileRecord) -> None:
        """Inserts or replaces the record of `record.source`; it keeps its place in the order."""
        with self._database.transaction() as connection:
            connection.execute(
                f"""INSERT INTO files ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT(source) DO UPDATE SET path=excluded.path, size=excluded.size,
                modified_ns=excluded.modified_ns, seen_ns=excluded.seen_ns,
                content_hash=excluded.content_hash, outcome=excluded.outcome,
                reason=excluded.reason, attempts=excluded.attempts,
                document_id=excluded.document_id, limits=excluded.limits""",  # noqa: S608
                tuple(getattr(record, name) for name in _COLUMNS.split(", ")),
            )

    def forget(self, sources: Sequence[str]) -> None:
        """Deletes the records of these absolute paths."""
        with self._database.transaction() as connection:
            gone = connection.executemany(
                "DELETE FROM files WHERE source = ?", ((source,) for source in sources)
            ).rowcount
            if gone > 0:
                mark(connection)

    def counts(self) -> dict[str, int]:
        """Number of files per outcome."""
        query = "SELECT outcome, count(*) FROM files GROUP BY outcome ORDER BY outcome"
        return {row[0]: row[1] for row in self._database.connection().execute(query)}

    def _select(self, condition: str, *values: str) -> list[FileRecord]:
        query = f"SELECT {_COLUMNS} FROM files WHERE {condition} ORDER BY id"  # noqa: S608
        return [_record(row) for row in self._database.connection().execute(query, values)]


def _record(row: sqlite3.Row) -> FileRecord:
    return FileRecord(*row)
