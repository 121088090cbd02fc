"""Render a source as an A4 PDF with bookmarks, page numbers, styled tables and drawn figures.

The file comes out byte for byte the same on every run. The standard Helvetica is enough for both
languages, and a character it lacks is refused rather than drawn as a black square. It knows nothing
about Markdown or the other formats.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import (
    HRFlowable,
    KeepTogether,
    ListFlowable,
    ListItem,
    PageBreak as NewPage,
    Paragraph as Text,
    Preformatted,
    SimpleDocTemplate,
    Spacer,
    Table as Grid,
)

from corpus.figures import figure
from corpus.markup import (
    Block,
    Code,
    Figure,
    Heading,
    Inline,
    ItemList,
    PageBreak,
    Paragraph,
    Source,
    Table,
    plain,
)

MARGIN = 2.5 * cm
# The frame that Platypus makes pads each side by six points.
PADDING = 6
WIDTH = A4[0] - 2 * (MARGIN + PADDING)
OLIVE, DARK, STRIPE, GREY = (HexColor(c) for c in ("#4a5d23", "#37461a", "#f3f5ea", "#666666"))
PAGE_WORD = {"es": "Página", "en": "Page"}

BODY = ParagraphStyle(
    "body", fontName="Helvetica", fontSize=10.5, leading=15.5, spaceAfter=8, allowWidows=0
)
LEAD = ParagraphStyle("lead", parent=BODY, keepWithNext=1)
ITEM = ParagraphStyle("item", parent=BODY, spaceAfter=4)
CELL = ParagraphStyle("cell", parent=BODY, fontSize=9, leading=12, spaceAfter=0)
CELL_RIGHT = ParagraphStyle("cell-right", parent=CELL, alignment=TA_RIGHT)
HEAD = ParagraphStyle("head", parent=CELL, fontName="Helvetica-Bold", textColor="#ffffff")
HEAD_RIGHT = ParagraphStyle("head-right", parent=HEAD, alignment=TA_RIGHT)
CAPTION = ParagraphStyle(
    "caption", parent=BODY, fontName="Helvetica-Oblique", fontSize=9, leading=12, textColor=GREY
)
MONOSPACE = ParagraphStyle(
    "code", fontName="Courier", fontSize=8.5, leading=11.5, backColor=STRIPE, borderPadding=6,
    spaceBefore=6, spaceAfter=14,
)  # fmt: skip
HEADINGS = {
    level: ParagraphStyle(
        f"heading{level}",
        fontName="Helvetica-Bold",
        fontSize=size,
        leading=size * 1.25,
        spaceBefore=before,
        spaceAfter=after,
        textColor=DARK,
        keepWithNext=1,
    )
    for level, size, before, after in ((1, 21, 0, 6), (2, 14, 14, 6), (3, 11.5, 8, 4))
}


def render_pdf(source: Source, target: Path) -> None:
    """Write the source as a PDF."""
    _refuse_missing_glyphs(source)
    document = SimpleDocTemplate(
        str(target), pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=2.3 * cm,
        bottomMargin=2.3 * cm, title=source.title, author="Almazara Digital S. Coop.",
        subject=source.topic, creator="corpus/build.py", lang=source.language, invariant=1,
    )  # fmt: skip
    document.afterFlowable = lambda drawn: _bookmark(document, drawn)

    def footer(canvas: Any, page: Any) -> None:
        _footer(canvas, page, source)

    document.build(_story(source), onFirstPage=footer, onLaterPages=footer)


def _refuse_missing_glyphs(source: Source) -> None:
    missing = sorted({char for char in source.body if not char.encode("cp1252", "ignore")})
    if missing:
        raise ValueError(f"{source.path.name}: Helvetica has no glyph for {' '.join(missing)}")


def _bookmark(document: Any, drawn: Any) -> None:
    """A heading just drawn enters the PDF's outline."""
    level = getattr(drawn, "outline_level", None)
    if level is None:
        return
    key = f"h{document.canv.getPageNumber()}-{drawn.getPlainText()}"
    document.canv.bookmarkPage(key)
    document.canv.addOutlineEntry(drawn.getPlainText(), key, level, closed=False)


def _footer(canvas: Any, page: Any, source: Source) -> None:
    canvas.saveState()
    canvas.setFont("Helvetica", 8.5)
    canvas.setFillColor(GREY)
    canvas.drawString(MARGIN + PADDING, 1.3 * cm, source.title)
    number = f"{PAGE_WORD[source.language]} {page.page}"
    canvas.drawRightString(A4[0] - MARGIN - PADDING, 1.3 * cm, number)
    canvas.restoreState()


def _story(source: Source) -> list[Any]:
    blocks = source.blocks
    story: list[Any] = []
    for block, following in zip(blocks, [*blocks[1:], None], strict=True):
        story.extend(_draw(block, source))
        if isinstance(block, Paragraph) and isinstance(following, Table):
            # What announces a table stays on its page.
            story[-1].style = LEAD
    return story


def _draw(block: Block, source: Source) -> Iterator[Any]:
    match block:
        case Heading():
            yield from _heading(block)
        case Paragraph(content):
            yield Text(_markup(content), BODY)
        case ItemList():
            yield _list(block)
        case Table():
            yield _table(block)
        case Code(text):
            yield Preformatted(text, MONOSPACE)
        case Figure(name, caption):
            parts = [Spacer(1, 6), figure(source, name), Spacer(1, 4)]
            yield KeepTogether([*parts, Text(escape(caption), CAPTION), Spacer(1, 4)])
        case PageBreak():
            yield NewPage()


def _heading(block: Heading) -> Iterator[Any]:
    text = Text(_markup(block.content), HEADINGS[block.level])
    text.outline_level = block.level - 1
    yield text
    if block.level == 1:
        yield HRFlowable(width="100%", thickness=1.2, color=OLIVE, spaceAfter=12)


def _list(block: ItemList) -> Any:
    return ListFlowable(
        [ListItem(Text(_markup(item), ITEM)) for item in block.items],
        bulletType="1" if block.ordered else "bullet",
        start=None if block.ordered else "•",
        bulletFormat="%s." if block.ordered else None,
        bulletFontName="Helvetica",
        bulletFontSize=10.5,
        leftIndent=18,
        spaceAfter=6,
    )


def _table(table: Table) -> Any:
    cells = [_cells(table.header, table.right_aligned, HEAD, HEAD_RIGHT)]
    cells += [_cells(row, table.right_aligned, CELL, CELL_RIGHT) for row in table.rows]
    grid = Grid(cells, colWidths=_column_widths(table), repeatRows=1, spaceBefore=3, spaceAfter=14)
    grid.setStyle(
        [
            ("BACKGROUND", (0, 0), (-1, 0), OLIVE),
            ("ROWBACKGROUNDS", (0, 1), (-1, -1), [HexColor("#ffffff"), STRIPE]),
            # Not KeepTogether: inside the one that holds a heading to its table it has no effect.
            ("NOSPLIT", (0, 0), (-1, -1)),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor("#c9cfb8")),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("TOPPADDING", (0, 0), (-1, -1), 4),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
        ]
    )
    return grid


def _cells(row: tuple[Inline, ...], right: tuple[bool, ...], left: Any, right_style: Any) -> Any:
    pairs = zip(row, right, strict=True)
    return [Text(_markup(cell), right_style if flag else left) for cell, flag in pairs]


def _column_widths(table: Table) -> list[float]:
    """Room for each column's longest word, the rest shared by its longest text within bounds."""
    columns = list(zip(table.header, *table.rows, strict=True))
    floors = [max(_widest_word(cell) for cell in column) for column in columns]
    longest = [min(max(max(len(plain(cell)) for cell in column), 9), 42) for column in columns]
    spare = WIDTH - sum(floors)
    return [
        floor + spare * length / sum(longest) for floor, length in zip(floors, longest, strict=True)
    ]


def _widest_word(cell: Inline) -> float:
    """The width of a cell's longest word with its padding, as if it were bold."""
    words = plain(cell).split() or [""]
    return max(float(stringWidth(word, HEAD.fontName, CELL.fontSize)) for word in words) + 13


def _markup(content: Inline) -> str:
    parts = []
    for span in content:
        text = escape(span.text)
        text = f'<font face="Courier" size="9.5">{text}</font>' if span.code else text
        text = f"<i>{text}</i>" if span.italic else text
        parts.append(f"<b>{text}</b>" if span.bold else text)
    return "".join(parts)
