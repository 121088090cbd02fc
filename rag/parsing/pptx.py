"""PPTX: slides as pages, titles as headings, tables and charts as rows, notes after their slide.

The package is walked here rather than with python-pptx, which fails at charts that it does not
know, and with them the slide. Shapes come in their own order, which is also the one that screen
readers follow.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rag.parsing.builder import LINE, PARAGRAPH, TextBuilder, finish
from rag.parsing.characters import clean_line
from rag.parsing.drawings import alternative_text, diagram_items, read_chart
from rag.parsing.file import Beat, File
from rag.parsing.ooxml import DGM, MC, A, P, Package, R, number
from rag.parsing.pptx_text import TextFrames, placeholder
from rag.parsing.table_looks import Covered
from rag.parsing.table_rows import add_table
from rag.parsing.titles import MAX_TITLE, sensible_title
from rag.schema import DocumentBlockKind, NoteKind, ParsedDocument

_MAX_DEPTH = 32  # groups in groups
_MAX_SPAN = 64  # columns of a merged cell
_SHAPES = frozenset({f"{P}{name}" for name in "sp pic graphicFrame cxnSp".split()})
_FURNITURE = frozenset({"ftr", "hdr", "dt"})
_NO_NOTES = _FURNITURE | {"sldNum", "sldImg"}
_CHARTEX = "{http://schemas.microsoft.com/office/drawing/2014/chartex}chart"


def parse_pptx(file: File, beat: Beat) -> ParsedDocument:
    """Reads a PPTX file. Raises FileProblem: unreadable or no_text."""
    with Package(file) as package:
        main, root = package.main()
        writer = _Writer(package, main)
        slides = root.findall(f"{P}sldIdLst/{P}sldId")
        for number, slide in enumerate(slides, 1):
            beat.page(number, len(slides))
            writer.builder.page()
            writer.slide(package.target(main, slide.get(f"{R}id")))
        writer.say_what_is_left_out()
        title = sensible_title(package.title()) or writer.builder.opening_heading()
        return finish(file, writer.builder, title, package.damages())


class _Writer:
    """Writes slides; what stands on every slide is written once."""

    def __init__(self, package: Package, main: str) -> None:
        self.builder = TextBuilder()
        self._package = package
        self._authors = _authors(package, main)
        self._seen: set[str] = set()
        self._hidden: list[str] = []
        self._embedded: list[str] = []
        self._pictures = 0
        self._part = ""
        self._frames = TextFrames(None, None, self._hidden)

    def slide(self, part: str) -> None:
        """Writes a slide, what its layout adds to it, its notes and its comments."""
        root = self._package.xml(part)
        if root is None:
            return
        layout_part = next(iter(self._package.related(part, "slideLayout")), "")
        layout = self._package.xml(layout_part) if layout_part else None
        master = self._package.one(layout_part, "slideMaster")
        self._part = part
        self._frames = TextFrames(layout, master, self._hidden)
        shapes = list(self._flat(root.find(f"{P}cSld/{P}spTree")))
        title = next((shape for shape in shapes if _kind(shape) in ("title", "ctrTitle")), None)
        if title is not None:
            self._title(title)
        for shape in shapes:
            if shape is not title:
                self._shape(shape)
        for behind, below in ((layout, root), (master, layout)):
            if below is not None and below.get("showMasterSp") in ("0", "false"):
                break
            self._background(behind)
        self._notes(part)
        self._comments(part)

    def say_what_is_left_out(self) -> None:
        """Adds the notes of the outcome."""
        for kind, left_out in (
            (NoteKind.HIDDEN_TEXT, self._hidden),
            (NoteKind.EMBEDDED_FILE, self._embedded),
            (NoteKind.UNREADABLE_PART, self._package.unreadable_parts),
        ):
            if left_out:
                self.builder.note(kind, "", len(left_out), " … ".join(left_out))
        if self._pictures:
            self.builder.note(NoteKind.PICTURE, "", self._pictures)

    def _flat(self, parent: Any, depth: int = 0) -> Iterator[Any]:
        """The shapes of a slide, those of groups in their place; hidden ones are kept apart."""
        for node in () if parent is None else parent.iterchildren():
            name = node.find(f"./*/{P}cNvPr")
            if name is not None and name.get("hidden") in ("1", "true"):
                words = " ".join(text.text or "" for text in node.iter(f"{A}t"))
                self._hidden += filter(None, [clean_line(words)])
            elif node.tag in _SHAPES:
                yield node
            elif node.tag == f"{P}grpSp" and depth < _MAX_DEPTH:
                yield from self._flat(node, depth + 1)
                yield node  # for its alternative text
            elif node.tag == f"{MC}AlternateContent":  # the same for new programs and old ones
                yield from self._flat(node.find(f"{MC}Choice"), depth)

    def _title(self, shape: Any) -> None:
        words = clean_line(" ".join(line.text for line in self._frames.paragraphs(shape)))
        if len(words) <= MAX_TITLE:
            self.builder.heading(words, 1)
        else:  # a slide of one box, which is no heading
            self.builder.add(words)

    def _shape(self, shape: Any) -> None:
        kind = _kind(shape)
        if kind in _FURNITURE:
            self._once(shape)
        elif kind == "sldNum":
            return
        elif shape.tag == f"{P}graphicFrame":
            self._frame(shape)
        elif shape.tag == f"{P}sp":
            self._text(shape)
        name = shape.find(f"./*/{P}cNvPr")
        words = alternative_text(name.get("descr") or "") if name is not None else ""
        self.builder.add(words, kind=DocumentBlockKind.CAPTION)
        self._pictures += shape.tag == f"{P}pic" and not words

    def _text(self, shape: Any) -> None:
        separator = PARAGRAPH
        for line in self._frames.paragraphs(shape):
            kind = DocumentBlockKind.LIST_ITEM if line.level else None
            self.builder.append(line.text, separator, kind, line.level)
            separator = LINE

    def _once(self, shape: Any) -> None:
        """Writes what stands on every slide, unless it has been written; dates that change are
        not."""
        if shape.find(f".//{A}fld") is not None:
            return
        words = "\n".join(line.text for line in self._frames.paragraphs(shape))
        if words not in self._seen:
            self._seen.add(words)
            self.builder.append(words)

    def _background(self, root: Any) -> None:
        """What a layout or master shows on its slides besides placeholders."""
        for shape in self._flat(None if root is None else root.find(f"{P}cSld/{P}spTree")):
            if shape.tag == f"{P}sp" and placeholder(shape) is None:
                self._once(shape)

    def _frame(self, shape: Any) -> None:
        """A table, a chart, a SmartArt drawing, or a file of another program."""
        for node in shape.iter(f"{A}tbl", f"{DGM}relIds", f"{P}oleObj", "{*}chart"):
            if node.tag == f"{A}tbl":
                self._table(node)
            elif node.tag == f"{P}oleObj":
                self._embedded.append(node.get("progId") or node.get("name") or "")
                break  # its picture is for old programs
            elif node.tag == f"{DGM}relIds":
                self._diagram(self._package.target(self._part, node.get(f"{R}dm")))
            elif node.get(f"{R}id"):
                self._chart(self._package.target(self._part, node.get(f"{R}id")))

    def _table(self, table: Any) -> None:
        rows: list[list[str]] = []
        merged = False
        for row in table.iterfind(f"{A}tr"):
            cells: list[str] = []
            for cell in row.iterfind(f"{A}tc"):
                at = len(cells)
                if cell.get("hMerge") in ("1", "true") and cells:
                    cells.append(Covered(cells[-1]))
                elif cell.get("vMerge") in ("1", "true") and rows and at < len(rows[-1]):
                    cells.append(str(rows[-1][at]))
                else:
                    lines = (line.text for line in self._frames.paragraphs(cell))
                    cells.append(clean_line(" ".join(lines)))
                    spans = number(cell, "gridSpan", 1) > 1 or number(cell, "rowSpan", 1) > 1
                    merged = merged or (spans and not rows)
            rows.append(cells)
        properties = table.find(f"{A}tblPr")
        first = properties is not None and properties.get("firstRow") in ("1", "true")
        add_table(self.builder, rows, 1 if first and not merged else None)

    def _chart(self, part: str) -> None:
        root = self._package.xml(part)
        if root is None:
            return
        chart = read_chart(root)
        self.builder.add(chart.title, kind=DocumentBlockKind.TABLE_TITLE)
        for rows in chart.tables:
            add_table(self.builder, rows, 1)
        self.builder.add("\n".join(chart.words), kind=DocumentBlockKind.CAPTION)

    def _diagram(self, part: str) -> None:
        root = self._package.xml(part)
        separator = PARAGRAPH
        for words, level in () if root is None else diagram_items(root):
            self.builder.append(words, separator, DocumentBlockKind.LIST_ITEM, level)
            separator = LINE

    def _notes(self, part: str) -> None:
        root = self._package.one(part, "notesSlide")
        frames = TextFrames(None, None, self._hidden)
        for shape in self._flat(None if root is None else root.find(f"{P}cSld/{P}spTree")):
            if shape.tag == f"{P}sp" and _kind(shape) not in _NO_NOTES:
                words = "\n".join(line.text for line in frames.paragraphs(shape))
                self.builder.append(words, PARAGRAPH, DocumentBlockKind.NOTE)

    def _comments(self, part: str) -> None:
        """Comments of both kinds that PowerPoint writes, with their authors and days."""
        for name in self._package.related(part, "comments"):
            root = self._package.xml(name)
            for node in () if root is None else root.iter("{*}cm", "{*}reply"):
                words = node.findtext(f"{P}text") or "\n".join(
                    "".join(text.text or "" for text in paragraph.iter(f"{A}t"))
                    for paragraph in node.iterfind(f"{{*}}txBody/{A}p")
                )
                author = self._authors.get(node.get("authorId"), "")
                day = (node.get("dt") or node.get("created") or "")[:10]
                lead = f"{author} ({day}): " if author and day else ""
                self.builder.add(f"{lead}{words}", kind=DocumentBlockKind.NOTE)


def _authors(package: Package, main: str) -> dict[str, str]:
    """The names of those who comment, by their ids."""
    roots = (package.one(main, kind) for kind in ("commentAuthors", "authors"))
    nodes = (node for root in roots if root is not None for node in root)
    return {node.get("id", ""): node.get("name", "") for node in nodes}


def _kind(shape: Any) -> str:
    """What a shape's placeholder is for: «title», «body», «ftr», …; "" where it fills none."""
    filled = placeholder(shape)
    return "" if filled is None else filled.get("type", "obj")
