"""Takes out of a page what nobody who looks at it sees, and returns it apart.

Style sheets inside the page are applied by css-inline; what other files would add is not known.
Hidden is what is not displayed, what has no size or lies off the page, and text in the colour of
what is behind it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

from rag.parsing.characters import clean_line
from rag.parsing.html_parts import children_of

_MAX_DEPTH = 1_000  # of elements: css-inline recurses
_TOO_DEEP = " > ".join(["*"] * _MAX_DEPTH)
_MAX_MATCHES = 20_000_000  # elements by rules: css-inline tries each on each
_SUSPICIOUS = re.compile(r"""\bstyle\s*=|<style|\bcolor\s*=|\bhidden\b""", re.IGNORECASE)
_SILENT = frozenset({"script", "style", "template", "noscript", "head", "title", "svg", "iframe"})
_MARKED = "[style], [hidden], [bgcolor], font[color]"
_ZERO = re.compile(r"0+(?:\.0+)?(?:[a-z]+|%)?|[01]?(?:\.\d+)?p[xt]")  # or a pixel at most
_FAR = re.compile(r"-\d{3,}(?:\.\d+)?(?:px|pt|%)?|-\d{2,}(?:em|rem|vw)")
_CLIPPED = re.compile(r"rect\(\s*(?:[01](?:px)?[\s,]*){4}\)|inset\(\s*(?:50|100)%|circle\(\s*0")
_RGB = re.compile(r"rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)(?:[\s,/]+([\d.]+)(%?))?\s*\)")
_ALIKE = 12  # of 255, in each of red, green and blue: nobody can tell them apart

Colour = tuple[int, int, int]


class _Look:
    """What an element hands down to its children; None for a colour that is not known."""

    __slots__ = ("behind", "colour", "hides", "inner", "invisible", "tiny")

    def __init__(
        self,
        colour: Colour | None = (0, 0, 0),
        behind: Colour | None = (255, 255, 255),
        tiny: bool = False,
        invisible: bool = False,
    ) -> None:
        self.colour, self.behind, self.tiny, self.invisible = colour, behind, tiny, invisible
        self.hides = tiny or invisible or _are_alike(colour, behind)
        """Tells that text of this look cannot be seen."""

        self.inner: dict[_Marks, _Look | None] = {}
        """The looks of the elements inside, many of which are alike."""


_Marks = tuple[str | None, str | None, str | None]
"""What decides on an element's look: its style, its background and its colour, as attributes."""


def _are_alike(first: Colour | None, second: Colour | None) -> bool:
    if first is None or second is None:
        return False
    return all(abs(a - b) <= _ALIKE for a, b in zip(first, second, strict=True))


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
    count = len(tree.css("*"))
    return rules * count <= _MAX_MATCHES and (
        count <= _MAX_DEPTH or tree.css_first(_TOO_DEEP) is None
    )


def _styled(markup: str) -> str:
    """The page with the rules of its style sheets written to the elements that they are about."""
    import css_inline

    inliner = css_inline.CSSInliner(load_remote_stylesheets=False)
    try:
        return str(inliner.inline(markup))
    except css_inline.InlineError:
        return markup


def _take_hidden(tree: LexborHTMLParser) -> list[str]:
    """Takes out what is hidden, and returns its words. Only elements that something is said about
    are looked at; all others look as the one around them."""
    # Another file may say what is behind the text.
    linked = tree.css_first("link[rel=stylesheet]") is not None
    looks: dict[int, _Look | None] = {}
    base = _Look(behind=None) if linked else _Look()
    gone: list[LexborNode] = []
    faint: list[LexborNode] = []
    for node in tree.css(_MARKED):
        around = _look_around(node, looks, base)
        if around is None:
            continue
        look = _look(node, around)
        looks[node.mem_id] = look
        if look is None:
            gone.append(node)
        elif look.hides:
            faint.append(node)
    hidden = [words for node in faint for words in _take_texts(node, looks)]
    for node in gone:
        hidden += filter(None, [clean_line(node.text(separator=" "))])
        node.decompose()
    return hidden


def _look_around(node: LexborNode, looks: dict[int, _Look | None], base: _Look) -> _Look | None:
    """The look that an element inherits; None inside what is hidden, or shows no text anyway."""
    if node.tag in _SILENT:
        return None
    around = node.parent
    while around is not None:
        if around.mem_id in looks:
            return looks[around.mem_id]
        if around.tag in _SILENT:
            return None
        around = around.parent
    return base


def _take_texts(node: LexborNode, looks: dict[int, _Look | None]) -> list[str]:
    """Takes out the texts in an element that look as it does; returns their words."""
    words: list[str] = []
    stack = list(children_of(node))
    while stack:
        child = stack.pop()
        if child.is_text_node:
            if text := clean_line(child.text_content or ""):
                words.append(text)
                child.decompose()
        elif child.mem_id not in looks and child.tag not in _SILENT:
            stack.extend(children_of(child))
    return words[::-1]


def _look(node: LexborNode, look: _Look) -> _Look | None:
    """The look of an element's text; None where it hides all that is in it."""
    attributes = node.attributes
    if "hidden" in attributes and attributes["hidden"] != "until-found":
        return None
    get = attributes.get
    marks = get("style"), get("bgcolor"), get("color") if node.tag == "font" else None
    if marks not in look.inner:
        look.inner[marks] = _inner_look(look, *marks)
    return look.inner[marks]


def _inner_look(
    look: _Look, declared: str | None, background: str | None, colour: str | None
) -> _Look | None:
    style = _declarations(declared or "")
    if style and _is_gone(style):
        return None
    ink, behind, tiny, invisible = look.colour, look.behind, look.tiny, look.invisible
    if back := background or _background(style):
        behind = _colour(back)
    colour = style.get("color") or colour
    if colour == "transparent" or (colour and _alpha(colour) == 0):
        ink = behind
    elif colour and colour not in ("inherit", "currentcolor"):
        ink = _colour(colour)
    if size := style.get("font-size"):
        tiny = _ZERO.fullmatch(size) is not None
    if shown := style.get("visibility"):
        invisible = shown in ("hidden", "collapse")
    return _Look(ink, behind, tiny, invisible)


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
