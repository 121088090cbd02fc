"""A table as it was read, by rows and columns, with what each cell says as a quantity."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import permutations

from rag.answering.layout import Layout
from rag.answering.tables.columns import (
    column_names,
    group_of,
    keyed_rows,
    naming_first,
    signs_of,
)
from rag.answering.tables.quantities import (
    Quantity,
    general_unit,
    named_unit,
    quantity,
    with_sign,
    writes_comma,
)
from rag.answering.tables.titles import titles_above
from rag.schema import Cell, Document, DocumentBlock, DocumentBlockKind, Span
from rag.text import fold, search_terms
from rag.text.computing import COMPUTING
from rag.text.computing.accounts import line_of

_FEWEST = 2  # rows of a table
_FIGURES = 0.5  # share of the filled cells of a column that are quantities
_COUNTED = re.compile(r"\b(?:shares|number|n[uú]mero|employees|acciones)\b", re.I)
_MOST_FACTORS = 6  # columns of figures of which one may be the product of two others
_CENT = Decimal("0.01")
_NOTHING = re.compile(r"[$€£]?\s?[-–—−]\s?%?")  # a cell that says that there is none
_CLOCK = re.compile(r"\d{1,2}[:.h]\d\d(?:\s?(?:h|[ap]\.?m\.?))?(?:\s?[-–].*)?", re.IGNORECASE)
_EXCEPT = re.compile(r"\b(?:except|excepto|salvo)\b", re.I)
_SHARES = re.compile(r"\b(?:shares?|acci[oó]n(?:es)?)\b", re.I)
_CENTS = re.compile(r"\d[.,]\d\d\b(?![.,])")
_TOTAL_OF = re.compile(r"total(?:es)?(?: de| of)? (.+)", re.IGNORECASE)
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
    line: Span = (0, 0)
    """The row of the document in which it stands."""

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
    group: str = ""
    """What it stands under: a line above it, or the «Total gastos» below it."""
    sums: bool = False
    """Whether its figures are the sums of those of the other rows."""

    @property
    def is_total(self) -> bool:
        """Tells whether it sums up other rows, by its name or its figures."""
        return self.sums or _TOTALS.fullmatch(fold(self.label).strip(" :.")) is not None


@dataclass(frozen=True)
class Grid:
    """A table of a document. `names` are the names of its columns, the first names the rows."""

    document: Document
    title: str
    names: tuple[str, ...]
    rows: tuple[GridRow, ...]
    comma: bool
    turned: bool = False
    """Whether its rows are the columns of the table in the document."""

    @property
    def span(self) -> Span:
        """Returns the stretch from the first row to the last one."""
        return self.rows[0].span[0], self.rows[-1].span[1]

    def name(self, column: int) -> str:
        """Returns the name of a column as it is shown; «» for one without a name."""
        name = self.names[column]
        return "" if name.startswith("\0") else name.rstrip("\0")

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
        """Returns the rows that sum up no others; of an invoice those with a price and a number."""
        parts = (0, *(self.product or ())[1:])
        rows = (row for row in self.rows if not row.is_total)
        return tuple(row for row in rows if all(c == 0 or self.at(row, c) for c in parts))

    @cached_property
    def product(self) -> tuple[int, int, int] | None:
        """Returns a column and the two whose product it is: an amount, its price and its number."""
        if not 2 < len(self.figures) <= _MOST_FACTORS:
            return None
        for made, one, other in permutations(self.figures, 3):
            if one < other and self._multiplies(made, one, other):
                return made, one, other
        return None

    def _multiplies(self, made: int, one: int, other: int) -> bool:
        told = 0
        for row in self.rows:
            values = [self.at(row, column) for column in (made, one, other)]
            if any(value is None for value in values[1:]):
                continue
            product, first, second = (value.value if value else None for value in values)
            if product is None or first is None or second is None:
                return False
            if abs(product - first * second) > _CENT:
                return False
            told += Decimal(1) not in (first, second) and product != 0
        return told > 1

    @cached_property
    def total(self) -> GridRow | None:
        """Returns the one row that sums up all others; None where there are none or several."""
        totals = [row for row in self.rows if row.is_total]
        if len(totals) > 1:  # of «Subtotal» and «Total due» the latter
            totals = [row for row in totals if not fold(row.label).startswith("sub")]
        return totals[0] if len(totals) == 1 else None

    @cached_property
    def figures(self) -> tuple[int, ...]:
        """Returns the columns that hold quantities, but for the one that names the rows."""
        return tuple(column for column in range(1, len(self.names)) if self._holds(column))

    @cached_property
    def words(self) -> tuple[int, ...]:
        """Returns the columns that hold words, by which rows are told apart."""
        return tuple(c for c in range(len(self.names)) if c not in self.figures)

    def holds_clocks(self, column: int) -> bool:
        """Tells whether any cell of a column is a time of the day."""
        cells = (row.cells.get(column) for row in self.rows)
        return any(cell and _CLOCK.fullmatch(cell.text) for cell in cells)

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
    keyed = keyed_rows(layout, rows)
    names = column_names(keyed, len(max(rows, key=lambda row: len(row.cells)).cells))
    if names is None:
        return None
    texts = [layout.of((cell.start, cell.end)) for row in rows for cell in row.cells]
    comma = writes_comma(texts, layout.document.language)
    first, names = names[0], naming_first(layout, keyed, names, comma)
    above = titles_above(layout, blocks[0].start)
    units = [named_unit(name) for name in names]
    general = next(filter(None, (*map(general_unit, above), named_unit(names[0]))), "")
    excepted = any(_EXCEPT.search(text) for text in above)
    money = signs_of(layout, keyed)
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
            line = (row.start, row.end)
            found[column] = _cell(layout, cell, comma, unit, column, sign, line)
        label = found[0].text if 0 in found else ""
        group = group_of(layout, row.cells[0], first)
        made.append(GridRow((row.start, row.end), label, found, group))
    headings = layout.document.headings_at(blocks[0].start)
    title = " > ".join(dict.fromkeys((*headings[-2:], *above)))
    return Grid(layout.document, title, names, tuple(_under_totals(made)), comma)


def _excepted(layout: Layout, row: DocumentBlock, cell: Cell) -> bool:
    """Tells whether a cell is what «in millions, except per share data» leaves out."""
    label = layout.of((row.cells[0].start, row.cells[0].end))
    text = layout.of((cell.start, cell.end))
    return _SHARES.search(label) is not None or _CENTS.search(text) is not None


def _under_totals(rows: Sequence[GridRow]) -> Iterator[GridRow]:
    """Yields the rows, those above «Total ingresos» and «Total gastos» as parts of these."""
    ends = {i: name for i, row in enumerate(rows) if (name := _summed(row.label))}
    grouped = len(set(ends.values())) > 1 and not any(row.group for row in rows)
    for index, row in enumerate(rows):
        end = next((i for i in ends if i >= index), None) if grouped else None
        below = end is not None and not row.is_total
        yield replace(row, group=ends[end]) if end is not None and below else row


def _summed(label: str) -> str:
    """Returns of what a row is the total: «gastos» of «Total gastos»; «» for another row."""
    match = _TOTAL_OF.fullmatch(label.strip(" :."))
    return match[1] if match else ""


def _cell(
    layout: Layout, cell: Cell, comma: bool, unit: str, column: int, sign: str, line: Span
) -> GridCell:
    text = " ".join(layout.of((cell.start, cell.end)).split())
    language = layout.document.language
    unit, sign = (unit, sign) if column else ("", "")
    return GridCell((cell.start, cell.end), text, comma, language, unit, sign, line)
