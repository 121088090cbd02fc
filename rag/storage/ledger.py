"""What is known of each file: its bytes' hash, what became of it, and which document it holds.

Of a file that a person removed no name is kept: only that path and bytes with these hashes are
not wanted.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from rag.schema import FileInfo, Outcome
from rag.storage.engine import Engine
from rag.storage.integrity import FILE_VALUES, row_digest
from rag.storage.purging import mark


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file as last seen. `source` is absolute, `path` relative to the root it came from."""

    source: str
    path: str
    size: int
    modified_ns: int
    seen_ns: int
    content_hash: str  # of its bytes, and behind it what was made unreadable of them
    outcome: str
    reason: str = ""
    attempts: int = 1
    document_id: int | None = None
    limits: str = ""  # what the parser was granted, for a file that failed

    @property
    def bytes_hash(self) -> str:
        """Returns the hash of the file's bytes alone."""
        return self.content_hash.partition("-")[0]

    @property
    def redacted(self) -> tuple[str, ...]:
        """Returns the kinds of personal data that were made unreadable in what was read of it."""
        return tuple(self.content_hash.split("-")[1:])


_REMOVED: Final = Outcome.REMOVED.value


class Ledger:
    """The table of files. Writes join the caller's transaction."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def get(self, source: str) -> FileRecord | None:
        """Returns the record of one absolute path."""
        return next(iter(self._select("source = ?", source)), None)

    def below(self, folder: str) -> list[FileRecord]:
        """Returns the records of the files inside `folder` (absolute), or of that one file."""
        prefix = folder.rstrip(os.sep) + os.sep
        return self._select("source = ? OR substr(source, 1, ?) = ?", folder, len(prefix), prefix)

    def named(self, path: str) -> list[FileRecord]:
        """Returns the records whose relative path is `path` or lies below it."""
        prefix = path.rstrip("/") + "/"
        return self._select("path = ? OR substr(path, 1, ?) = ?", path, len(prefix), prefix)

    def of_document(self, document_id: int) -> list[FileRecord]:
        """Returns all files that hold this document, oldest first."""
        return self._select("document_id = ?", document_id)

    def readable_path(self, document_id: int) -> Path | None:
        """Returns where the document's file lies now; None when it is not where it was read."""
        paths = (Path(record.source) for record in self.of_document(document_id))
        return next((path for path in paths if path.exists()), None)

    def put(self, record: FileRecord) -> None:
        """Inserts or replaces the record of `record.source`; it keeps its place in the order."""
        row = asdict(record)
        row["row_digest"] = row_digest(row, FILE_VALUES)
        changes = ", ".join(f"{name}=excluded.{name}" for name in row)
        with self._database.transaction() as connection:
            connection.execute(
                f"""INSERT INTO files ({", ".join(row)}) VALUES ({", ".join("?" * len(row))})
                ON CONFLICT(source) DO UPDATE SET {changes}""",  # noqa: S608
                tuple(row.values()),
            )

    def forget(self, sources: Sequence[str]) -> None:
        """Deletes the records of these absolute paths."""
        with self._database.transaction() as connection:
            query = "DELETE FROM files WHERE source IN (SELECT value FROM json_each(?))"
            if connection.execute(query, (list(sources),)).rowcount > 0:
                mark(connection)

    def note_removed(self, source: str, content_hash: str) -> None:
        """Remembers that a person removed a file, without its name."""
        name = _hash_path(source)
        self.put(FileRecord(name, name, 0, 0, 0, content_hash, _REMOVED))

    def forget_removed(self, source: str) -> None:
        """Forgets that a person removed the file at this absolute path."""
        self.forget([_hash_path(source)])

    def is_removed(self, source: str) -> bool:
        """Tells whether a person removed the file at this absolute path."""
        return self.get(_hash_path(source)) is not None

    def removed_hashes(self) -> frozenset[str]:
        """Returns the hashes of the bytes of all files that persons removed."""
        removed = self._select("outcome = ?", _REMOVED)
        return frozenset(record.content_hash for record in removed if record.content_hash)

    def infos(self) -> list[FileInfo]:
        """Returns all files but those that persons removed, by path."""
        query = """SELECT path, source, outcome, reason,
            CAST(modified_ns AS DOUBLE PRECISION) / 1e9, document_id
            FROM files WHERE outcome != ? ORDER BY path"""
        rows = self._database.connection().execute(query, (_REMOVED,))
        return [FileInfo(*row) for row in rows]

    def added(self) -> dict[int, int]:
        """Returns when each document was first read as it is, in nanoseconds, by its id."""
        query = """SELECT document_id, min(seen_ns) FROM files WHERE document_id IS NOT NULL
            GROUP BY document_id"""
        return {int(row[0]): int(row[1]) for row in self._database.connection().execute(query)}

    def counts(self) -> dict[str, int]:
        """Returns the number of files per outcome; removed ones with the same bytes are one."""
        query = """SELECT outcome, count(DISTINCT CASE WHEN outcome = ? AND content_hash != ''
            THEN content_hash ELSE source END) FROM files GROUP BY outcome ORDER BY outcome"""
        rows = self._database.connection().execute(query, (_REMOVED,))
        return {row[0]: row[1] for row in rows}

    def _select(self, condition: str, *values: str | int) -> list[FileRecord]:
        columns = ", ".join(FILE_VALUES)
        query = f"SELECT {columns} FROM files WHERE {condition} ORDER BY id"  # noqa: S608
        rows = self._database.connection().execute(query, values)
        return [FileRecord(**dict(row)) for row in rows]


def _hash_path(source: str) -> str:
    return "removed:" + hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()
