"""`rag serve`, `rag mcp`, `rag tokens` and `rag access`: the library for others and for agents."""

from __future__ import annotations

import time
from dataclasses import asdict
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
    folder_settings,
)
from rag.cli.terminal import visible
from rag.errors import needing
from rag.server.access import Access
from rag.server.tokens import Scope, Tokens

tokens_app = typer.Typer(no_args_is_help=True, help="Tokens: who may ask over HTTP.")
access_app = typer.Typer(no_args_is_help=True, help="Access: which folders are open to whom.")

WhoArgument = Annotated[str, typer.Argument(help="A user, @GROUP, or @everyone.")]
PathArgument = Annotated[str, typer.Argument(help="As the library shows it; * is all of it.")]


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

    settings = folder_settings(library, verbose)
    listening = Listening(host, port, certificate, key, behind_proxy)
    made = access(Tokens(settings.library), listening, bool(settings.oidc_issuer))
    display.say(f"serving {settings.library} at {listening.address}; Ctrl-C ends it")
    if made:
        display.say(f"token of this run: {made}")
        display.say(f'curl -H "Authorization: Bearer {made}" {listening.address}/api/status')
    run(settings, listening, made)


def mcp(library: LibraryFlag = None, verbose: VerboseFlag = False) -> None:
    """Tools for agents over stdin and stdout (Model Context Protocol)."""
    with needing("server", "`rag mcp`"):
        from rag.library import Library
        from rag.server.agents import create_agents_server

    with Library.open(settings=folder_settings(library, verbose)) as opened:
        create_agents_server(opened).run("stdio")


@tokens_app.command(name="list")
def list_tokens(
    json: JsonFlag = False, library: LibraryFlag = None, verbose: VerboseFlag = False
) -> None:
    """Which tokens there are; their values are kept nowhere."""
    found = Tokens(folder_settings(library, verbose).library).all()
    if json:
        rows = [
            {
                "name": t.name,
                "user": t.holder,
                "scope": t.scope,
                "created": t.created,
                "expires": t.expires or None,
            }
            for t in found
        ]
        typer.echo(json_output.dump({"tokens": rows}))
        return
    table = Table("token", "user", "scope", "created", "ends", box=None)
    for token in found:
        days = (
            time.strftime("%Y-%m-%d %H:%M", time.localtime(at)) if at else "lasts"
            for at in (token.created, token.expires)
        )
        table.add_row(visible(token.name), visible(token.holder), token.scope, *days)
    display.out.print(table if found else "no tokens: rag tokens create NAME")


@tokens_app.command()
def create(
    name: Annotated[str, typer.Argument(help="Whom or what it is for.")],
    scope: Annotated[Scope, typer.Option(help="What it allows.")] = Scope.READ,
    user: Annotated[str, typer.Option(help="Whose rights it has; the token's name.")] = "",
    json: JsonFlag = False,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """Make a token; it is shown once."""
    value = Tokens(folder_settings(library, verbose).library).create(name, scope, user)
    display.done(json, value, name=name, scope=scope, token=value)


@tokens_app.command()
def revoke(
    name: Annotated[str, typer.Argument(help="As `rag tokens list` shows it.")],
    json: JsonFlag = False,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """End a token, at once and for every server of this library."""
    Tokens(folder_settings(library, verbose).library).revoke(name)
    display.done(json, f"revoked {visible(name)}", revoked=name)


@access_app.command(name="list")
def list_access(
    json: JsonFlag = False, library: LibraryFlag = None, verbose: VerboseFlag = False
) -> None:
    """Which folders are open to whom, and who belongs to which group."""
    rules = Access(folder_settings(library, verbose).library).rules()
    if json:
        typer.echo(json_output.dump(asdict(rules)))
        return
    table = Table("who", "reads", "members", "may", box=None)
    for who in sorted({*rules.opened, *rules.scopes, *("@" + name for name in rules.groups)}):
        members = rules.groups.get(who.removeprefix("@"), ()) if who.startswith("@") else ()
        paths = "\n".join(map(visible, rules.opened.get(who, ()))) or "nothing"
        may = rules.scopes.get(who, "")
        table.add_row(visible(who), paths, visible(" ".join(members)), may)
    all_read = "no rules: whoever has a token reads all; rag access allow WHO PATH"
    display.out.print(table if rules.opened or rules.groups or rules.scopes else all_read)


@access_app.command()
def allow(
    who: WhoArgument,
    path: PathArgument,
    json: JsonFlag = False,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """Open a folder or file; from the first rule on nobody reads what no rule opens."""
    Access(folder_settings(library, verbose).library).allow(who, path)
    display.done(json, f"{visible(path)} is open to {visible(who)}", who=who, opened=path)


@access_app.command()
def deny(
    who: WhoArgument,
    path: PathArgument,
    json: JsonFlag = False,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """Take a rule back, at once and for every server of this library."""
    Access(folder_settings(library, verbose).library).deny(who, path)
    said = f"{visible(path)} is not open to {visible(who)} any more"
    display.done(json, said, who=who, closed=path)


@access_app.command()
def grant(
    who: WhoArgument,
    scope: Annotated[Scope, typer.Argument(help="read takes the others back.")],
    json: JsonFlag = False,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """Let who signs in write, or administer; with admin they read all."""
    Access(folder_settings(library, verbose).library).grant(who, scope)
    display.done(json, f"{visible(who)} may {scope}", who=who, scope=scope)


@access_app.command()
def group(
    name: Annotated[str, typer.Argument(help="Its name.")],
    users: Annotated[list[str] | None, typer.Argument(help="Its users; none ends it.")] = None,
    json: JsonFlag = False,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """Say who belongs to a group."""
    Access(folder_settings(library, verbose).library).set_group(name, users or [])
    said = f"@{visible(name.removeprefix('@'))}: {visible(' '.join(users or [])) or 'nobody'}"
    display.done(json, said, group=name.removeprefix("@"), users=sorted(set(users or [])))
