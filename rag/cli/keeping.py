"""`rag remove`, `rag backup`, `rag restore` and `rag copy`: what goes, and what is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rag import json_output
from rag.cli import auditing, display
from rag.cli.options import (
    JsonFlag,
    LibraryFlag,
    VerboseFlag,
    folder_settings,
    load_settings,
    named_path,
    open_library,
    stop_on_interrupt,
)
from rag.cli.terminal import visible
from rag.config import Settings, shown
from rag.errors import LibraryDamaged, UsageError


def backup(
    out: Annotated[Path, typer.Argument(help="The file to write.")],
    json: JsonFlag = False,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """Write the library to one file: texts, vectors, conversations, uploads, tokens, rules."""
    from rag import backups

    settings = _of_folder(folder_settings(library, verbose))
    auditing.note(settings.library, "rag backup")
    count = backups.backup(settings.library, out)
    size = out.stat().st_size
    said = f"{visible(str(out))}: {size / 1e6:.1f} MB, {count} parts"
    display.done(json, said, path=str(out), parts=count, bytes=size)


def restore(
    archive: Annotated[Path, typer.Argument(help="What `rag backup` wrote.")],
    json: JsonFlag = False,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """Put a backup into an empty folder, and check that it can be asked."""
    from rag import backups
    from rag.library import Library

    settings = _of_folder(folder_settings(library, verbose))
    count = backups.restore(archive, settings.library)
    with Library.open(settings=settings) as opened:
        status = opened.status()
    if not status.consistent:
        raise LibraryDamaged(f"{archive}: {'; '.join(status.problems)}", "rag status")
    said = f"restored {status.documents} documents, {status.chunks} passages"
    display.done(json, said, parts=count, **json_output.of_status(status))


def _of_folder(settings: Settings) -> Settings:
    """Returns the settings where they name a folder. Raises UsageError for a database."""
    if settings.database:
        raise UsageError(
            f"{shown('database', settings.database)} is a database, not a folder",
            "pg_dump saves it, and rag copy makes a folder of it",
        )
    return settings


def copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="A folder, or postgresql://…")],
    target: Annotated[str, typer.Argument(metavar="TO", help="A folder, or postgresql://…")],
    json: JsonFlag = False,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """Copy a library into a database or back, without embedding again. Goes on after a stop."""
    from rag import copying

    folder = load_settings(library, verbose).library
    with stop_on_interrupt() as stop, display.count_bar("copying") as show:
        copied = copying.copy(source, target, folder, show, stop.is_set)
    said = f"{copied.total} documents are in {shown('database', target)}"
    if not copied.finished:
        said = f"stopped: {copied.done} of {copied.total} documents; rag copy goes on with it"
    display.done(json, said, documents=copied.total, copied=copied.done)
    if not copied.finished:
        raise typer.Exit(1)


def remove(
    paths: Annotated[
        list[Path],
        typer.Argument(
            parser=named_path, metavar="PATH", help="Paths on disk or as the library shows."
        ),
    ],
    json: JsonFlag = False,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """Forget files, or all files below a folder. The files themselves stay, but for uploads."""
    with open_library(library, verbose) as opened:
        auditing.note(opened.settings.library, "rag remove", paths=len(paths))
        removal = opened.remove(paths)
    if json:
        typer.echo(json_output.dump(json_output.of_removal(removal)))
    else:
        display.show_removal(removal)
