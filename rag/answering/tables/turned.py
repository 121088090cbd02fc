"""A table with its columns for rows: where cars stand above and their price in a line."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from rag.answering.tables.grid import Grid, GridCell, GridRow
from rag.answering.tables.quantities import named_unit

_FEWEST = 3  # columns of which one may be the sum of the others


def turned(grid: Grid) -> Grid | None:
    """Returns the table turned; None where its columns or rows have no names of their own."""
    labels = [row.label for row in grid.rows]
    columns = [c for c in range(1, len(grid.names)) if grid.name(c)]
    if len(columns) < 2 or len({*labels, ""}) <= len(labels):
        return None
    units = [named_unit(label) for label in labels]
    rows = []
    for column in columns:
        name = grid.name(column)
        head = GridCell(grid.span, name, grid.comma, grid.document.language, "", line=grid.span)
        cells = {0: head}
        for index, row in enumerate(grid.rows):
            if (cell := row.cells.get(column)) is not None:
                cells[index + 1] = replace(cell, unit=cell.unit or units[index])
        rows.append(GridRow(grid.span, name, cells, sums=_sums_up(grid, column)))
    corner = grid.name(0)
    return Grid(grid.document, grid.title, (corner, *labels), tuple(rows), grid.comma, turned=True)


def _sums_up(grid: Grid, column: int) -> bool:
    """Tells whether a column is in every row the sum of the other columns of figures."""
    if column not in grid.figures or len(grid.figures) < _FEWEST:
        return False
    rows = [[grid.at(row, c) for c in grid.figures if c != column] for row in grid.rows]
    for row, others in zip(grid.rows, rows, strict=True):
        given = grid.at(row, column)
        if given is None or given.value != sum((o.value for o in others if o), Decimal(0)):
            return False
    return True
