"""XLSX: sheets as pages, their tables row by row, each value as its cell shows it.

Of formulas it gives the values that were computed when the file was saved; one that never was is
given as it is written, and noted. Hidden sheets, rows and columns are left out and noted. Comments
and what stands in drawings follow the rows of their sheet.
"""

from __future__ import annotations

import io
import warnings
from typing import Any
from zipfile import BadZipFile

from rag.parsing.archive import transitional
from rag.parsing.builder import LINE, PARAGRAPH, TextBuilder, finish, unreadable
from rag.parsing.characters import clean_line
from rag.parsing.file import Beat, File
from rag.parsing.ooxml import Package
from rag.parsing.sheet_grid import LeftOut
from rag.parsing.sheet_tables import add_sheet
from rag.parsing.xlsx_parts import comments, drawn_texts
from rag.schema import DocumentBlockKind, ParsedDocument


def parse_xlsx(file: File, beat: Beat) -> ParsedDocument:
    """Reads an XLSX file. Raises FileProblem: unreadable or no_text."""
    import openpyxl

    source = transitional(file)
    # A stream, because openpyxl refuses paths that end otherwise than in .xlsx.
    stream = source if isinstance(source, io.BytesIO) else source.open("rb")
    with warnings.catch_warnings(), stream:
        warnings.simplefilter("ignore")  # of features that it does not know
        try:
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        except (KeyError, ValueError, TypeError, OSError, BadZipFile) as error:
            raise unreadable(file, f"it is no complete Excel workbook ({error})") from error
        return _read(file, book, beat)


def _read(file: File, book: Any, beat: Beat) -> ParsedDocument:
    builder = TextBuilder()
    with Package(file) as package:
        for name in book.sheetnames:
            sheet = book[name]
            hidden = sheet.sheet_state != "visible"
            if not builder.sheet(clean_line(name), hidden, beat.hidden_sheets):
                continue
            if path := getattr(sheet, "_worksheet_path", ""):  # a sheet that is one chart has none
                _add_cells(builder, book, sheet, beat)
                _add_beside(builder, package, path)
        return finish(file, builder, book.properties.title or "", package.damages())


def _add_cells(builder: TextBuilder, book: Any, sheet: Any, beat: Beat) -> None:
    from rag.parsing.xlsx_rows import sheet_rows

    left_out = LeftOut()
    name = clean_line(sheet.title)
    add_sheet(builder, sheet_rows(book, sheet, left_out), beat, name)
    left_out.note(builder, name)


def _add_beside(builder: TextBuilder, package: Package, path: str) -> None:
    for text in drawn_texts(package, path):
        builder.append(text)
    for index, text in enumerate(comments(package, path)):
        builder.append(text, LINE if index else PARAGRAPH, DocumentBlockKind.NOTE)
