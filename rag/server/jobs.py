"""The uploads of a server as jobs with ids, which every server of a library in a database knows.

The server that reads a job says every second how far it is; one that another server is asked to
end is ended by that one.
"""

from __future__ import annotations

import json
import logging
import secrets
import threading
from pathlib import Path

from fastapi import HTTPException, UploadFile

from rag import json_output, uploads
from rag.errors import RagError
from rag.jobs import Job, Jobs, Row
from rag.library import Library
from rag.schema import SharedJob
from rag.server import problems

_MOST_KEPT = 200  # jobs that can still be looked at after they have ended
_BEAT_SECONDS = 1.0
_LOST = "the server that read it has ended, or is cut off; it reads on when it is started again"


_log = logging.getLogger(__name__)


class ServerJobs:
    """The uploads of one server. What an earlier server left is read first."""

    def __init__(self, library: Library) -> None:
        self._library, self._jobs = library, Jobs(library)
        self._kept: dict[str, Job] = {}
        self._told: set[str] = set()  # jobs whose end is in the database
        self._shared = library.shared_jobs
        self._over = threading.Event()
        self._beating = threading.Thread(target=self._beat, daemon=True)

    def resume(self) -> None:
        """Begins to read what was uploaded and not read before an earlier server ended."""
        if paths := uploads.unread(self._library):
            self._keep(uploads.read(self._library, self._jobs, paths))
        if self._shared:
            self._beating.start()

    def begin(self, files: list[UploadFile]) -> json_output.Json:
        """Keeps files, and those in ZIP archives, and begins to read them; returns the job.

        Raises UsageError and FileProblem for one that cannot be kept; those before it are read.
        """
        most = self._library.settings.max_file_mb * 1_000_000
        for file in files:
            if (file.size or 0) > most:
                raise HTTPException(413, f"a file has {most // 1_000_000} MB at most")
        paths: list[Path] = []
        try:
            for file in files:
                paths += uploads.save_all(self._library, file.filename or "", file.file.read())
        except RagError:
            if paths:
                self._keep(uploads.read(self._library, self._jobs, paths))
            raise
        key = self._keep(uploads.read(self._library, self._jobs, paths))
        return _row(key, self._kept[key])

    def all(self) -> list[json_output.Json]:
        """Returns the jobs, oldest first: those of all servers where a database knows them."""
        shared = self._shared.all() if self._shared else []
        known = {job.id for job in shared}
        own = [_row(key, job) for key, job in self._kept.items() if key not in known]
        return [self.get(job.id) if job.id in self._kept else self._of(job) for job in shared] + own

    def get(self, key: str) -> json_output.Json:
        """Returns a job. Raises HTTPException for an unknown one."""
        if own := self._kept.get(key):
            return _row(key, own)
        found = self._shared.get(key) if self._shared else None
        if found is None:
            raise HTTPException(404, "there is no such job")
        return self._of(found)

    def cancel(self, key: str) -> json_output.Json:
        """Ends a job after the files in hand. Raises HTTPException for an unknown one."""
        if own := self._kept.get(key):
            own.stop.set()
        elif self._shared:
            self._shared.stop(key)
        return self.get(key)

    def close(self) -> None:
        """Ends all jobs after the files in hand, which are kept."""
        self._jobs.close()
        self._over.set()
        if self._beating.is_alive():
            self._beating.join()

    def _keep(self, job: Job) -> str:
        key = secrets.token_urlsafe(9)
        ended = [key for key, kept in self._kept.items() if kept.finished]
        for old in ended[: max(0, len(self._kept) + 1 - _MOST_KEPT)]:
            del self._kept[old]
        self._kept[key] = job
        if self._shared:
            self._tell(key, job)
        return key

    # --- with other servers ---

    def _beat(self) -> None:
        """Tells the database how far the jobs are, and learns which of them are to end."""
        assert self._shared is not None  # noqa: S101 - else the thread is not started
        last = False
        while not last:
            last = self._over.wait(_BEAT_SECONDS)  # once more when all has ended
            try:
                for key, job in list(self._kept.items()):
                    if key not in self._told:
                        self._tell(key, job)
                        asked = self._shared.get(key)
                        if asked and asked.stopping:
                            job.stop.set()
                self._told &= self._kept.keys()
            except RagError as error:  # it is told again a second later
                _log.warning("jobs are not told to other servers: %s", error)

    def _tell(self, key: str, job: Job) -> None:
        assert self._shared is not None  # noqa: S101
        ended = job.finished  # before the row is made, which then is the last one
        row = _row(key, job)
        for file in row["files"]:
            file["notes"] = []  # text of a document, which the library itself has
        self._shared.put(key, json.dumps(row), ended)
        if ended:
            self._told.add(key)
            self._shared.forget_old()

    def _of(self, job: SharedJob) -> json_output.Json:
        """Returns a job of another server, with what was left out of its documents."""
        row: json_output.Json = json.loads(job.row)
        if job.lost:
            row.update(state="failed", error={"status": 503, "detail": _LOST})
        elif job.stopping and row["state"] in ("waiting", "running"):
            row["state"] = "stopping"
        ids = {info.path: info.id for info in self._library.documents()}
        read = {file["path"] for file in row["files"] if file["outcome"] in ("ok", "partial")}
        notes = self._library.notes([ids[path] for path in read if path in ids])
        for file in row["files"]:
            found = notes.get(ids.get(file["path"], 0), ()) if file["path"] in read else ()
            file["notes"] = [json_output.of_note(note) for note in found]
        return row


def _row(key: str, job: Job) -> json_output.Json:
    return {
        "id": key,
        "state": _state(job),
        "done": job.done,
        "total": job.total,
        "files": [_file(path, row) for path, row in job.rows.copy().items()],
        "error": problems.details(job.error) if job.error else None,
    }


def _state(job: Job) -> str:
    if not job.finished:
        waiting = "running" if job.started else "waiting"
        return "stopping" if job.stop.is_set() else waiting
    if job.error or job.broken:
        return "failed"
    return "stopped" if job.stopped else "finished"


def _file(path: str, row: Row) -> json_output.Json:
    notes = [json_output.of_note(note) for note in row.notes]
    about = {"outcome": row.outcome, "reason": row.reason, "notes": notes}
    return {"path": path, "stage": row.stage, **about}
