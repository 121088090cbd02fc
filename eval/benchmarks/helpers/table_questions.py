"""Questions about tables, made by a script; their results come from the cells' characters."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rag.answering.layout import Layout
from rag.schema import Document, DocumentBlock, DocumentBlockKind

_UNIT = re.compile(r"[€$£%]|[^\W\d_]{1,3}$")
_SCALE = re.compile(r"\b(?:in|en) (thousand|million|billion|miles|mill)", re.IGNORECASE)
_SCALED = {"thousand": "thousand", "million": "million", "billion": "billion"}
_SCALED |= {"miles": "miles", "mill": "mill"}
_SHARES = re.compile(r"\b(?:shares?|dilut\w+|basic|RSUs?)\b", re.I)  # they stand beside money
_ABOVE = 300  # characters above a table that may say its scale
_TOTAL = re.compile(r"(?:sub)?total|conjunto|overall|suma", re.IGNORECASE)
_LONGEST = 45  # characters of a name that a question says

TEMPLATES: dict[str, dict[str, tuple[str, ...]]] = {
    "es": {
        "lookup": ("¿Cuál es el valor de {col} de {row}?", "¿Qué {col} tiene {row}?"),
        "sum": ("¿Cuánto suman {row} y {other} en {col}?",),
        "difference": (
            "¿Qué diferencia de {col} hay entre {row} y {other}?",
            "¿Cuánto más {col} tiene {row} que {other}?",
        ),
        "average": ("¿Cuál es la media de {col} de {row} y {other}?",),
        "share": ("¿Qué porcentaje de {col} de {other} representa {row}?",),
        "largest": (
            "¿Qué {label} tiene el mayor {col}?",
            "¿Cuál es el {col} más alto por {label}?",
        ),
        "smallest": ("¿Qué {label} tiene el menor {col}?",),
        "count": ("¿Cuántos {label} tienen más de {least} de {col}?",),
        "filter": ("¿Qué {label} tienen menos de {least} de {col}?",),
        "mixed": ("¿Cuánto suman {col} y {second} de {row}?",),
    },
    "en": {
        "lookup": ("What is the {col} of {row}?", "What {col} does {row} have?"),
        "sum": ("What is the sum of {col} of {row} and {other}?",),
        "difference": (
            "What is the difference in {col} between {row} and {other}?",
            "How much more {col} does {row} have than {other}?",
        ),
        "average": ("What is the average {col} of {row} and {other}?",),
        "share": ("What percentage of {col} of {other} is {row}?",),
        "largest": ("Which {label} has the highest {col}?",),
        "smallest": ("Which {label} has the lowest {col}?",),
        "count": ("How many {label} have more than {least} {col}?",),
        "filter": ("Which {label} have less than {least} {col}?",),
        "mixed": ("What is the sum of {col} and {second} of {row}?",),
    },
}
_BY_LABEL = ("largest", "smallest", "count", "filter")  # name the rows by the head of their column


@dataclass(frozen=True, slots=True)
class Figure:
    """A cell: the name of its row, its value, and its characters."""

    row: str
    value: Decimal
    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of figures of one unit, by rows; `scale` is what its table says of millions."""

    document: Document
    label: str
    name: str
    unit: str
    scale: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A question of a table, and its result: a figure, the names of rows, or neither."""

    document: Document
    question: str
    kind: str
    value: Decimal | None = None
    names: tuple[str, ...] = ()
    unit: str = ""
    scale: str = ""


def tables(document: Document) -> Iterator[list[Column]]:
    """Yields the columns of figures of each table of a document."""
    layout = Layout(document)
    for blocks in layout.tables:
        columns = [column for column in _columns(layout, blocks) if len(column.name) < 60]
        if columns:
            yield columns


def _columns(layout: Layout, blocks: Sequence[DocumentBlock]) -> Iterator[Column]:
    rows = [block for block in blocks if block.kind is DocumentBlockKind.ROW and block.cells]
    document, label = layout.document, ""
    above = _SCALE.search(layout.text[max(0, blocks[0].start - _ABOVE) : blocks[0].start])
    found: dict[str, list[Figure]] = {}
    for row in rows:
        name = _words(layout, row.cells[0].start, row.cells[0].end)
        if _TOTAL.match(name) or not name[:1].isalpha() or _SHARES.search(name):
            continue
        label = " ".join(layout.of(span) for span in row.cells[0].headers)
        for cell in row.cells[1:]:
            text = _words(layout, cell.start, cell.end)
            value = value_of(text, document.language)
            column = " ".join(dict.fromkeys(_words(layout, *span) for span in cell.headers))
            if value is not None and column:
                found.setdefault(column, []).append(Figure(name, value, text))
    for column, figures in found.items():
        names = {figure.row for figure in figures}
        units = {_unit(figure.text) for figure in figures}
        money = units & set("$€£")  # a statement writes the sign beside the first figure alone
        if len(names) == len(figures) > 2 and (len(units) == 1 or units == {"", *money}):
            said = _SCALE.search(column) or above
            scale = _SCALED[said[1].lower()] if said and money else ""
            yield Column(document, label, column, max(units), scale, tuple(figures))


def _words(layout: Layout, start: int, end: int) -> str:
    return " ".join(layout.of((start, end)).split())


def value_of(text: str, language: str) -> Decimal | None:
    """Returns the lone figure of a cell, read by the language of its document."""
    bare = text.strip("€$£% ").strip()
    digits = re.fullmatch(
        r"([-−+(]?)\s?[$€£]?\s?([-−(]?)\s?(\d[\d.,]*)\)?(?:\s?[^\W\d_/]{1,3}| ?GB/s)?", bare
    )
    if digits is None:
        return None
    figure = digits[3]
    comma, point = ("," if language == "es" else "."), ("." if language == "es" else ",")
    grouped = rf"\d{{1,3}}(?:{re.escape(point)}\d{{3}})*(?:{re.escape(comma)}\d+)?"
    if not re.fullmatch(rf"{grouped}|\d+(?:{re.escape(comma)}\d+)?", figure):
        return None
    value = Decimal(figure.replace(point, "").replace(comma, "."))
    return -value if {digits[1], digits[2]} & set("-−(") else value


def _unit(text: str) -> str:
    found = _UNIT.findall(text.strip("() "))
    return found[-1] if found else ""


def cases(columns: Sequence[Column], chance: random.Random, count: int) -> Iterator[Case]:
    """Yields so many questions of different kinds about a column of a table, as far as it goes."""
    column = chance.choice(columns)
    kinds = [kind for kind in TEMPLATES["es"] if column.label or kind not in _BY_LABEL]
    chance.shuffle(kinds)
    for kind in kinds:
        case = _case(kind, column, columns, chance) if count else None
        if case is not None:
            count -= 1
            yield case


def _case(
    kind: str, column: Column, columns: Sequence[Column], chance: random.Random
) -> Case | None:
    """Returns a question of this kind; None where the table allows none."""
    short = [figure for figure in column.figures if len(figure.row) <= _LONGEST]
    if len(short) < 2:
        return None
    one, other = chance.sample(short, 2)
    if kind == "difference" and one.value < other.value:
        one, other = other, one
    seconds = [c for c in columns if c.unit and column.unit and c.unit != column.unit]
    if kind == "mixed" and not any(f.row == one.row for c in seconds for f in c.figures):
        return None
    if kind == "share" and (column.unit == "%" or one.value <= 0 or other.value <= 0):
        return None
    language = column.document.language
    least = sorted(figure.value for figure in column.figures)[len(column.figures) // 2]
    if kind in ("count", "filter") and (least <= 0 or column.scale):
        return None
    question = chance.choice(TEMPLATES[language][kind]).format(
        col=column.name,
        row=one.row,
        other=other.row,
        label=column.label,
        second=seconds[0].name if seconds else "",
        least=f"{least}".replace(".", "," if language == "es" else "."),
    )
    value, names = _result(kind, column, one, other, least)
    unit = {"count": "", "filter": "", "share": "%"}.get(kind, column.unit)
    scale = "" if kind in ("count", "filter", "share") else column.scale
    return Case(column.document, question, kind, value, names, unit, scale)


def _result(
    kind: str, column: Column, one: Figure, other: Figure, least: Decimal
) -> tuple[Decimal | None, tuple[str, ...]]:
    values = [figure.value for figure in column.figures]
    if kind in ("largest", "smallest"):
        best = max(values) if kind == "largest" else min(values)
        return best, tuple(figure.row for figure in column.figures if figure.value == best)
    if kind == "filter":
        return None, tuple(figure.row for figure in column.figures if figure.value < least)
    if kind == "mixed":
        return None, ()
    results: dict[str, Decimal] = {
        "lookup": one.value,
        "sum": one.value + other.value,
        "difference": one.value - other.value,
        "average": (one.value + other.value) / 2,
        "share": one.value / other.value * 100 if other.value else Decimal(0),
        "count": Decimal(sum(value > least for value in values)),
    }
    return results[kind], ()
