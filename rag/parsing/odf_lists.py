"""Counts the lists and headings of an OpenDocument text, and writes out the numbers it shows."""

from __future__ import annotations

import re
from typing import Any

from rag.parsing.numerals import numeral
from rag.parsing.odf import LOEXT, STYLE, TEXT, XML_ID, whole
from rag.parsing.symbols import box

_FORMS = {
    "1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman",
    "1st": "ordinal", "Native Ordinal": "ordinal", "One": "cardinalText", "First": "ordinalText",
    "01, 02, 03, ...": "decimalZero", "": "none",
}  # fmt: skip
_MAX_LEVEL = 10


class Counter:
    """The numbers of one list, or of the headings: how far each level has been counted."""

    def __init__(self, style: Any, language: str) -> None:
        """`style`: the `text:list-style` or `text:outline-style`, or None."""
        self._levels: dict[int, Any] = {
            whole(node, f"{TEXT}level", 1): node for node in (() if style is None else style)
        }
        self._language = language
        self._counted: dict[int, int] = {}

    def restyle(self, style: Any) -> None:
        """Takes the levels of another style; the numbers go on."""
        self._levels = {whole(node, f"{TEXT}level", 1): node for node in style}

    def begin(self, level: int) -> None:
        """Starts a level anew, as a list in a list does."""
        self._counted = {at: last for at, last in self._counted.items() if at < level}

    def label(self, level: int, start: int | None = None) -> str:
        """Counts one more item; returns its number with the space behind it, "" for a bullet, which
        counts where it is a check box.

        `start` is the number that the item itself asks for.
        """
        self.begin(level + 1)
        node = self._levels.get(level)
        if node is None:
            return ""
        first = whole(node, f"{TEXT}start-value", 1)
        self._counted[level] = self._counted.get(level, first - 1) + 1 if start is None else start
        text = self._number(node, level)
        return text and f"{text} "

    def _number(self, node: Any, level: int) -> str:
        if not node.get(f"{STYLE}num-format"):
            font = node.find(f"{STYLE}text-properties")
            name = "" if font is None else font.get(f"{STYLE}font-name", "")
            return box(node.get(f"{TEXT}bullet-char", ""), name)
        if form := node.get(f"{LOEXT}num-list-format"):  # «%1%.%2%)», of newer programs
            return re.sub(r"%(\d{1,2})%", lambda match: self._shown(int(match[1])), form).strip()
        shown = whole(node, f"{TEXT}display-levels", 1)
        above = range(max(level - shown + 1, 1), level + 1)
        number = ".".join(filter(None, map(self._shown, above)))
        prefix, suffix = node.get(f"{STYLE}num-prefix", ""), node.get(f"{STYLE}num-suffix", "")
        return f"{prefix}{number}{suffix}".strip()

    def _shown(self, level: int) -> str:
        node = self._levels.get(level)
        if node is None:
            return ""
        form = _FORMS.get(node.get(f"{STYLE}num-format", ""), "decimal")
        counted = self._counted.get(level, whole(node, f"{TEXT}start-value", 1))
        return numeral(counted, form, self._language)


class Lists:
    """The lists of one text: which list an item belongs to, and whether it goes on."""

    def __init__(self, styles: dict[str, Any], language: str) -> None:
        self._styles = styles
        self._language = language
        self._by_id: dict[str | None, Counter] = {}
        self._last: dict[str, Counter] = {}  # by the name of the style
        self._open: list[tuple[Counter, str]] = []

    @property
    def depth(self) -> int:
        """Returns how many lists are open."""
        return len(self._open)

    def open(self, node: Any, default_style: str | None) -> None:
        """Opens the list `node`; its items' paragraphs may name the style where it names none."""
        name = node.get(f"{TEXT}style-name") or ""
        goes_on = node.get(f"{TEXT}continue-numbering") == "true"
        if self._open:
            counter, outer = self._open[-1]
            if name and name != outer and name in self._styles:
                counter.restyle(self._styles[name])
            if not goes_on:
                counter.begin(self.depth + 1)
            self._open.append((counter, name or outer))
            return
        name = name or default_style or ""
        earlier = self._by_id.get(node.get(f"{TEXT}continue-list"))
        if earlier is None and goes_on:
            earlier = self._last.get(name)
        counter = earlier or Counter(self._styles.get(name), self._language)
        self._last[name] = counter
        if name_in_file := node.get(XML_ID):
            self._by_id[name_in_file] = counter
        self._open.append((counter, name))

    def close(self) -> None:
        """Closes the innermost list."""
        self._open.pop()

    def label(self, item: Any) -> str:
        """Counts an item of the innermost list; returns its number, "" for a bullet."""
        value = item.get(f"{TEXT}start-value", "")
        start = int(value) if value.isdecimal() and len(value) < 10 else None
        return self._open[-1][0].label(min(self.depth, _MAX_LEVEL), start)
