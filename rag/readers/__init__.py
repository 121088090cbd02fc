"""Reads one file into a Document: `read(path)`.

The format is decided by the content; one module a format turns it into text, sections and, for
PDF, page offsets. Knows nothing about the library, and never runs in the app's own process: the
sandbox starts `rag.readers.worker`, which calls `read` in a child that may die.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rag.errors import FileProblem
from rag.readers.builder import unreadable
from rag.readers.sniff import Format, sniff
from rag.schema import Reading

Beat = Callable[[], None]
"""Called at every step of a long file, to tell whoever waits that the reader is alive."""

__all__ = ["Beat", "read"]


def read(path: Path, beat: Beat = lambda: None) -> Reading:
    """Read one file; `document.path` is the bare file name.

    Raises FileProblem with the outcome encrypted, no_text, unsupported, bomb or unreadable. A file
    of which some pages failed is a Reading with the outcome PARTIAL.
    """
    try:
        return _read_as(sniff(path), path, beat)
    except (FileProblem, MemoryError):
        raise
    except RecursionError as error:
        raise unreadable(path, "it is nested too deep") from error
    except Exception as error:  # parsers raise anything at all on damaged files
        cause = f"{type(error).__name__}: {error}".splitlines()[0][:160]
        raise unreadable(path, cause) from error


def _read_as(kind: Format, path: Path, beat: Beat) -> Reading:
    if kind is Format.PDF:
        from rag.readers.pdf import read_pdf

        return read_pdf(path, beat)
    if kind is Format.DOCX:
        from rag.readers.office import read_docx

        return read_docx(path, beat)
    if kind is Format.HTML:
        from rag.readers.html import read_html

        return read_html(path, beat)
    if kind is Format.MARKDOWN:
        from rag.readers.markdown import read_markdown

        return read_markdown(path)
    from rag.readers.text import read_text

    return read_text(path, beat)
