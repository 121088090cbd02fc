"""`rag audit`: who did what with a library, and whether the log of it is as it was written."""

from __future__ import annotations

import getpass
import re
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from rag import json_output
from rag.cli import display
from rag.cli.options import JsonFlag, LibraryFlag, VerboseFlag, folder_settings
from rag.cli.terminal import visible
from rag.errors import UsageError
from rag.server.audit import Audit

app = typer.Typer(no_args_is_help=True, help="The audit log: who did what, and no change unseen.")

_HEAD = re.compile(r"(\d+):([0-9a-f]{64})")


def note(library: Path, what: str, **about: object) -> None:
    """Adds what the person at this machine does to the log, where one is kept."""
    Audit(library).note(me(), what, **about)


@app.command()
def start(
    json: JsonFlag = False, library: LibraryFlag = None, verbose: VerboseFlag = False
) -> None:
    """Keep a log of this library from now on."""
    audit = Audit(folder_settings(library, verbose).library)
    audit.start(me())
    said = f"keeping {visible(str(audit.path))}; key and head lie outside the library"
    display.done(json, said, path=str(audit.path))


@app.command()
def verify(
    head: Annotated[str, typer.Option(help="A head that was noted elsewhere.")] = "",
    json: JsonFlag = False,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """Whether every entry is there as it was written; exit code 1 where not."""
    audit = Audit(folder_settings(library, verbose).library)
    noted = _HEAD.fullmatch(head)
    if head and noted is None:
        raise UsageError(f"«{head}» is no head", "rag audit head prints one")
    problem = audit.verify((int(noted[1]), noted[2]) if noted else None)
    said = visible(problem) or f"whole: {audit.head()[0]} entries were written"
    display.done(json, said, whole=not problem, problem=problem)
    if problem:
        raise typer.Exit(1)


@app.command()
def head(json: JsonFlag = False, library: LibraryFlag = None, verbose: VerboseFlag = False) -> None:
    """Number and seal of the last entry, to be noted where nobody here can change it."""
    number, seal = Audit(folder_settings(library, verbose).library).head()
    display.done(json, f"{number}:{seal}", head=f"{number}:{seal}", entries=number)


@app.command(name="list")
def list_entries(
    json: JsonFlag = False, library: LibraryFlag = None, verbose: VerboseFlag = False
) -> None:
    """The entries, oldest first."""
    entries = Audit(folder_settings(library, verbose).library).entries()
    if json:
        typer.echo(json_output.dump({"entries": [asdict(entry) for entry in entries]}))
        return
    table = Table("number", "when", "who", "what", box=None)
    for entry in entries:
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(entry.at))
        table.add_row(str(entry.number), when, visible(entry.who), visible(entry.what))
    display.out.print(table)


@app.command()
def forget(
    days: Annotated[float, typer.Option(min=0, help="Entries older than so many days go.")],
    json: JsonFlag = False,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """Take old entries off; the rest stays sealed."""
    count = Audit(folder_settings(library, verbose).library).forget(days, me())
    display.done(json, f"{count} entries taken off", taken_off=count)


def me() -> str:
    """Returns how the log names the person at this machine."""
    try:
        return f"local:{getpass.getuser()}"
    except OSError:  # a user number without a name, as in containers
        return "local"
