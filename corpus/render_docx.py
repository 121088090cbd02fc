"""Render a source as a Word document: real heading styles, lists and tables, and fixed dates.

The file comes out byte for byte the same on every run, so that a rebuild shows no change where
nothing changed. It draws no figures, and it knows nothing about Markdown or the other formats.
"""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.shared import Cm, Pt
from docx.text.paragraph import Paragraph as WordParagraph

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
)

FIXED_DATE = datetime(2025, 9, 1, 9, 0, 0)
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
MONOSPACE = "Courier New"


def render_docx(source: Source, target: Path) -> None:
    """Write the source as a Word document."""
    document = docx.Document()
    _set_up(document, source)
    for block in source.blocks:
        _draw(document, block)
    buffer = io.BytesIO()
    document.save(buffer)
    target.write_bytes(_with_fixed_times(buffer.getvalue()))


def _set_up(document: Document, source: Source) -> None:
    properties = document.core_properties
    properties.title, properties.language = source.title, source.language
    properties.author = properties.last_modified_by = "Almazara Digital S. Coop."
    properties.subject, properties.comments = source.topic, ""
    properties.created = properties.modified = FIXED_DATE
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.footer.paragraphs[0].text = source.title
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(11)


def _draw(document: Document, block: Block) -> None:
    match block:
        case Heading(level, content):
            # Word's own title style is what a person would use for the first-level heading.
            _fill(document.add_heading(level=level - 1), content)
        case Paragraph(content):
            _fill(document.add_paragraph(), content)
        case ItemList(ordered, items):
            _draw_list(document, ordered, items)
        case Table():
            _draw_table(document, block)
        case Code(text):
            run = document.add_paragraph().add_run(text)
            run.font.name, run.font.size = MONOSPACE, Pt(9)
        case PageBreak():
            document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        case Figure(name):
            raise ValueError(f"figure {name!r}: Word documents of the corpus hold no figures")


def _draw_list(document: Document, ordered: bool, items: tuple[Inline, ...]) -> None:
    # Word's list-number style would go on counting from the previous list, so numbers are text.
    for number, item in enumerate(items, start=1):
        paragraph = document.add_paragraph(style="List" if ordered else "List Bullet")
        if ordered:
            paragraph.add_run(f"{number}. ")
        _fill(paragraph, item)


def _draw_table(document: Document, table: Table) -> None:
    grid = document.add_table(rows=1 + len(table.rows), cols=len(table.header))
    grid.style = "Light Grid Accent 3"
    # Marks the first row as the header, as Word's own «repeat header rows» does.
    grid.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for row, cells in zip(grid.rows, (table.header, *table.rows), strict=True):
        for cell, content, right in zip(row.cells, cells, table.right_aligned, strict=True):
            _fill(cell.paragraphs[0], content)
            if right:
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    document.add_paragraph()


def _fill(paragraph: WordParagraph, content: Inline) -> None:
    for span in content:
        run = paragraph.add_run(span.text)
        run.bold, run.italic = span.bold or None, span.italic or None
        if span.code:
            run.font.name = MONOSPACE


def _with_fixed_times(package: bytes) -> bytes:
    """The same package with every member stamped alike: zip files carry the time of writing."""
    output = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(package)) as before,
        zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            member = zipfile.ZipInfo(name, ZIP_DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            after.writestr(member, before.read(name))
    return output.getvalue()
