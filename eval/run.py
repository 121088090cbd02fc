"""Asks a library every question of a set, and what `rag eval` does with the answers.

    main(Path("eval/questions.es.jsonl"), library, out=Path("runs/today"))

writes run.json (the figures, and each question's values for later comparisons), answers.jsonl
(what was answered and what it scored) and report.html.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from eval.datasets import Dataset, Question, from_rows, load, write_corpus
from eval.judging import judge
from eval.metrics import Estimate
from eval.runs import (
    METRICS,
    Row,
    Run,
    check_gate,
    compare,
    estimates,
    groups,
    interval,
    parse_gate,
    read_values,
    save,
    summary,
)
from rag.errors import UsageError
from rag.json_output import dump
from rag.library import Library

DEPTH = 10  # passages asked of a search
DEPTH_OF_DOCUMENT_SETS = 100  # BEIR judges documents: several passages may be of the same one

Beat = Callable[[int, int], None]


def main(
    questions: Path | None,
    library: Library,
    out: Path | None = None,
    against: Path | None = None,
    fail_under: Sequence[str] = (),
    consoles: tuple[Console, Console] | None = None,
    json: bool = False,
) -> int:
    """Does what `rag eval` does; returns 1 when a gate fails, else 0.

    Without `questions` the set is made of the answers that people judged in the app.

    A set that brings its own documents (SQuAD, BEIR) is evaluated on a temporary library with
    the settings of `library`, which is left as it is. Raises UsageError for unreadable sets,
    runs and gates, before anything is asked. `consoles`: for the results, and for all else.
    `json`: the figures, the differences and the gates that failed are printed as one object.
    """
    results, console = consoles or (Console(), Console(stderr=True))
    gates = [parse_gate(text) for text in fail_under]
    baseline = read_values(against) if against else None
    dataset = load(questions) if questions else _judged(library)
    run = _evaluate_with_bar(dataset, library, console)
    differences = compare(run, baseline) if baseline else {}
    failures = [text for gate in gates if (text := check_gate(run, *gate))]
    if json:
        against_it = {name: asdict(estimate) for name, estimate in differences.items()}
        said = {**summary(run), "against": against_it, "failed": failures}
        results.out(dump(said), highlight=False)
    else:
        results.print(_table(run, differences))
    if out:
        from eval.report import write_report

        save(run, out)
        write_report(run, differences, out / "report.html")
        console.print(f"written to {out}: run.json, answers.jsonl, report.html", markup=False)
    for text in failures:
        console.print(f"gate failed: {text}", style="red", markup=False)
    return 1 if failures else 0


def _judged(library: Library) -> Dataset:
    rows = library.conversations.questions()
    if not rows:
        raise UsageError(
            "no answer has been judged from which it is known what is right",
            "rag chat, and judge answers with the thumbs below them",
        )
    return from_rows("feedback", rows)


def evaluate(
    library: Library, dataset: Dataset, depth: int = DEPTH, beat: Beat | None = None
) -> Run:
    """Asks every question in turn. `beat` is told (done, total) after each."""
    started = time.perf_counter()
    rows = []
    for number, question in enumerate(dataset.questions, start=1):
        rows.append(_ask(library, question, depth))
        if beat:
            beat(number, len(dataset.questions))
    return Run(
        dataset.name,
        datetime.now(UTC).isoformat(timespec="seconds"),
        time.perf_counter() - started,
        {name: estimates(group) for name, group in groups(rows).items()},
        tuple(rows),
    )


def _ask(library: Library, question: Question, depth: int) -> Row:
    started = time.perf_counter()
    stream = library.ask(question.text, history=question.history)
    for _ in stream:
        pass
    answer = stream.answer
    seconds = time.perf_counter() - started
    # In a conversation the search is judged on the question freed of its history.
    searched = answer.question.standalone
    passages = tuple(library.search(searched, k=depth))
    return Row(question, passages, answer, judge(question, passages, answer, seconds))


# ---------------------------------------------------------------- command line


def _evaluate_with_bar(dataset: Dataset, library: Library, console: Console) -> Run:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("asking", total=len(dataset.questions))

        def beat(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        if dataset.corpus is None:
            return evaluate(library, dataset, beat=beat)
        with tempfile.TemporaryDirectory(prefix="fuente-eval-") as folder:
            progress.update(task, description="reading the set's own documents")
            with _own_library(dataset, library, Path(folder)) as made:
                progress.update(task, description="asking")
                return evaluate(made, dataset, DEPTH_OF_DOCUMENT_SETS, beat)


@contextmanager
def _own_library(dataset: Dataset, library: Library, folder: Path) -> Iterator[Library]:
    """Opens a library in `folder` that holds the set's own documents."""
    documents = folder / "documents"
    count = write_corpus(dataset, documents)
    with Library.open(folder / "library", library.settings) as made:
        report = made.ingest([documents])
        if report.failed:
            first = report.failed[0]
            raise UsageError(
                f"{len(report.failed)} of {count} documents of {dataset.name} could not be read, "
                f"the first is {first.path}: {first.reason or first.outcome}",
                "remove them from the set: figures over a part would mislead",
            )
        yield made


def _table(run: Run, differences: Mapping[str, Estimate]) -> Table:
    """Returns one row per metric: all questions, each language, and the difference if asked for."""
    languages = run.languages if len(run.languages) > 1 else []
    table = Table(title=f"{run.dataset}: {len(run.rows)} questions in {run.seconds:.0f} s")
    table.add_column("metric")
    for name in ("all", *languages, *(["against"] if differences else [])):
        table.add_column(name, justify="right")
    for metric in (name for name in METRICS if name in run.figures["all"]):
        found = [run.figures[group].get(metric) for group in ("all", *languages)]
        cells = [interval(estimate) for estimate in found]
        if differences:
            cells.append(interval(differences.get(metric), sign="+"))
        table.add_row(metric, *cells)
    return table
