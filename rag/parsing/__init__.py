"""Parses one file into a Document: `parse(path)`.

How a file goes through the room:

1. `sandbox` sends its path to a child process that may die; the child calls `work`, here.
2. `sniff` and `sniff_text` name the format by the content, and refuse what is not read. Whatever
   is a ZIP container has passed `archive`, which also parses the XML inside.
3. One module a format makes text of it: `pdf`, `docx`, `pptx`, `xlsx`, `xls`, `odt` (all
   OpenDocument), `rtf`, `epub`, `eml`, `msg`, `html`, `markdown`, `csv`, `json`, `txt`, `image`. A
   new thing to read in a format belongs there. Spreadsheets share `cell_values` (what a cell
   shows) and `sheet_grid` (merged and hidden cells), mails `attachments`; of pages `html_parts`
   finds the main part and its edges, `html_hidden` what nobody sees, `html_tables` the tables, and
   `html_site` what the pages of a folder share. Office packages are
   opened by `ooxml` and `odf`; `items` writes what `docx_body` and `odf_body` find in them,
   `numerals` their automatic numbers, `drawings` their charts. PDF has helpers of its own:
   `pdf_reading` reads a page, with `pdf_page` (measured lines), `pdf_fields` (forms, annotations)
   and `pdf_hidden` (what nobody sees); `scan` and `ocr` read pages that are pictures; `pdf_layout`
   puts columns in order and finds tables, which `pdf_table`, `pdf_header` and `pdf_rows` write;
   `pdf_structure` finds running heads and headings, `lines` joins lines into paragraphs, `paged`
   pages into a document.
4. All write into `builder`, which keeps offsets, sections and pages and cleans text with
   `characters`; `titles` knows what a title is. Tables become lines by `table_rows`, sheets by
   `sheet_tables`.
5. `builder.finish` returns the ParsedDocument: what was left out is its `reason`.

`page_images` draws pages and marks quotes on them, in children of the same sandbox.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

from rag.errors import FileProblem
from rag.parsing.builder import unreadable
from rag.parsing.file import Beat, File, Format
from rag.parsing.sniff import sniff
from rag.schema import ParsedDocument

__all__ = ["parse", "work"]

OCR_SHARE = 0.8  # of a file's time: what is recognised until then is kept

# Imported when first needed: a folder of notes should not wait for the spreadsheet library.
_PARSERS = {
    Format.PDF: ("pdf", "parse_pdf"),
    Format.DOCX: ("docx", "parse_docx"),
    Format.PPTX: ("pptx", "parse_pptx"),
    Format.XLSX: ("xlsx", "parse_xlsx"),
    Format.ODT: ("odt", "parse_odt"),
    Format.ODS: ("odt", "parse_ods"),
    Format.ODP: ("odt", "parse_odp"),
    Format.EPUB: ("epub", "parse_epub"),
    Format.EMAIL: ("eml", "parse_eml"),
    Format.HTML: ("html", "parse_html"),
    Format.MARKDOWN: ("markdown", "parse_markdown"),
    Format.CSV: ("csv", "parse_csv"),
    Format.JSON: ("json", "parse_json"),
    Format.TEXT: ("txt", "parse_txt"),
    Format.IMAGE: ("image", "parse_image"),
    Format.XLS: ("xls", "parse_xls"),
    Format.RTF: ("rtf", "parse_rtf"),
    Format.MSG: ("msg", "parse_msg"),
}


def parse(
    path: File,
    tell: Callable[[int, int], None] = lambda page, pages: None,
    seconds: float = math.inf,
    hidden_sheets: bool = False,
) -> ParsedDocument:
    """Parses one file; `document.path` is the bare file name.

    `tell` is called at every step of a long file, with the page it is at and their number, or zeros
    where it has none. After `seconds` what can be left out is, and the
    outcome is PARTIAL, as it is when some pages failed. `hidden_sheets` of workbooks are read and
    marked, or left out and noted. Raises FileProblem with the outcome encrypted, no_text,
    unsupported, bomb or unreadable.
    """
    try:
        module, name = _PARSERS[sniff(path)]
        parser: Callable[[File, Beat], ParsedDocument] = getattr(
            import_module(f"rag.parsing.{module}"), name
        )
        return parser(path, Beat(tell, seconds, hidden_sheets))
    except (FileProblem, MemoryError):
        raise
    except RecursionError as error:
        raise unreadable(path, "it is nested too deep") from error
    except Exception as error:  # parsers raise anything at all on damaged files
        cause = f"{type(error).__name__}: {error}".splitlines()[0][:160]
        raise unreadable(path, cause) from error


def work(
    request: dict[str, Any], beat: Callable[[int, int], None], seconds: float
) -> dict[str, Any]:
    """Parses the file `request["path"]` in a child; returns the ParsedDocument as JSON holds it.

    Raises FileProblem as `parse` does.
    """
    hidden = bool(request.get("hidden_sheets"))
    return asdict(parse(Path(request["path"]), beat, OCR_SHARE * seconds, hidden))
