"""Draw the corpus's figures from their descriptions in `sources/<language>/figures.toml`.

Four kinds cover them all: `flow` (boxes joined by arrows), `bars` (a grouped bar chart), `stack`
(layers, one on another) and `matrices` (products of labelled rectangles). The words come from the
description, so one kind serves both languages. It knows nothing about pages or captions.
"""

from __future__ import annotations

import tomllib
from typing import Any

from reportlab.graphics import renderSVG
from reportlab.graphics.charts.barcharts import VerticalBarChart
from reportlab.graphics.charts.legends import Legend
from reportlab.graphics.shapes import Drawing, Line, Polygon, Rect, String
from reportlab.lib.colors import Color, HexColor

from corpus.markup import Source

WIDTH = 441.0
FONT, BOLD = "Helvetica", "Helvetica-Bold"
OLIVE, DARK, GOLD, PALE = (HexColor(c) for c in ("#6b7f34", "#37461a", "#c79a2b", "#eef1e2"))
Description = dict[str, Any]


def figure(source: Source, name: str) -> Any:
    """The drawing called `name` in the figures of the source's language."""
    path = source.path.parent / "figures.toml"
    figures = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if name not in figures:
        raise ValueError(f"{source.path.name}: figure {name!r} is not in {path} ({list(figures)})")
    description = figures[name]
    return KINDS[description["kind"]](description)


def figure_svg(source: Source, name: str) -> str:
    """The same drawing as an `<svg>` element, for a page."""
    svg = renderSVG.drawToString(figure(source, name))
    return str(svg[svg.index("<svg") :])


def _label(drawing: Any, x: float, y: float, text: str, **style: Any) -> None:
    """Lines of text (separated by a newline in the description) centred on a point."""
    size = style.get("size", 9)
    lines = text.split("\n")
    top = y + (len(lines) - 1) * size * 0.6 - size * 0.35
    for number, line in enumerate(lines):
        drawing.add(
            String(
                x,
                top - number * size * 1.2,
                line,
                textAnchor="middle",
                fontName=style.get("font", FONT),
                fontSize=size,
                fillColor=style.get("colour", DARK),
            )
        )


def _box(drawing: Any, x: float, y: float, width: float, height: float, fill: Color) -> None:
    drawing.add(
        Rect(x, y, width, height, rx=4, ry=4, fillColor=fill, strokeColor=OLIVE, strokeWidth=0.8)
    )


def _arrow(drawing: Any, x: float, y: float, to_x: float) -> None:
    drawing.add(Line(x, y, to_x - 5, y, strokeColor=DARK, strokeWidth=1))
    head = [to_x, y, to_x - 6, y + 3, to_x - 6, y - 3]
    drawing.add(Polygon(head, fillColor=DARK, strokeColor=DARK))


def _flow(description: Description) -> Any:
    """Rows of boxes, each `[title, detail]`, every row read from left to right."""
    rows: list[Description] = description["rows"]
    height, gap, heading = 46.0, 22.0, 18.0
    drawing = Drawing(WIDTH, len(rows) * (height + heading + 10))
    for number, row in enumerate(rows):
        base = drawing.height - (number + 1) * (height + heading + 10) + 6
        drawing.add(String(0, base + height + 6, row["title"], fontName=BOLD, fontSize=9))
        steps: list[str] = row["steps"]
        width = (WIDTH - gap * (len(steps) - 1)) / len(steps)
        for place, step in enumerate(steps):
            left = place * (width + gap)
            _box(drawing, left, base, width, height, PALE)
            _label(drawing, left + width / 2, base + height / 2, step, size=8.5)
            if place:
                _arrow(drawing, left - gap + 2, base + height / 2, left - 2)
    return drawing


def _bars(description: Description) -> Any:
    """A grouped bar chart: `labels` along the bottom, one list of `values` for each series."""
    drawing = Drawing(WIDTH, 190)
    chart = VerticalBarChart()
    chart.x, chart.y, chart.width, chart.height = 40, 34, WIDTH - 60, 120
    chart.data = [tuple(values) for values in description["values"]]
    chart.categoryAxis.categoryNames = description["labels"]
    chart.categoryAxis.labels.fontSize = chart.valueAxis.labels.fontSize = 8
    chart.valueAxis.valueMin, chart.valueAxis.valueMax = 0, description["maximum"]
    chart.valueAxis.valueStep = description["step"]
    comma = description.get("decimal_comma", False)
    chart.barLabelFormat = lambda value: _number(value, description.get("format", "%g"), comma)
    chart.barLabels.nudge, chart.barLabels.fontSize = 7, 8
    for number, colour in zip(range(len(chart.data)), (OLIVE, GOLD, DARK), strict=False):
        chart.bars[number].fillColor, chart.bars[number].strokeColor = colour, None
    drawing.add(chart)
    drawing.add(String(0, 176, description["axis"], fontName=BOLD, fontSize=9))
    if "series" in description:
        drawing.add(_legend(description["series"]))
    return drawing


def _number(value: float, style: str, comma: bool) -> str:
    text = style % value
    return text.replace(".", ",") if comma else text


def _legend(names: list[str]) -> Any:
    legend = Legend()
    legend.x, legend.y, legend.boxAnchor, legend.alignment = WIDTH, 190, "ne", "right"
    legend.columnMaximum, legend.fontName, legend.fontSize = 1, FONT, 8
    legend.deltax, legend.dxTextSpace, legend.dx, legend.dy = 60, 4, 7, 7
    legend.colorNamePairs = list(zip((OLIVE, GOLD, DARK), names, strict=False))
    return legend


def _stack(description: Description) -> Any:
    """Layers, the first one at the bottom; the one named `marked` stands out."""
    layers: list[str] = description["layers"]
    height, width = 26.0, 300.0
    drawing = Drawing(WIDTH, len(layers) * (height + 6) + 4)
    for number, layer in enumerate(layers):
        base = 2 + number * (height + 6)
        fill = GOLD if layer == description.get("marked") else PALE
        _box(drawing, (WIDTH - width) / 2, base, width, height, fill)
        _label(drawing, WIDTH / 2, base + height / 2, layer)
    return drawing


def _matrices(description: Description) -> Any:
    """Rectangles `[label, columns, rows, sign before it]`; one whose label ends in * is trained."""
    terms: list[list[Any]] = description["terms"]
    drawing = Drawing(WIDTH, 130)
    total = sum(float(term[1]) for term in terms) + 34 * (len(terms) - 1)
    left = (WIDTH - total) / 2
    for label, width, height, sign in terms:
        if sign:
            _label(drawing, left - 17, 68, sign, size=16, font=BOLD)
        fill = GOLD if label.endswith("*") else PALE
        _box(drawing, left, 68 - height / 2, width, height, fill)
        _label(drawing, left + width / 2, 68, label.removesuffix("*"), font=BOLD)
        left += width + 34
    _label(drawing, WIDTH / 2, 8, description["note"], size=8.5)
    return drawing


KINDS = {"flow": _flow, "bars": _bars, "stack": _stack, "matrices": _matrices}
