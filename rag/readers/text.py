"""Plain text: encoding found, hard-wrapped lines joined into paragraphs again.

Knows nothing about markup.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rag.readers.builder import TextBuilder, finish
from rag.readers.clean import MAX_CHARACTERS, clean_characters
from rag.readers.decode import decode
from rag.readers.lines import lines_of_text, looks_wrapped, paragraphs
from rag.schema import Reading


def read_text(path: Path, beat: Callable[[], None]) -> Reading:
    """Read a plain text file. Raises FileProblem(NO_TEXT)."""
    text = clean_characters(decode(path.read_bytes()))
    beat()
    builder = TextBuilder()
    if len(text) <= MAX_CHARACTERS and looks_wrapped(text):
        for paragraph in paragraphs(lines_of_text(text)):
            builder.add(paragraph.text, paragraph.separator)
    else:
        builder.add(text)
    return finish(path, builder)
