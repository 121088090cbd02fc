"""The words of what Office draws: charts as tables, SmartArt as lists, pictures by their texts.

A chart keeps a copy of its figures in its own part; the workbook behind it is never opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rag.parsing.cell_values import shown
from rag.parsing.characters import clean_line
from rag.parsing.ooxml import DGM, A, C, number

_CX = "{http://schemas.microsoft.com/office/drawing/2014/chartex}"
_MAX_POINTS = 100_000  # of a series: a damaged index must not fill the memory
_GENERATED = re.compile(
    r"\s*(description automatically generated|descripción generada automáticamente|descripción "
    r"creada automáticamente|ai-generated content may be incorrect|el contenido generado por ia "
    r"puede ser incorrecto)[\w ]*\.?",
    re.IGNORECASE,
)
_FILE_NAME = re.compile(r"\S*\.(png|jpe?g|gif|bmp|tiff?|emf|wmf|svg)|https?://\S+", re.IGNORECASE)


@dataclass(slots=True)
class Chart:
    """What a chart says: its title, one table a set of categories, and all its other words."""

    title: str = ""
    tables: list[list[list[str]]] = field(default_factory=list)  # the first row names the columns
    words: list[str] = field(default_factory=list)  # of axes and labels


def read_chart(root: Any) -> Chart:
    """Reads the root of a chart's part, of the old kind or of the new one («chartex»)."""
    if root.tag.startswith(_CX):
        return _read_new(root)
    chart = Chart()
    title = root.find(f"{C}chart/{C}title")
    if title is not None:
        chart.title = _title(title)
    chart.tables = _tables([_Series(node) for node in root.iter(f"{C}ser")])
    for paragraph in root.iter(f"{A}p"):
        if title is None or title not in paragraph.iterancestors():
            chart.words += filter(None, [_paragraph(paragraph)])
    return chart


class _Series:
    """The name, the categories and the values of one series."""

    def __init__(self, node: Any) -> None:
        self.name = " ".join(filter(None, _points(node.find(f"{C}tx")).values()))
        self.categories = _points(node.find(f"{C}cat"))
        self.columns = {self.name: _points(node.find(f"{C}val"))}
        if (x := node.find(f"{C}xVal")) is not None:  # a cloud of points
            self.categories = _points(x)
            self.columns = {self.name: _points(node.find(f"{C}yVal"))}
            if (size := node.find(f"{C}bubbleSize")) is not None:
                self.columns[f"{self.name} "] = _points(size)


def _tables(series: list[_Series]) -> list[list[list[str]]]:
    """Series over the same categories side by side in one table."""
    tables: list[list[list[str]]] = []
    while series:
        categories = series[0].categories
        together = [one for one in series if not one.categories or one.categories == categories]
        series = [one for one in series if one not in together]
        columns = [column for one in together for column in one.columns.items()]
        last = max(
            (max(points, default=-1) for points in (categories, *dict(columns).values())),
            default=-1,
        )
        rows = [["", *(clean_line(name) for name, _ in columns)]]
        for at in range(last + 1):
            row = [categories.get(at, ""), *(points.get(at, "") for _, points in columns)]
            if any(row):
                rows.append(row)
        tables.append(rows)
    return tables


def _points(node: Any) -> dict[int, str]:
    """The texts or figures that a reference or a literal holds, by their index."""
    if node is None:
        return {}
    levels = list(node.iter(f"{C}lvl"))[::-1]  # of categories in two or more levels
    found: dict[int, str] = {}
    for level in levels[:-1]:  # a group's name stands at its first category only
        outer = _cached(level)
        inner = _cached(levels[-1])
        name = ""
        for at in sorted({*outer, *inner}):
            name = outer.get(at, name)
            found[at] = f"{found.get(at, '')} {name}".strip()
    for at, words in _cached(levels[-1] if levels else node).items():
        found[at] = f"{found.get(at, '')} {words}".strip()
    return found


def _cached(node: Any) -> dict[int, str]:
    form = node.find(f".//{C}formatCode")
    code = "" if form is None else form.text or ""
    points: dict[int, str] = {}
    for point in node.iter(f"{C}pt"):
        value = point.find(f"{C}v")
        at = number(point, "idx")
        if value is not None and 0 <= at < _MAX_POINTS:
            is_text = point.getparent().tag in (f"{C}strCache", f"{C}strLit", f"{C}lvl")
            words = value.text or ""
            points[at] = clean_line(words) if is_text else _figure(words, code)
    direct = node.find(f"{C}v")  # a series' name that is typed in
    return points or ({} if direct is None else {0: clean_line(direct.text or "")})


def _figure(words: str, code: str) -> str:
    """A stored figure as its format shows it."""
    try:
        return shown(float(words), code)
    except ValueError:
        return clean_line(words)


def _read_new(root: Any) -> Chart:
    """Waterfalls, treemaps and their like keep all figures apart from the series."""
    chart = Chart()
    for title in root.iter(f"{_CX}title"):
        chart.title = chart.title or _title(title)
    names = [
        clean_line("".join(node.itertext())) for node in root.iter(f"{_CX}tx") if _in_series(node)
    ]
    for data in root.iter(f"{_CX}data"):
        columns: list[dict[int, str]] = []
        for dimension in data:
            levels = [
                {
                    number(point, "idx"): clean_line(point.text or "")
                    for point in level.iter(f"{_CX}pt")
                }
                for level in dimension.iter(f"{_CX}lvl")
            ]
            columns += levels[::-1]
        rows = [
            [column.get(at, "") for column in columns]
            for at in sorted({i for c in columns for i in c})
        ]
        header = ["", *names][: len(columns)]
        if rows:
            chart.tables.append([header + [""] * (len(columns) - len(header)), *rows])
    return chart


def _in_series(node: Any) -> bool:
    return bool(node.getparent().tag == f"{_CX}series")


def _title(node: Any) -> str:
    words = " ".join(filter(None, map(_paragraph, node.iter(f"{A}p"))))
    return words or " ".join(_points(node).values())


def _paragraph(node: Any) -> str:
    return clean_line("".join(text.text or "" for text in node.iter(f"{A}t")))


def diagram_items(root: Any) -> Iterator[tuple[str, int]]:
    """Yields the words of a SmartArt drawing with their depth, 1 for the outermost.

    `root` is that of its data part. Points are joined as parents and children by connections.
    """
    points = {point.get("modelId"): point for point in root.iter(f"{DGM}pt")}
    children: dict[str, list[tuple[int, str]]] = {}
    for link in root.iter(f"{DGM}cxn"):
        if link.get("type", "parOf") == "parOf":
            children.setdefault(link.get("srcId"), []).append(
                (number(link, "srcOrd"), link.get("destId", ""))
            )
    tops = [name for name, point in points.items() if point.get("type") == "doc"]
    stack = [(name, 1) for name in reversed(points)] + [(name, 0) for name in tops]
    seen: set[str] = set()
    while stack:
        name, depth = stack.pop()
        if name in seen or name not in points:
            continue
        seen.add(name)
        for paragraph in points[name].iter(f"{A}p"):
            if words := _paragraph(paragraph):
                yield words, max(depth, 1)
        below = sorted(children.get(name, ()), reverse=True)
        stack += [(child, depth + 1) for _, child in below]


def alternative_text(words: str) -> str:
    """Returns what an author wrote about a picture; "" for what a program put there itself."""
    words = clean_line(_GENERATED.sub("", words))
    return "" if _FILE_NAME.fullmatch(words) else words
