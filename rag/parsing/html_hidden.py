"""Takes out of a page what nobody who looks at it sees, and returns it apart.

Style sheets inside the page are applied by css-inline; what other files would add is not known.
Hidden is what is not displayed, what has no size or lies off the page, and text in the colour of
what is behind it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

from rag.parsing.characters import clean_line
from rag.parsing.html_parts import children_of

_MAX_DEPTH = 1_000  # of elements: css-inline recurses
_MAX_MATCHES = 20_000_000  # elements by rules: css-inline tries each on each
_SUSPICIOUS = re.compile(r"""\bstyle\s*=|<style|\bcolor\s*=|\bhidden\b""", re.IGNORECASE)
_SILENT = frozenset({"script", "style", "template", "noscript", "head", "title", "svg", "iframe"})
_ZERO = re.compile(r"0+(?:\.0+)?(?:[a-z]+|%)?|[01]?(?:\.\d+)?p[xt]")  # or a pixel at most
_FAR = re.compile(r"-\d{3,}(?:\.\d+)?(?:px|pt|%)?|-\d{2,}(?:em|rem|vw)")
_CLIPPED = re.compile(r"rect\(\s*(?:[01](?:px)?[\s,]*){4}\)|inset\(\s*(?:50|100)%|circle\(\s*0")
_RGB = re.compile(r"rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)(?:[\s,/]+([\d.]+)(%?))?\s*\)")
_ALIKE = 12  # of 255, in each of red, green and blue: nobody can tell them apart

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Look:
    """What an element hands down to its children; None for a colour that is not known."""

    colour: Colour | None = (0, 0, 0)
    behind: Colour | None = (255, 255, 255)
    tiny: bool = False
    invisible: bool = False

    @property
    def hides(self) -> bool:
        """Tells whether text that looks like this cannot be seen."""
        alike = self.colour is not None and self.behind is not None
        if alike and self.colour and self.behind:
            alike = all(abs(a - b) <= _ALIKE for a, b in zip(self.colour, self.behind, strict=True))
        return self.tiny or self.invisible or alike


def visible_page(markup: str) -> tuple[LexborHTMLParser, list[str]]:
    """Returns the tree of a page without what is hidden, and the hidden texts."""
    tree = LexborHTMLParser(markup)
    if not _SUSPICIOUS.search(markup) or tree.root is None:
        return tree, []
    if tree.css_first("style") is not None and _can_be_styled(tree):
        tree = LexborHTMLParser(_styled(markup))
    return tree, _take_hidden(tree)


def _can_be_styled(tree: LexborHTMLParser) -> bool:
    rules = sum((style.text() or "").count("{") for style in tree.css("style"))
    if rules * len(tree.css("*")) > _MAX_MATCHES:
        return False
    level = [tree.root] if tree.root is not None else []
    for _ in range(_MAX_DEPTH):
        level = [child for node in level for child in node.iter()]
        if not level:
            return True
    return False


def _styled(markup: str) -> str:
    """The page with the rules of its style sheets written to the elements that they are about."""
    import css_inline

    inliner = css_inline.CSSInliner(load_remote_stylesheets=False)
    try:
        return str(inliner.inline(markup))
    except css_inline.InlineError:
        return markup


def _take_hidden(tree: LexborHTMLParser) -> list[str]:
    base = _Look()
    if tree.css_first("link[rel=stylesheet]") is not None:
        base = replace(base, behind=None)  # another file may say what is behind the text
    hidden: list[str] = []
    stack = [(tree.root, base)] if tree.root is not None else []
    while stack:
        node, look = stack.pop()
        if node.is_text_node:
            words = clean_line(node.text_content or "") if look.hides else ""
            if words:
                hidden.append(words)
                node.decompose()
        elif node.tag not in _SILENT:
            inner = _look(node, look)
            if inner is None:
                hidden += filter(None, [clean_line(node.text(separator=" "))])
                node.decompose()
            else:
                stack.extend((child, inner) for child in reversed(list(children_of(node))))
    return hidden


def _look(node: LexborNode, look: _Look) -> _Look | None:
    """The look of an element's text; None where it hides all that is in it."""
    attributes = node.attributes
    if not attributes:
        return look
    if "hidden" in attributes and attributes["hidden"] != "until-found":
        return None
    style = _declarations(attributes.get("style") or "")
    if style and _is_gone(style):
        return None
    if back := attributes.get("bgcolor") or _background(style):
        look = replace(look, behind=_colour(back))
    colour = style.get("color") or (attributes.get("color") if node.tag == "font" else None)
    if colour == "transparent" or (colour and _alpha(colour) == 0):
        look = replace(look, colour=look.behind)
    elif colour and colour not in ("inherit", "currentcolor"):
        look = replace(look, colour=_colour(colour))
    if size := style.get("font-size"):
        look = replace(look, tiny=_ZERO.fullmatch(size) is not None)
    if shown := style.get("visibility"):
        look = replace(look, invisible=shown in ("hidden", "collapse"))
    return look


@lru_cache(maxsize=4096)  # style sheets give many elements the same
def _declarations(style: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in style.lower().split(";"))
    return {
        name.strip(): value.replace("!important", "").strip() for name, _, value in pairs if value
    }


def _is_gone(style: dict[str, str]) -> bool:
    """Tells whether an element has no place on the page, with all that is in it."""
    get = style.get
    if get("display") == "none" or get("opacity") in ("0", "0.0", "0%"):
        return True
    cut = get("overflow", "") in ("hidden", "clip")
    if cut and any(
        _ZERO.fullmatch(get(side, "auto")) for side in ("height", "width", "max-height")
    ):
        return True
    if get("position") in ("absolute", "fixed") and any(
        _FAR.fullmatch(get(side, "")) for side in ("left", "top", "right")
    ):
        return True
    far = any(_FAR.fullmatch(get(name, "")) for name in ("text-indent", "margin-left"))
    clipped = any(_CLIPPED.match(get(name, "")) for name in ("clip", "clip-path"))
    return far or clipped or get("transform", "").startswith("scale(0)")


def _background(style: dict[str, str]) -> str:
    return style.get("background-color") or style.get("background") or ""


@lru_cache(maxsize=1024)
def _colour(value: str) -> Colour | None:
    from PIL import ImageColor  # knows the names of colours

    if found := _RGB.match(value.strip()):
        return int(found[1]), int(found[2]), int(found[3])
    try:
        red, green, blue, *_ = ImageColor.getrgb(value.strip())
    except ValueError:
        return None
    return red, green, blue


def _alpha(value: str) -> float:
    found = _RGB.match(value)
    return float(found[4]) if found and found[4] else 1.0
