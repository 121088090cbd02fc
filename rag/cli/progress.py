"""The bar of an ingest in the terminal: files, pages and passages a second, time left, trouble.

Where stderr is no terminal nothing moves: failures alone are printed, as they happen.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)

from rag.cli.terminal import visible
from rag.schema import FAILURES, FileReport
from rag.schema import Progress as Beat


class Rate:
    """Pages and passages that have been stored, and how many that is a second."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._start: float | None = None
        self.pages = 0
        self.passages = 0

    def take(self, beat: Beat) -> None:
        """Counts a step; the time runs from the first file that is new."""
        if self._start is None and beat.report is None:
            self._start = self._clock()
        if beat.report is not None:
            self.pages += beat.report.pages
            self.passages += beat.report.chunks

    def __str__(self) -> str:
        if self._start is None or not self.passages:
            return ""
        seconds = max(self._clock() - self._start, 1e-3)
        parts = [(self.pages, "pages/s"), (self.passages, "passages/s")]
        return " · ".join(f"{number / seconds:.1f} {name}" for number, name in parts if number)


@contextlib.contextmanager
def file_bar(console: Console, rest: str = "") -> Iterator[Callable[[Beat], None]]:
    """Draws a bar over files that names the one in hand; prints failures as they happen.

    `rest` is shown when all files are done, where more may come.
    """
    columns = (
        SpinnerColumn(),
        MofNCompleteColumn(),
        BarColumn(bar_width=24),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[rate]}", markup=False),
        TextColumn("{task.description}", markup=False),
    )
    rate = Rate()
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=None, rate="")

        def show(beat: Beat) -> None:
            rate.take(beat)
            resting = rest and beat.done == beat.total
            text = rest if resting else visible(f"{beat.stage} {beat.path}")
            bar.update(task, completed=beat.done, total=beat.total, description=text, rate=rate)
            if beat.report and beat.report.outcome in FAILURES:
                _print_failure(bar.console, beat.report)

        yield show


def _print_failure(console: Console, report: FileReport) -> None:
    text = escape(visible(f"{report.path}: {report.reason}"))
    console.print(f"[yellow]{report.outcome}[/] {text}")
