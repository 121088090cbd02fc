"""Rows of the database -> what they stand for.

SQLite notices few of the bits that flip on a disk: a row may lack a value, or hold a list that is
no JSON any more. Knows nothing about queries.
"""

from __future__ import annotations

import functools
import json
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import Any, TypeVar

from rag.errors import LibraryDamaged
from rag.schema import (
    Cell,
    Chunk,
    Document,
    DocumentBlock,
    DocumentBlockKind,
    DocumentInfo,
    Note,
    NoteKind,
    Section,
)
from rag.storage.sqlite_errors import RESTORE

T = TypeVar("T")


def _sound(make: Callable[[sqlite3.Row], T]) -> Callable[[sqlite3.Row], T]:
    """`make`, which raises LibraryDamaged for a row of which nothing can be made."""

    @functools.wraps(make)
    def made(row: sqlite3.Row) -> T:
        try:
            return make(row)
        except (IndexError, TypeError, ValueError) as error:
            what = make.__name__.replace("_", " ")
            raise LibraryDamaged(
                f"the library is damaged: {what} is unreadable", RESTORE
            ) from error

    return made


@_sound
def a_document(row: sqlite3.Row) -> Document:
    """All of a row of `documents`, and its first file's path."""
    sections = (Section(a, b, tuple(heads)) for a, b, heads in json.loads(row["sections"]))
    return Document(
        path=row["path"],
        title=row["title"],
        text=row["text"],
        language=row["language"],
        pages=tuple(json.loads(row["pages"])),
        sections=tuple(sections),
        content_hash=row["content_hash"],
        id=row["id"],
        blocks=tuple(_block(*fields) for fields in json.loads(row["blocks"] or "[]")),
        notes=tuple(
            Note(NoteKind(kind), *fields) for kind, *fields in json.loads(row["notes"] or "[]")
        ),
    )


def structure_columns(document: Document) -> dict[str, str]:
    """Returns what a document has beside its text, by column, in the order of its digest."""
    blocks = [
        [block.start, block.end, block.kind, block.level]
        + ([[[cell.start, cell.end, *cell.headers] for cell in block.cells]] if block.cells else [])
        for block in document.blocks
    ]
    columns: dict[str, list[Any]] = {
        "pages": list(document.pages),
        "sections": [[part.start, part.end, part.headings] for part in document.sections],
        "blocks": blocks,
        "notes": [[note.kind, note.where, note.count, note.text] for note in document.notes],
    }
    return {name: json.dumps(value, ensure_ascii=False) for name, value in columns.items()}


def _block(
    start: int, end: int, kind: str, level: int, cells: Sequence[Sequence[Any]] = ()
) -> DocumentBlock:
    return DocumentBlock(
        start,
        end,
        DocumentBlockKind(kind),
        level,
        tuple(Cell(first, last, tuple(map(tuple, headers))) for first, last, *headers in cells),
    )


@_sound
def an_entry_of_the_list(row: sqlite3.Row) -> DocumentInfo:
    """What a list of documents says of one."""
    return DocumentInfo(
        id=row["id"],
        path=row["path"],
        title=row["title"],
        language=row["language"],
        chunks=row["chunks"],
        pages=row["pages"],
        source=row["source"],
        suffix=PurePath(row["path"]).suffix.lower(),
    )


@_sound
def a_passage(row: sqlite3.Row) -> Chunk:
    """A row of `chunks`, in the language of its document."""
    return Chunk(
        document_id=row["document_id"],
        start=row["start"],
        end=row["end"],
        text=row["text"],
        page_first=row["page_first"],
        page_last=row["page_last"],
        headings=tuple(json.loads(row["headings"])),
        language=row["language"],
        id=row["id"],
    )
