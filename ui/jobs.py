"""Ingests in the background, one after the other, with a row a file that can be looked at.

Knows nothing about Streamlit or the screen. A job belongs to the library, not to a session: every
tab sees the same rows, and closing a tab stops nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rag import scheduling
from rag.errors import RagError
from rag.library import Library
from rag.schema import FAILURES, PURGED, Note, Outcome, Progress, Purge

Finish = Callable[[Sequence[Path], "Job"], None]
"""Called with the ingested paths once a job has ended, before the job counts as done."""


@dataclass
class Row:
    """One file of a job: queued, reading, embedding, ready or failed; then with its outcome."""

    stage: str
    outcome: Outcome | None = None
    notes: tuple[Note, ...] = ()


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
    passages: int = 0
    purge: Purge = PURGED  # of what the ingested files said before
    _begun: tuple[float, int] | None = None  # when the first new file was met, and files until then

    def take(self, progress: Progress) -> None:
        """Notes one beat of the ingest."""
        self.done, self.total = progress.done, progress.total
        report = progress.report
        if report is not None:
            self.passages += report.chunks
            self.rows[progress.path] = Row(progress.stage, report.outcome, report.notes)
            return
        if self._begun is None:
            self._begun = (time.monotonic(), progress.done)
        self.rows[progress.path] = Row(progress.stage)

    def pace(self) -> tuple[float, float] | None:
        """Returns (passages a second, seconds left) since the first new file."""
        if self._begun is None or not self.passages:
            return None
        seconds = max(time.monotonic() - self._begun[0], 1e-3)
        done = max(self.done - self._begun[1], 1)
        return self.passages / seconds, (self.total - self.done) * seconds / done

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
        self._turn = threading.Lock()
        self._jobs: list[Job] = []

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
        threading.Thread(target=self._run, args=(job, finish), daemon=True).start()
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
                    if report.stopped:  # what it had only begun to read is for another time
                        job.rows = {path: row for path, row in job.rows.items() if row.outcome}
                job.stopped = job.stopped or (job.stop.is_set() and not job.done)
                if finish is not None:
                    finish(job.paths, job)
            except RagError as error:
                job.error = error
            except BaseException:
                job.broken = True
                raise
            finally:
                job.finished = True
