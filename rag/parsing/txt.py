"""Plain text: encoding found, hard-wrapped lines joined into paragraphs again."""

from __future__ import annotations

import re

from rag.parsing.builder import TextBuilder, finish
from rag.parsing.characters import MAX_CHARACTERS, clean_characters, decode_start
from rag.parsing.file import Beat, File
from rag.parsing.lines import lines_of_text, looks_wrapped, paragraphs
from rag.schema import DocumentBlockKind, ParsedDocument

_MARK = r"(?:[•▪◦‣●■□○➢✓✔*–-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})[.)])[ \t]+(?=\S)"
_ITEM = re.compile(rf"^{_MARK}.+$", re.MULTILINE)
_LIST = re.compile(rf"(?:^{_MARK}.+(?:\n|\Z)\n?){{2,}}", re.MULTILINE)


def parse_txt(file: File, beat: Beat) -> ParsedDocument:
    """Reads a plain text file. Raises FileProblem(NO_TEXT)."""
    with file.open("rb") as stream:
        text, more = decode_start(stream, MAX_CHARACTERS)
    beat()
    builder = TextBuilder()
    add_text(builder, text)
    builder.overflow |= more
    return finish(file, builder)


def add_text(builder: TextBuilder, text: str) -> None:
    """Appends plain text to `builder`; the items of lists become blocks."""
    text = clean_characters(text)
    start = builder.length
    if len(text) < MAX_CHARACTERS and looks_wrapped(text):
        for paragraph in paragraphs(lines_of_text(text)):
            builder.add(paragraph.text, paragraph.separator)
    else:
        builder.add(text)
    _mark_items(builder, start)


def _mark_items(builder: TextBuilder, start: int) -> None:
    """Makes blocks of the lines from `start` on that are items of a list, of two at the least."""
    written = builder.text()
    for group in _LIST.finditer(written, start):
        for item in _ITEM.finditer(written, group.start(), group.end()):
            builder.block(item.start(), item.end(), DocumentBlockKind.LIST_ITEM, 1)
