"""Walks the parts of a DOCX in document order and yields what they show, one item after the other.

Text boxes and drawings come after the paragraph that they hang on. A footnote or a comment is an
item of its own, wherever it is referred to; the page's heads and feet are parts like the body.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rag.parsing.characters import clean_line
from rag.parsing.docx_numbering import Numbering
from rag.parsing.docx_styles import ParagraphStyle, Styles, outline_level
from rag.parsing.docx_text import Content, TextReader
from rag.parsing.drawings import alternative_text, diagram_items, read_chart
from rag.parsing.file import Beat
from rag.parsing.items import Item
from rag.parsing.ooxml import MC, Package, R, W, is_on, number
from rag.parsing.table_looks import Covered
from rag.schema import DocumentBlockKind

_VAL = f"{W}val"
_SKIPPED = frozenset(
    {f"{W}{name}" for name in "del moveFrom pPr sdtPr sectPr tblPr trPr tcPr".split()}
)
_WRAPPERS = frozenset({f"{W}{name}" for name in "sdt sdtContent ins moveTo customXml".split()})
_MAX_BOLD_HEADING = 100  # characters: longer bold lines are stressed sentences
_MAX_SPAN = 64  # columns of a merged cell: Word allows 63 in a table


class Body:
    """Walks the parts of one file; lists are counted on from one part to the next."""

    def __init__(self, package: Package, main: str, beat: Beat) -> None:
        self._package = package
        self._beat = beat
        self._styles = Styles(package.one(main, "styles"))
        self._numbering = Numbering(
            package.one(main, "numbering"), self._styles.lists(), self._styles.language
        )
        self.reader = TextReader(self._styles)
        self.embedded: list[str] = []
        self.pictures = 0  # without a text
        self._carried: Content | None = None  # of a paragraph whose end is deleted
        self._part = main
        self._notes: dict[str, tuple[str, dict[str, Any]]] = {}
        for kind in ("footnotes", "endnotes", "comments"):
            for part in package.related(main, kind)[:1]:
                root = package.xml(part)
                nodes = [] if root is None else root
                self._notes[kind] = part, {node.get(f"{W}id", ""): node for node in nodes}

    def part(self, name: str, root: Any) -> Iterator[Item]:
        """Yields what a part shows; `root` is an element of it."""
        before, self._part = self._part, name
        yield from self._blocks(root)
        self._part = before

    def has_headings(self, root: Any) -> bool:
        """Tells whether any paragraph is styled as a heading."""
        return any(self._level(node)[1] for node in root.iter(f"{W}pPr"))

    def _blocks(self, parent: Any, in_cell: bool = False) -> Iterator[Item]:
        for element in parent.iterchildren():
            if element.tag == f"{W}p":
                yield from self._paragraph(element, in_cell)
            elif element.tag == f"{W}tbl":
                yield from self._table(element)
            elif element.tag == f"{W}altChunk":
                part = self._package.target(self._part, element.get(f"{R}id"))
                yield Item(document=self._package.document(part, self._beat))
            elif element.tag == f"{MC}AlternateContent":
                yield from self._blocks(element[0], in_cell)
            elif element.tag not in _SKIPPED:  # content controls, insertions: look inside
                yield from self._blocks(element, in_cell)
        if self._carried is not None:
            content, self._carried = self._carried, None
            yield from self._content(content, Item(content.text))

    def _paragraph(self, paragraph: Any, in_cell: bool) -> Iterator[Item]:
        self._beat()
        properties = next(paragraph.iterchildren(f"{W}pPr"), None)
        style, level = self._level(properties)
        content = self._carried or Content()
        self._carried = None
        self.reader.read(paragraph, properties, style, content)
        mark = None if properties is None else properties.find(f"{W}rPr")
        if mark is not None:
            if next(mark.iterchildren(f"{W}del", f"{W}moveFrom"), None) is not None:
                self._carried = content
                return
            if not content.text and is_on(mark.find(f"{W}vanish")):
                yield from self._content(content, Item())
                return
        label, depth = self._label(properties, style)
        text = content.text
        shown = f"{label}{text}" if text or (in_cell and label) else ""
        bold = bool(text) and content.bold and len(text) <= _MAX_BOLD_HEADING
        yield from self._content(content, _item(shown, style, level, depth, content, bold))

    def _content(self, content: Content, item: Item) -> Iterator[Item]:
        """The text of a paragraph and what hangs on it."""
        if item.text:
            yield item
        for box in content.boxes:
            yield from self._blocks(box)
        for relation in content.charts:
            yield from self._chart(self._package.target(self._part, relation))
        for relation in content.diagrams:
            root = self._package.xml(self._package.target(self._part, relation))
            for words, depth in () if root is None else diagram_items(root):
                yield Item(words, DocumentBlockKind.LIST_ITEM, depth)
        for words in map(alternative_text, content.pictures):
            self.pictures += not words
            yield from [Item(words, DocumentBlockKind.CAPTION)] if words else []
        self.embedded += content.embedded
        for kind, name in content.notes:
            yield from self._note(kind, name)

    def _chart(self, part: str) -> Iterator[Item]:
        root = self._package.xml(part)
        if root is None:
            return
        chart = read_chart(root)
        if chart.title:
            yield Item(chart.title, DocumentBlockKind.TABLE_TITLE)
        for rows in chart.tables:
            yield Item(rows=rows, headers=1)
        if chart.words:
            yield Item("\n".join(chart.words), DocumentBlockKind.CAPTION)

    def _note(self, kind: str, name: str) -> Iterator[Item]:
        """A footnote, an endnote, or a comment with its author and its day."""
        part, nodes = self._notes.get(kind, ("", {}))
        node = nodes.pop(name, None)  # shown once, however often it is referred to
        if node is None:
            return
        lines: list[str] = []
        further: list[Item] = []
        for item in self.part(part, node):
            if item.kind is DocumentBlockKind.NOTE:
                further.append(item)
            else:
                lines.append(item.line)
        author, day = node.get(f"{W}author", ""), node.get(f"{W}date", "")[:10]
        lead = f"{author} ({day}): " if author and day else f"{author}: " if author else ""
        if words := "\n".join(lines).strip():
            yield Item(lead + words, DocumentBlockKind.NOTE)
        yield from further

    def notes_left(self) -> list[str]:
        """Returns the words of notes and comments to which nothing that is shown refers."""
        nodes = (node for _, nodes in self._notes.values() for node in nodes.values())
        texts = ("".join(text.text or "" for text in node.iter(f"{W}t")) for node in nodes)
        return [words for text in texts if (words := clean_line(text))]

    def _level(self, properties: Any) -> tuple[ParagraphStyle, int | None]:
        """The style of a paragraph with these properties, or None, and the level of its heading."""
        name = None if properties is None else properties.find(f"{W}pStyle")
        style = self._styles.paragraph(None if name is None else name.get(_VAL))
        level = style.level
        if level is None and properties is not None:
            level = outline_level(properties)
        return style, level

    def _label(self, properties: Any, style: ParagraphStyle) -> tuple[str, int]:
        """The number of a paragraph, counted now, and its depth; 0 where it is in no list."""
        name = style.list_name
        level = self._numbering.level_of_style(name, style.list_style, style.list_level)
        own = None if properties is None else properties.find(f"{W}numPr")
        if own is not None:
            level = number(own.find(f"{W}ilvl"), _VAL, level)
            found = own.find(f"{W}numId")
            name = name if found is None else found.get(_VAL, "")
        if name in ("", "0"):  # 0 takes a paragraph out of the list of its style
            return "", 0
        return self._numbering.label(name, level), level + 1

    def _table(self, table: Any) -> Iterator[Item]:
        rows: list[list[str]] = []
        notes: list[Item] = []
        marked: list[bool] = []
        nodes = list(_inside(table, f"{W}tr"))
        if all(len(list(_inside(row, f"{W}tc"))) <= 1 for row in nodes):  # a frame around text
            for row in nodes:
                for cell in _inside(row, f"{W}tc"):
                    yield from self._blocks(cell)
            return
        for row in nodes:
            properties = row.find(f"{W}trPr")
            if properties is not None and (kept := self._left_out(properties)) is not None:
                kept.append(
                    clean_line(" ".join(t.text or "" for t in row.iter(f"{W}t", f"{W}delText")))
                )
                continue
            rows.append(self._row(row, rows[-1] if rows else [], notes))
            head = None if properties is None else properties.find(f"{W}tblHeader")
            marked.append(is_on(head))
        headers = [*marked, False].index(False)
        yield Item(rows=rows, headers=headers or None)
        yield from notes

    def _left_out(self, properties: Any) -> list[str] | None:
        """The list to which the words of a deleted or hidden row go; None for one that is shown."""
        if properties.find(f"{W}del") is not None:
            return self.reader.deleted
        return self.reader.hidden if is_on(properties.find(f"{W}hidden")) else None

    def _row(self, row: Any, above: list[str], notes: list[Item]) -> list[str]:
        """The cells of a row; one merged downwards repeats, as one merged sideways does."""
        cells = [""] * min(number(row.find(f"{W}trPr/{W}gridBefore"), _VAL), _MAX_SPAN)
        for cell in _inside(row, f"{W}tc"):
            properties = cell.find(f"{W}tcPr")
            at = len(cells)
            if _continues(properties, "hMerge") and cells:
                cells.append(Covered(cells[-1]))
                continue
            if _continues(properties, "vMerge") and at < len(above):
                cells.append(str(above[at]))
            else:
                cells.append(self._cell(cell, notes))
            span = None if properties is None else properties.find(f"{W}gridSpan")
            cells += [Covered(cells[-1])] * (min(number(span, _VAL, 1), _MAX_SPAN) - 1)
        return cells

    def _cell(self, cell: Any, notes: list[Item]) -> str:
        words = []
        for item in self._blocks(cell, in_cell=True):
            if item.kind is DocumentBlockKind.NOTE:
                notes.append(item)
            else:
                words.append(item.line)
        return clean_line(" ".join(words))


def _item(
    text: str, style: ParagraphStyle, level: int | None, depth: int, content: Content, bold: bool
) -> Item:
    if level is not None:
        return Item(text, DocumentBlockKind.HEADING, level)
    if depth:
        return Item(text, DocumentBlockKind.LIST_ITEM, depth, bold=bold)
    if style.caption:
        return Item(text, DocumentBlockKind.CAPTION)
    return Item(text, DocumentBlockKind.FIELD if content.is_field else None, bold=bold)


def _inside(parent: Any, tag: str) -> Iterator[Any]:
    """Children of one kind, also those in content controls and insertions."""
    for child in parent.iterchildren():
        if child.tag == tag:
            yield child
        elif child.tag in _WRAPPERS:
            yield from _inside(child, tag)


def _continues(properties: Any, merge: str) -> bool:
    """Whether a cell is the continuation of the one above it or before it."""
    found = None if properties is None else properties.find(f"{W}{merge}")
    return found is not None and found.get(_VAL) != "restart"
