"""Reads the text of a DOCX paragraph as it is shown, and what hangs on it.

Fields show their result and not their code, tracked changes their final text, check boxes their
state. Text that nobody can see and text that was deleted go to lists of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rag.parsing.docx_styles import UNKNOWN, Look, ParagraphStyle, Styles, fill
from rag.parsing.ooxml import DGM, MC, C, M, R, W, is_on, number
from rag.parsing.symbols import glyph, has_symbols

_VAL = f"{W}val"
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_OFFICE = "{urn:schemas-microsoft-com:office:office}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_PICTURE = "{http://schemas.openxmlformats.org/drawingml/2006/picture}"
_VML = "{urn:schemas-microsoft-com:vml}"
_CHARTS = (f"{C}chart", "{http://schemas.microsoft.com/office/drawing/2014/chartex}chart")
BOX = {True: "☒", False: "☐"}
"""A check box, ticked or not."""

_LITERAL = {
    f"{W}tab": "\t", f"{W}ptab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"
}  # fmt: skip
_SILENT = frozenset(
    {f"{W}{name}" for name in "rPr pPr sdtPr sdtEndPr instrText delInstrText moveFrom".split()}
)
_NOTES = {f"{W}{name}Reference": f"{name}s" for name in ("footnote", "endnote")} | {
    f"{W}commentReference": "comments"
}
_NO_FORM = frozenset(
    {
        f"{W}{name}"
        for name in "citation bibliography docPartObj docPartList equation group picture".split()
    }
)


@dataclass(slots=True)
class Content:
    """What a paragraph holds."""

    parts: list[str] = field(default_factory=list)
    boxes: list[Any] = field(default_factory=list)  # text boxes
    notes: list[tuple[str, str]] = field(default_factory=list)  # («footnotes», id)
    pictures: list[str] = field(default_factory=list)  # what stands for each; "" for nothing
    charts: list[str] = field(default_factory=list)  # ids of relations
    diagrams: list[str] = field(default_factory=list)
    embedded: list[str] = field(default_factory=list)  # the program that opens each
    is_field: bool = False  # of a form
    bold: bool = True  # all of its text

    @property
    def text(self) -> str:
        """Returns its words."""
        return "".join(self.parts).strip()


class TextReader:
    """Reads paragraphs in their order; fields may reach over several."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._fields: list[bool] = []  # of the open ones: whether their code has ended
        self.hidden: list[str] = []
        self.deleted: list[str] = []

    def read(
        self, paragraph: Any, properties: Any, style: ParagraphStyle, content: Content
    ) -> None:
        """Appends what a paragraph holds to `content`; `properties`: its `w:pPr`, or None."""
        self._background = style.fill
        shade = None if properties is None else properties.find(f"{W}shd")
        if shade is not None:
            self._background = fill(shade)
        self._paragraph = paragraph
        self._walk(paragraph, style.look, content)
        if not all(self._fields):  # a code ends in its paragraph, or the field is damaged
            self._fields.clear()

    def _walk(self, element: Any, look: Look, content: Content) -> None:
        for child in element.iterchildren():
            self._node(child, look, content)

    def _node(self, node: Any, look: Look, content: Content) -> None:
        tag = node.tag
        if tag == f"{W}r":
            self._run(node, look, content)
        elif tag in (f"{W}t", f"{M}t"):
            self._write(node.text or "", content)
        elif tag in _LITERAL:
            self._write(_LITERAL[tag], content)
        elif tag == f"{W}del":
            self._keep(self.deleted, node)
        elif tag == f"{W}txbxContent":
            content.boxes.append(node)
        elif tag == f"{W}fldChar":
            self._field(node, content)
        elif tag == f"{W}sdt":
            self._control(node, look, content)
        elif tag in _NOTES:
            content.notes.append((_NOTES[tag], node.get(f"{W}id", "")))
        elif tag == f"{W}sym":
            self._write(_symbol(node), content)
        elif tag == f"{MC}AlternateContent":  # the same for new programs and for old ones
            choice = node.find(f"{MC}Choice")
            self._walk(node.find(f"{MC}Fallback") if choice is None else choice, look, content)
        elif tag == f"{M}f":
            self._fraction(node, look, content)
        elif tag not in _SILENT:
            self._drawn(node, content)
            self._walk(node, look, content)

    def _run(self, run: Any, look: Look, content: Content) -> None:
        look = self._styles.run(look, next(run.iterchildren(f"{W}rPr"), None))
        if look.suspect and look.invisible(self._behind()):
            self._keep(self.hidden, run)
            return
        if content.bold and not look.bold:
            content.bold = run.find(f"{W}t") is None
        before = len(content.parts)
        self._walk(run, look, content)
        if has_symbols(look.font):
            written = "".join(content.parts[before:])
            content.parts[before:] = [glyph(ord(character), look.font) for character in written]

    def _behind(self) -> str:
        """The colour behind the paragraph: its own, its cell's, its table's, or the page's."""
        if self._background:
            return self._background
        for around in self._paragraph.iterancestors():
            if around.tag == f"{W}txbxContent":
                return UNKNOWN
            shade = around.find(f"{W}tcPr/{W}shd") if around.tag == f"{W}tc" else None
            if shade is not None and (color := fill(shade)):
                return color
            if around.tag == f"{W}tbl":
                style = around.find(f"{W}tblPr/{W}tblStyle")
                if style is not None and self._styles.paints(style.get(_VAL, "")):
                    return UNKNOWN
        page = next(self._paragraph.getroottree().getroot().iterchildren(f"{W}background"), None)
        return "" if page is None else page.get(f"{W}color", "")

    def _keep(self, kept: list[str], node: Any) -> None:
        tags = (f"{W}t", f"{W}delText", f"{M}t")
        if words := "".join(text.text or "" for text in node.iter(*tags)).strip():
            kept.append(words)

    def _write(self, text: str, content: Content) -> None:
        if all(self._fields):
            content.parts.append(text)

    def _field(self, node: Any, content: Content) -> None:
        kind = node.get(f"{W}fldCharType")
        if kind == "begin":
            self._fields.append(False)
            form = node.find(f"{W}ffData")
            if form is not None:
                content.is_field = True
                if all(self._fields[:-1]):
                    content.parts.append(_form_value(form))
        elif kind == "separate" and self._fields:
            self._fields[-1] = True
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _control(self, node: Any, look: Look, content: Content) -> None:
        """A content control: a check box by its state, all others by what they show."""
        properties = node.find(f"{W}sdtPr")
        box = None if properties is None else properties.find(f"{_W14}checkbox")
        if box is not None:
            content.is_field = True
            checked = box.find(f"{_W14}checked")
            ticked = checked is not None and checked.get(f"{_W14}val") in ("1", "true", "on")
            self._write(BOX[ticked], content)
            return
        kinds = () if properties is None else {child.tag for child in properties}
        content.is_field = content.is_field or _NO_FORM.isdisjoint(kinds)
        inside = node.find(f"{W}sdtContent")
        if inside is not None:
            self._walk(inside, look, content)

    def _fraction(self, node: Any, look: Look, content: Content) -> None:
        for index, part in enumerate(("num", "den")):
            self._write("/" if index else "", content)
            for child in node.iterfind(f"{M}{part}"):
                self._walk(child, look, content)

    def _drawn(self, node: Any, content: Content) -> None:
        """What a drawing shows besides text: its kinds are told by single elements in it."""
        tag = node.tag
        if tag == f"{W}drawing":
            name = node.find(f"*/{_DRAWING}docPr")
            words = "" if name is None else name.get("descr") or ""
            if words or next(node.iter(f"{_PICTURE}pic"), None) is not None:
                content.pictures.append(words)
        elif tag == f"{_VML}shape" and node.find(f"{_VML}imagedata") is not None:
            content.pictures.append(node.get("alt") or "")
        elif tag in _CHARTS:
            content.charts.append(node.get(f"{R}id", ""))
        elif tag == f"{DGM}relIds":
            content.diagrams.append(node.get(f"{R}dm", ""))
        elif tag == f"{_OFFICE}OLEObject":
            content.embedded.append(node.get("ProgID") or "")


def _form_value(form: Any) -> str:
    """What an old form field shows that has no text of its own."""
    box = form.find(f"{W}checkBox")
    if box is not None:
        state = box.find(f"{W}checked")
        return BOX[is_on(box.find(f"{W}default") if state is None else state)]
    choices = [entry.get(_VAL, "") for entry in form.iterfind(f"{W}ddList/{W}listEntry")]
    chosen = form.find(f"{W}ddList/{W}result")
    if chosen is None:
        chosen = form.find(f"{W}ddList/{W}default")
    at = number(chosen, _VAL)
    return choices[at] if 0 <= at < len(choices) else ""


def _symbol(node: Any) -> str:
    """A character of a font of symbols, in Unicode where it is known."""
    try:
        code = int(node.get(f"{W}char", ""), 16)
    except ValueError:
        return ""
    return glyph(code, node.get(f"{W}font", "").lower())
