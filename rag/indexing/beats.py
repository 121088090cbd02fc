"""What a worker and whoever follows its job tell one another while it is done."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rag.indexing.progress import OnProgress
from rag.indexing.queued import written
from rag.protocols import Stop
from rag.schema import Progress

if TYPE_CHECKING:
    from rag.storage.postgres.queue import Queue

_SECONDS = 1.0  # between two notes of how far a file is, and two looks whether to go on


class Asked:
    """Tells whether a job is to end early: its worker is to stop, or the job is not wanted."""

    def __init__(self, stop: Stop, queue: Queue, job: int) -> None:
        self._stop, self._queue, self._job = stop, queue, job
        self._next = time.monotonic() + _SECONDS
        self.withdrawn = False

    def __call__(self) -> bool:
        """Asks the queue now and then; call in the thread of the job."""
        if not self.withdrawn and time.monotonic() > self._next:
            self.withdrawn = self._queue.is_withdrawn(self._job)
            self._next = time.monotonic() + _SECONDS
        return self.withdrawn or self._stop()


class Beats:
    """Passes the progress of a job on, and notes it for whoever follows the job."""

    def __init__(self, progress: OnProgress, queue: Queue, job: int) -> None:
        self._progress, self._queue, self._job = progress, queue, job
        self._next = 0.0

    def __call__(self, beat: Progress) -> None:
        """Notes every report, and of the rest as much as a person can read."""
        self._progress(beat)
        if beat.report is not None:
            self._queue.note(self._job, beat.path, beat.stage, written(beat.report))
        elif beat.stage != "queued" and time.monotonic() > self._next:
            self._queue.note(self._job, beat.path, beat.stage, "", beat.step, beat.steps)
            self._next = time.monotonic() + _SECONDS
