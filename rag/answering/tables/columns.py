"""The columns of a table that was read: their names, and the one that names the rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from rag.answering.layout import Layout
from rag.answering.tables.quantities import is_known, is_money, named_unit, quantity
from rag.schema import Cell, DocumentBlock

_MOSTLY = 0.8  # share of the rows of which something must hold to be said of their column
_CODE = re.compile(r"(?!(?:19|20)\d\d$)[A-Z]{0,3}[-.]?\d{1,6}[A-Z]?[.ªº]?")  # «R-11», «3.», no year

Keyed = list[tuple[str, Cell]]


def keyed_rows(layout: Layout, rows: Sequence[DocumentBlock]) -> list[Keyed]:
    """Returns the cells of every row with the names of their columns.

    The same name twice gets a number. The first cells are of one column, whatever group stands
    above them, and however many columns one of them reaches over.
    """
    heads = Counter(
        name for row in rows for name in dict.fromkeys(_headers(layout, row.cells[0]))
    ).most_common(1)
    first = heads[0][0] if heads else ""
    return [list(_keyed(layout, row, first)) for row in rows]


def _headers(layout: Layout, cell: Cell) -> list[str]:
    return [" ".join(layout.of(name).split()) for name in cell.headers]


def _keyed(layout: Layout, row: DocumentBlock, first: str) -> Iterator[tuple[str, Cell]]:
    counts: Counter[str] = Counter()
    for index, cell in enumerate(row.cells):
        headers = _headers(layout, cell)
        name = " ".join(dict.fromkeys(headers)) or ("" if index == 0 else f"\0{index}")
        if index == 0 and (first in headers or not headers):
            name = first
        counts[name] += 1
        yield name + "\0" * (counts[name] - 1), cell


def group_of(layout: Layout, cell: Cell, name: str) -> str:
    """Returns the line above a row under which it stands: «Vivienda»; «» for none."""
    headers = _headers(layout, cell)
    return " ".join(headers[: headers.index(name)]) if name in headers else ""


def column_names(keyed: Sequence[Keyed], width: int) -> tuple[str, ...] | None:
    """Returns the names of all columns in their order; None where rows without any differ."""
    order: list[str] = []
    for row in sorted(keyed, key=len, reverse=True):
        for index, (name, _) in enumerate(row):
            if name not in order:
                before = order.index(row[index - 1][0]) + 1 if index else 0
                order.insert(before, name)
    if len(order) > width and any(name.startswith("\0") for name in order):
        return None
    return tuple(order)


def naming_first(
    layout: Layout, keyed: Sequence[Keyed], names: tuple[str, ...], comma: bool
) -> tuple[str, ...]:
    """Returns the names with the column first that names the rows: no codes, numbers or gaps.

    Of an invoice that is «Descripción» and not «Ref.», of a league the team and not its place.
    """
    if not _holds_codes(_texts(layout, keyed, names[0])):
        return names
    for name in names[1:]:
        texts = _texts(layout, keyed, name)
        language = layout.document.language
        words = [text for text in texts if quantity(text, comma, language) is None]
        if min(len(words), len(set(words))) >= _MOSTLY * len(keyed) and not _holds_codes(words):
            return (name, *(other for other in names if other != name))
    return names


def _texts(layout: Layout, keyed: Sequence[Keyed], name: str) -> list[str]:
    cells = (cell for row in keyed for key, cell in row if key == name)
    return [text for cell in cells if (text := layout.of((cell.start, cell.end)).strip())]


def _holds_codes(texts: Sequence[str]) -> bool:
    return sum(_CODE.fullmatch(text) is not None for text in texts) >= _MOSTLY * len(texts)


def signs_of(layout: Layout, keyed: Sequence[Keyed]) -> dict[str, str]:
    """Returns the sign of the currency of the columns whose first or last cell bears it in front.

    In a statement the cells between mean the same currency; where rows are of other units, the
    boot of a car in litres, they do not.
    """
    if any(_measures(layout, cell) for row in keyed for _, cell in row):
        return {}
    columns: dict[str, list[str]] = {}
    for row in keyed:
        for name, cell in row:
            columns.setdefault(name, []).append(layout.of((cell.start, cell.end)).strip("( -−"))
    ends = {name: {texts[0][:1], texts[-1][:1]} & set("$€£") for name, texts in columns.items()}
    return {name: signs.pop() for name, signs in ends.items() if len(signs) == 1}


def _measures(layout: Layout, cell: Cell) -> bool:
    """Tells whether a cell is a measure, or names one: «3 years», «Boot (litres)»."""
    text = layout.of((cell.start, cell.end)).strip()
    found = quantity(text, False, layout.document.language)
    bracketed = named_unit(text) if text.endswith(")") else ""  # not «Due in 2–5 years»
    unit = found.unit if found else bracketed.partition("*")[0]
    return is_known(unit) and not is_money(unit) and unit != "%"
