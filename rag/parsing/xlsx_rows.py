"""The cells of one XLSX sheet, read row by row, so a sheet of any length takes little memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

from rag.parsing.cell_values import shown
from rag.parsing.sheet_grid import CellRow, LeftOut, Merge, grid
from rag.schema import NoteKind

_CUSTOM = 164  # the first number format that is not built in
_BLOCK = 1 << 20  # bytes
_LONGEST = 100  # bytes of a mark of a merged cell, which may lie across two blocks
_MERGE = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*?\bref=["']([A-Z]+\d+:[A-Z]+\d+)""")


def sheet_rows(book: Any, sheet: Any, left_out: LeftOut) -> Iterator[list[str]]:
    """Yields the rows of a sheet of an openpyxl book opened for reading only."""
    archive, path = book._archive, sheet._worksheet_path
    with archive.open(path) as stream:
        merges = list(_merges(stream))
    hidden_columns: set[int] = set()
    with archive.open(path) as stream:
        parser = _Parser(stream, sheet._shared_strings, book, left_out)
        yield from grid(parser.rows(hidden_columns), merges, hidden_columns, left_out)


class _Parser(WorkSheetParser):  # type: ignore[misc]
    """openpyxl's parser, for the numbers behind dates and for formulas without a value."""

    def __init__(self, stream: Any, strings: Any, book: Any, left_out: LeftOut) -> None:
        super().__init__(stream, strings, data_only=True, epoch=book.epoch)
        self._styles = book._cell_styles
        self._formats = book._number_formats
        self._mac_dates = book.epoch == CALENDAR_MAC_1904
        self._left_out = left_out
        self._format = lru_cache(self._number_format)  # many cells share a style

    def rows(self, hidden_columns: set[int]) -> Iterator[CellRow]:
        """Yields the rows; fills `hidden_columns` before the first one."""
        for number, cells in self.parse():
            for column in self.column_dimensions.values():
                if _is_hidden(column, "width"):
                    hidden_columns.update(range(int(column["min"]), int(column["max"]) + 1))
            self.column_dimensions.clear()
            hidden = _is_hidden(self.row_dimensions.pop(str(number), {}), "ht")
            texts = {cell["column"]: self._text(cell) for cell in cells}
            yield number, hidden, {column: text for column, text in texts.items() if text}

    def parse_cell(self, element: Any) -> dict[str, Any]:
        """Reads a cell; a formula that was never computed is given as it is written."""
        cell: dict[str, Any] = super().parse_cell(element)
        if (
            cell["value"] is None
            and element.get("t") != "str"
            and element.find(FORMULA_TAG) is not None
        ):
            formula = self.parse_formula(element)
            written = str(getattr(formula, "text", formula))
            cell |= {"value": written, "style_id": 0}
            self._left_out.add(NoteKind.NOT_COMPUTED, written)
        return cell

    def _text(self, cell: dict[str, Any]) -> str:
        value = cell["value"]
        if value is None:
            return ""
        text = shown(value, self._format(cell["style_id"]), self._mac_dates)
        if not text and str(value).strip() and value != 0:
            self._left_out.add(NoteKind.HIDDEN_TEXT, str(value))
        return text

    def _number_format(self, style: int) -> str:
        number = self._styles[style].numFmtId if style < len(self._styles) else 0
        if number < _CUSTOM:
            return str(BUILTIN_FORMATS.get(number, "General"))
        formats = self._formats
        return str(formats[number - _CUSTOM]) if number - _CUSTOM < len(formats) else "General"


def _is_hidden(attributes: dict[str, str], size: str) -> bool:
    return attributes.get("hidden") in ("1", "true") or attributes.get(size) == "0"


def _merges(stream: Any) -> Iterator[Merge]:
    """Yields the merged cells, which the file lists behind all rows."""
    rest = b""
    while block := stream.read(_BLOCK):
        block = rest + block
        end = 0
        # Most blocks hold none, which this says far sooner than the pattern.
        for found in _MERGE.finditer(block) if b"mergeCell" in block else ():
            left, top, right, bottom = range_boundaries(found[1].decode("ascii"))
            yield Merge(top, left, bottom, right)
            end = found.end()
        rest = block[max(end, len(block) - _LONGEST) :]
