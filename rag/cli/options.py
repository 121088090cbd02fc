"""What all commands share: the common flags, the library they open, Ctrl-C that stops gently."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli import display
from rag.cli.terminal import log_to_stderr
from rag.config import Settings, load
from rag.errors import UsageError
from rag.schema import DocumentInfo, Filters
from rag.system.telemetry import stay_offline

if TYPE_CHECKING:
    from rag.library import Library

before_command: ContextVar[tuple[str | None, bool]] = ContextVar("flags", default=(None, False))
"""The common flags may stand before the command too."""

LibraryFlag = Annotated[
    str | None,
    typer.Option("--library", help="Folder of the library, or postgresql://…", show_default=".rag"),
]
VerboseFlag = Annotated[bool, typer.Option("--verbose", "-v", help="Say more on stderr.")]
EmbedAtFlag = Annotated[
    str | None,
    typer.Option("--embed-at", help="A server that embeds the passages, http…/v1 (OpenAI)."),
]
OnlyFlag = Annotated[
    list[Path] | None,
    typer.Option("--only", help="A document or a folder to look in; may be repeated."),
]
CollectionFlag = Annotated[
    list[str] | None,
    typer.Option("--collection", help="A collection to look in; may be repeated."),
]
JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def common_flags(library: str | None, verbose: bool) -> tuple[str | None, bool]:
    """Returns the common flags, wherever they stood: after the command they win."""
    before = before_command.get()
    return before[0] if library is None else library, verbose or before[1]


def load_settings(library: str | None, verbose: bool, **flags: object) -> Settings:
    """Returns the settings of all layers; `flags` by the names of settings. Raises UsageError."""
    library, verbose = common_flags(library, verbose)
    stay_offline()
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    log_to_stderr(logging.INFO if verbose else logging.WARNING)
    return load({"library": library, **flags})


def named_path(text: str) -> Path:
    """Returns a path that somebody named. Raises BadParameter for "", the working directory."""
    if not text:
        raise typer.BadParameter("a path is empty; «.» is this folder")
    return Path(text)


def folder_settings(library: str | None, verbose: bool, **flags: object) -> Settings:
    """Returns the settings for a command that needs the library's folder itself.

    Raises UsageError where a server is named instead.
    """
    settings = load_settings(library, verbose, **flags)
    if of_server(settings):
        raise UsageError(
            f"this needs the library's folder, and {settings.server} is a server",
            "--library DIR, or unset RAG_SERVER",
        )
    return settings


def of_server(settings: Settings) -> bool:
    """Tells whether the library of a server is meant: one is named, and no flag names a folder."""
    flagged = "flag" in (settings.origins["library"], settings.origins["database"])
    return bool(settings.server) and not flagged


@contextmanager
def open_library(library: str | None, verbose: bool, **flags: object) -> Iterator[Library]:
    """Opens the library that the flags and settings name, and closes it behind the block.

    It is the one of a server where the settings name one and no flag names a folder.
    """
    from rag.library import Library

    settings = load_settings(library, verbose, **flags)
    if of_server(settings):
        from rag.remote import RemoteLibrary

        with RemoteLibrary(settings) as held:
            yield held
        return
    with Library.open(settings=settings) as opened:
        yield opened


def filters_of(
    library: Library, only: list[Path] | None, collections: list[str] | None = None
) -> Filters | None:
    """Returns what `--only` and `--collection` limit a question to; None where none is given.

    A path is one on disk or one as the library shows it. Raises UsageError for an unknown one.
    """
    if not only and not collections:
        return None
    documents = library.documents() if only else []
    return Filters(
        paths=tuple(shown for path in only or () for shown in _shown(documents, path)),
        collections=tuple(map(library.collections.named, collections or ())),
    )


def documents_named(library: Library, paths: list[Path]) -> list[int]:
    """Returns the ids of the documents at these paths, on disk or as the library shows them.

    Raises UsageError for a path that holds none.
    """
    return [info.id for info in library.documents(filters_of(library, paths))]


def _shown(documents: list[DocumentInfo], path: Path) -> list[str]:
    if path.parts and any(PurePath(info.path).is_relative_to(path) for info in documents):
        return [path.as_posix()]
    there = path.expanduser().absolute()
    below = [info.path for info in documents if PurePath(info.source).is_relative_to(there)]
    if not below:
        raise UsageError(
            f"{path} holds no document of the library", "rag status --verbose lists the files"
        )
    return below


@contextmanager
def stop_on_interrupt(stop: threading.Event | None = None) -> Iterator[threading.Event]:
    """Makes Ctrl-C set `stop`, which ends after the batch in hand; a second one leaves at once."""
    stop = stop or threading.Event()

    def on_interrupt(*_: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        display.err.print("finishing the batch in hand; Ctrl-C again leaves at once")

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
