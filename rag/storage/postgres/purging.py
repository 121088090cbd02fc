"""Takes what was removed out of the database's files.

A deleted row stays in the files of PostgreSQL until its room is used again, and in the log of
changes. The tables that hold text are written anew; their old files are deleted, and so is the log.
"""

from __future__ import annotations

from rag.errors import LibraryBusy, RagError
from rag.schema import PURGED, Purge
from rag.storage import purging
from rag.storage.postgres.database import Database
from rag.storage.sqlite_errors import of_system

_WITH_TEXT = """documents chunks keywords keyword_counts files collections collected meta
    conversations turns quoted feedback queued_files procrastinate_jobs server_jobs""".split()
_RECYCLES = (
    "keeps old segments of its log: ALTER SYSTEM SET wal_recycle = off; SELECT pg_reload_conf()"
)


class Purging(purging.Purging):
    """The purge of one library. `run` inside the write lock, and outside transactions."""

    _database: Database

    def run(self, patience: float | None = None) -> Purge:
        """Goes on as far as it can. Waits up to `patience` seconds for those who read."""
        patience = purging.PATIENCE_SECONDS if patience is None else patience
        connection = self._database.connection()
        try:
            self._delete_copies()
            if (purging.read_note(connection) or {}).get("terms"):
                connection.execute(f"SET lock_timeout = {max(1, int(1000 * patience))}")
                self._write_tables_anew()
            return self._empty_log()
        except LibraryBusy:
            return Purge(False, "another process reads the tables of the library")
        except OSError as error:
            return Purge(False, of_system(self._database.folder, error).message)
        except RagError as error:
            return Purge(False, error.message)
        finally:
            if not connection.closed:
                connection.execute("SET lock_timeout = 0")

    def _write_tables_anew(self) -> None:
        connection = self._database.connection()
        for table in _WITH_TEXT:
            if connection.execute("SELECT to_regclass(?)", (table,)).fetchone()[0] is not None:
                connection.execute(f"VACUUM (FULL) {table}")
        connection.execute("VACUUM vectors")
        with self._database.transaction():
            purging.write_note(connection, {"terms": False, "copies": []})

    def _empty_log(self) -> Purge:
        """Ends the segment of the log that is being written, and lets the server drop it."""
        connection = self._database.connection()
        if connection.execute("SHOW wal_recycle").fetchone()[0] == "on":
            return Purge(False, f"the server of {self._database.name} {_RECYCLES}")
        connection.execute("SELECT pg_switch_wal()")
        connection.execute("CHECKPOINT")
        with self._database.transaction():
            connection.execute("DELETE FROM meta WHERE key = 'purge'")
        return PURGED
