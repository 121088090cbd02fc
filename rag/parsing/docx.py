"""DOCX: paragraphs, headings from styles, lists as lines, tables as rows that explain themselves.

python-docx opens the package and resolves its parts. The body is walked here, because the library
leaves out content controls and text boxes and resolves every style anew, which takes minutes on
long files. Knows nothing about pages: a DOCX has none until a program lays it out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from rag.parsing.builder import LINE, PARAGRAPH, TextBuilder, finish, unreadable
from rag.parsing.characters import clean_line
from rag.parsing.file import Beat, File, openable
from rag.parsing.table_rows import row_lines
from rag.schema import ParsedDocument

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_VAL = f"{_W}val"
_LITERAL = {
    f"{_W}tab": "\t", f"{_W}ptab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"
}  # fmt: skip
# Deleted and moved-away text, and the second copy of a drawing for old programs.
_SKIPPED = frozenset(
    {f"{_W}del", f"{_W}moveFrom", f"{_W}rPr", f"{_W}pPr", f"{_W}instrText", f"{_MC}Fallback"}
)
_HEADING_NAME = re.compile(r"(?:heading|título|titulo|encabezado) ?([1-9])", re.IGNORECASE)
_TITLE_NAMES = frozenset({"title", "título", "titulo", "puesto"})  # «Puesto»: Word 2016 in Spanish
_MAX_BOLD_HEADING = 100
_TITLE = 0


@dataclass(frozen=True, slots=True)
class _Style:
    level: int | None = None  # 0: title, 1-9: heading
    listed: bool = False


@dataclass(frozen=True, slots=True)
class _Block:
    text: str
    level: int | None = None
    listed: bool = False
    bold: bool = False


def parse_docx(file: File, beat: Beat) -> ParsedDocument:
    """Read a DOCX file. Raises FileProblem: unreadable or no_text."""
    import docx
    from docx.opc.exceptions import PackageNotFoundError

    try:
        package = docx.Document(cast(Any, openable(file)))
    except (PackageNotFoundError, KeyError, ValueError) as error:
        raise unreadable(file, "it is no complete Word document") from error
    walker = _Walker(_styles(package), beat)
    blocks = list(walker.blocks(package.element.body))
    builder = TextBuilder()
    title = _emit(blocks, builder)
    return finish(file, builder, title or _core_title(package))


def _emit(blocks: list[_Block], builder: TextBuilder) -> str:
    """Write the blocks; returns the words of the first paragraph styled as title."""
    title = ""
    # Bold lines are headings only where the writer used no heading styles.
    styled = any(block.level for block in blocks)
    previous_listed = False
    for block in blocks:
        if block.level == _TITLE and not title:
            title = clean_line(block.text)
            builder.add(block.text)
        elif block.level is not None:
            builder.heading(block.text, block.level)
        elif block.bold and not styled and _heading_like(block.text):
            builder.heading(block.text, 1)
        else:
            builder.add(block.text, LINE if block.listed and previous_listed else PARAGRAPH)
        previous_listed = block.listed
    return title


def _heading_like(text: str) -> bool:
    return (
        len(text) <= _MAX_BOLD_HEADING and "\n" not in text and not text.endswith((".", ",", ";"))
    )


class _Walker:
    """Walks the body in document order; beats once a paragraph."""

    def __init__(self, styles: dict[str, _Style], beat: Beat) -> None:
        self._styles = styles
        self._beat = beat

    def blocks(self, parent: Any) -> Iterator[_Block]:
        for element in parent.iterchildren():
            if element.tag == f"{_W}p":
                yield from self._paragraph(element)
            elif element.tag == f"{_W}tbl":
                yield from self._table(element)
            elif element.tag not in _SKIPPED:  # content controls, insertions: look inside
                yield from self.blocks(element)

    def _paragraph(self, paragraph: Any) -> Iterator[_Block]:
        self._beat()
        boxes: list[Any] = []
        text = "".join(_run_text(paragraph, boxes)).strip()
        if text:
            style = self._style(paragraph)
            bold = style.level is None and len(text) <= _MAX_BOLD_HEADING and _all_bold(paragraph)
            yield _Block(text, style.level, style.listed, bold)
        for box in boxes:
            yield from self.blocks(box)

    def _style(self, paragraph: Any) -> _Style:
        properties = paragraph.find(f"{_W}pPr")
        if properties is None:
            return _Style()
        name = properties.find(f"{_W}pStyle")
        style = self._styles.get(name.get(_VAL, ""), _Style()) if name is not None else _Style()
        level = _outline_level(properties) if style.level is None else style.level
        listed = style.listed or properties.find(f"{_W}numPr") is not None
        return _Style(level, listed and level is None)

    def _table(self, table: Any) -> Iterator[_Block]:
        grid = _grid(table, self._cell_text)
        if max((len(row) for row in grid), default=0) <= 1:  # a frame around text
            for cell in table.iterfind(f"{_W}tr/{_W}tc"):
                yield from self.blocks(cell)
            return
        marked = table.find(f"{_W}tr/{_W}trPr/{_W}tblHeader") is not None
        for line in row_lines(grid, True if marked else None):
            yield _Block(line, listed=True)

    def _cell_text(self, cell: Any) -> str:
        return clean_line(" ".join(block.text for block in self.blocks(cell) if block.text))


def _grid(table: Any, cell_text: Callable[[Any], str]) -> list[list[str]]:
    """Rows of cell texts; a cell merged downwards repeats, one merged sideways fills its first."""
    grid: list[list[str]] = []
    for row in table.iter(f"{_W}tr"):
        if next(row.iterancestors(f"{_W}tbl")) is not table:
            continue  # a row of a nested table: part of its cell's text
        above = grid[-1] if grid else []
        cells: list[str] = [""] * _number(row, f"{_W}trPr/{_W}gridBefore", 0)
        for cell in row.iterfind(f"{_W}tc"):
            merged = cell.find(f"{_W}tcPr/{_W}vMerge")
            continues = merged is not None and merged.get(_VAL) != "restart"
            at = len(cells)
            cells.append(above[at] if continues and at < len(above) else cell_text(cell))
            span = _number(cell, f"{_W}tcPr/{_W}gridSpan", 1)
            cells += [cells[-1] if not grid else ""] * (span - 1)
        grid.append(cells)
    return grid


def _run_text(element: Any, boxes: list[Any]) -> Iterator[str]:
    for child in element.iterchildren():
        tag = child.tag
        if tag in (f"{_W}t", f"{_M}t"):
            yield child.text or ""
        elif tag in _LITERAL:
            yield _LITERAL[tag]
        elif tag == f"{_W}txbxContent":
            boxes.append(child)
        elif tag not in _SKIPPED and not _hidden(child):
            yield from _run_text(child, boxes)


def _hidden(run: Any) -> bool:
    return run.tag == f"{_W}r" and _is_on(run.find(f"{_W}rPr/{_W}vanish"))


def _all_bold(paragraph: Any) -> bool:
    runs = [run for run in paragraph.iter(f"{_W}r") if run.find(f"{_W}t") is not None]
    return bool(runs) and all(_is_on(run.find(f"{_W}rPr/{_W}b")) for run in runs)


def _is_on(switch: Any) -> bool:
    return switch is not None and switch.get(_VAL, "true") not in ("0", "false", "off")


def _number(element: Any, path: str, default: int) -> int:
    found = element.find(path)
    value = found.get(_VAL, "") if found is not None else ""
    return min(int(value), 64) if value.isdigit() else default


def _outline_level(properties: Any) -> int | None:
    level = _number(properties, f"{_W}outlineLvl", 9)
    return level + 1 if level < 9 else None  # 9 is Word's «body text»


def _styles(package: Any) -> dict[str, _Style]:
    """What each paragraph style means, by style id, with `basedOn` followed."""
    try:
        elements = {e.get(f"{_W}styleId"): e for e in package.styles.element.iter(f"{_W}style")}
    except KeyError:  # a package without a styles part
        return {}
    return {name: _resolve(name, elements) for name in elements}


def _resolve(name: str | None, elements: dict[str | None, Any]) -> _Style:
    level, listed, seen = None, False, set[str | None]()
    while name in elements and name not in seen:
        seen.add(name)
        element = elements[name]
        properties = element.find(f"{_W}pPr")
        if level is None:
            level = _named_level(element)
            if level is None and properties is not None:
                level = _outline_level(properties)
        listed = listed or (properties is not None and properties.find(f"{_W}numPr") is not None)
        parent = element.find(f"{_W}basedOn")
        name = parent.get(_VAL) if parent is not None else None
    return _Style(level, listed)


def _named_level(element: Any) -> int | None:
    found = element.find(f"{_W}name")
    name = (found.get(_VAL, "") if found is not None else "").strip().lower()
    if name in _TITLE_NAMES:
        return _TITLE
    match = _HEADING_NAME.fullmatch(name)
    return int(match[1]) if match else None


def _core_title(package: Any) -> str:
    try:
        return package.core_properties.title or ""
    except (KeyError, ValueError, AttributeError):
        return ""
