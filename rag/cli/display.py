"""What a person sees in the terminal: progress on stderr, results on stdout."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from rag import json_output
from rag.cli.terminal import SafeConsole, visible, visible_lines
from rag.config import NAMES, Settings, Trusted, shown
from rag.schema import (
    FAILURES,
    Answer,
    Block,
    DocumentInfo,
    Fallback,
    IngestReport,
    Outcome,
    Passage,
    Purge,
    Removal,
    Span,
    Status,
    Support,
)

if TYPE_CHECKING:
    from rag.library import AnswerStream

_SNIPPET, _BEFORE = 300, 100  # characters of a passage, and of those what precedes its answer
_NAMED = 5  # of many files, so many are named
_SURE = 0.5  # probability from which a search shows where a passage seems to answer
_SPACE = re.compile(r"\s+")
_FALLBACKS = {
    Fallback.STOPPED: "stopped before the language model had written a sentence with support",
    Fallback.NO_ROOM: "no passage fits into what the language model reads at a time: take another",
    Fallback.SILENT: "the language model did not find the answer in the passages",
    Fallback.UNPROVED: "what the language model wrote does not rest on these quotes: not shown",
}
_DOUBTS = {Support.PARTLY: "in part", Support.NOT_FOUND: "not in your documents"}

out = SafeConsole()
err = SafeConsole(stderr=True)


@contextlib.contextmanager
def count_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Draws a bar over (done, total)."""
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def waiting(message: str) -> contextlib.AbstractContextManager[object]:
    """Returns a spinner for what has no measure."""
    return err.status(message)


def say(line: str) -> None:
    """Prints a line as it is: without colours, and broken nowhere."""
    out.print(line, markup=False, highlight=False, soft_wrap=True)


def done(as_json: bool, line: str, **values: object) -> None:
    """Prints what a command has done: as a line, or its values as one JSON object."""
    if as_json:
        typer.echo(json_output.dump(values))
    else:
        say(line)


def show_ingest(report: IngestReport) -> None:
    """Prints the outcome of an ingest in a few lines."""
    named = sorted(report.counts().items())
    counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in named)
    out.print(f"{len(report.files)} files: {counts or 'none found'}", highlight=False)
    out.print(
        f"{report.chunks} new passages in {report.seconds.get('total', 0):.1f} s", highlight=False
    )
    for file in report.files:
        if "nearly the same as " in file.reason and file.outcome not in FAILURES:
            text = f"{visible(file.path)}: {visible(file.reason)}"
            out.print(text, style="dim", markup=False, highlight=False)
    if redacted := report.redacted():
        counts = ", ".join(f"{count} {kind}" for kind, count in redacted.items())
        out.print(f"personal data made unreadable: {counts}", highlight=False)
    _show_kept_out(report)
    if report.stopped:
        out.print("stopped; run the same command again to go on", style="yellow")
    _show_purge(report.purge)


def _show_kept_out(report: IngestReport) -> None:
    paths = [file.path for file in report.files if file.outcome is Outcome.STAYS_REMOVED]
    if paths:
        say(
            f"stays removed, as asked before: {some(paths)} → name the file, or rag ingest "
            "--again for all of them, to bring it back"
        )


def some(names: Sequence[str]) -> str:
    """Returns the first names, and how many more there are."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(map(visible, names[:_NAMED])) + more


def show_removal(removal: Removal) -> None:
    """Prints what was removed, which files went with it, and whether the text is off the disk."""
    say(f"removed: {', '.join(map(visible, removal.paths))}")
    if removal.copies:
        say(f"the library's own copy is deleted: {', '.join(map(visible, removal.copies))}")
    if len(removal.copies) < len(removal.paths):
        say("what lies in a folder stays out of its next ingests, until rag ingest --again PATH")
    _show_purge(removal.purge)


def _show_purge(purge: Purge) -> None:
    if not purge.complete:
        cause = f"the removed text is still in the library's files: {purge.reason} → "
        next_command = "it goes with the next command once that has ended, rag status for one"
        out.print(cause + next_command, style="yellow", markup=False, highlight=False)


def show_answer(answer: Answer) -> None:
    """Prints the short answer, the sentences, and the quotes that prove them."""
    if answer.short:
        out.print(answer.short, style="bold", markup=False, highlight=False)
    _show_blocks(answer.blocks)
    _show_sources(answer)
    if answer.unwritten:
        line = f"{visible(answer.unwritten)} wrote nothing: quotes answer such a question best"
        hint = 'to have it write: written_answers = "always" in rag.toml'
        out.print(f"{line}; {hint}", style="dim", markup=False, highlight=False)


def show_extractive(answer: Answer) -> None:
    """Prints the verbatim answer, before the one that a model writes."""
    out.print("word for word in your documents:", style="dim")
    show_answer(answer)
    out.print()


def show_written(stream: AnswerStream) -> None:
    """Prints what a model writes, as it comes and with its doubts, then its sources."""
    shown = 0
    for _ in stream:
        blocks = stream.blocks
        _show_blocks(blocks[shown:], end="", goes_on=shown > 0)
        shown = len(blocks)
    answer = stream.answer
    if not shown and not answer.is_extractive:
        _show_blocks(answer.blocks, end="")
    out.print()
    if answer.fallback is not None:
        out.print(_FALLBACKS[answer.fallback], style="dim")
    if not answer.is_extractive:
        text = f"{visible(answer.model)} read {answer.used} of {len(answer.passages)} passages"
        out.print(text, style="dim", markup=False)
        _show_sources(answer)


def _show_blocks(blocks: Sequence[Block], end: str = "\n", goes_on: bool = False) -> None:
    """Prints the text; how far the documents bear it out follows a doubtful sentence."""
    line = Text()
    for index, block in enumerate(blocks):
        line.append(visible_lines((block.gap if index or goes_on else "") + block.text))
        if block.support in _DOUBTS:
            line.append(f" ({_DOUBTS[block.support]})", "yellow")
    out.print(line, highlight=False, end=end, soft_wrap=True)


def _show_sources(answer: Answer) -> None:
    for conflict in answer.conflicts:
        passage = answer.passages[conflict.passage]
        out.print(
            f"the sources disagree: [{conflict.citation}] says «{conflict.said}», "
            f"{visible(passage.path)} "
            f"«{conflict.other}»: «{' '.join(conflict.quote.split())}»",
            style="yellow",
            markup=False,
            highlight=False,
        )
    if answer.struck:
        out.print(
            f"{answer.struck} of the language model's sentences left out: a figure or name that "
            "no passage holds, or the opposite of what one says",
            style="yellow",
        )
    if answer.flagged:
        out.print("a passage held hidden text or chat commands; treated as text", style="yellow")
    if answer.hidden:
        out.print(
            f"{some(answer.hidden)}: there is text in it that nobody sees; it was left out "
            "(rag ingest PATH --show prints it)",
            style="yellow",
            markup=False,
            highlight=False,
        )
    for citation in answer.citations:
        page = f", p. {citation.page}" if citation.page else ""
        out.print()
        source = f"[{citation.number}] {visible(citation.passage.path)}{page}"
        out.print(source, style="cyan", markup=False)
        quote = _one_line(citation.quote, citation.answer_span)
        out.print(Text.assemble("    «", quote, "»"), highlight=False)
    if not answer.found:
        show_passages(list(answer.passages[:3]))


def show_passages(passages: list[Passage]) -> None:
    """Prints passages: file, page, score and beginning."""
    for number, passage in enumerate(passages, start=1):
        page = f", p. {passage.page}" if passage.page else ""
        out.print()
        source = f"{number}. {visible(passage.path)}{page}  {passage.score:.2f}"
        out.print(source, style="cyan", markup=False)
        out.print(_snippet(passage), highlight=False)


def _snippet(passage: Passage) -> Text:
    """Returns the beginning of a passage, or what stands about the words in it that answer."""
    span, sure = passage.answer_span, (passage.signals.answerable or 0.0) >= _SURE
    offset = passage.chunk.start
    line = _one_line(
        passage.chunk.text, (span[0] - offset, span[1] - offset) if span and sure else None
    )
    if line.spans and line.spans[0].end > _SNIPPET:
        line = Text("…") + line[line.spans[0].start - _BEFORE :]
    line.truncate(_SNIPPET + 1, overflow="ellipsis")
    return line


def _one_line(text: str, span: Span | None) -> Text:
    """Returns `text` with its white space collapsed and the characters of `span` in bold."""
    start, end = span or (0, 0)
    parts = [visible(_SPACE.sub(" ", part)) for part in (text[:start], text[start:end], text[end:])]
    line = Text.assemble(parts[0].lstrip(), (parts[1], "bold"), parts[2])
    line.rstrip()
    return line


def show_status(status: Status, documents: list[DocumentInfo]) -> None:
    """Prints counts, health and, where given, the list of documents."""
    table = Table(show_header=False, box=None)
    rows = {
        "documents": status.documents,
        "passages": status.chunks,
        "languages": ", ".join(f"{name} {count}" for name, count in status.languages.items()),
        "files": ", ".join(f"{count} {name}" for name, count in status.files.items()),
        "embedder": status.embedder,
        "consistent": "yes" if status.consistent else "NO",
        "private": "yes" if status.private else "NO: other users of this machine can read it",
    }
    for name, value in rows.items():
        table.add_row(name, escape(visible(str(value))))
    out.print(table)
    for problem in status.problems:
        out.print(visible(problem), style="red", markup=False)
    for document in documents:
        facts = f"({document.language}, {document.chunks} passages)"
        out.print(f"{visible(document.path)}  {facts}", markup=False)


def show_settings(settings: Settings) -> None:
    """Prints the settings, their values, and where these came from."""
    table = Table("setting", "value", "from", box=None)
    for name in NAMES:
        value = visible(shown(name, getattr(settings, name)))
        table.add_row(name, escape(value), escape(visible(settings.origins[name])))
    out.print(table)
    for ignored in settings.ignored:
        out.print(str(ignored), style="yellow", markup=False, highlight=False, soft_wrap=True)


def show_trusted(trusted: Trusted) -> None:
    """Prints what is obeyed from now on, and until when."""
    lines = [f"{visible(str(trusted.path))}, sha256 {trusted.sha256}"]
    lines += [f"    {name} = {value}" for name, value in trusted.settings.items()]
    if not trusted.settings:
        lines.append("    holds nothing that needs trust")
    lines.append(f"trusted until the file changes; kept in {trusted.record}")
    for line in lines:
        out.print(line, markup=False, highlight=False, soft_wrap=True)


def show_checks(checks: list[tuple[str, bool, str]]) -> None:
    """Prints the doctor's findings: what was looked at, whether it is well, and the detail."""
    for name, well, detail in checks:
        mark = "[green]ok[/]  " if well else "[red]fail[/]"
        out.print(f"{mark} {name}: {escape(visible(detail))}", highlight=False)
