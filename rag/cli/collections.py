"""`rag collection`: names for sets of documents, which a question can be limited to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag import json_output
from rag.cli import display
from rag.cli.options import JsonFlag, LibraryFlag, VerboseFlag, documents_named, open_library

if TYPE_CHECKING:
    from rag.library import Library

app = typer.Typer(no_args_is_help=True, help="Collections: names for sets of documents.")

NameArgument = Annotated[str, typer.Argument(help="The collection.")]
PathsArgument = Annotated[
    list[Path], typer.Argument(help="Documents or folders, on disk or as the library shows them.")
]


@app.command(name="list")
def list_collections(
    json: JsonFlag = False, library: LibraryFlag = None, verbose: VerboseFlag = False
) -> None:
    """Which collections there are, with the number of their documents."""
    with open_library(library, verbose) as opened:
        names = opened.collections.names()
    if json:
        rows = [{"name": name, "documents": count} for name, count in names.items()]
        typer.echo(json_output.dump({"collections": rows}))
        return
    for name, count in names.items():
        display.say(f"{count:6}  {name}")
    if not names:
        display.say("no collections yet → rag collection add NAME PATH...")


@app.command()
def add(
    name: NameArgument,
    paths: PathsArgument,
    json: JsonFlag = False,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """Put documents into a collection; it is made if there is none of that name."""
    with open_library(library, verbose) as opened:
        documents = documents_named(opened, paths)
        opened.collections.add(name, documents)
        name = opened.collections.named(name)
    said = f"{len(documents)} documents are in «{name}»"
    display.done(json, said, collection=name, documents=len(documents))


@app.command()
def remove(
    name: NameArgument,
    paths: PathsArgument,
    json: JsonFlag = False,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """Take documents out of a collection; they stay in the library."""
    with open_library(library, verbose) as opened:
        name = opened.collections.named(name)
        documents = documents_named(opened, paths)
        opened.collections.take_out(name, documents)
    said = f"{len(documents)} documents are not in «{name}»"
    display.done(json, said, collection=name, documents=len(documents))


@app.command()
def rename(
    name: NameArgument,
    new: Annotated[str, typer.Argument(help="Its new name.")],
    json: JsonFlag = False,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """Give a collection another name; conversations limited to it follow."""
    with open_library(library, verbose) as opened:
        name = opened.collections.named(name)
        opened.collections.rename(name, new)
        opened.conversations.rename_collection(name, new)
        new = opened.collections.named(new)
    display.done(json, f"«{name}» is now «{new}»", collection=new, before=name)


@app.command()
def delete(
    name: NameArgument,
    json: JsonFlag = False,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """Delete a collection; its documents stay in the library."""
    with open_library(library, verbose) as opened:
        name = opened.collections.named(name)
        opened.collections.delete(name)
    display.done(json, f"deleted «{name}»; its documents stay", deleted=name)


def fill(opened: Library, name: str, paths: list[Path]) -> None:
    """Puts what the library holds of these paths on disk into a collection."""
    below = [path.expanduser().resolve() for path in paths]
    opened.collections.add(
        name,
        [
            file.document_id
            for file in opened.files()
            if file.document_id is not None
            and any(Path(file.source).is_relative_to(path) for path in below)
        ],
    )
