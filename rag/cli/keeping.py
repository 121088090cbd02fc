"""`rag remove`, `rag backup` and `rag restore`: what is to go, and what is to be kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rag import json_output
from rag.cli import auditing, display
from rag.cli.options import JsonFlag, LibraryFlag, VerboseFlag, folder_settings, open_library
from rag.cli.terminal import visible
from rag.errors import LibraryDamaged


def backup(
    out: Annotated[Path, typer.Argument(help="The file to write.")],
    json: JsonFlag = False,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """Write the library to one file: texts, vectors, conversations, uploads, tokens, rules."""
    from rag import backups

    settings = folder_settings(library, verbose)
    auditing.note(settings.library, "rag backup")
    count = backups.backup(settings.library, out)
    if json:
        size = out.stat().st_size
        typer.echo(json_output.dump({"path": str(out), "parts": count, "bytes": size}))
    else:
        display.say(f"{visible(str(out))}: {out.stat().st_size / 1e6:.1f} MB, {count} parts")


def restore(
    archive: Annotated[Path, typer.Argument(help="What `rag backup` wrote.")],
    json: JsonFlag = False,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """Put a backup into an empty folder, and check that it can be asked."""
    from rag import backups
    from rag.library import Library

    settings = folder_settings(library, verbose)
    count = backups.restore(archive, settings.library)
    with Library.open(settings=settings) as opened:
        status = opened.status()
    if not status.consistent:
        raise LibraryDamaged(f"{archive}: {'; '.join(status.problems)}", "rag status")
    if json:
        typer.echo(json_output.dump({"parts": count, **json_output.of_status(status)}))
    else:
        display.say(f"restored {status.documents} documents, {status.chunks} passages")


def remove(
    paths: Annotated[list[Path], typer.Argument(help="Paths on disk or as the library shows.")],
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
