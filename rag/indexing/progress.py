"""The progress of an ingest while it runs, and its report in the end."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

from rag.schema import FAILURES, FileReport, IngestReport, Progress

OnProgress = Callable[[Progress], None]

POLL_SECONDS = 0.1  # between two looks at what others work on: a person sees no delay


class Pace:
    """How many pages and passages have been stored, and since when: from the first new file on."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.pages = self.passages = 0
        self._clock = clock
        self._start: float | None = None
        self._before = self._done = self._total = 0  # files done before the first new one, and now

    def take(self, progress: Progress) -> None:
        """Counts one step of an ingest."""
        self._done, self._total = progress.done, progress.total
        if progress.report is not None:
            self.pages += progress.report.pages
            self.passages += progress.report.chunks
        elif self._start is None:
            self._start, self._before = self._clock(), progress.done

    @property
    def seconds(self) -> float:
        """Returns the seconds since the first new file; 0 as long as nothing has been stored."""
        if self._start is None or not self.passages:
            return 0.0
        return max(self._clock() - self._start, 1e-3)

    @property
    def seconds_left(self) -> float:
        """Returns the seconds that the other files take at the same pace."""
        return (self._total - self._done) * self.seconds / max(self._done - self._before, 1)


class ProgressReporter:
    """Passes progress on and counts, all in the thread of the ingest."""

    def __init__(self, progress: OnProgress) -> None:
        self._progress = progress
        self._reports: list[FileReport] = []
        self._chunks = 0
        self.total = 0
        self.seconds = dict.fromkeys(("reading", "embedding", "storing", "total"), 0.0)

    @property
    def files_done(self) -> int:
        """Returns the number of files of which it is known what became of them."""
        return len(self._reports)

    def report_stage(self, path: str, stage: str, step: int = 0, steps: int = 0) -> None:
        """Says that a file has reached a stage: queued, reading, embedding; and how far it is."""
        done = len(self._reports)
        self._progress(Progress(done, self.total, path, stage, step=step, steps=steps))

    def report_file(self, report: FileReport) -> None:
        """Says what became of a file; its chunks, if any, have just been stored."""
        self._reports.append(report)
        self._chunks += report.chunks
        stage = "failed" if report.outcome in FAILURES else "ready"
        done = min(len(self._reports), self.total)  # files that are gone are reported too
        self._progress(Progress(done, self.total, report.path, stage, report))

    def result(self, stopped: bool) -> IngestReport:
        """Returns the report of the whole run."""
        return IngestReport(tuple(self._reports), self._chunks, dict(self.seconds), stopped)

    @contextlib.contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        """Adds the seconds spent inside to a stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] += time.perf_counter() - start
