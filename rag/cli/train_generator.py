"""`rag train generator`: what a language model learns of a library's own documents."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from rag import json_output
from rag.cli import display
from rag.cli.options import JsonFlag, LibraryFlag, open_library
from rag.cli.train import SeedFlag, learning_curve, ready


def generator(
    library: LibraryFlag = None,
    steps: Annotated[int, typer.Option(min=1, help="Of one question each.")] = 200,
    questions: Annotated[int, typer.Option(min=1, help="Made of the documents, at most.")] = 200,
    roll_back: Annotated[bool, typer.Option(help="Take away what was learnt.")] = False,
    seed: SeedFlag = 1,
    json: JsonFlag = False,
) -> None:
    """Teach the configured GGUF model the form of answers on a library's own documents.

    What it learnt is kept only where it answers documents that it has not seen better.
    """
    from rag.library import adapters, shop

    # the library itself needs no language model: it would be loaded twice
    with open_library(library, False, generator="extractive") as opened:
        settings = opened.settings
        if roll_back:
            gone = adapters.forget(settings.library)
            display.done(json, f"removed: {gone} adapters", removed=gone)
            return
        ready(settings.library)
        from rag.training.raft_recipe import train_generator

        model = shop.Models(settings.models).get(settings.generator_model)
        gate = train_generator(opened, model, steps, questions, seed, learning_curve())
    if json:
        typer.echo(json_output.dump({**asdict(gate), "accepted": gate.accepted}))
        return
    before, after = gate.before, gate.after
    verdict = "kept" if gate.accepted else "not kept: it is no better"
    display.say(
        f"{gate.held_back} questions held back: right {before.right} → {after.right}, "
        f"wrong {before.wrong} → {after.wrong}: {verdict}"
    )
