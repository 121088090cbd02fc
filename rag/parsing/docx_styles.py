"""What the styles of a DOCX mean: headings, lists, captions, and text that nobody can see.

A style inherits from the one it is based on, all from the document's defaults; each is resolved
once, because long files ask for them at every run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from rag.parsing.items import TITLE
from rag.parsing.ooxml import W, is_on, number

_VAL = f"{W}val"
_HEADING_NAME = re.compile(r"(?:heading|título|titulo|encabezado) ?([1-9])", re.IGNORECASE)
_TITLE_NAMES = frozenset({"title", "título", "titulo", "puesto"})  # «Puesto»: Word 2016 in Spanish
_CAPTION_NAMES = frozenset({"caption", "descripción", "descripcion", "epígrafe", "leyenda"})
_BODY_TEXT = 9  # the outline level of what is no heading
_INVISIBLE_SIZE = 2  # half-points: one point, a speck even when magnified
_NEAR = 10  # of 255: no eye tells two colours apart that differ less in every part
_WHITE = "FFFFFF"
MAX_CHAIN = 30
"""Styles that one may be based on: Word stops earlier, and a ring never ends."""

UNKNOWN = "unknown"
"""The background where something is painted behind the text, in whatever colour."""


@dataclass(frozen=True, slots=True)
class Look:
    """How text looks, as far as it decides whether it is seen, and whether it stands out."""

    hidden: bool = False
    bold: bool = False
    color: str = "auto"
    size: int = 22  # half-points
    fill: str = ""  # behind the text; "" where nothing says
    font: str = ""  # in small letters

    def with_properties(self, properties: Any) -> Look:
        """Returns the look that a `w:rPr` makes of this one."""
        if properties is None:
            return self
        found: dict[str, Any] = {}
        for child in properties:
            tag = child.tag
            if tag == f"{W}vanish":
                found["hidden"] = is_on(child)
            elif tag == f"{W}b":
                found["bold"] = is_on(child)
            elif tag == f"{W}color":
                found["color"] = child.get(_VAL, "auto")
            elif tag == f"{W}rFonts":
                found["font"] = child.get(f"{W}ascii", self.font).lower()
            elif tag == f"{W}sz":
                found["size"] = number(child, _VAL, 22)
            elif tag in (f"{W}shd", f"{W}highlight"):
                found["fill"] = fill(child)
        return replace(self, **found) if found else self

    @property
    def suspect(self) -> bool:
        """Tells whether the text may be invisible on some background."""
        return self.hidden or self.color != "auto" or self.size <= _INVISIBLE_SIZE

    def invisible(self, background: str) -> bool:
        """Tells whether nobody sees text of this look on a background, a colour or `UNKNOWN`."""
        if self.hidden or self.size <= _INVISIBLE_SIZE:
            return True
        return _same_color(self.color, self.fill or background)


@dataclass(frozen=True, slots=True)
class ParagraphStyle:
    """A paragraph style with all that it inherits."""

    level: int | None = None  # TITLE, or 1-9 of a heading
    caption: bool = False
    list_name: str = ""  # the `num` that numbers its paragraphs
    list_level: int = 0
    list_style: str = ""  # the style that names the list, itself or inherited
    look: Look = field(default_factory=Look)
    fill: str = ""


class Styles:
    """The styles of a document by their ids."""

    def __init__(self, root: Any) -> None:
        """`root` of styles.xml, or None."""
        nodes = [] if root is None else list(root.iter(f"{W}style"))
        self._nodes = {node.get(f"{W}styleId", ""): node for node in nodes}
        defaults = None if root is None else root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")
        self._default = Look().with_properties(defaults)
        language = None if defaults is None else defaults.find(f"{W}lang")
        spanish = language is not None and language.get(_VAL, "").lower().startswith("es")
        self.language = "es" if spanish else "en"
        self._paragraphs: dict[str, ParagraphStyle] = {}
        self._painted: dict[str, bool] = {}
        self._normal = next(
            (
                node.get(f"{W}styleId", "")
                for node in nodes
                if node.get(f"{W}type") == "paragraph"
                and node.get(f"{W}default") in ("1", "true", "on")
            ),
            "",
        )

    def paragraph(self, name: str | None) -> ParagraphStyle:
        """Returns a paragraph style; the default one for None or an unknown name."""
        known = name if name and name in self._nodes else self._normal
        if known not in self._paragraphs:
            style = ParagraphStyle(look=self._default)
            for node in self._chain(known):
                style = _inherited(style, node)
            self._paragraphs[known] = style
        return self._paragraphs[known]

    def run(self, look: Look, properties: Any) -> Look:
        """Returns the look of a run whose paragraph has `look`: by its style, then by itself."""
        if properties is None:
            return look
        name = properties.find(f"{W}rStyle")
        if name is not None:
            for node in self._chain(name.get(_VAL, "")):
                look = look.with_properties(node.find(f"{W}rPr"))
        return look.with_properties(properties)

    def paints(self, table_style: str) -> bool:
        """Tells whether a table style paints any cells."""
        if table_style not in self._painted:
            shades = (node.iter(f"{W}shd") for node in self._chain(table_style))
            self._painted[table_style] = any(fill(shade) for found in shades for shade in found)
        return self._painted[table_style]

    def lists(self) -> dict[str, str]:
        """Returns the `num` that each numbering style names."""
        found = {name: node.find(f"{W}pPr/{W}numPr/{W}numId") for name, node in self._nodes.items()}
        return {name: node.get(_VAL, "") for name, node in found.items() if node is not None}

    def _chain(self, name: str) -> list[Any]:
        """The nodes of a style and those it is based on, the basis first."""
        chain: list[Any] = []
        while name in self._nodes and len(chain) < MAX_CHAIN:
            chain.append(self._nodes[name])
            parent = chain[-1].find(f"{W}basedOn")
            name = "" if parent is None else parent.get(_VAL, "")
        return chain[::-1]


def fill(shade: Any) -> str:
    """Returns the colour of a `w:shd` or `w:highlight`; "" for none."""
    if shade.tag == f"{W}highlight":
        return {"none": "", "white": _WHITE, "black": "000000"}.get(shade.get(_VAL, ""), UNKNOWN)
    color: str = shade.get(f"{W}fill", "auto")
    return "" if color == "auto" else color


def outline_level(properties: Any) -> int | None:
    """Returns the level, 1-9, that a `w:pPr` itself gives its paragraph in the outline."""
    level = number(properties.find(f"{W}outlineLvl"), _VAL, _BODY_TEXT)
    return level + 1 if level < _BODY_TEXT else None


def _inherited(style: ParagraphStyle, node: Any) -> ParagraphStyle:
    """What a style makes of the one it is based on."""
    found: dict[str, Any] = {"look": style.look.with_properties(node.find(f"{W}rPr"))}
    name = node.find(f"{W}name")
    words = "" if name is None else name.get(_VAL, "").strip().lower()
    heading = _HEADING_NAME.fullmatch(words)
    if words in _TITLE_NAMES or heading:
        found["level"] = int(heading[1]) if heading else TITLE
    found["caption"] = style.caption or words in _CAPTION_NAMES
    properties = node.find(f"{W}pPr")
    if properties is not None:
        if properties.find(f"{W}outlineLvl") is not None and "level" not in found:
            found["level"] = outline_level(properties)
        if (numbering := properties.find(f"{W}numPr")) is not None:
            found["list_level"] = number(numbering.find(f"{W}ilvl"), _VAL, style.list_level)
            if (name := numbering.find(f"{W}numId")) is not None:
                found["list_name"] = name.get(_VAL, "")
                found["list_style"] = node.get(f"{W}styleId", "")
        if (shade := properties.find(f"{W}shd")) is not None:
            found["fill"] = fill(shade)
    return replace(style, **found)


def _same_color(color: str, background: str) -> bool:
    try:
        text, behind = bytes.fromhex(color), bytes.fromhex(background or _WHITE)
    except ValueError:  # «auto», or a colour that is not known
        return False
    return len(text) == len(behind) == 3 and all(
        abs(a - b) < _NEAR for a, b in zip(text, behind, strict=True)
    )
