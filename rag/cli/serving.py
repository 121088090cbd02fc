"""`rag serve`, `rag mcp` and `rag tokens`: the library for other programs and for agents."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from rag import json_output
from rag.cli import display
from rag.cli.options import (
    JsonFlag,
    LibraryFlag,
    VerboseFlag,
    load_settings,
    open_library,
)
from rag.cli.terminal import visible
from rag.errors import needing
from rag.server.tokens import Scope, Tokens

tokens_app = typer.Typer(no_args_is_help=True, help="Tokens: who may ask over HTTP.")


def serve(
    host: Annotated[str, typer.Option(help="Where to listen; others need tokens.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8502,
    certificate: Annotated[Path | None, typer.Option(help="PEM file, for TLS.")] = None,
    key: Annotated[Path | None, typer.Option(help="Its private key.")] = None,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="A trusted proxy encrypts and names the host.")
    ] = False,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """The HTTP API and the OpenAI protocol, for other programs."""
    from rag.server.serve import Listening, access, run

    settings = load_settings(library, verbose)
    listening = Listening(host, port, certificate, key, behind_proxy)
    made = access(Tokens(settings.library), listening)
    display.say(f"serving {settings.library} at {listening.address}; Ctrl-C ends it")
    if made:
        display.say(f"token of this run: {made}")
        display.say(f'curl -H "Authorization: Bearer {made}" {listening.address}/api/status')
    run(settings, listening, made)


def mcp(library: LibraryFlag = None, verbose: VerboseFlag = False) -> None:
    """Tools for agents over stdin and stdout (Model Context Protocol)."""
    with needing("server", "`rag mcp`"):
        from rag.server.agents import create_agents_server

    with open_library(library, verbose) as opened:
        create_agents_server(opened).run("stdio")


@tokens_app.command(name="list")
def list_tokens(
    json: JsonFlag = False, library: LibraryFlag = None, verbose: VerboseFlag = False
) -> None:
    """Which tokens there are; their values are kept nowhere."""
    found = Tokens(load_settings(library, verbose).library).all()
    if json:
        rows = [{"name": t.name, "scope": t.scope, "created": t.created} for t in found]
        typer.echo(json_output.dump({"tokens": rows}))
        return
    table = Table("token", "scope", "created", box=None)
    for token in found:
        day = time.strftime("%Y-%m-%d", time.localtime(token.created))
        table.add_row(visible(token.name), token.scope, day)
    display.out.print(table if found else "no tokens: rag tokens create NAME")


@tokens_app.command()
def create(
    name: Annotated[str, typer.Argument(help="Whom or what it is for.")],
    scope: Annotated[Scope, typer.Option(help="What it allows.")] = Scope.READ,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """Make a token; it is shown once."""
    value = Tokens(load_settings(library, verbose).library).create(name, scope)
    typer.echo(value)


@tokens_app.command()
def revoke(
    name: Annotated[str, typer.Argument(help="As `rag tokens list` shows it.")],
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """End a token, at once and for every server of this library."""
    Tokens(load_settings(library, verbose).library).revoke(name)
    display.say(f"revoked {visible(name)}")
