"""`rag ask --each-document`: the same questions to every document, as a table and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.markup import escape
from rich.table import Table

from rag import json_output
from rag.cli import display
from rag.cli.options import stop_on_interrupt
from rag.cli.terminal import visible
from rag.errors import UsageError
from rag.schema import Answer, DocumentInfo, Filters

if TYPE_CHECKING:
    from rag.library import Library

_LONGEST = 160  # characters of an answer in the terminal: the CSV file holds all of it
_NOTHING = "–"
_FORMULA = ("=", "@", "\t", "\r")  # a spreadsheet would obey what begins with these
_SIGNED = ("+", "-")


@dataclass(frozen=True, slots=True)
class Row:
    """A document with its answers, one a question."""

    document: DocumentInfo
    answers: tuple[Answer, ...]


def ask_each(
    library: Library,
    questions: Sequence[str],
    filters: Filters | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Asks every document by itself; prints the table, or JSON, and writes CSV to `out`.

    Ctrl-C stops after the answer in hand; what was answered by then is shown. Raises UsageError
    for a file that cannot be written.
    """
    documents = _selected(library.documents(), filters)
    rows: list[Row] = []
    with stop_on_interrupt() as stop, display.count_bar("documents") as show:
        for row in _rows(library, documents, questions, filters):
            rows.append(row)
            show(len(rows), len(documents))
            if stop.is_set():
                break
    if out is not None:
        _write(out, rows, questions)
    if as_json:
        typer.echo(json_output.dump(_as_json(rows, len(documents))))
        return
    _show(rows, questions)
    display.say(f"{len(rows)} of {len(documents)} documents asked")


def _selected(documents: Sequence[DocumentInfo], filters: Filters | None) -> list[DocumentInfo]:
    paths = filters.paths if filters else ()
    return [
        info
        for info in documents
        if not paths or any(f"{info.path}/".startswith(f"{path.rstrip('/')}/") for path in paths)
    ]


def _rows(
    library: Library,
    documents: Sequence[DocumentInfo],
    questions: Sequence[str],
    filters: Filters | None,
) -> Iterator[Row]:
    for info in documents:
        alone = replace(filters or Filters(), paths=(info.path,))
        answers = (library.ask(question, (), alone).answer for question in questions)
        yield Row(info, tuple(answers))


def _said(answer: Answer) -> str:
    """Returns the short answer, else the whole one on one line; a dash where nothing is found."""
    if not answer.found:
        return _NOTHING
    return " ".join((answer.short or answer.text).split())


def _source(answer: Answer) -> str:
    """Returns the quotes that prove it, each with its page."""
    quotes = []
    for citation in answer.citations if answer.found else ():
        page = f"p. {citation.page}: " if citation.page else ""
        quotes.append(f"{page}«{' '.join(citation.quote.split())}»")
    return " ".join(quotes)


def _show(rows: Sequence[Row], questions: Sequence[str]) -> None:
    table = Table("document", *(escape(visible(question)) for question in questions))
    for row in rows:
        cells = []
        for answer in row.answers:
            said = _said(answer)
            said = said if len(said) <= _LONGEST else said[:_LONGEST].rstrip() + "…"
            page = next((c.page for c in answer.citations if answer.found and c.page), None)
            cells.append(escape(visible(said + (f" (p. {page})" if page else ""))))
        table.add_row(escape(visible(row.document.path)), *cells)
    display.out.print(table)


def _write(out: Path, rows: Sequence[Row], questions: Sequence[str]) -> None:
    try:
        with out.open("w", encoding="utf-8-sig", newline="") as stream:  # as spreadsheets expect
            writer = csv.writer(stream)
            heads = (name for question in questions for name in (question, "source"))
            writer.writerow(["document", *map(_harmless, heads)])
            for row in rows:
                cells = (text for a in row.answers for text in (_said(a), _source(a)))
                writer.writerow(map(_harmless, (row.document.path, *cells)))
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}", "check the path") from error


def _harmless(text: str) -> str:
    """Returns a cell that no spreadsheet takes for a formula; a signed figure stays as it is."""
    formula = text.startswith(_FORMULA)
    formula = formula or (text.startswith(_SIGNED) and not text[1:2].isdigit())
    return f"'{text}" if formula else text


def _as_json(rows: Sequence[Row], documents: int) -> json_output.Json:
    return {
        "documents": documents,
        "rows": [
            {"path": row.document.path, "answers": list(map(json_output.of_answer, row.answers))}
            for row in rows
        ],
    }
