"""Reads the text frames of a slide: their paragraphs, the depth of lists, and their numbers.

Whether a paragraph has a bullet or a number is said by itself, by its shape, or by the placeholders
of the layout and the master that the shape fills, the first of them that says anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rag.parsing.characters import clean_text
from rag.parsing.numerals import numeral
from rag.parsing.ooxml import MC, A, M, P, number
from rag.parsing.symbols import box

_INVISIBLE_SIZE = 100  # hundredths of a point: a speck even when magnified
_MARKS = tuple(f"{A}{name}" for name in ("buNone", "buChar", "buAutoNum", "buBlip"))
_FORMATS = {
    "arabic": "decimal", "alphaLc": "lowerLetter", "alphaUc": "upperLetter",
    "romanLc": "lowerRoman", "romanUc": "upperRoman",
}  # fmt: skip
_SCHEME = re.compile("(arabic|alphaLc|alphaUc|romanLc|romanUc)(Period|ParenR|ParenBoth|Minus|)")
_AROUND = {"Period": "{}.", "ParenR": "{})", "ParenBoth": "({})", "Minus": "- {} -"}
_BODIES = frozenset({"body", "obj", "subTitle"})
_TITLES = frozenset({"title", "ctrTitle"})


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph with its number, and its depth in a list, 1 for the outermost; 0 where none."""

    text: str
    level: int = 0


def placeholder(shape: Any) -> Any:
    """Returns what a shape says about the placeholder that it fills; None where it fills none."""
    return shape.find(f"./*/{P}nvPr/{P}ph")


class TextFrames:
    """Reads the frames of one slide; `layout` and `master` are the roots behind it, or None."""

    def __init__(self, layout: Any, master: Any, hidden: list[str]) -> None:
        self._layout = layout
        self._master = master
        self._hidden = hidden

    def paragraphs(self, shape: Any) -> Iterator[Paragraph]:
        """Yields the paragraphs of a shape or of a cell that hold words."""
        counters: dict[int, tuple[str, int]] = {}  # level: its scheme and the last number
        for node in shape.iterfind(f"*/{A}p"):
            text = clean_text(self._words(node))
            if not text.strip():
                continue
            properties = node.find(f"{A}pPr")
            level = min(max(number(properties, "lvl"), 0), 8)
            mark = self._mark(shape, properties, level)
            counters = {at: last for at, last in counters.items() if at <= level}
            if mark is None or mark.tag == f"{A}buNone":
                counters.pop(level, None)
                yield Paragraph(text)
                continue
            label = _label(mark, properties, counters, level)
            yield Paragraph(f"{label} {text}".lstrip(), level + 1)

    def _words(self, node: Any) -> str:
        parts: list[str] = []
        for child in node.iterchildren():
            if child.tag == f"{A}br":
                parts.append("\n")
            elif child.tag in (f"{A}r", f"{A}fld"):
                words = child.findtext(f"{A}t") or ""
                tiny = number(child.find(f"{A}rPr"), "sz", 1800) <= _INVISIBLE_SIZE
                if tiny and words.strip():
                    self._hidden.append(words)
                else:
                    parts.append(words)
            else:  # formulas, alone or as the first of two choices
                choice = child.find(f"{MC}Choice")
                inside = child if choice is None else choice
                parts += [text.text or "" for text in inside.iter(f"{M}t")]
        return "".join(parts)

    def _mark(self, shape: Any, properties: Any, level: int) -> Any:
        name = f"{A}lvl{level + 1}pPr"
        own = [properties, shape.find(f"*/{A}lstStyle/{name}")]
        for node in (*own, *self._inherited(shape, name)):
            for child in () if node is None else node.iterchildren(*_MARKS):
                return child
        return None

    def _inherited(self, shape: Any, name: str) -> Iterator[Any]:
        filled = placeholder(shape)
        if filled is None:
            return
        kind = filled.get("type", "obj")
        for root in (self._layout, self._master):
            other = None if root is None else _counterpart(root, filled.get("idx"), kind)
            if other is not None:
                yield other.find(f"*/{A}lstStyle/{name}")
        styles = (
            "titleStyle" if kind in _TITLES else "bodyStyle" if kind in _BODIES else "otherStyle"
        )
        if self._master is not None:
            yield self._master.find(f"{P}txStyles/{P}{styles}/{name}")


def _counterpart(root: Any, index: str | None, kind: str) -> Any:
    """The shape of a layout or master that a placeholder is made after."""
    shapes = [(shape, placeholder(shape)) for shape in root.iter(f"{P}sp")]
    filled = [(shape, node) for shape, node in shapes if node is not None]
    for shape, node in filled:
        if index is not None and node.get("idx") == index:
            return shape
    alike = _TITLES if kind in _TITLES else _BODIES if kind in _BODIES else {kind}
    return next((shape for shape, node in filled if node.get("type", "obj") in alike), None)


def _label(node: Any, properties: Any, counters: dict[int, tuple[str, int]], level: int) -> str:
    """The number of a paragraph, which `counters` takes note of; "" where it has a bullet that is
    no check box."""
    if node.tag != f"{A}buAutoNum":
        counters.pop(level, None)
        font = None if properties is None else properties.find(f"{A}buFont")
        return box(node.get("char", ""), "" if font is None else font.get("typeface", ""))
    scheme = node.get("type", "")
    before, last = counters.get(level, ("", 0))
    this = last + 1 if before == scheme else number(node, "startAt", 1)
    counters[level] = scheme, this
    match = _SCHEME.match(scheme)
    form, around = (match[1], match[2]) if match else ("arabic", "Period")
    return _AROUND.get(around, "{}").format(numeral(this, _FORMATS[form]))
