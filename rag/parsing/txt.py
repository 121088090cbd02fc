"""Plain text: encoding found, hard-wrapped lines joined into paragraphs again.

Knows nothing about markup.
"""

from __future__ import annotations

from rag.parsing.builder import TextBuilder, finish
from rag.parsing.characters import MAX_CHARACTERS, clean_characters, decode_start
from rag.parsing.file import Beat, File
from rag.parsing.lines import lines_of_text, looks_wrapped, paragraphs
from rag.schema import ParsedDocument


def parse_txt(file: File, beat: Beat) -> ParsedDocument:
    """Read a plain text file. Raises FileProblem(NO_TEXT)."""
    with file.open("rb") as stream:
        text, more = decode_start(stream, MAX_CHARACTERS)
    beat()
    builder = TextBuilder()
    add_text(builder, text)
    builder.overflow |= more
    return finish(file, builder)


def add_text(builder: TextBuilder, text: str) -> None:
    """Append plain text to `builder`."""
    text = clean_characters(text)
    if len(text) < MAX_CHARACTERS and looks_wrapped(text):
        for paragraph in paragraphs(lines_of_text(text)):
            builder.add(paragraph.text, paragraph.separator)
    else:
        builder.add(text)
