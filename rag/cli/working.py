"""`rag worker`: reads what is put into the queue of a library in PostgreSQL."""

from __future__ import annotations

import signal
from typing import Annotated

import typer

from rag.cli import auditing, display
from rag.cli.options import (
    EmbedAtFlag,
    LibraryFlag,
    VerboseFlag,
    folder_settings,
    stop_on_interrupt,
)
from rag.cli.progress import file_bar

OnceFlag = Annotated[bool, typer.Option("--once", help="End when nothing is left to read.")]


def worker(
    once: OnceFlag = False,
    embed_at: EmbedAtFlag = None,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """Read what `rag ingest --queue` and servers leave to workers. Any number may run."""
    from rag.library import Library

    settings = folder_settings(library, verbose, embed_at=embed_at)
    with Library.open(settings=settings) as opened, stop_on_interrupt() as stop:
        signal.signal(signal.SIGTERM, lambda *_: stop.set())  # as containers are ended
        auditing.note(settings.library, "rag worker")
        with file_bar(display.err, rest="waiting for files; Ctrl-C ends it") as beat:
            opened.work(beat, stop.is_set, once)
