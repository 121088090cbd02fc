"""XLS, the workbooks of Excel up to 2003: read as XLSX is, by xlrd.

xlrd and not calamine, which gives no number formats: a code «05001» would be read as 5001.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rag.parsing.builder import LINE, PARAGRAPH, TextBuilder, encrypted, finish, unreadable
from rag.parsing.cell_values import shown
from rag.parsing.characters import clean_line
from rag.parsing.file import Beat, File
from rag.parsing.sheet_grid import CellRow, LeftOut, Merge, comment_line, grid
from rag.parsing.sheet_tables import add_sheet
from rag.schema import DocumentBlockKind, ParsedDocument


def parse_xls(file: File, beat: Beat) -> ParsedDocument:
    """Reads an XLS file. Raises FileProblem: encrypted, unreadable or no_text."""
    import xlrd

    try:
        book = xlrd.open_workbook(
            file_contents=file.read_bytes(),
            formatting_info=True,  # number formats, merged cells, what is hidden
            on_demand=True,
            logfile=_Silence(),
        )
    except xlrd.XLRDError as error:
        if "encrypted" in str(error).lower():
            raise encrypted(file) from error
        raise unreadable(file, f"it is no complete Excel workbook ({error})") from error
    builder = TextBuilder()
    for index, name in enumerate(book.sheet_names()):
        sheet = book.sheet_by_index(index)
        if builder.sheet(clean_line(name), bool(sheet.visibility), beat.hidden_sheets):
            _add_sheet(builder, book, sheet, beat)
        book.unload_sheet(index)
    return finish(file, builder)


def _add_sheet(builder: TextBuilder, book: Any, sheet: Any, beat: Beat) -> None:
    name = clean_line(sheet.name)
    left_out = LeftOut()
    merges = [
        Merge(top + 1, left + 1, bottom, right) for top, bottom, left, right in sheet.merged_cells
    ]
    columns = {at + 1 for at, column in sheet.colinfo_map.items() if column.hidden}
    add_sheet(builder, grid(_rows(book, sheet), merges, columns, left_out), beat, name)
    left_out.note(builder, name)
    for index, ((row, column), note) in enumerate(sorted(sheet.cell_note_map.items())):
        from xlrd.formula import cellname

        comment = comment_line(cellname(row, column), note.author, note.text)
        builder.append(comment, LINE if index else PARAGRAPH, DocumentBlockKind.NOTE)


def _rows(book: Any, sheet: Any) -> Iterator[CellRow]:
    for number in range(sheet.nrows):
        row = sheet.rowinfo_map.get(number)
        texts = {at + 1: _text(book, sheet, cell) for at, cell in enumerate(sheet.row(number))}
        hidden = row is not None and bool(row.hidden)
        yield number + 1, hidden, {column: text for column, text in texts.items() if text}


def _text(book: Any, sheet: Any, cell: Any) -> str:
    import xlrd

    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#N/A"))
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if cell.value else "FALSE"
    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return ""
    value = cell.value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    styles = book.xf_list
    style = styles[cell.xf_index] if cell.xf_index < len(styles) else None
    found = book.format_map.get(style.format_key) if style is not None else None
    return shown(value, found.format_str if found is not None else "", book.datemode == 1)


class _Silence:
    """Takes what xlrd prints about files that break the rules."""

    def write(self, text: str) -> None:
        """Forgets it."""

    def flush(self) -> None:
        """Has nothing to do."""
