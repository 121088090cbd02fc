"""Ingests in the background, one after the other, with a row a file that can be looked at.

A job belongs to the library: every tab and every caller of the server sees the same rows, and
closing a tab stops nothing. What folders it was about is noted until it has come to its end, so
that it can be gone on with after a stop, or a kill.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rag import scheduling
from rag.errors import RagError
from rag.library import Library, Pace
from rag.schema import FAILURES, PURGED, UPLOADS, Note, Outcome, Progress, Purge
from rag.system import private_files

Finish = Callable[[Sequence[Path], "Job"], None]
"""Called with the ingested paths once a job has ended, before the job counts as done."""

NOTED = "reading.json"
"""The file in the library's folder that names the folders and files of jobs without an end."""


@dataclass
class Row:
    """One file of a job: queued, reading, embedding, ready or failed; then with its outcome."""

    stage: str
    outcome: Outcome | None = None
    notes: tuple[Note, ...] = ()
    reason: str = ""
    step: int = 0  # page that is read, or passages that are embedded, of `steps`
    steps: int = 0


@dataclass
class Job:
    """One ingest. `rows` are in the order in which files were first heard of."""

    paths: tuple[Path, ...]
    rows: dict[str, Row] = field(default_factory=dict)
    done: int = 0
    total: int = 0
    error: RagError | None = None
    broken: bool = False  # by a fault of ours, which is in the log
    stopped: bool = False
    started: bool = False  # its turn has come, though the models may still be loading
    finished: bool = False
    stop: threading.Event = field(default_factory=threading.Event)
    retry: bool = False  # files that failed before are read once more
    pace: Pace = field(default_factory=Pace)
    purge: Purge = PURGED  # of what the ingested files said before

    def take(self, progress: Progress) -> None:
        """Notes one beat of the ingest."""
        self.done, self.total = progress.done, progress.total
        self.pace.take(progress)
        report = progress.report
        row = Row(progress.stage, step=progress.step, steps=progress.steps)
        if report is not None:
            row = Row(progress.stage, report.outcome, report.notes, report.reason)
        self.rows[progress.path] = row

    @property
    def unread(self) -> int:
        """Returns the number of files that a stop has left for another time."""
        return self.total - self.done if self.stopped else 0

    @property
    def failed(self) -> list[str]:
        """Returns the names of the files that put nothing into the library."""
        return [path for path, row in self.rows.items() if row.outcome in FAILURES]

    def missed(self) -> list[Path]:
        """Returns where the failed files lie, if still there; not where links lead."""
        return self._files(FAILURES - {Outcome.OUTSIDE})

    def kept_out(self) -> list[Path]:
        """Returns where the files lie that stay out because a person removed them."""
        return self._files({Outcome.STAYS_REMOVED})

    def _files(self, outcomes: Collection[Outcome]) -> list[Path]:
        bases = dict.fromkeys(path if path.is_dir() else path.parent for path in self.paths)
        names = [name for name, row in self.rows.items() if row.outcome in outcomes]
        return [path for name in names for base in bases if (path := base / name).is_file()]


class Jobs:
    """The ingests of one library, one after the other."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._noted = library.settings.library / NOTED
        self._uploads = (
            library.settings.library.resolve() / UPLOADS
        )  # these are listed by themselves
        self._turn = threading.Lock()
        self._noting = threading.Lock()
        self._jobs: list[Job] = []
        self._threads: list[threading.Thread] = []

    def submit(
        self, paths: Sequence[Path], finish: Finish | None = None, retry: bool = False
    ) -> Job:
        """Starts an ingest of `paths`, or queues it behind the running one.

        Finished jobs have been seen by then and are forgotten.
        """
        self.clear()
        names = {path.name: Row("queued") for path in paths if path.is_file()}
        job = Job(tuple(paths), names, total=len(names), retry=retry)
        self._jobs.append(job)
        self._note(add=job.paths)
        thread = threading.Thread(target=self._run, args=(job, finish), daemon=True)
        self._threads = [*filter(threading.Thread.is_alive, self._threads), thread]
        thread.start()
        return job

    @property
    def all(self) -> list[Job]:
        """Returns running, waiting and finished jobs, oldest first, until they are cleared."""
        return list(self._jobs)

    @property
    def active(self) -> bool:
        """Tells whether a job runs or waits."""
        return any(not job.finished for job in self._jobs)

    def stop(self) -> None:
        """Ends all jobs after the batch at hand, which is kept."""
        for job in self._jobs:
            job.stop.set()

    def close(self) -> None:
        """Ends all jobs and waits until none is at work any more."""
        self.stop()
        for thread in self._threads:
            thread.join()

    @property
    def unfinished(self) -> list[Path]:
        """Returns the folders and files whose ingest was stopped or killed, and is not at work."""
        at_work = {path for job in self._jobs if not job.finished for path in job.paths}
        return [path for path in self._read() if path not in at_work]

    def discard(self, paths: Sequence[Path]) -> None:
        """Forgets that the ingest of these was stopped; what was read of them stays."""
        self._note(remove=paths)

    def _read(self) -> list[Path]:
        with contextlib.suppress(OSError, ValueError):
            noted = json.loads(self._noted.read_bytes())
            return [Path(path) for path in noted if isinstance(path, str)]
        return []

    def _note(self, add: Sequence[Path] = (), remove: Sequence[Path] = ()) -> None:
        with self._noting, contextlib.suppress(OSError):  # a full disk ends no ingest
            before = self._read()
            new = [path.absolute() for path in add if not path.is_relative_to(self._uploads)]
            gone = {path.absolute() for path in remove}
            noted = [path for path in dict.fromkeys([*before, *new]) if path not in gone]
            if noted:
                private_files.write(self._noted, json.dumps([*map(str, noted)]).encode())
            elif before:
                self._noted.unlink(missing_ok=True)

    def clear(self) -> None:
        """Forgets the finished jobs."""
        self._jobs[:] = [job for job in self._jobs if not job.finished]

    def _run(self, job: Job, finish: Finish | None) -> None:
        scheduling.step_back()
        with self._turn:
            job.started = True
            try:
                if not job.stop.is_set():
                    report = self._library.ingest(
                        job.paths, progress=job.take, stop=job.stop.is_set, retry=job.retry
                    )
                    job.stopped, job.purge = report.stopped, report.purge
                job.stopped = job.stopped or (job.stop.is_set() and not job.done)
                if job.stopped:  # what it had only begun to read, or not yet, is for another time
                    job.rows = {path: row for path, row in job.rows.items() if row.outcome}
                else:
                    self._note(remove=job.paths)
                if finish is not None:
                    finish(job.paths, job)
            except RagError as error:
                job.error = error
            except BaseException:
                job.broken = True
                raise
            finally:
                job.finished = True
