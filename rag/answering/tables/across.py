"""The same cell in several documents of one kind: a series, its sum, mean, extreme or change."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rag.answering.layout import LayoutOf
from rag.answering.prepared import Citations, Prepared
from rag.answering.tables.documents import name_of, says_several, told_apart
from rag.answering.tables.grid import grids
from rag.answering.tables.marked_rows import number_of, titled_row
from rag.answering.tables.matching import bare_name
from rag.answering.tables.planning import cell_plan
from rag.answering.tables.plans import Operand, Plan, alike, growth, mean_of, mixed, written_like
from rag.answering.tables.requests import ARITHMETIC, Operation, Request
from rag.answering.tables.wording import formula_text, quantity_text
from rag.schema import Block, BlockKind, DocumentInfo, Support
from rag.text.computing import COMPUTING

_LEAST = 0.6  # share of the question that the cell and the names of the documents must explain


@dataclass(frozen=True, slots=True)
class _Cell:
    """A document and its cell."""

    title: str
    plan: Plan

    @property
    def operand(self) -> Operand:
        return self.plan.operands[0]


def across(
    request: Request, groups: Sequence[Sequence[DocumentInfo]], layout_of: LayoutOf
) -> Prepared | None:
    """Returns what the same cell of several documents says or adds up to; None where unsure.

    Of a group of one document, the row with all its periods.
    """
    found = [cells for group in groups if (cells := _series(request, group, layout_of))]
    best = max(found, key=lambda cells: cells[0].plan.explained, default=None)
    if best is None:
        return None
    wanted = request.documents
    # of four quarters three are no sum
    whole = len(best) > 1 and wanted in (0, len(best))
    return _worded(request, best, wanted == len(best), whole)


def _series(
    request: Request, group: Sequence[DocumentInfo], layout_of: LayoutOf
) -> list[_Cell] | None:
    """Returns the cell of each document that is meant; all where none of them is named."""
    names = [request.said_in(f"{info.title} {name_of(info)}") for info in group]
    shared = frozenset.intersection(*names)
    meant = [info for info, words in zip(group, names, strict=True) if words - shared]
    if not says_several(request.question.query, group):
        meant = []
    if len(meant) < 2 and not request.several:
        return None
    also = request.several.union(*names)
    titles, cells = told_apart(group), []
    for info in meant if len(meant) > 1 else group:
        plans = sorted(_plans(request, info, layout_of, also), key=lambda p: -p.explained)
        if plans and plans[0].explained >= _LEAST:
            cells.append(_Cell(titles[info.id], plans[0]))
    labels = [bare_name(cell.plan.label(cell.operand)) for cell in cells]
    common = max(labels, key=labels.count, default="")
    same = [cell for cell, label in zip(cells, labels, strict=True) if label == common]
    if len(group) == 1:
        return same if any(len(cell.plan.grid.figures) > 1 for cell in same) else None
    return same if len(same) > 1 and len(same) * 2 > len(cells) else None


def _plans(
    request: Request, info: DocumentInfo, layout_of: LayoutOf, also: frozenset[int]
) -> Iterator[Plan]:
    layout = layout_of(info.id)
    for grid in grids(layout) if layout is not None else ():
        plan = cell_plan(grid, request, also, _LEAST)
        if plan is not None:
            yield plan


def _worded(request: Request, cells: Sequence[_Cell], counted: bool, whole: bool) -> Prepared:
    words, citations = COMPUTING[request.question.language], Citations()
    numbers = [number_of(cell.plan, cell.operand, citations) for cell in cells]
    rows = [
        titled_row(cell.plan, cell.title, number)
        for cell, number in zip(cells, numbers, strict=True)
    ]
    made = _computed(request, cells, counted) if whole else None
    if made is None:
        reason = _reason(request, cells, numbers) if whole else ()
        sure = cells[0].plan.explained
        return Prepared((*reason, *rows), tuple(citations.made), None, sure, not reason)
    operation, text, label = made
    if operation in (Operation.LARGEST, Operation.SMALLEST):
        what = words.rows_counted_documents.format(count=len(cells))
        said = f"{label}: {text}. {words.result[operation].format(what=what)}."
        text = f"{label}: {text}"
    else:
        parts = [
            f"{cell.plan.words} [{number}]" for cell, number in zip(cells, numbers, strict=True)
        ]
        first = cells[0].plan
        what = ": ".join(
            filter(None, (first.label(cells[0].operand), first.name(cells[0].operand)))
        )
        changes = operation is Operation.GROWTH
        formula = formula_text(operation, parts[::-1] if changes else parts)
        ends = {"first": cells[0].title, "second": cells[-1].title}
        name = words.result[operation].format(what=f" ({what})" if changes else what, **ends)
        documents = words.rows_counted_documents.format(count=len(cells))
        said = f"{text} = {formula}. {name} ({documents})."
    lead = Block(BlockKind.COMPUTED, said, tuple(numbers), Support.SUPPORTED, 1.0)
    return Prepared((lead, *rows), tuple(citations.made), text, cells[0].plan.explained)


def _reason(request: Request, cells: Sequence[_Cell], numbers: Sequence[int]) -> tuple[Block, ...]:
    """Returns why figures of several units are not computed with; nothing where none are asked."""
    operands = [cell.operand for cell in cells]
    known = mixed(cells[0].plan.grid, request.operation, operands)
    if request.operation not in ARITHMETIC or not known or alike(operands) is not None:
        return ()
    words = COMPUTING[request.question.language]
    parts = [
        f"{cell.title}: {quantity_text(cell.operand.quantity, words)} [{number}]"
        for cell, number in zip(cells, numbers, strict=True)
    ]
    text = words.mixed.format(parts="; ".join(parts))
    return (Block(BlockKind.REFUSAL, text, tuple(numbers)),)


def _computed(
    request: Request, cells: Sequence[_Cell], counted: bool
) -> tuple[Operation, str, str] | None:
    """Returns the operation, its result, and which document has it; None for a series alone."""
    operation, words = request.operation, COMPUTING[request.question.language]
    asks = re.search(words.asks, request.question.query, re.I)
    if operation is Operation.LOOKUP and counted and asks:
        operation = Operation.SUM
    columns = {bare_name(cell.plan.name(cell.operand)) for cell in cells}
    same = alike(cell.operand for cell in cells)
    if same is None or len(columns) > 1:
        return None
    if operation in (Operation.GROWTH, Operation.DIFFERENCE) and len(same) == 2:
        plan = growth(cells[0].plan.grid, *same)
        return None if plan is None or plan.result is None else _change(request, plan)
    values = [one.quantity.value for one in same]
    if operation is Operation.SUM:
        total = written_like(same).like(sum(values, Decimal(0)))
        return operation, quantity_text(total, words), ""
    if operation is Operation.AVERAGE:
        return operation, quantity_text(mean_of(same), words), ""
    if operation in (Operation.LARGEST, Operation.SMALLEST):
        best = (max if operation is Operation.LARGEST else min)(values)
        titles = [cell.title for cell, value in zip(cells, values, strict=True) if value == best]
        text = quantity_text(written_like(same).like(best), words)
        return operation, text, ", ".join(titles)
    return None


def _change(request: Request, plan: Plan) -> tuple[Operation, str, str]:
    """Returns a change with its share: «+450 € (+12,1 %)»."""
    words = COMPUTING[request.question.language]
    assert plan.result is not None  # noqa: S101 - looked at by the caller
    text = quantity_text(plan.result, words, signed=True)
    if plan.share is not None:
        text = words.growth.format(difference=text, share=plan.share.written(signed=True))
    return Operation.GROWTH, text, ""
