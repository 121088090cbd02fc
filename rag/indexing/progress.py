"""The progress of an ingest while it runs, and its report in the end."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

from rag.schema import FAILURES, FileReport, IngestReport, Progress

OnProgress = Callable[[Progress], None]


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
        """Number of files of which it is known what became of them."""
        return len(self._reports)

    def report_stage(self, path: str, stage: str) -> None:
        """Says that a file has reached a stage: queued, reading, embedding."""
        self._progress(Progress(len(self._reports), self.total, path, stage))

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
