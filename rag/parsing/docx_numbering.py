"""Counts the numbered paragraphs of a DOCX as Word does, and writes out what it would show.

`numbering.xml` says it in two steps: a paragraph names a `num`, which points at an `abstractNum`
with nine levels and may override some. All `num` of one `abstractNum` share its counters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from rag.parsing.numerals import numeral
from rag.parsing.ooxml import MC, W, is_on, number
from rag.parsing.symbols import box

_LEVELS = 9
_VAL = f"{W}val"


@dataclass(frozen=True, slots=True)
class _Level:
    start: int = 1
    form: str = "decimal"
    text: str = ""  # «Artículo %1.»
    restart: int | None = None  # the 1-based level that restarts it; 0: none does
    legal: bool = False  # all numbers in figures
    glued: bool = False  # nothing between the number and the text
    box: str = ""  # the check box that is its bullet
    style: str = ""  # the paragraph style that stands for it


@dataclass(frozen=True, slots=True)
class _List:
    counters: str  # the abstractNum whose counters it shares
    levels: dict[int, _Level]
    overrides: dict[int, int]  # level: the number to start again at


class Numbering:
    """The lists of a document and how far each has been counted."""

    def __init__(self, root: Any, list_styles: dict[str, str], language: str) -> None:
        """`root` of numbering.xml, or None; `list_styles`: the num that each list style names."""
        self._language = language
        self._counters: dict[str, list[int | None]] = {}
        self._begun: set[tuple[str, int]] = set()  # the overrides that have been obeyed
        self._lists: dict[str, _List] = {}
        if root is None:
            return
        abstracts = {node.get(f"{W}abstractNumId"): node for node in root.iter(f"{W}abstractNum")}
        nums = {node.get(f"{W}numId"): node for node in root.iter(f"{W}num")}
        for name, node in nums.items():
            found = self._abstract(node, abstracts, nums, list_styles)
            if found is not None:
                self._lists[name] = _list(node, found)

    def _abstract(
        self, num: Any, abstracts: dict[str, Any], nums: dict[str, Any], styles: dict[str, str]
    ) -> Any:
        """The abstractNum of a num, by way of a list style where it says no levels itself."""
        found = abstracts.get(_value(num, "abstractNumId"))
        link = "" if found is None else _value(found, "numStyleLink")
        linked = nums.get(styles.get(link, "")) if link else None
        return (
            abstracts.get(_value(linked, "abstractNumId"), found) if linked is not None else found
        )

    def level_of_style(self, name: str, style: str, default: int) -> int:
        """Returns the level of the list `name` that a paragraph style stands for."""
        levels = self._lists[name].levels if name in self._lists else {}
        return next((at for at, level in levels.items() if style and level.style == style), default)

    def label(self, name: str, level: int) -> str:
        """Counts one more item of a list; returns its number with what parts it from the text
        («2.1. »), "" where it has none but a bullet that is no check box."""
        found = self._lists.get(name)
        if found is None or not 0 <= level < _LEVELS:
            return ""
        self._count(name, found, level)
        this = found.levels.get(level, _Level())
        if this.form == "bullet":
            return f"{this.box} " if this.box else ""
        text = re.sub(
            "%([1-9])", lambda match: self._shown(found, int(match[1]) - 1, this), this.text
        )
        text = text.strip()
        return text and (text if this.glued else f"{text} ")

    def _count(self, name: str, found: _List, level: int) -> None:
        counters = self._counters.setdefault(found.counters, [None] * _LEVELS)
        before = counters[level]
        if level in found.overrides and (name, level) not in self._begun:
            self._begun.add((name, level))
            counters[level] = found.overrides[level]
        else:
            start = found.levels.get(level, _Level()).start
            counters[level] = start if before is None else before + 1
        for deeper in range(level + 1, _LEVELS):
            restart = found.levels.get(deeper, _Level()).restart
            if restart is None or level < restart:
                counters[deeper] = None

    def _shown(self, found: _List, level: int, asking: _Level) -> str:
        this = found.levels.get(level, _Level())
        counted = self._counters[found.counters][level]
        form = "decimal" if asking.legal and this.form not in ("none", "bullet") else this.form
        return numeral(this.start if counted is None else counted, form, self._language)


def _list(num: Any, abstract: Any) -> _List:
    levels = {number(node, f"{W}ilvl"): _level(node) for node in abstract.iterfind(f"{W}lvl")}
    overrides: dict[int, int] = {}
    for override in num.iterfind(f"{W}lvlOverride"):
        at = number(override, f"{W}ilvl")
        if (node := override.find(f"{W}lvl")) is not None:
            levels[at] = replace(_level(node), style=levels.get(at, _Level()).style)
        if (start := override.find(f"{W}startOverride")) is not None:
            overrides[at] = number(start, _VAL)
    return _List(abstract.get(f"{W}abstractNumId"), levels, overrides)


def _level(node: Any) -> _Level:
    form = node.find(f"{W}numFmt")
    if form is None:  # a custom format with the nearest known one for old programs
        form = node.find(f"{MC}AlternateContent/{MC}Fallback/{W}numFmt")
    restart = node.find(f"{W}lvlRestart")
    font = node.find(f"{W}rPr/{W}rFonts")
    picture = node.find(f"{W}lvlPicBulletId") is not None
    return _Level(
        start=number(node.find(f"{W}start"), _VAL, 0 if node.find(f"{W}start") is None else 1),
        form="bullet" if picture else "decimal" if form is None else form.get(_VAL, "decimal"),
        text=_value(node, "lvlText"),
        restart=None if restart is None else number(restart, _VAL),
        legal=is_on(node.find(f"{W}isLgl")),
        glued=_value(node, "suff") == "nothing",
        style=_value(node, "pStyle"),
        box=box(_value(node, "lvlText"), font.get(f"{W}ascii", "") if font is not None else ""),
    )


def _value(node: Any, name: str) -> str:
    child = None if node is None else node.find(f"{W}{name}")
    return "" if child is None else child.get(_VAL, "")
