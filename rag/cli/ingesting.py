"""`rag ingest`: brings a library up to date once, or keeps it so with --watch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rag import json_output, scheduling
from rag.cli import auditing, display, preview
from rag.cli.options import (
    JsonFlag,
    LibraryFlag,
    VerboseFlag,
    load_settings,
    open_library,
    stop_on_interrupt,
)
from rag.cli.progress import file_bar
from rag.schema import IngestReport

WatchFlag = Annotated[
    bool, typer.Option("--watch", help="Then keep it in sync with them until Ctrl-C.")
]

ShowFlag = Annotated[
    bool, typer.Option("--show", help="Print what is read of them, page by page; store nothing.")
]


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders.")],
    prune: Annotated[bool, typer.Option("--prune", help="Forget files that are gone.")] = False,
    retry: Annotated[bool, typer.Option("--retry", help="Read failed files again.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Bring back what was removed.")] = False,
    watch: WatchFlag = False,
    show: ShowFlag = False,
    json: JsonFlag = False,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """Bring the library up to date with files and folders. Stop with Ctrl-C; nothing is lost."""
    if show:
        preview.show(paths, load_settings(library, verbose), json)
        return
    scheduling.step_back()
    with open_library(library, verbose) as opened, stop_on_interrupt() as stop:
        auditing.note(opened.settings.library, "rag ingest", paths=len(paths))
        if watch:
            with file_bar(display.err, rest="watching; Ctrl-C ends it") as beat:
                opened.watch(
                    paths, lambda report: _show(report, json), beat, stop.is_set, retry, again
                )
            return
        with file_bar(display.err) as beat:
            report = opened.ingest(paths, prune, beat, stop.is_set, retry, again)
    _show(report, json)
    if report.failed and len(report.failed) == len(report.files):
        raise typer.Exit(1)


def _show(report: IngestReport, json: bool) -> None:
    if json:
        typer.echo(json_output.dump(json_output.of_ingest(report)))
    else:
        display.show_ingest(report)
        preview.show_notes(report.files)
