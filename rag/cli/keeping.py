"""`rag backup` and `rag restore`: a library in one file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rag import backups, json_output
from rag.cli import auditing, display
from rag.cli.options import JsonFlag, LibraryFlag, VerboseFlag, load_settings
from rag.cli.terminal import visible
from rag.errors import LibraryDamaged


def backup(
    out: Annotated[Path, typer.Argument(help="The file to write.")],
    json: JsonFlag = False,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """Write the library to one file: texts, vectors, conversations, uploads, tokens, rules."""
    settings = load_settings(library, verbose)
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
    from rag.library import Library

    settings = load_settings(library, verbose)
    count = backups.restore(archive, settings.library)
    with Library.open(settings=settings) as opened:
        status = opened.status()
    if not status.consistent:
        raise LibraryDamaged(f"{archive}: {'; '.join(status.problems)}", "rag status")
    if json:
        typer.echo(json_output.dump({"parts": count, **json_output.of_status(status)}))
    else:
        display.say(f"restored {status.documents} documents, {status.chunks} passages")
