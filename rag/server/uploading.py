"""Uploads: files are kept at once, read in the background, and each gets its outcome."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, File, HTTPException, UploadFile
from starlette.responses import Response

from rag import json_output, uploads
from rag.errors import RagError
from rag.jobs import Job, Jobs, Row
from rag.library import Library
from rag.server import problems
from rag.server.callers import needs
from rag.server.forms import Json
from rag.server.tokens import Scope

MOST_FILES = 100
"""Files of one request."""

_MOST_KEPT = 200  # jobs that can still be looked at after they have ended


class ServerJobs:
    """The uploads of one server as jobs with ids. What an earlier server left is read first."""

    def __init__(self, library: Library) -> None:
        self._library, self._jobs = library, Jobs(library)
        self._kept: dict[str, Job] = {}

    def resume(self) -> None:
        """Begins to read what was uploaded and not read before an earlier server ended."""
        if paths := uploads.unread(self._library):
            self._keep(uploads.read(self._library, self._jobs, paths))

    def begin(self, files: list[UploadFile]) -> str:
        """Keeps files, and those in ZIP archives, and begins to read them; returns the job's id.

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
        return self._keep(uploads.read(self._library, self._jobs, paths))

    def all(self) -> dict[str, Job]:
        """Returns the jobs by id, oldest first."""
        return dict(self._kept)

    def get(self, key: str) -> Job:
        """Returns a job. Raises HTTPException for an unknown one."""
        found = self._kept.get(key)
        if found is None:
            raise HTTPException(404, "there is no such job")
        return found

    def close(self) -> None:
        """Ends all jobs after the files in hand, which are kept."""
        self._jobs.close()

    def _keep(self, job: Job) -> str:
        key = secrets.token_urlsafe(9)
        ended = [key for key, kept in self._kept.items() if kept.finished]
        for old in ended[: max(0, len(self._kept) + 1 - _MOST_KEPT)]:
            del self._kept[old]
        self._kept[key] = job
        return key


def install(app: FastAPI, jobs: ServerJobs) -> None:
    """Adds the routes of uploads and jobs to `app`."""
    writers = [needs(Scope.WRITE)]

    @app.post("/api/documents", tags=["documents"], status_code=202, dependencies=writers)
    def upload(
        files: Annotated[list[UploadFile], File(min_length=1, max_length=MOST_FILES)],
    ) -> Response:
        """Uploads files: they are kept at once, and read as a job whose id is given."""
        key = jobs.begin(files)
        return Json(_row(key, jobs.get(key)), 202)

    @app.get("/api/jobs", tags=["jobs"], dependencies=writers)
    def listed() -> Response:
        """Lists the jobs of this server, oldest first."""
        return Json({"jobs": [_row(key, job) for key, job in jobs.all().items()]})

    @app.get("/api/jobs/{job}", tags=["jobs"], dependencies=writers)
    def get(job: str) -> Response:
        """Gives a job: how far it is, and what became of each file."""
        return Json(_row(job, jobs.get(job)))

    @app.delete("/api/jobs/{job}", tags=["jobs"], dependencies=writers)
    def cancel(job: str) -> Response:
        """Ends a job after the files in hand, which are kept; the rest stays unread."""
        jobs.get(job).stop.set()
        return Json(_row(job, jobs.get(job)))


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
