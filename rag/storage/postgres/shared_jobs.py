"""How far the uploads of servers are, kept so that any server of the library can say it.

A row is what the server that reads them last said. What was left out of a document is no part of
it, for that is text.
"""

from __future__ import annotations

from rag.schema import SharedJob
from rag.storage.postgres.database import Database

SILENT = 20.0
"""Seconds without a word of its server after which a job that has not ended has lost it."""

_TABLE = """
CREATE TABLE server_jobs (
    id TEXT PRIMARY KEY,
    row TEXT NOT NULL,              -- JSON, as the API gives it
    ended INTEGER NOT NULL,
    stop INTEGER NOT NULL DEFAULT 0,
    begun TIMESTAMPTZ NOT NULL DEFAULT now(),
    changed TIMESTAMPTZ NOT NULL DEFAULT now()
);
"""
_COLUMNS = f"""id, row, stop <> 0 AS stopping,
    ended = 0 AND changed < now() - {SILENT} * interval '1 second' AS lost"""


class SharedJobs:
    """The uploads of all servers of one library."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.make_tables("server_jobs", _TABLE)

    def put(self, job: str, row: str, ended: bool) -> None:
        """Keeps what is known of a job, and that its server is alive."""
        self._database.connection().execute(
            """INSERT INTO server_jobs (id, row, ended) VALUES (?, ?, ?) ON CONFLICT (id)
            DO UPDATE SET row = excluded.row, ended = excluded.ended, changed = now()""",
            (job, row, int(ended)),
        )

    def get(self, job: str) -> SharedJob | None:
        """Returns a job; None for one that is not known."""
        query = f"SELECT {_COLUMNS} FROM server_jobs WHERE id = ?"  # noqa: S608
        found = self._database.connection().execute(query, (job,)).fetchone()
        return SharedJob(*found) if found else None

    def all(self) -> list[SharedJob]:
        """Returns all jobs, oldest first."""
        query = f"SELECT {_COLUMNS} FROM server_jobs ORDER BY begun, id"  # noqa: S608
        return [SharedJob(*row) for row in self._database.connection().execute(query)]

    def stop(self, job: str) -> None:
        """Asks the server that reads a job to end it."""
        query = "UPDATE server_jobs SET stop = 1 WHERE id = ? AND ended = 0"
        self._database.connection().execute(query, (job,))

    def forget_old(self) -> None:
        """Deletes jobs of which nothing has been said for a day."""
        query = "DELETE FROM server_jobs WHERE changed < now() - interval '1 day'"
        self._database.connection().execute(query)
