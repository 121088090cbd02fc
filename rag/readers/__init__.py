"""Reads one file into a Document: `read(path)`.

The format is decided by the content; one module a format turns it into text, sections and, where
the format has them, page offsets. Knows nothing about the library, and never runs in the app's own
process: the sandbox calls `rag.readers.task` in a child that may die.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib import import_module
from typing import cast

from rag.errors import FileProblem
from rag.readers.builder import unreadable
from rag.readers.file import Beat, File
from rag.readers.sniff import Format, sniff
from rag.schema import Reading

__all__ = ["read"]

# Imported when first needed: a folder of notes should not wait for the spreadsheet library.
_READERS = {
    Format.PDF: ("pdf", "read_pdf"),
    Format.DOCX: ("office", "read_docx"),
    Format.PPTX: ("slides", "read_pptx"),
    Format.XLSX: ("sheets", "read_xlsx"),
    Format.ODT: ("opendocument", "read_odt"),
    Format.ODS: ("opendocument", "read_ods"),
    Format.ODP: ("opendocument", "read_odp"),
    Format.EPUB: ("epub", "read_epub"),
    Format.EMAIL: ("mail", "read_mail"),
    Format.HTML: ("html", "read_html"),
    Format.MARKDOWN: ("markdown", "read_markdown"),
    Format.CSV: ("table", "read_table"),
    Format.JSON: ("records", "read_json"),
    Format.TEXT: ("text", "read_text"),
    Format.IMAGE: ("image", "read_image"),
}


def read(path: File, tell: Callable[[], None] = lambda: None, seconds: float = math.inf) -> Reading:
    """Read one file; `document.path` is the bare file name.

    `tell` is called at every step of a long file. After `seconds` what can be left out is, and the
    outcome is PARTIAL, as it is when some pages failed. Raises FileProblem with the outcome
    encrypted, no_text, unsupported, bomb or unreadable.
    """
    try:
        return _reader(sniff(path))(path, Beat(tell, seconds))
    except (FileProblem, MemoryError):
        raise
    except RecursionError as error:
        raise unreadable(path, "it is nested too deep") from error
    except Exception as error:  # parsers raise anything at all on damaged files
        cause = f"{type(error).__name__}: {error}".splitlines()[0][:160]
        raise unreadable(path, cause) from error


def _reader(kind: Format) -> Callable[[File, Beat], Reading]:
    module, name = _READERS[kind]
    return cast(
        Callable[[File, Beat], Reading], getattr(import_module(f"rag.readers.{module}"), name)
    )
