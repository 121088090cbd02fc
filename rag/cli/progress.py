"""The bar of an ingest in the terminal: files, pages and passages a second, time left, trouble.

Where stderr is no terminal nothing moves: failures alone are printed, as they happen.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

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
from rag.schema import FAILURES, FileReport, Progress as Beat

if TYPE_CHECKING:
    from rag.library import Pace


def rate(pace: Pace) -> str:
    """Returns pages and passages a second as text; "" as long as nothing has been stored."""
    if not (seconds := pace.seconds):
        return ""
    parts = [(pace.pages, "pages/s"), (pace.passages, "passages/s")]
    return " · ".join(f"{number / seconds:.1f} {name}" for number, name in parts if number)


def within(beat: Beat) -> str:
    """Returns how far a long file is: « · page 40 of 212», or nothing."""
    noun = {"reading": "page", "embedding": "passage"}.get(beat.stage)
    return f" · {noun} {beat.step} of {beat.steps}" if noun and beat.steps > 1 else ""


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
    from rag.library import Pace

    pace = Pace()
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=None, rate="")

        def show(beat: Beat) -> None:
            pace.take(beat)
            resting = rest and beat.done == beat.total
            text = rest if resting else visible(f"{beat.stage} {beat.path}{within(beat)}")
            done, total = beat.done, beat.total
            bar.update(task, completed=done, total=total, description=text, rate=rate(pace))
            if beat.report and beat.report.outcome in FAILURES:
                _print_failure(bar.console, beat.report)

        yield show


def _print_failure(console: Console, report: FileReport) -> None:
    text = escape(visible(f"{report.path}: {report.reason}"))
    console.print(f"[yellow]{report.outcome}[/] {text}")
