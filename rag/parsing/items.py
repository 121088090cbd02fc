"""Writes what the parsers of office documents find, item by item, into the text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, pairwise

from rag.parsing.builder import LINE, PARAGRAPH, TextBuilder
from rag.parsing.characters import clean_line
from rag.parsing.table_looks import Covered
from rag.parsing.table_rows import add_table
from rag.schema import Document, DocumentBlockKind, NoteKind

TITLE = 0
"""The level of a document's title; headings count from 1."""

_PAGE_NUMBER = re.compile(
    r"\W*(p[áa]g(ina|\.)?|page|hoja|folio)?\W*(\d+|[ivxl]+)?\W*((de|of)\W*\d*)?\W*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Item:
    """A paragraph (`kind` None), a heading, a list item, a note, …, a table, or a whole document.

    `level` is `TITLE` for the document's title, otherwise the depth of a heading or list item.
    """

    text: str = ""
    kind: DocumentBlockKind | None = None
    level: int = 0
    rows: list[list[str]] | None = None
    headers: int | None = None  # rows that name the columns; None where the file does not say
    bold: bool = False  # a short line all in bold
    document: Document | None = None

    @property
    def line(self) -> str:
        """Returns its words in one line, for where there is no room for a table."""
        rows = ([c for c in row if c and not isinstance(c, Covered)] for row in self.rows or ())
        return self.text or "; ".join(" | ".join(row) for row in rows if row)


class ItemWriter:
    """Writes items into `builder`; `title` fills with the first one that is the title."""

    def __init__(self, builder: TextBuilder) -> None:
        self.builder = builder
        self.title = ""
        self._page_lines: set[str] = set()

    def write(self, items: Iterable[Item], bold_headings: bool = False) -> None:
        """Writes items; notes wait for the end of the list or the table that refers to them.

        `bold_headings`: bold lines are headings, because the document has no styles for them.
        """
        notes: list[Item] = []
        before = Item()
        for item, following in pairwise(chain(items, [Item()])):
            if item.kind is DocumentBlockKind.NOTE:
                notes.append(item)
                continue
            if item.kind is not DocumentBlockKind.LIST_ITEM:
                self._write_notes(notes)
            if bold_headings and item.bold and not item.text.endswith((".", ",", ";")):
                self.builder.heading(item.text, 1)
            else:
                self._item(item, before, following)
            before = item
        self._write_notes(notes)

    def write_page_parts(self, items: Iterable[Item]) -> None:
        """Writes what stands at the head or the foot of pages, once, and without their numbers."""
        numbers: list[str] = []
        for item in items:
            line = clean_line(item.line)
            if line in self._page_lines:
                continue
            self._page_lines.add(line)
            if item.rows is None and _PAGE_NUMBER.fullmatch(line):
                numbers.append(line)
            else:
                self._item(Item(item.text, rows=item.rows, headers=item.headers), Item(), Item())
        self.left_out(NoteKind.RUNNING_HEADS, numbers)

    def left_out(self, kind: NoteKind, words: list[str], where: str = "") -> None:
        """Says what is left out, if anything is: one text for each thing."""
        if words:
            self.builder.note(kind, where, len(words), " … ".join(filter(None, words)))

    def _write_notes(self, notes: list[Item]) -> None:
        for note in notes:
            self.builder.add(note.text, kind=DocumentBlockKind.NOTE)
        notes.clear()

    def _item(self, item: Item, before: Item, following: Item) -> None:
        builder, kind = self.builder, item.kind
        if item.rows is not None:
            add_table(builder, item.rows, item.headers)
        elif item.document is not None:
            builder.embed(item.document, 1)
        elif kind is DocumentBlockKind.HEADING and item.level == TITLE and not self.title:
            self.title = clean_line(item.text)
            builder.append(self.title, PARAGRAPH, kind, 1)
        elif kind is DocumentBlockKind.HEADING:
            builder.heading(item.text, item.level)
        else:
            if kind is DocumentBlockKind.CAPTION and following.rows is not None:
                kind = DocumentBlockKind.TABLE_TITLE
            listed = kind is before.kind is DocumentBlockKind.LIST_ITEM
            builder.add(item.text, LINE if listed else PARAGRAPH, kind, item.level)
