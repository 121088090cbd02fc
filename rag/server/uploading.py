"""Uploads: files are kept at once, read in the background, and each gets its outcome."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, File, UploadFile
from starlette.responses import Response

from rag.server.callers import needs
from rag.server.forms import Json
from rag.server.jobs import ServerJobs
from rag.server.tokens import Scope

MOST_FILES = 100
"""Files of one request."""


def install(app: FastAPI, jobs: ServerJobs) -> None:
    """Adds the routes of uploads and jobs to `app`."""
    writers = [needs(Scope.WRITE)]

    @app.post("/api/documents", tags=["documents"], status_code=202, dependencies=writers)
    def upload(
        files: Annotated[list[UploadFile], File(min_length=1, max_length=MOST_FILES)],
    ) -> Response:
        """Uploads files: they are kept at once, and read as a job whose id is given."""
        return Json(jobs.begin(files), 202)

    @app.get("/api/jobs", tags=["jobs"], dependencies=writers)
    def listed() -> Response:
        """Lists the jobs, oldest first; those of all servers of a library in a database."""
        return Json({"jobs": jobs.all()})

    @app.get("/api/jobs/{job}", tags=["jobs"], dependencies=writers)
    def get(job: str) -> Response:
        """Gives a job: how far it is, and what became of each file."""
        return Json(jobs.get(job))

    @app.delete("/api/jobs/{job}", tags=["jobs"], dependencies=writers)
    def cancel(job: str) -> Response:
        """Ends a job after the files in hand, which are kept; the rest stays unread."""
        return Json(jobs.cancel(job))
