"""Files that are sent to the server and read there, as jobs that can be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.errors import ServerRefused, UsageError
from rag.jobs import Finish, Job, Jobs, Row
from rag.remote.connection import Connection, stated
from rag.schema import Note, NoteKind, Outcome

_ENDED = frozenset({"finished", "stopped", "failed"})


class RemoteJobs(Jobs):
    """The uploads of one user of the app. Each look asks the server how far they are."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._kept: dict[str, Job] = {}

    def upload(self, files: list[tuple[str, bytes]]) -> None:
        """Sends files by name and content, to be read. Raises RagError."""
        row = self._connection.upload("/api/documents", files)
        self._kept[row["id"]] = _job(row)

    def submit(
        self, paths: Sequence[Path], finish: Finish | None = None, retry: bool = False
    ) -> Job:
        """Raises UsageError: folders lie on the server's machine."""
        raise UsageError("folders are read where they lie", "rag ingest FOLDER on the server")

    @property
    def all(self) -> list[Job]:
        """Returns the jobs, oldest first; those that have not ended as they are now."""
        for key, job in self._kept.items():
            if not job.finished:
                try:
                    self._kept[key] = _job(self._connection.get(f"/api/jobs/{key}"))
                except ServerRefused as error:  # it was started anew, and reads on without a name
                    job.error, job.finished = error, True
        return list(self._kept.values())

    @property
    def active(self) -> bool:
        """Tells whether a job runs or waits."""
        return any(not job.finished for job in self.all)

    @property
    def unfinished(self) -> list[Path]:
        """Returns nothing: what was stopped is gone on with on the server's machine."""
        return []

    def stop(self) -> None:
        """Ends all jobs after the files in hand, which are kept."""
        for key, job in self._kept.items():
            if not job.finished:
                self._connection.delete(f"/api/jobs/{key}")

    def clear(self) -> None:
        """Forgets the finished jobs."""
        self._kept = {key: job for key, job in self._kept.items() if not job.finished}


def _job(row: dict[str, Any]) -> Job:
    made = Job((), {file["path"]: _row(file) for file in row["files"]}, row["done"], row["total"])
    made.finished, made.stopped = row["state"] in _ENDED, row["state"] == "stopped"
    made.started = row["state"] != "waiting"
    if row["state"] == "stopping":
        made.stop.set()
    if row["error"]:
        made.error = stated(int(row["error"]["status"]), row["error"])
    made.broken = row["state"] == "failed" and made.error is None
    return made


def _row(file: dict[str, Any]) -> Row:
    notes = tuple(
        Note(NoteKind(note["kind"]), note["where"], note["count"], note["text"])
        for note in file["notes"]
    )
    outcome = Outcome(file["outcome"]) if file["outcome"] else None
    return Row(file["stage"], outcome, notes, file["reason"])
