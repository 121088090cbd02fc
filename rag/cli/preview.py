"""`rag ingest --show`: what is read of a file, page by page, and what is left out of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import typer

from rag import json_output
from rag.cli import display
from rag.cli.terminal import visible, visible_lines
from rag.config import Settings
from rag.schema import Document, DocumentBlock, FileReport, Note, NoteKind, ParsedDocument, Span

_WIDTH = 12  # of the column that names the kind of a block
_FIRST_WORDS = 80  # characters of what was left out

NOTE_WORDS = {
    NoteKind.HIDDEN_TEXT: "hidden text",
    NoteKind.HIDDEN_SHEET: "hidden sheets",
    NoteKind.HIDDEN_ROWS: "hidden rows",
    NoteKind.HIDDEN_COLUMNS: "hidden columns",
    NoteKind.DELETED_TEXT: "deleted text",
    NoteKind.RUNNING_HEADS: "heads and feet that repeat",
    NoteKind.REPEATED: "what all pages of the site share",
    NoteKind.NOT_COMPUTED: "formulas without a stored result",
    NoteKind.PICTURE: "pictures without text",
    NoteKind.EMBEDDED_FILE: "embedded files",
    NoteKind.UNREADABLE_PART: "parts that could not be read",
    NoteKind.CUT: "what is beyond the limits of a document",
    NoteKind.REDACTED: "pieces of personal data made unreadable",
}


def show(paths: Sequence[Path], settings: Settings, json: bool) -> None:
    """Prints what is read of files and folders, and stores nothing."""
    from rag.library import preview

    failures: list[bool] = []
    rows: list[json_output.Json] = []
    for report, parsed in preview(paths, settings):
        failures.append(parsed is None)
        if json:
            rows.append(_of_preview(report, parsed))
        else:
            _show_file(report, parsed)
    if json:
        typer.echo(json_output.dump({"files": rows}))
    if failures and all(failures):
        raise typer.Exit(1)


def show_notes(reports: Iterable[FileReport]) -> None:
    """Prints what was left out of files, a line a kind."""
    notes = [
        (report.path, note)
        for report in reports
        for note in report.notes
        if note.kind is not NoteKind.REDACTED  # which is told by what it was
    ]
    if notes:
        display.say("left out, or read with doubt (rag ingest PATH --show prints what was read):")
    for kind, words in NOTE_WORDS.items():
        count = sum(note.count for _, note in notes if note.kind is kind)
        files = list(dict.fromkeys(path for path, note in notes if note.kind is kind))
        if files:
            display.say(f"    {count} {words}: {display.some(files)}")


def _of_preview(report: FileReport, parsed: ParsedDocument | None) -> json_output.Json:
    row = {"path": report.path, "outcome": report.outcome, "reason": report.reason}
    if parsed is None:
        return row
    document = parsed.document
    pages: list[json_output.Json] = []
    for block in document.stretches():
        page = document.page_at(block.start)
        if not pages or pages[-1]["page"] != page:
            pages.append({"page": page, "blocks": []})
        pages[-1]["blocks"].append(_of_block(document, block))
    notes = [json_output.of_note(note) for note in document.notes]
    return {**row, "title": document.title, "notes": notes, "pages": pages}


def _of_block(document: Document, block: DocumentBlock) -> json_output.Json:
    return {
        "kind": block.kind,
        "level": block.level,
        "start": block.start,
        "end": block.end,
        "text": document.text[block.start : block.end],
        "cells": [
            {
                "text": document.text[cell.start : cell.end],
                "headers": [_words(document, header) for header in cell.headers],
            }
            for cell in block.cells
        ],
    }


def _show_file(report: FileReport, parsed: ParsedDocument | None) -> None:
    reason = f": {visible(report.reason)}" if report.reason else ""
    display.out.print()
    display.out.print(
        f"{visible(report.path)}  {report.outcome}{reason}", style="bold", markup=False
    )
    if parsed is None:
        return
    document = parsed.document
    for note in document.notes:
        display.say(f"left out     {_of_note(note)}")
    last = None
    for block in document.stretches():
        page = document.page_at(block.start)
        if page != last:
            display.out.print(f"page {page}", style="cyan", markup=False, highlight=False)
            last = page
        _show_block(document, block)


def _show_block(document: Document, block: DocumentBlock) -> None:
    kind = block.kind + (f" {block.level}" if block.level else "")
    text = visible_lines(document.text[block.start : block.end])
    lines = text.splitlines() or [""]
    display.say("\n".join(f"{name:<{_WIDTH}} {line}" for name, line in _labelled(kind, lines)))
    for cell in block.cells:
        headers = " › ".join(_words(document, header) for header in cell.headers)
        if headers:
            value = _words(document, (cell.start, cell.end))
            display.say(f"{'':<{_WIDTH}}     {visible(headers)} = {visible(value)}")


def _labelled(kind: str, lines: Sequence[str]) -> list[tuple[str, str]]:
    """Returns the lines of a block, the first one with its kind."""
    return [(kind if number == 0 else "", line) for number, line in enumerate(lines)]


def _of_note(note: Note) -> str:
    where = f" ({visible(note.where)})" if note.where else ""
    text = visible(note.text)
    cut = f"{text[:_FIRST_WORDS]}…" if len(text) > _FIRST_WORDS else text
    return f"{note.count} {NOTE_WORDS[note.kind]}{where}" + (f": «{cut}»" if cut else "")


def _words(document: Document, span: Span) -> str:
    return " ".join(document.text[slice(*span)].split())
