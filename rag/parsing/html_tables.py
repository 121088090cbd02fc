"""Tables of pages: their cells with what they cover, their captions, facts beside their names."""

from __future__ import annotations

from collections.abc import Callable

from selectolax.lexbor import LexborNode

from rag.parsing.builder import LINE, PARAGRAPH, TextBuilder
from rag.parsing.table_looks import Covered
from rag.parsing.table_rows import TableWriter, add_table
from rag.schema import DocumentBlockKind

_LAYOUT = "table table, table h1, table h2, table h3, table h4, table pre"
_MAX_CELL = 600  # characters: longer cells, or those with what is above, only arrange the page
_MAX_SPAN = 24  # rows or columns that one cell may cover
_FACT = ["th", "td"]


def add_html_table(
    builder: TextBuilder, table: LexborNode, words: Callable[[LexborNode], str]
) -> bool:
    """Appends a table; False where it only arranges the page, whose blocks are to be read alone.

    `words` returns the text of an element on one line.
    """
    # A table in a table is no table around another, but the selector looks above it as well.
    if any(found.mem_id != table.mem_id for found in table.css(_LAYOUT)):
        return False
    elements = table.css("tr")
    rows = _grid(elements, lambda cell: _cell_text(cell, words))
    if max(map(len, rows), default=0) <= 1:
        return False  # one column: a frame around text
    if max(len(cell) for row in rows for cell in row) > _MAX_CELL:
        return False
    separator = PARAGRAPH
    caption = table.css_first("caption")
    if caption is not None and (title := words(caption)):
        builder.add(title, kind=DocumentBlockKind.TABLE_TITLE)
        separator = LINE
    _add_rows(builder, elements, rows, separator)
    return True


def _add_rows(
    builder: TextBuilder, elements: list[LexborNode], rows: list[list[str]], separator: str
) -> None:
    """Facts (a name and its value) by themselves, the rows between them as tables."""
    table: list[list[str]] = []
    levels = 0
    facts = TableWriter(builder, separator)
    for element, row in zip(elements, rows, strict=True):
        tags = [cell.tag for cell in element.iter() if cell.tag in _FACT]
        if tags == _FACT and len(row) == 2 and all(row):
            add_table(builder, table, levels or None, facts.separator)
            table, levels = [], 0
            facts.fact(row[0].rstrip(": "), row[1])
            continue
        named = _names_columns(element, tags) and (not levels or len(tags) > 1)
        levels += named and levels == len(table)
        table.append(row)
    add_table(builder, table, levels or None, facts.separator)


def _names_columns(row: LexborNode, tags: list[str]) -> bool:
    return (row.parent is not None and row.parent.tag == "thead") or set(tags) == {"th"}


def _grid(elements: list[LexborNode], cell_text: Callable[[LexborNode], str]) -> list[list[str]]:
    """The cells of each row, merged ones spread over what they cover."""
    rows: list[list[str]] = []
    pending: dict[int, tuple[int, str]] = {}  # column -> rows still covered from above, text
    for element in elements:
        cells: list[str] = []
        for cell in element.css("td, th"):
            _fill(cells, pending)
            text, down = cell_text(cell), _span(cell, "rowspan")
            for index in range(_span(cell, "colspan")):
                part = Covered(text) if index else text
                if down > 1:
                    pending[len(cells)] = (down - 1, part)
                cells.append(part)
        _fill(cells, pending)
        rows.append(cells)
    return rows


def _cell_text(cell: LexborNode, words: Callable[[LexborNode], str]) -> str:
    items = [words(item) for item in cell.css("li")]
    return ", ".join(items) if items else words(cell)


def _fill(cells: list[str], pending: dict[int, tuple[int, str]]) -> None:
    while len(cells) in pending:
        left, text = pending.pop(len(cells))
        if left > 1:
            pending[len(cells)] = (left - 1, text)
        cells.append(text)


def _span(cell: LexborNode, name: str) -> int:
    value = cell.attributes.get(name) or "1"
    return max(1, min(int(value), _MAX_SPAN)) if value.isdecimal() else 1
