"""`rag ask --each-document` and `--compare`: the same questions to several documents."""

from __future__ import annotations

from collections.abc import Sequence
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
from rag.schema import Answer, Citation, Filters

if TYPE_CHECKING:
    from rag.library import Library
    from rag.side_by_side import Difference, Row

_LONGEST = 160  # characters of an answer in the terminal: the CSV file holds all of it
_QUOTED = 300  # characters of a quote beside another


def ask_each(
    library: Library,
    questions: Sequence[str],
    filters: Filters | None,
    out: Path | None,
    as_json: bool,
    compare: bool = False,
) -> None:
    """Asks every document by itself; prints the table, or JSON, and writes CSV to `out`.

    With `compare` it is said besides what each document says otherwise than the first one. Ctrl-C
    stops after the answer in hand; what was answered by then is shown. Raises UsageError for a file
    that cannot be written, and where fewer than two documents are compared.
    """
    from rag import side_by_side

    paths = filters.paths if filters else ()
    documents = side_by_side.selected(library.documents(filters), paths)
    if compare and len(documents) < 2:
        advice = "rag ask QUESTION --compare --only ONE --only OTHER"
        raise UsageError("two documents or more are compared", advice)
    with stop_on_interrupt() as stop, display.count_bar("answers") as show:
        rows = side_by_side.ask_each(library, documents, questions, filters, stop.is_set, show)
    if out is not None:
        _write(out, side_by_side.as_csv(rows, questions))
    found = [list(side_by_side.differences(rows, i)) for i in range(len(questions)) if rows]
    found = found if compare else []
    if as_json:
        typer.echo(json_output.dump(_as_json(rows, len(documents), found)))
        return
    _show(rows, questions)
    for question, differences in zip(questions, found, strict=False):
        _show_differences(question, differences)
    display.say(f"{len(rows)} of {len(documents)} documents asked")


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text, encoding="utf-8-sig", newline="")  # as spreadsheets expect
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}", "check the path") from error


def _show(rows: Sequence[Row], questions: Sequence[str]) -> None:
    from rag.side_by_side import cited, said

    table = Table("document", *(escape(visible(question)) for question in questions))
    for row in rows:
        cells = []
        for answer in row.answers:
            page = next((c.page for c in cited(answer) if c.page), None)
            cells.append(_short(said(answer), _LONGEST) + (f" (p. {page})" if page else ""))
        table.add_row(escape(visible(row.document.path)), *cells)
    display.out.print(table)


def _show_differences(question: str, differences: Sequence[Difference]) -> None:
    for one in differences:
        pair = f"{visible(one.first.path)} → {visible(one.other.path)}"
        verdict = (
            "the same"
            if one.same
            else "; ".join(f"{a or '–'} → {b or '–'}" for a, b in one.changes)
        )
        verdict = verdict or (
            "not in both" if None in (one.before, one.after) else "in other words"
        )
        display.out.print(escape(f"{visible(question)}  {pair}: {visible(verdict)}"))
        for citation in () if one.same else (one.before, one.after):
            if citation is not None:
                display.out.print(f"  {_place(citation)}: «{_short(citation.quote, _QUOTED)}»")


def _place(citation: Citation) -> str:
    page = f", p. {citation.page}" if citation.page else ""
    return escape(visible(citation.passage.path)) + page


def _short(text: str, longest: int) -> str:
    text = " ".join(text.split())
    return escape(visible(text if len(text) <= longest else text[:longest].rstrip() + "…"))


def _as_json(
    rows: Sequence[Row], documents: int, found: Sequence[Sequence[Difference]]
) -> json_output.Json:
    def answers(given: Sequence[Answer | None]) -> list[json_output.Json | None]:
        return [None if answer is None else json_output.of_answer(answer) for answer in given]

    table = [{"path": row.document.path, "answers": answers(row.answers)} for row in rows]
    compared = [[_difference(one) for one in differences] for differences in found]
    return {"documents": documents, "rows": table} | ({"differences": compared} if compared else {})


def _difference(one: Difference) -> json_output.Json:
    return {
        "first": one.first.path,
        "other": one.other.path,
        "same": one.same,
        "changes": [list(change) for change in one.changes],
        "before": None if one.before is None else one.before.quote,
        "after": None if one.after is None else one.after.quote,
    }
