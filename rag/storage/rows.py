"""Rows of the database -> what they stand for.

SQLite notices few of the bits that flip on a disk: a row may lack a value, or hold a list that is
no JSON any more.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import Any, TypeVar

import numpy as np

from rag.errors import LibraryDamaged
from rag.protocols import Vectors
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


def _names_damage(what: str) -> Callable[[Callable[[Any], T]], Callable[[Any], T]]:
    """Wraps a reader of rows: one that nothing can be made of raises LibraryDamaged.

    The message names the file, and `what` of it cannot be read.
    """

    def wrap(make: Callable[[Any], T]) -> Callable[[Any], T]:
        @functools.wraps(make)
        def read(row: Any) -> T:
            try:
                return make(row)
            except (IndexError, TypeError, ValueError) as error:
                file = row["path"] or f"document {row['id']}"
                raise LibraryDamaged(
                    f"the library is damaged: {what} {file} cannot be read", RESTORE
                ) from error

        return read

    return wrap


@_names_damage("the stored text of")
def read_document(row: Any) -> Document:
    """Returns the document of a row of `documents` with its first file's `path`."""
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
        notes=read_notes(row),
    )


@_names_damage("the notes on")
def read_notes(row: Any) -> tuple[Note, ...]:
    """Returns what was left out of a document, from a row with its `notes`."""
    notes = json.loads(row["notes"] or "[]")
    return tuple(Note(NoteKind(kind), *fields) for kind, *fields in notes)


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


@_names_damage("the list entry of")
def read_info(row: Any) -> DocumentInfo:
    """Returns the list entry of a row with a column for each of its fields but `suffix`."""
    return DocumentInfo(**dict(row), suffix=PurePath(row["path"]).suffix.lower())


@_names_damage("a passage of")
def read_chunk(row: Any) -> Chunk:
    """Returns the chunk of a row of `chunks` with its document's `language` and `path`."""
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


def read_vectors(values: Sequence[Any]) -> Vectors:
    """Returns the vectors (n, dimension) of as many values: bytes, or what pgvector makes."""
    data = (value if isinstance(value, bytes) else value.to_numpy().tobytes() for value in values)
    return np.frombuffer(b"".join(data), dtype="<f4").reshape(len(values), -1)
