"""The commands: each parses its flags, calls the library, and hands the result to be shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from rag import json_output, scheduling
from rag.cli import (
    asking,
    auditing,
    collections,
    display,
    each_document,
    ingesting,
    keeping,
    models,
    personal,
    serving,
    train,
    train_generator,
    working,
)
from rag.cli.options import (
    CollectionFlag,
    JsonFlag,
    LibraryFlag,
    OnlyFlag,
    VerboseFlag,
    before_command,
    common_flags,
    filters_of,
    load_settings,
    of_server,
    open_library,
    stop_on_interrupt,
)
from rag.cli.question_files import answer_file
from rag.config import trust_here
from rag.errors import UsageError

app = typer.Typer(
    name="rag",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
train.app.command()(train_generator.generator)
app.add_typer(train.app, name="train")
app.add_typer(models.app, name="models")
app.add_typer(serving.tokens_app, name="tokens")
app.add_typer(serving.access_app, name="access")
app.add_typer(auditing.app, name="audit")
app.add_typer(collections.app, name="collection")
app.add_typer(personal.app, name="privacy")

WrongCall: type[typer.BadParameter] = typer.BadParameter.__mro__[1]
"""What the parser of flags raises: typer has no public name for all of it."""

QuestionsFlag = Annotated[
    Path | None, typer.Option("--questions", help="A file of questions, one JSON object a line.")
]
OutFlag = Annotated[Path | None, typer.Option("--out", help="Where the answers go.")]
EachFlag = Annotated[
    bool, typer.Option("--each-document", help="Ask every document by itself; --out: CSV.")
]
CompareFlag = Annotated[
    bool, typer.Option("--compare", help="Ask the documents of --only side by side; what differs.")
]
AtOnceFlag = Annotated[
    int | None, typer.Option(min=1, help="Questions at a time, for a model on a GPU or a server.")
]


@app.callback()
def common(library: LibraryFlag = None, verbose: VerboseFlag = False) -> None:
    """Answers from your own documents, offline, with the sentence that proves them."""
    before_command.set((library, verbose))


app.command()(ingesting.ingest)
app.command()(working.worker)
app.command()(serving.serve)
app.command()(serving.mcp)
app.command()(keeping.remove)
app.command()(keeping.backup)
app.command()(keeping.restore)
app.command()(keeping.copy)


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="The question.")] = None,
    questions: QuestionsFlag = None,
    out: OutFlag = None,
    at_once: AtOnceFlag = None,
    only: OnlyFlag = None,
    collection: CollectionFlag = None,
    each: EachFlag = False,
    compare: CompareFlag = False,
    json: JsonFlag = False,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """Answer a question, or a file of questions, with verified quotes."""
    _one_of("ask", question, questions, out, alone=each or compare)
    with open_library(library, verbose, answers_at_once=at_once) as opened:
        filters = filters_of(opened, only, collection)
        if each or compare:
            rows = json_output.read_questions(questions) if questions else ()
            asked = [row["question"] for row, _ in rows] or [question or ""]
            each_document.ask_each(opened, asked, filters, out, json, compare)
            return
        if questions and out:
            together = opened.settings.answers_at_once

            def answered(row: json_output.Json, turns: Any) -> json_output.Json:
                return json_output.of_answer(opened.ask(row["question"], turns, filters).answer)

            answer_file(questions, out, answered, together)
            return
        asking.ask_one(opened, question or "", filters, json)


@app.command()
def search(
    query: Annotated[str | None, typer.Argument(help="What to look for.")] = None,
    k: Annotated[int | None, typer.Option("-k", min=1, max=1000, help="How many passages.")] = None,
    questions: QuestionsFlag = None,
    out: OutFlag = None,
    only: OnlyFlag = None,
    collection: CollectionFlag = None,
    json: JsonFlag = False,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """Find passages, without an answer."""
    _one_of("search", query, questions, out)
    with open_library(library, verbose) as opened:
        filters = filters_of(opened, only, collection)
        if questions and out:
            answer_file(
                questions,
                out,
                lambda row, _: {
                    "question": row["question"],
                    **json_output.of_passages(opened.search(row["question"], k or 100, filters)),
                },
            )
            return
        with display.waiting("searching"):
            passages = opened.search(query or "", k or 10, filters)
    if json:
        typer.echo(json_output.dump(json_output.of_passages(passages)))
    else:
        display.show_passages(passages)


@app.command()
def chat(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 8501,
    host: Annotated[str, typer.Option(help="Others only where people sign in.")] = "127.0.0.1",
    browser: Annotated[bool, typer.Option(help="Open the browser.")] = True,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """The web app, on this machine only."""
    from ui.launch import main

    settings = load_settings(library, verbose)
    if not of_server(settings):
        settings = replace(settings, server="")  # a flag names a folder all the same
    raise typer.Exit(main(settings, port, browser, host))


@app.command(name="eval")
def evaluate(
    questions: Annotated[
        Path | None, typer.Argument(help="JSONL, SQuAD JSON, or a BEIR folder.")
    ] = None,
    from_feedback: Annotated[
        bool, typer.Option("--from-feedback", help="The answers judged in the app instead.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the report.")] = None,
    against: Annotated[Path | None, typer.Option(help="run.json of an earlier run.")] = None,
    fail_under: Annotated[
        list[str] | None, typer.Option("--fail-under", help="METRIC=VALUE; may be repeated.")
    ] = None,
    json: JsonFlag = False,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """Measure search, answers, citations and abstention on a set of questions."""
    from eval.run import main

    if (questions is None) != from_feedback:
        raise UsageError("give a set of questions, or --from-feedback", "rag eval --help")
    with open_library(library, verbose) as opened:
        shown = (display.out, display.err)
        code = main(questions, opened, out, against, fail_under or [], shown, json)
    raise typer.Exit(code)


@app.command()
def status(
    json: JsonFlag = False, library: LibraryFlag = None, verbose: VerboseFlag = False
) -> None:
    """What the library holds, and whether all its parts agree."""
    with open_library(library, verbose) as opened:
        report = opened.status()
        documents = opened.documents() if common_flags(library, verbose)[1] else []
    if json:
        typer.echo(json_output.dump(json_output.of_status(report)))
    else:
        display.show_status(report, documents)
    if not report.consistent:
        raise typer.Exit(1)


@app.command()
def reindex(
    json: JsonFlag = False, library: LibraryFlag = None, verbose: VerboseFlag = False
) -> None:
    """Embed every passage again, after a change of the embedder. Ctrl-C stops; it goes on later."""
    scheduling.step_back()
    with open_library(library, verbose) as opened, stop_on_interrupt() as stop:
        with display.count_bar("embedding") as show:
            result = opened.reindex(show, stop.is_set)
        model = opened.embedder.fingerprint
    said = f"{result.total} passages embedded with {model}"
    if not result.finished:
        said = (
            f"stopped: {result.done} of {result.total} passages embedded with {model}; the library "
            "is searched with its old vectors until all are done → rag reindex"
        )
    display.done(json, said, done=result.done, total=result.total, embedder=model)


@app.command()
def config(
    trust: Annotated[
        bool, typer.Option("--trust", help="Obey this folder's rag.toml until it changes.")
    ] = False,
    json: JsonFlag = False,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """Every setting, its value, and where it came from."""
    if trust:
        trusted = trust_here()
        if json:
            typer.echo(json_output.dump(json_output.of_trusted(trusted)))
        else:
            display.show_trusted(trusted)
        return
    settings = load_settings(library, verbose)
    if json:
        typer.echo(json_output.dump(json_output.of_settings(settings)))
    else:
        display.show_settings(settings)


@app.command()
def doctor(
    place: Annotated[str | None, typer.Argument(help="A library other than --library.")] = None,
    json: JsonFlag = False,
    library: LibraryFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """Look over this machine and the library."""
    from rag.cli.doctor import examine

    checks = examine(load_settings(library if place is None else place, verbose))
    if json:
        rows = [{"check": name, "ok": well, "detail": detail} for name, well, detail in checks]
        typer.echo(json_output.dump({"checks": rows, "ok": all(row["ok"] for row in rows)}))
    else:
        display.show_checks(checks)
    if not all(well for _, well, _ in checks):
        raise typer.Exit(1)


def _one_of(
    command: str, text: str | None, questions: Path | None, out: Path | None, alone: bool = False
) -> None:
    if (text is None) == (questions is None):
        raise UsageError("give one question, or --questions FILE", f"rag {command} --help")
    if (questions is None) != (out is None) and not alone:
        advice = f"rag {command} --questions IN --out OUT"
        raise UsageError("--questions and --out go together", advice)
