"""PPTX: slides as pages, titles as headings, tables and charts as rows, notes after their slide.

python-pptx opens the package and knows which slide is which. Shapes come in their own order, which
is also the one that screen readers follow. Knows nothing about how a slide looks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rag.parsing.builder import (
    LINE,
    MAX_TITLE,
    PARAGRAPH,
    TextBuilder,
    finish,
    sensible_title,
    unreadable,
)
from rag.parsing.characters import clean_line
from rag.parsing.file import Beat, File, openable
from rag.parsing.table_rows import row_lines
from rag.schema import ParsedDocument

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DIAGRAM = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}dm"
_MAX_DEPTH = 32  # groups in groups
_COUNTERS = frozenset({"SLIDE_NUMBER", "DATE"})
_FURNITURE = frozenset({"FOOTER", "HEADER"})


def parse_pptx(file: File, beat: Beat) -> ParsedDocument:
    """Read a PPTX file. Raises FileProblem: unreadable or no_text."""
    import pptx
    from pptx.exc import PackageNotFoundError

    try:
        package = pptx.Presentation(openable(file))
    except (PackageNotFoundError, KeyError, ValueError) as error:
        raise unreadable(file, "it is no complete PowerPoint presentation") from error
    builder = TextBuilder()
    writer = _Writer(builder)
    broken = []
    for number, slide in enumerate(package.slides, 1):
        beat()
        builder.page()
        try:
            writer.slide(slide)
        except (KeyError, ValueError, AttributeError, TypeError) as error:  # a slide of many
            broken.append(f"slide {number} is damaged ({type(error).__name__})")
    title = sensible_title(package.core_properties.title or "") or builder.opening_heading()
    return finish(file, builder, title, broken)


class _Writer:
    """Writes slides; what stands at the foot of every slide is written once."""

    def __init__(self, builder: TextBuilder) -> None:
        self._builder = builder
        self._furniture: set[str] = set()

    def slide(self, slide: Any) -> None:
        title = slide.shapes.title
        words = clean_line(_frame_text(title)) if title is not None else ""
        if len(words) <= MAX_TITLE:
            self._builder.heading(words, 1)
        else:  # a slide of one box, which is no heading
            self._builder.add(words)
        for shape in _flat(slide.shapes):
            if title is None or shape.shape_id != title.shape_id:
                self._shape(shape)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            self._builder.add(slide.notes_slide.notes_text_frame.text)

    def _shape(self, shape: Any) -> None:
        kind = shape.placeholder_format.type.name if shape.is_placeholder else ""
        if kind in _COUNTERS or (kind in _FURNITURE and self._seen(shape)):
            return
        if getattr(shape, "has_table", False):
            self._rows(_table_rows(shape.table), bool(shape.table.first_row) or None)
        elif getattr(shape, "has_chart", False):
            self._chart(shape.chart)
        elif shape.has_text_frame:
            self._builder.add(_frame_text(shape))
        else:
            self._diagram(shape)

    def _seen(self, shape: Any) -> bool:
        words = _frame_text(shape)
        known = words in self._furniture
        self._furniture.add(words)
        return known

    def _rows(self, rows: list[list[str]], header: bool | None) -> None:
        for index, line in enumerate(row_lines(rows, header)):
            self._builder.append(line, LINE if index else PARAGRAPH)

    def _chart(self, chart: Any) -> None:
        if chart.has_title and chart.chart_title.has_text_frame:
            self._builder.add(chart.chart_title.text_frame.text)
        for plot in chart.plots:
            names = [clean_line(series.name) for series in plot.series]
            values = [list(series.values) for series in plot.series]
            rows = [
                [clean_line(str(category)), *(_number(each, index) for each in values)]
                for index, category in enumerate(plot.categories)
            ]
            self._rows([["", *names], *rows], header=True)

    def _diagram(self, shape: Any) -> None:
        """SmartArt keeps its words in a part of its own."""
        for ids in shape.element.iter(f"{{{_DIAGRAM}}}relIds"):
            part = shape.part.related_part(ids.get(_RELATION))
            for point in _parsed(part).iter(f"{{{_DIAGRAM}}}t"):
                paragraphs = point.iter(f"{_A}p")
                lines = ["".join(t.text or "" for t in p.iter(f"{_A}t")) for p in paragraphs]
                self._builder.add("\n".join(filter(None, lines)))


def _flat(shapes: Any, depth: int = 0) -> Iterator[Any]:
    for shape in shapes:
        if hasattr(shape, "shapes") and depth < _MAX_DEPTH:
            yield from _flat(shape.shapes, depth + 1)
        else:
            yield shape


def _frame_text(shape: Any) -> str:
    return "\n".join(paragraph.text for paragraph in shape.text_frame.paragraphs)


def _table_rows(table: Any) -> list[list[str]]:
    """Cell texts; a merged cell repeats downwards and is blank sideways."""
    rows: list[list[str]] = []
    for row in table.rows:
        cells: list[str] = []
        for at, cell in enumerate(row.cells):
            below = cell.is_spanned and rows and at < len(rows[-1]) and not cell.text.strip()
            downwards = below and cell._tc.get("vMerge") in ("1", "true")
            cells.append(rows[-1][at] if downwards else clean_line(cell.text))
        rows.append(cells)
    return rows


def _number(values: list[Any], index: int) -> str:
    value = values[index] if index < len(values) else None
    return "" if value is None else format(value, ".10g")


def _parsed(part: Any) -> Any:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    return etree.fromstring(part.blob, parser)
