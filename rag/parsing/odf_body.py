"""Walks OpenDocument content in document order and yields what it shows, item after item.

What hangs on a paragraph (text boxes, drawings, notes, comments) comes after it. Text that nobody
can see goes to a list of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from rag.parsing.characters import clean_line
from rag.parsing.docx_styles import UNKNOWN
from rag.parsing.drawings import alternative_text
from rag.parsing.file import Beat
from rag.parsing.items import TITLE, Item
from rag.parsing.odf import (
    DC,
    DRAW,
    FORM,
    HREF,
    LOEXT,
    OFFICE,
    PRESENTATION,
    SVG,
    TABLE,
    TEXT,
    XML_ID,
    OpenDocument,
    Styles,
    TextStyle,
    control_text,
    whole,
)
from rag.parsing.odf_lists import Counter, Lists
from rag.parsing.odf_tables import table_rows
from rag.schema import DocumentBlockKind

_LITERAL = {f"{TEXT}tab": "\t", f"{TEXT}line-break": "\n"}
_SKIPPED = frozenset(
    [f"{OFFICE}forms", f"{TABLE}tracked-changes", f"{OFFICE}annotation-end", f"{PRESENTATION}notes"]
    + [TEXT + name for name in """tracked-changes sequence-decls variable-decls user-field-decls
       note-citation number table-of-content-source alphabetical-index-source script""".split()]
)  # fmt: skip
_SHAPES = frozenset(
    DRAW + name for name in """frame custom-shape rect ellipse circle line connector polygon
    polyline path regular-polygon caption measure g control""".split()
)  # fmt: skip
_HIDING = frozenset({f"{TEXT}hidden-text", f"{TEXT}hidden-paragraph"})
_FIELDS = frozenset({f"{TEXT}text-input", f"{TEXT}drop-down", f"{LOEXT}content-control"})
_PAINTED = {f"{TABLE}{name}": name for name in ("table-cell", "table-row", "table")}
_SPACES = re.compile(r"[ \t\r\n]+")  # of the file's layout: what is shown has elements of its own
_MAX_LEVEL = 10
_MAX_BOLD_HEADING = 100  # characters: longer bold lines are stressed sentences


@dataclass(slots=True)
class _Content:
    """What a paragraph holds: its words, and what hangs on it."""

    parts: list[str] = field(default_factory=list)
    hanging: list[Any] = field(default_factory=list)
    is_field: bool = False
    bold: bool = True


class Body:
    """Walks one document; `hidden` and `pictures` fill with what is left out."""

    def __init__(self, package: OpenDocument, styles: Styles, beat: Beat) -> None:
        self._package = package
        self._styles = styles
        self._beat = beat
        self._outline = Counter(styles.outline, styles.language)
        self._lists = Lists(styles.lists, styles.language)
        self._label: str | None = None  # of the list item whose first paragraph is still to come
        self._controls = {
            node.get(f"{FORM}id") or node.get(XML_ID): node
            for node in package.content.iter(f"{FORM}*")
        }
        self.hidden: list[str] = []
        self.embedded: list[str] = []
        self.pictures = 0  # without a text

    def items(self, elements: Iterable[Any]) -> Iterator[Item]:
        """Yields what elements show, one after the other."""
        for element in elements:
            tag = element.tag
            if tag in _SKIPPED:
                continue
            if tag in (f"{TEXT}p", f"{TEXT}h"):
                yield from self._paragraph(element)
            elif tag == f"{TEXT}list":
                yield from self._list(element)
            elif tag == f"{TABLE}table":
                yield from self._table(element)
            elif tag in _SHAPES:
                yield from self._shape(element)
            elif tag == f"{OFFICE}annotation":
                yield from self._comment(element)
            elif tag == f"{TEXT}section" and element.get(f"{TEXT}display") == "none":
                self._hide(element)
            else:
                yield from self.items(element)

    def _paragraph(self, paragraph: Any) -> Iterator[Item]:
        self._beat()
        style = self._styles.paragraph(paragraph.get(f"{TEXT}style-name"))
        content = _Content()
        self._words(paragraph, style, content)
        label, self._label = self._label, None
        words = "".join(content.parts).strip()
        if words:
            yield self._item(paragraph, words, style, label, content)
        for element in content.hanging:
            if element.tag == f"{TEXT}note":
                yield from self._note(element)
            else:
                yield from self.items([element])

    def _item(
        self, paragraph: Any, words: str, style: TextStyle, label: str | None, content: _Content
    ) -> Item:
        bold = content.bold and "\n" not in words and len(words) <= _MAX_BOLD_HEADING
        if style.level == TITLE:
            return Item(words, DocumentBlockKind.HEADING, TITLE)
        if paragraph.tag == f"{TEXT}h":
            level = min(max(whole(paragraph, f"{TEXT}outline-level", 1), 1), _MAX_LEVEL)
            label = label or self._heading_label(paragraph, style, level)
            return Item(label + words, DocumentBlockKind.HEADING, level)
        if label is not None:
            return Item(label + words, DocumentBlockKind.LIST_ITEM, self._lists.depth, bold=bold)
        if style.caption:
            return Item(words, DocumentBlockKind.CAPTION)
        return Item(words, DocumentBlockKind.FIELD if content.is_field else None, bold=bold)

    def _heading_label(self, heading: Any, style: TextStyle, level: int) -> str:
        if style.list_style == "" or heading.get(f"{TEXT}is-list-header") == "true":
            return ""
        restarts = heading.get(f"{TEXT}restart-numbering") == "true"
        return self._outline.label(
            level, whole(heading, f"{TEXT}start-value", 1) if restarts else None
        )

    def _list(self, node: Any) -> Iterator[Item]:
        first = node.find(f"{TEXT}list-item/{TEXT}p")
        name = None if first is None else first.get(f"{TEXT}style-name")
        self._lists.open(node, self._styles.paragraph(name).list_style)
        for item in node.iterchildren(f"{TEXT}list-item", f"{TEXT}list-header"):
            # An item that only holds another list has no number of its own.
            begins = next(item.iterchildren(f"{TEXT}p", f"{TEXT}h", f"{TEXT}section"), None)
            if item.tag == f"{TEXT}list-item" and begins is not None:
                self._label = self._lists.label(item)
            yield from self.items(item)
            self._label = None
        self._lists.close()

    def _words(self, element: Any, style: TextStyle, content: _Content) -> None:
        self._write(element.text, element, style, content)
        for child in element:
            self._inline(child, style, content)
            self._write(child.tail, element, style, content)

    def _inline(self, child: Any, style: TextStyle, content: _Content) -> None:
        tag = child.tag
        if tag in _LITERAL:
            content.parts.append(_LITERAL[tag])
        elif tag == f"{TEXT}s":
            content.parts.append(" ")
        elif tag == f"{DRAW}control":
            self._control(child, content)
        elif tag in (f"{TEXT}note", f"{OFFICE}annotation") or tag in _SHAPES:
            content.hanging.append(child)
        elif tag in _HIDING and child.get(f"{TEXT}is-hidden") != "false":
            self._hide(child)
        elif tag == f"{TEXT}span":
            name = child.get(f"{TEXT}style-name")
            self._words(child, self._styles.text("text", name, style), content)
        elif tag == f"{TEXT}ruby-text":
            content.parts.append(f" ({''.join(child.itertext())})")
        elif tag not in _SKIPPED:
            content.is_field = content.is_field or tag in _FIELDS
            self._words(child, style, content)

    def _write(self, words: str | None, element: Any, style: TextStyle, content: _Content) -> None:
        if not words:
            return
        shown = words.strip()
        if shown and style.look.suspect and style.look.invisible(self._behind(element)):
            self.hidden.append(clean_line(words))
            return
        content.bold = content.bold and (style.look.bold or not shown)
        content.parts.append(_SPACES.sub(" ", words))

    def _behind(self, element: Any) -> str:
        """The colour behind text: its cell's, its row's or its table's, or the page's."""
        for around in element.iterancestors():
            if around.tag in _SHAPES:
                return UNKNOWN
            family = _PAINTED.get(around.tag)
            name = around.get(f"{TABLE}style-name")
            if family and (color := self._styles.background(family, name)):
                return color
        return self._styles.page_background

    def _hide(self, element: Any) -> None:
        self.hidden += filter(None, [clean_line(" ".join(element.itertext()))])

    def _control(self, node: Any, content: _Content) -> None:
        control = self._controls.get(node.get(f"{DRAW}control"))
        if control is not None:
            content.is_field = True
            content.parts.append(control_text(control))

    def _note(self, note: Any) -> Iterator[Item]:
        body = note.find(f"{TEXT}note-body")
        words = "\n".join(item.line for item in self.items(() if body is None else body))
        if words:
            yield Item(words, DocumentBlockKind.NOTE)

    def _comment(self, node: Any) -> Iterator[Item]:
        """A comment with its author and its day."""
        author, day = node.findtext(f"{DC}creator") or "", (node.findtext(f"{DC}date") or "")[:10]
        lead = f"{author} ({day}): " if author and day else ""
        paragraphs = node.iterchildren(f"{TEXT}p", f"{TEXT}list")
        words = "\n".join(item.line for item in self.items(paragraphs))
        if words:
            yield Item(lead + words, DocumentBlockKind.NOTE)

    def _shape(self, shape: Any) -> Iterator[Item]:
        """A frame or a drawn shape: the text in it, its object, or what stands for a picture."""
        title, text = shape.findtext(f"{SVG}title") or "", shape.findtext(f"{SVG}desc") or ""
        words = alternative_text(text or title)
        shown = [c for c in shape if c.tag not in (f"{SVG}title", f"{SVG}desc", f"{DRAW}image")]
        for child in shown:
            if child.tag == f"{DRAW}object":
                yield from self._object(child)
            elif child.tag == f"{DRAW}object-ole":
                self.embedded.append(child.get(HREF, ""))
            else:
                yield from self.items([child])
        if words:
            yield Item(words, DocumentBlockKind.CAPTION)
        elif shape.find(f"{DRAW}image") is not None and shape.find(f"{DRAW}object") is None:
            self.pictures += 1

    def _object(self, node: Any) -> Iterator[Item]:
        """A chart or a formula: its words, and its figures as a table."""
        reference = node.get(HREF, "")
        root = node[0] if len(node) else self._package.object(reference)
        if root is None:
            return
        body = root.find(f"{OFFICE}body")
        if body is None:  # a formula
            words = clean_line(
                "".join(
                    text.text or "" for text in root.iter("{*}mi", "{*}mn", "{*}mo", "{*}mtext")
                )
            )
            yield from [Item(words)] if words else []
        else:
            yield from self.items(body)

    def _table(self, table: Any) -> Iterator[Item]:
        if not self._styles.is_shown("table", table.get(f"{TABLE}style-name")):
            self._hide(table)
            return
        notes: list[Item] = []
        rows = list(table_rows(table, lambda cell: self.cell(cell, notes), self.hidden))
        if max(map(len, rows), default=0) <= 1:  # a frame around text
            for cell in table.iter(f"{TABLE}table-cell"):
                yield from self.items(cell)
            return
        heads = table.find(f"{TABLE}table-header-rows")
        yield Item(rows=rows, headers=None if heads is None else len(heads))
        yield from notes

    def cell(self, cell: Any, notes: list[Item]) -> str:
        """Returns the words of a cell in one line; its notes go to `notes`."""
        words = []
        for item in self.items(cell):
            if item.kind is DocumentBlockKind.NOTE:
                notes.append(item)
            else:
                words.append(item.line)
        return clean_line(" ".join(words))
