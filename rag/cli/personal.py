"""`rag privacy`: personal data in a library, by document and kind; old conversations that go."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from rag import json_output, personal_data
from rag.cli import auditing, display
from rag.cli.options import JsonFlag, LibraryFlag, VerboseFlag, open_library
from rag.cli.terminal import visible
from rag.server.audit import Audit

app = typer.Typer(no_args_is_help=True, help="Privacy: personal data, and what is to be forgotten.")

_MISSED = "names and postal addresses are found by rules and lists: some are missed"


@app.command()
def report(
    json: JsonFlag = False, library: LibraryFlag = None, verbose: VerboseFlag = False
) -> None:
    """Where personal data stands, by document and kind; its text is not printed."""
    rows = []
    with open_library(library, verbose) as opened:
        auditing.note(opened.settings.library, "rag privacy report")
        for info in opened.documents():
            document = opened.document(info.id)
            found = personal_data.find(document.text) if document else []
            if document and found:
                places = [
                    {
                        "kind": one.kind,
                        "start": one.start,
                        "end": one.end,
                        "page": document.page_at(one.start),
                    }
                    for one in found
                ]
                kinds = dict(Counter(one.kind for one in found))
                rows.append({"id": info.id, "path": info.path, "kinds": kinds, "found": places})
    if json:
        typer.echo(json_output.dump({"documents": rows, "not_looked_for": []}))
        return
    table = Table("document", *personal_data.KINDS, box=None)
    for row in rows:
        counts = dict(row["kinds"])  # type: ignore[call-overload]
        numbers = [str(counts.get(kind, "")) for kind in personal_data.KINDS]
        table.add_row(visible(str(row["path"])), *numbers)
    display.out.print(table if rows else "none of these kinds was found")
    display.say(_MISSED)


@app.command()
def forget(
    days: Annotated[
        float | None, typer.Option(min=0, help="Conversations unchanged so long go.")
    ] = None,
    json: JsonFlag = False,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """Delete everybody's old conversations; without --days all that the settings keep_… say.

    Nothing of them is left on the disk.
    """
    from rag.server import retention

    with open_library(library, verbose) as opened:
        auditing.note(opened.settings.library, "rag privacy forget", days=days)
        if days is None:
            audit = Audit(opened.settings.library)
            gone = retention.forget_old(opened, audit, auditing.me())
        else:
            gone = retention.Forgotten(opened.conversations.forget_old(days))
    said = ", ".join(f"{count} {what.replace('_', ' ')}" for what, count in asdict(gone).items())
    display.done(json, f"deleted: {said}", deleted=gone.conversations, **asdict(gone))
