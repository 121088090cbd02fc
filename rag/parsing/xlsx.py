"""XLSX: sheets as pages, each row a line that carries its header, values as they are displayed.

openpyxl reads row by row, so a sheet of any length takes little memory; of formulas it gives the
values that were computed when the file was saved. Knows nothing about charts and comments.
"""

from __future__ import annotations

import datetime
import re
import warnings
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from rag.parsing.builder import TextBuilder, finish, unreadable
from rag.parsing.characters import clean_line
from rag.parsing.csv import add_rows
from rag.parsing.file import Beat, File
from rag.schema import ParsedDocument

_MAX_COLUMNS = 1_000  # of the 16,384 that a row may have
_ROWS_A_BEAT = 1_000
_DECIMALS = re.compile(r"[0#]\.(0+)")
_DIGIT = re.compile("[0#]")
_SECTION = re.compile(r'\[[^$\]][^\]]*\]|"([^"]*)"|\\(.)|[_*].')
_CURRENCY = re.compile(r"\[\$([^\]-]*)[^\]]*\]|([$€£¥])")


def parse_xlsx(file: File, beat: Beat) -> ParsedDocument:
    """Read an XLSX file. Raises FileProblem: unreadable or no_text."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    with warnings.catch_warnings(), file.open("rb") as stream:
        warnings.simplefilter("ignore")  # of features that it does not know
        try:
            # A stream, because it refuses paths that end otherwise than in .xlsx.
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        except (InvalidFileException, KeyError, ValueError, TypeError) as error:
            raise unreadable(file, f"it is no complete Excel workbook ({error})") from error
        try:
            return _read(file, book, beat)
        finally:
            book.close()


def _read(file: File, book: Any, beat: Beat) -> ParsedDocument:
    builder = TextBuilder()
    for name in book.sheetnames:
        builder.page()
        builder.heading(name, 1)
        sheet = book[name]
        if hasattr(sheet, "iter_rows"):  # a sheet that is one chart has no rows
            sheet.reset_dimensions()  # programs write wrong ones
            add_rows(builder, _rows(sheet, beat), beat, clean_line(name))
    return finish(file, builder, book.properties.title or "")


def _rows(sheet: Any, beat: Beat) -> Iterator[list[str]]:
    for number, row in enumerate(sheet.iter_rows()):
        if number % _ROWS_A_BEAT == 0:
            beat()
        yield [_text(cell) for cell in row[:_MAX_COLUMNS]]


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return number_text(value, cell.number_format or "")
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time.min
        return value.date().isoformat() if midnight else value.isoformat(" ", "minutes")
    return clean_line(str(value))


def number_text(value: float, number_format: str) -> str:
    """A number with the decimals, the percent sign and the currency that its cell shows, without
    thousands separators, which mean different things in different countries."""
    decimals, percent, before, after = _shape(number_format)
    if percent:
        value *= 100
    if decimals is not None and abs(value) < 1e15:
        text = format(value, f".{decimals}f")
    else:
        text = format(value, ".15g") if isinstance(value, float) else str(value)
    return f"{before}{text}{'%' if percent else ''}{f' {after}' if after else ''}"


@lru_cache(maxsize=256)
def _shape(number_format: str) -> tuple[int | None, bool, str, str]:
    """(decimals where they are fixed, whether it is a percentage, a currency before, one after)."""
    shown = number_format.split(";")[0]
    found = _CURRENCY.search(shown)
    sign = (found[1] or found[2] or "").strip() if found else ""
    first = _DIGIT.search(shown)
    leads = found is not None and first is not None and found.start() < first.start()
    before, after = (sign, "") if leads else ("", sign)
    bare = _SECTION.sub("", shown)
    if not _DIGIT.search(bare) or "E+" in bare or "?" in bare:
        return None, "%" in bare, before, after
    places = _DECIMALS.search(bare)
    fixed = len(places[1]) if places else (0 if "." not in bare else None)
    return fixed, "%" in bare, before, after
