"""A table as it was read, by rows and columns, with what each cell says as a quantity."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from rag.answering.layout import Layout
from rag.answering.tables.quantities import (
    Quantity,
    general_unit,
    named_unit,
    quantity,
    with_sign,
    writes_comma,
)
from rag.schema import Cell, Document, DocumentBlock, DocumentBlockKind, Span
from rag.text import fold, search_terms
from rag.text.computing import COMPUTING
from rag.text.computing.accounts import line_of

_TITLES = (DocumentBlockKind.TABLE_TITLE, DocumentBlockKind.CAPTION, DocumentBlockKind.HEADING)
_ABOVE = 3  # blocks before a table that may name it or its unit
_FAR = 300  # characters between such a block and the table
_FEWEST = 2  # rows of a table
_FIGURES = 0.5  # share of the filled cells of a column that are quantities
_UNIT = re.compile(r"\s*\(?(?:(?:amounts|dollars|figures|importes|cifras|datos) )?(?:in|en) ", re.I)
_CLOSING = re.compile(r"\([^()]*\b(?:in|en) [^()]*\)\W*$", re.I)  # «… is as follows (in millions):»
_COUNTED = re.compile(r"\b(?:shares|number|n[uú]mero|employees|acciones)\b", re.I)
_NOTHING = re.compile(r"[$€£]?\s?[-–—−]\s?%?")  # a cell that says that there is none
_EXCEPT = re.compile(r"\b(?:except|excepto|salvo)\b", re.I)
_SHARES = re.compile(r"\b(?:shares?|acci[oó]n(?:es)?)\b", re.I)
_CENTS = re.compile(r"\d[.,]\d\d\b(?![.,])")
_TOTALS = re.compile("|".join(data.totals for data in COMPUTING.values()))


@dataclass(frozen=True)
class GridCell:
    """A filled cell: where it stands, its words, and how its figures are to be read."""

    span: Span
    text: str
    comma: bool
    language: str
    unit: str
    sign: str = ""
    """The sign of a currency that only the first or last cells of its column bear."""

    @cached_property
    def quantity(self) -> Quantity | None:
        """Returns what it says as a quantity; None where it is none. Of few tables it is asked."""
        found = quantity(self.text, self.comma, self.language, self.unit)
        if found is None or found.prefix or found.suffix:
            return found
        if self.sign and not found.unit.partition("*")[0]:
            priced = quantity(self.sign + "1", self.comma, self.language, self.unit)
            return priced and replace(found, unit=priced.unit, prefix=self.sign)
        return with_sign(found, self.language)


@dataclass(frozen=True, slots=True)
class GridRow:
    """A row; `cells` are by column, and the cell of column 0 names the row."""

    span: Span
    label: str
    cells: dict[int, GridCell]

    @property
    def is_total(self) -> bool:
        """Tells whether its name says that it sums up other rows."""
        return _TOTALS.fullmatch(fold(self.label).strip(" :.")) is not None


@dataclass(frozen=True)
class Grid:
    """A table of a document. `names` are the names of its columns, the first names the rows."""

    document: Document
    title: str
    names: tuple[str, ...]
    rows: tuple[GridRow, ...]
    comma: bool

    @property
    def span(self) -> Span:
        """Returns the stretch from the first row to the last one."""
        return self.rows[0].span[0], self.rows[-1].span[1]

    @cached_property
    def terms(self) -> frozenset[str]:
        """Returns the search terms of its names and cells."""
        cells = (cell.text for row in self.rows for cell in row.cells.values())
        return frozenset(search_terms(" ".join((*self.names, *cells)), self.document.language))

    @cached_property
    def lines(self) -> frozenset[int | None]:
        """Returns the lines of accounts that its rows and columns are."""
        return frozenset(map(line_of, (*self.names, *(row.label for row in self.rows))))

    @cached_property
    def plain(self) -> tuple[GridRow, ...]:
        """Returns the rows that sum up no others."""
        return tuple(row for row in self.rows if not row.is_total)

    @cached_property
    def total(self) -> GridRow | None:
        """Returns the one row that sums up all others; None where there are none or several."""
        totals = [row for row in self.rows if row.is_total]
        return totals[0] if len(totals) == 1 else None

    @cached_property
    def figures(self) -> tuple[int, ...]:
        """Returns the columns that hold quantities, but for the one that names the rows."""
        return tuple(column for column in range(1, len(self.names)) if self._holds(column))

    @cached_property
    def words(self) -> tuple[int, ...]:
        """Returns the columns that hold words, by which rows are told apart."""
        return tuple(c for c in range(len(self.names)) if c not in self.figures)

    def unit(self, column: int) -> str:
        """Returns the unit of a column; «» where it has none or several."""
        units = {one.unit for row in self.plain if (one := self.at(row, column))}
        return units.pop() if len(units) == 1 else ""

    def has_units(self, column: int) -> bool:
        """Tells whether any cell of a column has a unit."""
        return any(one.unit for row in self.rows if (one := self.at(row, column)))

    def at(self, row: GridRow, column: int) -> Quantity | None:
        """Returns the quantity in a cell; None where it holds none."""
        cell = row.cells.get(column)
        return None if cell is None else cell.quantity

    def _holds(self, column: int) -> bool:
        cells = (row.cells[column] for row in self.rows if column in row.cells)
        filled = [cell for cell in cells if not _NOTHING.fullmatch(cell.text)]
        said = sum(cell.quantity is not None for cell in filled)
        return bool(filled) and said >= _FIGURES * len(filled)


@dataclass(frozen=True, slots=True)
class _Read:
    """A document by what it says: the next question loads it anew."""

    key: tuple[int, str, str]
    layout: Layout = field(compare=False)


def grids(layout: Layout) -> tuple[Grid, ...]:
    """Returns the tables of a document that have names of columns or a steady number of cells."""
    document = layout.document
    return _grids(_Read((document.id, document.path, document.text), layout))


@lru_cache(maxsize=16)  # documents with some 50 tables, a few megabytes each
def _grids(read: _Read) -> tuple[Grid, ...]:
    return tuple(_made(read.layout))


def _made(layout: Layout) -> Iterator[Grid]:
    for blocks in layout.tables:
        rows = [block for block in blocks if block.kind is DocumentBlockKind.ROW and block.cells]
        if len(rows) >= _FEWEST and (made := _grid(layout, blocks, rows)) is not None:
            yield made


def _grid(
    layout: Layout, blocks: Sequence[DocumentBlock], rows: Sequence[DocumentBlock]
) -> Grid | None:
    keyed = [list(_keyed(layout, row)) for row in rows]
    names = _names(keyed, len(max(rows, key=lambda row: len(row.cells)).cells))
    if names is None:
        return None
    texts = [layout.of((cell.start, cell.end)) for row in rows for cell in row.cells]
    comma = writes_comma(texts, layout.document.language)
    above = _above(layout, blocks[0].start)
    units = [named_unit(name) for name in names]
    general = next(filter(None, (*map(general_unit, above), named_unit(names[0]))), "")
    excepted = any(_EXCEPT.search(text) for text in above)
    money = _signs(layout, keyed)
    made = []
    for row, cells in zip(rows, keyed, strict=True):
        found: dict[int, GridCell] = {}
        for name, cell in cells:
            column = names.index(name) if name in names else len(found)
            # «in millions» is said of money where some columns hold money and this one does not
            unit = units[column] or (general if not money or name in money else "")
            if excepted and _excepted(layout, row, cell):
                unit = unit.partition("*")[0]
            counts = _COUNTED.search(layout.of((row.cells[0].start, row.cells[0].end)))
            sign = "" if counts else money.get(name, "")
            found[column] = _cell(layout, cell, comma, unit, column, sign)
        label = found[0].text if 0 in found else ""
        made.append(GridRow((row.start, row.end), label, found))
    headings = layout.document.headings_at(blocks[0].start)
    title = " > ".join(dict.fromkeys((*headings[-2:], *above)))
    return Grid(layout.document, title, names, tuple(made), comma)


def _excepted(layout: Layout, row: DocumentBlock, cell: Cell) -> bool:
    """Tells whether a cell is what «in millions, except per share data» leaves out."""
    label = layout.of((row.cells[0].start, row.cells[0].end))
    text = layout.of((cell.start, cell.end))
    return _SHARES.search(label) is not None or _CENTS.search(text) is not None


def _signs(layout: Layout, keyed: Sequence[Sequence[tuple[str, Cell]]]) -> dict[str, str]:
    """Returns the sign of the currency of the columns whose first or last cell bears it in front.

    In a statement the cells between mean the same currency.
    """
    columns: dict[str, list[str]] = {}
    for row in keyed:
        for name, cell in row:
            columns.setdefault(name, []).append(layout.of((cell.start, cell.end)).strip("( -−"))
    ends = {name: {texts[0][:1], texts[-1][:1]} & set("$€£") for name, texts in columns.items()}
    return {name: signs.pop() for name, signs in ends.items() if len(signs) == 1}


def _keyed(layout: Layout, row: DocumentBlock) -> Iterator[tuple[str, Cell]]:
    """Yields the cells with the names of their columns; the same name twice gets a number."""
    counts: Counter[str] = Counter()
    for index, cell in enumerate(row.cells):
        parts = dict.fromkeys(" ".join(layout.of(name).split()) for name in cell.headers)
        name = " ".join(parts) or ("" if index == 0 else f"\0{index}")
        counts[name] += 1
        yield name + "\0" * (counts[name] - 1), cell


def _names(keyed: Sequence[Sequence[tuple[str, Cell]]], width: int) -> tuple[str, ...] | None:
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


def _cell(layout: Layout, cell: Cell, comma: bool, unit: str, column: int, sign: str) -> GridCell:
    text = " ".join(layout.of((cell.start, cell.end)).split())
    language = layout.document.language
    unit, sign = (unit, sign) if column else ("", "")
    return GridCell((cell.start, cell.end), text, comma, language, unit, sign)


def _above(layout: Layout, start: int) -> list[str]:
    """Returns the titles right above a table, and a line that names its unit: «(in millions)»."""
    before = layout.document.blocks_between(max(0, start - _FAR), start)
    found = [
        " ".join(layout.of((block.start, block.end)).split())
        for block in before[-_ABOVE:]
        if block.kind in _TITLES and block.end <= start
    ]
    lines = layout.text[max(0, start - _FAR) : start].strip().splitlines()[-_ABOVE:]
    lines = [line for line in lines if line not in found]
    units = [line for line in lines if _UNIT.match(line)]
    units += [match.group() for line in lines[-1:] if (match := _CLOSING.search(line))]
    return [*found, *dict.fromkeys(units)]


def shown_name(name: str) -> str:
    """Returns the name of a column as it is shown: without the marks of those without one."""
    return "" if name.startswith("\0") else name.rstrip("\0")
