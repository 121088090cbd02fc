"""Opens OpenDocument packages: the body, the title, the styles, and the objects inside.

A style inherits from its parent. Those that a program made up («P1») stand in the part that uses
them, those with names in `styles.xml`.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field, replace
from typing import Any, Self

from rag.parsing.archive import open_archive, parse_xml
from rag.parsing.builder import encrypted, unreadable
from rag.parsing.docx_styles import MAX_CHAIN, UNKNOWN, Look
from rag.parsing.docx_text import BOX
from rag.parsing.file import File
from rag.parsing.items import TITLE

_NS = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
TEXT, TABLE, DRAW, OFFICE, STYLE, FORM, PRESENTATION = (
    _NS % name for name in "text table drawing office style form presentation".split()
)
FO = _NS % "xsl-fo-compatible"
LOEXT = "{urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0}"
DC = "{http://purl.org/dc/elements/1.1/}"
SVG = _NS % "svg-compatible"
XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
HREF = "{http://www.w3.org/1999/xlink}href"


@dataclass(frozen=True, slots=True)
class TextStyle:
    """A style of paragraphs or of spans with all that it inherits."""

    look: Look = field(default_factory=Look)
    level: int | None = None  # TITLE, where it is the style of the document's title
    caption: bool = False
    list_style: str | None = None  # "" takes a heading out of the outline's numbers


class Styles:
    """The styles that one part uses, by their names. `roots` are the parts that define them."""

    def __init__(self, *roots: Any) -> None:
        self._nodes: dict[tuple[str, str], Any] = {}
        self.lists: dict[str, Any] = {}
        self.outline: Any = None
        self.language = "en"
        self.page_background = ""
        self._found: dict[tuple[str, str], TextStyle] = {}
        for root in roots:
            if root is not None:
                self._add(root)

    def _add(self, root: Any) -> None:
        for node in root.iter(f"{STYLE}style"):
            key = node.get(f"{STYLE}family", ""), node.get(f"{STYLE}name", "")
            self._nodes[key] = node
        for node in root.iter(f"{TEXT}list-style"):
            self.lists[node.get(f"{STYLE}name", "")] = node
        if self.outline is None:
            self.outline = next(root.iter(f"{TEXT}outline-style"), None)
        for node in root.iter(f"{STYLE}page-layout-properties"):
            if node.get(f"{FO}background-color", "transparent") != "transparent":
                self.page_background = UNKNOWN  # some pages may be painted, and others not
        for node in root.iter(f"{STYLE}default-style"):
            if any(properties.get(f"{FO}language") == "es" for properties in node):
                self.language = "es"

    def text(self, family: str, name: str | None, start: TextStyle) -> TextStyle:
        """Returns a style of the family «paragraph» or «text»; what it leaves open is `start`'s."""
        style = start
        for node in self._chain(family, name or ""):
            style = _inherited(style, node)
        return style

    def paragraph(self, name: str | None) -> TextStyle:
        """Returns the style of a paragraph."""
        key = "paragraph", name or ""
        if key not in self._found:
            self._found[key] = self.text(*key, TextStyle())
        return self._found[key]

    def is_shown(self, family: str, name: str | None) -> bool:
        """Tells whether a style of tables or sections lets them be seen."""
        nodes = self._chain(family, name or "")
        shown = [p.get(f"{TABLE}display", "true") for node in nodes for p in node]
        return "false" not in shown

    def background(self, family: str, name: str | None) -> str:
        """Returns the colour that a style of cells, rows or tables paints; "" where it is none."""
        color = ""
        for properties in (child for node in self._chain(family, name or "") for child in node):
            color = properties.get(f"{FO}background-color", color)
        return "" if color == "transparent" else color.lstrip("#")

    def _chain(self, family: str, name: str) -> list[Any]:
        """The nodes of a style and its parents, the outermost parent first."""
        chain: list[Any] = []
        while (node := self._nodes.get((family, name))) is not None and len(chain) < MAX_CHAIN:
            chain.append(node)
            name = node.get(f"{STYLE}parent-style-name", "")
        return chain[::-1]


def _inherited(style: TextStyle, node: Any) -> TextStyle:
    """What a style makes of its parent."""
    name = node.get(f"{STYLE}name", "").lower()
    found: dict[str, Any] = {}
    if name == "title":
        found["level"] = TITLE
    if name == "caption":
        found["caption"] = True
    if (lists := node.get(f"{STYLE}list-style-name")) is not None:
        found["list_style"] = lists
    look: dict[str, Any] = {}
    for properties in node.iterchildren(f"{STYLE}text-properties", f"{STYLE}paragraph-properties"):
        if properties.get(f"{TEXT}display") is not None:
            look["hidden"] = properties.get(f"{TEXT}display") == "none"
        if color := properties.get(f"{FO}color"):
            look["color"] = color.lstrip("#")
        if properties.get(f"{STYLE}use-window-font-color") == "true":
            look["color"] = "auto"
        if background := properties.get(f"{FO}background-color"):
            look["fill"] = "" if background == "transparent" else background.lstrip("#")
        if (size := properties.get(f"{FO}font-size", "")).endswith("pt"):
            look["size"] = round(2 * _float(size.removesuffix("pt")))
        if weight := properties.get(f"{FO}font-weight"):
            look["bold"] = weight not in ("normal", "400")
    return replace(style, look=replace(style.look, **look), **found)


def _float(words: str) -> float:
    try:
        return float(words)
    except ValueError:
        return 11.0


class OpenDocument:
    """A package that is open. `unreadable_parts` fills with the names of damaged parts."""

    def __init__(self, file: File, kind: str) -> None:
        """`kind`: «text», «spreadsheet», «presentation».

        Raises FileProblem: encrypted, bomb or unreadable.
        """
        from lxml import etree

        self._file = file
        self._archive = open_archive(file)
        self.unreadable_parts: list[str] = []
        try:
            if b"encryption-data" in self._archive.read("META-INF/manifest.xml"):
                raise encrypted(file)
            self.content = parse_xml(file, self._archive.read("content.xml"))
        except (KeyError, etree.XMLSyntaxError) as error:
            self._archive.close()
            raise unreadable(file, f"it is no complete OpenDocument file ({error})") from error
        self.body = self.content.find(f"{OFFICE}body/{OFFICE}{kind}")
        if self.body is None:
            raise unreadable(file, "it has no body")
        self.named = self._optional("styles.xml")
        self.styles = Styles(self.named, self.content)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def title(self) -> str:
        """Returns the title that the file's properties hold, or ""."""
        meta = self._optional("meta.xml")
        titles = () if meta is None else meta.iter(f"{DC}title")
        return next((title.text or "" for title in titles), "")

    def object(self, reference: str) -> Any:
        """Returns the root of an object inside («./Object 1»); None where it is damaged."""
        return self.part(posixpath.join(posixpath.normpath(reference), "content.xml"))

    def part(self, name: str) -> Any:
        """Returns the root of a part; None where it is missing or damaged."""
        from lxml import etree

        try:
            return parse_xml(self._file, self._archive.read(name))
        except (KeyError, OSError, ValueError, etree.XMLSyntaxError):
            self.unreadable_parts.append(name)
            return None

    def damages(self) -> list[str]:
        """Returns what cannot be read, in words."""
        return [f"{part} is damaged or missing" for part in self.unreadable_parts]

    def _optional(self, name: str) -> Any:
        return self.part(name) if name in self._archive.namelist() else None


def control_text(control: Any) -> str:
    """Returns what a control of a form shows: its state or its value, and its label."""
    value = control.get(f"{FORM}current-value") or control.get(f"{FORM}value") or ""
    if control.tag == f"{FORM}checkbox":
        state = control.get(f"{FORM}current-state") or control.get(f"{FORM}state")
        value = BOX[state == "checked"]
    elif control.tag == f"{FORM}radio":
        value = BOX[_is_selected(control)]
    elif control.tag == f"{FORM}listbox":
        chosen = (node.get(f"{FORM}label", "") for node in control if _is_selected(node))
        value = next(chosen, value)
    return " ".join(filter(None, (value, control.get(f"{FORM}label"))))


def _is_selected(node: Any) -> bool:
    state: str = node.get(f"{FORM}current-selected") or node.get(f"{FORM}selected") or ""
    return state == "true"


def whole(element: Any, attribute: str, default: int) -> int:
    """Returns the whole number that an attribute holds, 0 or more; `default` where none."""
    value = element.get(attribute, "")
    return int(value) if value.isdecimal() and len(value) < 10 else default
