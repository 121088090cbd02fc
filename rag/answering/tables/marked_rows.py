"""Rows of tables as blocks of an answer, each with the marks of its citations."""

from __future__ import annotations

from rag.answering.extractive_answer import row_text
from rag.answering.prepared import Citations
from rag.answering.tables.plans import Operand, Plan
from rag.answering.tables.requests import Operation
from rag.schema import AnswerCell, Block, BlockKind, Support


def number_of(plan: Plan, one: Operand, citations: Citations) -> int:
    """Returns the number of the citation of an operand: its row, with its cell marked."""
    cell = plan.grid.rows[one.row].cells[one.column]
    return citations.number(plan.grid.document, cell.line, cell.span)


def row_of(plan: Plan, index: int, citations: Citations, gap: str = "\n") -> Block:
    """Returns a row with its name and the cells that count, or with all where it is looked up."""
    grid, row = plan.grid, plan.grid.rows[index]
    counted = {one.column for one in plan.operands if one.row == index}
    if grid.turned:
        return _column(plan, index, counted, citations, gap)
    if not counted and plan.words:
        counted = {c for c, cell in row.cells.items() if c and cell.text == plan.words}
    first = min(counted, default=None)
    answers = row.cells[first].span if first is not None else None
    number = citations.number(grid.document, row.span, answers)
    whole = plan.operation is Operation.LOOKUP
    shown = [c for c in sorted(row.cells) if whole or c == 0 or c in counted]
    cells = tuple(AnswerCell(grid.name(c), row.cells[c].text, c in counted) for c in shown)
    return row_block(cells, number, gap=gap)


def _column(plan: Plan, index: int, counted: set[int], citations: Citations, gap: str) -> Block:
    """Returns of a column of the document, a row of the turned table, the cells that count."""
    grid, row = plan.grid, plan.grid.rows[index]
    shown = [c for c in sorted(row.cells) if c in counted or row.cells[c].text == plan.words]
    lines = [(row.cells[c].line, row.cells[c].span) for c in shown]
    numbers = [citations.number(grid.document, line, span) for line, span in lines]
    cells = tuple(AnswerCell(grid.names[c], row.cells[c].text, c in counted) for c in (0, *shown))
    return row_block(cells, *dict.fromkeys(numbers), gap=gap)


def titled_row(plan: Plan, title: str, number: int) -> Block:
    """Returns the row of a document with all its figures, the one that counts marked."""
    grid, one = plan.grid, plan.operands[0]
    row = grid.rows[one.row]
    cells = [
        AnswerCell(grid.name(c), row.cells[c].text, c == one.column) for c in sorted(row.cells) if c
    ]
    return row_block((AnswerCell("", f"{title}: {row.label}"), *cells), number)


def row_block(cells: tuple[AnswerCell, ...], *numbers: int, gap: str = "\n") -> Block:
    """Returns cells that the citations of these numbers prove, the first one the row's name."""
    marks = "".join(f"[{number}]" for number in numbers)
    text = f"{row_text(cells)} {marks}"
    return Block(BlockKind.ROW, text, numbers, Support.SUPPORTED, 1.0, gap, cells)
