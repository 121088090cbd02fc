"""`rag ingest`: brings a library up to date once, or keeps it so with --watch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rag import json_output, scheduling
from rag.cli import auditing, collections, display, preview
from rag.cli.options import (
    EmbedAtFlag,
    JsonFlag,
    LibraryFlag,
    VerboseFlag,
    load_settings,
    named_path,
    open_library,
    stop_on_interrupt,
)
from rag.cli.progress import file_bar
from rag.schema import IngestReport

WatchFlag = Annotated[
    bool, typer.Option("--watch", help="Then keep it in sync with them until Ctrl-C.")
]

IntoFlag = Annotated[
    str | None, typer.Option("--collection", help="Put what is read into this collection.")
]

RedactFlag = Annotated[
    str | None,
    typer.Option("--redact", help="Personal data to make unreadable: KIND,… or all."),
]

QueueFlag = Annotated[
    bool | None,
    typer.Option("--queue/--no-queue", help="Leave it to `rag worker`s, or do it here."),
]

ShowFlag = Annotated[
    bool, typer.Option("--show", help="Print what is read of them, page by page; store nothing.")
]


def ingest(
    paths: Annotated[
        list[Path], typer.Argument(parser=named_path, metavar="PATH", help="Files and folders.")
    ],
    prune: Annotated[bool, typer.Option("--prune", help="Forget files that are gone.")] = False,
    retry: Annotated[
        bool, typer.Option("--retry", help="Read again what failed, even in part.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Bring back what was removed.")] = False,
    watch: WatchFlag = False,
    show: ShowFlag = False,
    collection: IntoFlag = None,
    redact: RedactFlag = None,
    queue: QueueFlag = None,
    embed_at: EmbedAtFlag = None,
    json: JsonFlag = False,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """Bring the library up to date with files and folders. Stop with Ctrl-C; nothing is lost."""
    if show:
        preview.show(paths, load_settings(library, verbose, redact=redact), json)
        return
    scheduling.step_back()
    with (
        open_library(library, verbose, redact=redact, queue=queue, embed_at=embed_at) as opened,
        stop_on_interrupt() as stop,
    ):
        auditing.note(opened.settings.library, "rag ingest", paths=len(paths))

        def done(report: IngestReport) -> None:
            if collection is not None:
                collections.fill(opened, collection, paths)
            _show(report, json)

        if watch:
            with file_bar(display.err, rest="watching; Ctrl-C ends it") as beat:
                opened.watch(paths, done, beat, stop.is_set, retry, again)
            return
        with file_bar(display.err) as beat:
            report = opened.ingest(paths, prune, beat, stop.is_set, retry, again)
        done(report)
    if report.failed and len(report.failed) == len(report.files):
        raise typer.Exit(1)


def _show(report: IngestReport, json: bool) -> None:
    if json:
        typer.echo(json_output.dump(json_output.of_ingest(report)))
    else:
        display.show_ingest(report)
        preview.show_notes(report.files)
