"""Jobs in the database itself, which any number of processes take and do (procrastinate).

What a job has come to is kept beside it, a row a file, until whoever asked for it has seen that.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from rag.errors import needing
from rag.storage.postgres.connection import stated
from rag.storage.postgres.database import Database

with needing("postgres", "a queue of files to read"):
    from procrastinate import exceptions
    from procrastinate.jobs import Job
    from procrastinate.manager import JobManager
    from procrastinate.schema import SchemaManager
    from procrastinate.sync_psycopg_connector import SyncPsycopgConnector

QUEUE = TASK = "fuente"
HEARTBEAT = 5.0  # seconds between two signs of life of a worker
STALLED = 20.0  # without one, after which its job is another one's: a busy machine may be late

_TABLE = """
CREATE TABLE queued_files (
    job BIGINT NOT NULL,
    path TEXT NOT NULL,         -- relative to the job's root; "" for the job itself
    stage TEXT NOT NULL,
    step INTEGER NOT NULL,
    steps INTEGER NOT NULL,
    report TEXT NOT NULL,       -- JSON, "" while the file is in hand
    changed TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (job, path)
);
"""


class File(NamedTuple):
    """How far a file of a job is: its stage, and its report once there is one."""

    job: int
    path: str
    stage: str
    step: int
    steps: int
    report: str


class Queue:
    """The jobs of one library."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._manager = JobManager(SyncPsycopgConnector())
        database.make_tables("procrastinate_jobs", SchemaManager.get_schema())
        database.make_tables("queued_files", _TABLE)

    def put(self, jobs: Sequence[Mapping[str, Any]]) -> list[int]:
        """Puts jobs at the end, all or none; returns their ids."""
        made = [
            Job(queue=QUEUE, task_name=TASK, lock=None, queueing_lock=None, task_kwargs=dict(job))
            for job in jobs
        ]
        with self._plain() as connection:
            put = self._manager.batch_defer_jobs(made, connection)
        return [job.id for job in put if job.id is not None]

    def states(self, jobs: Sequence[int]) -> dict[int, str]:
        """Returns the states of jobs by id; those that have been done well are gone."""
        query = "SELECT id, status::text FROM procrastinate_jobs WHERE id = ANY(?)"
        return dict(map(tuple, self.database.connection().execute(query, (list(jobs),))))

    def files(self, jobs: Sequence[int]) -> list[File]:
        """Returns how far the files of jobs are, those that have been begun."""
        query = """SELECT job, path, stage, step, steps, report FROM queued_files
            WHERE job = ANY(?) ORDER BY job, path"""
        return [File(*row) for row in self.database.connection().execute(query, (list(jobs),))]

    def note(
        self, job: int, path: str, stage: str, report: str, step: int = 0, steps: int = 0
    ) -> None:
        """Notes how far a file is; a report is final."""
        self.database.connection().execute(
            """INSERT INTO queued_files VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (job, path) DO UPDATE SET stage = excluded.stage, step = excluded.step,
            steps = excluded.steps, report = excluded.report, changed = now()
            WHERE queued_files.report = ''""",
            (job, path, stage, step, steps, report),
        )

    def tried(self, job: int) -> int:
        """Returns how often a job was begun and neither ended nor put back: its workers died."""
        query = "SELECT step FROM queued_files WHERE job = ? AND path = ''"
        row = self.database.connection().execute(query, (job,)).fetchone()
        return int(row[0]) if row else 0

    def note_tried(self, job: int, times: int) -> None:
        """Notes how often a job has been begun so."""
        self.note(job, "", "begun", "", times)

    def forget(self, jobs: Sequence[int]) -> None:
        """Deletes what is known of jobs that have ended."""
        with self.database.transaction() as connection:
            for query in (
                "DELETE FROM queued_files WHERE job = ANY(?)",
                """DELETE FROM procrastinate_jobs WHERE id = ANY(?)
                AND status NOT IN ('todo', 'doing')""",
            ):
                connection.execute(query, (list(jobs),))

    def sweep(self) -> None:
        """Deletes what nobody has come for: jobs that ended an hour ago or more."""
        with self.database.transaction() as connection:
            connection.execute(
                """DELETE FROM queued_files WHERE changed < now() - interval '1 hour' AND job NOT IN
                (SELECT id FROM procrastinate_jobs WHERE status IN ('todo', 'doing'))"""
            )
            connection.execute(
                """DELETE FROM procrastinate_jobs WHERE status NOT IN ('todo', 'doing')
                AND id NOT IN (SELECT job FROM queued_files)"""
            )

    def withdraw(self, jobs: Sequence[int]) -> None:
        """Takes out the jobs that nobody has begun, and asks those at work to stop."""
        for job in jobs:
            with self._plain() as connection:
                self._manager.cancel_job_by_id(job, abort=True, connection=connection)

    def is_withdrawn(self, job: int) -> bool:
        """Tells whether a job at work has been asked to stop."""
        query = "SELECT abort_requested FROM procrastinate_jobs WHERE id = ?"
        row = self.database.connection().execute(query, (job,)).fetchone()
        return row is None or bool(row[0])

    def waiting(self) -> int:
        """Returns the number of jobs that nobody has begun."""
        query = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'"
        return int(self.database.connection().execute(query).fetchone()[0])

    def workers(self) -> int:
        """Returns the number of workers that have given a sign of life lately."""
        query = """SELECT count(*) FROM procrastinate_workers
            WHERE last_heartbeat > now() - ? * interval '1 second'"""
        return int(self.database.connection().execute(query, (STALLED,)).fetchone()[0])

    @contextlib.contextmanager
    def _plain(self) -> Iterator[Any]:
        """Gives the driver's connection; its failures are stated."""
        with stated(self.database.name):
            try:
                yield self.database.connection().plain
            except exceptions.ConnectorException as error:
                raise error.__cause__ or error from error
