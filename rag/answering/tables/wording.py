"""A plan as blocks: the result, the formula in words and figures, and the rows it rests on."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answering.prepared import Citations, Prepared
from rag.answering.tables.marked_rows import number_of, row_of
from rag.answering.tables.plans import Operand, Plan
from rag.answering.tables.quantities import DAYS, Quantity
from rag.answering.tables.requests import Operation, Request
from rag.schema import Block, BlockKind, Support
from rag.text.computing import COMPUTING, ComputingData

_SIGNS = {
    Operation.SUM: " + ",
    Operation.AVERAGE: " + ",
    Operation.DIFFERENCE: " − ",
    Operation.GROWTH: " − ",
    Operation.SHARE: " ÷ ",
}
_WRITTEN_OUT = 12  # figures of a formula that are written out, each with its citation
_ROWS = 3  # rows that are shown as a table
_NAMED = 6  # rows whose names are the short answer
_LISTED = 30  # rows of a list


def worded(plan: Plan, request: Request) -> Prepared:
    """Returns the answer: every figure of the formula carries the mark of its row."""
    words, citations = COMPUTING[request.question.language], Citations()
    if plan.mixed:
        return _unlike(plan, words, citations)
    blocks = _blocks(plan, request, words, citations)
    return Prepared(tuple(blocks), tuple(citations.made), result_words(plan, words), _sure(plan))


def _unlike(plan: Plan, words: ComputingData, citations: Citations) -> Prepared:
    """Returns why figures of several units are not computed with, and the figures."""
    columns = len({one.column for one in plan.operands}) > 1
    parts = [
        f"{plan.name(one) if columns else plan.label(one)}: {quantity_text(one.quantity, words)} "
        f"[{number_of(plan, one, citations)}]"
        for one in plan.operands[:_WRITTEN_OUT]
    ]
    text = words.mixed.format(parts="; ".join(parts))
    marks = tuple(
        dict.fromkeys(number_of(plan, o, citations) for o in plan.operands[:_WRITTEN_OUT])
    )
    reason = Block(BlockKind.REFUSAL, text, marks)
    rows = list(dict.fromkeys(one.row for one in plan.operands))[:_ROWS]
    blocks = (reason, *(row_of(plan, row, citations) for row in rows))
    return Prepared(blocks, tuple(citations.made), None, _sure(plan), found=False)


def either(plans: Sequence[Plan], request: Request) -> Prepared:
    """Returns the results of two tables that fit alike, with the question which is meant."""
    words, citations = COMPUTING[request.question.language], Citations()
    blocks = [Block(BlockKind.COMPUTED, words.two_fit)]
    for plan in plans:
        title = f"{plan.grid.document.title}, {plan.grid.title}".strip(", ")
        first, *rest = _blocks(plan, request, words, citations)
        made = f"• {title}: {result_words(plan, words)}. {first.text}"
        blocks.append(
            Block(BlockKind.COMPUTED, made, first.citations, Support.SUPPORTED, 1.0, "\n")
        )
        blocks += rest[:1]
    return Prepared(tuple(blocks), tuple(citations.made), None, 0.5)


def result_words(plan: Plan, words: ComputingData) -> str:
    """Returns the result as it is shown first: «1.700 €», «Mayo: 1.838», «3»."""
    if plan.operation in (Operation.LARGEST, Operation.SMALLEST):
        labels = ", ".join(dict.fromkeys(plan.label(one) for one in plan.operands))
        return f"{labels}: {quantity_text(plan.operands[0].quantity, words)}"
    if plan.result is None:
        return plan.words
    if plan.operation is Operation.LOOKUP:
        found = plan.result  # the sign of its currency may stand in the column's first cell alone
        signed = found.prefix in plan.words and found.suffix.strip() in plan.words
        text = plan.words if signed else found.written()
        return _with_scale(text, found, words)
    if plan.operation is Operation.LIST:
        names = [plan.grid.rows[row].label for row in plan.winners]
        return ", ".join(names) if len(names) <= _NAMED else str(len(names))
    if plan.share is not None:
        parts = quantity_text(plan.result, words, signed=True), plan.share.written(signed=True)
        return words.growth.format(difference=parts[0], share=parts[1])
    return quantity_text(plan.result, words)


def _sure(plan: Plan) -> float:
    return max(0.5, min(0.99, plan.explained))


def quantity_text(quantity: Quantity, words: ComputingData, signed: bool = False) -> str:
    """Returns a quantity with its unit and the scale of its table."""
    return _with_scale(quantity.written(signed), quantity, words)


def _with_scale(text: str, quantity: Quantity, words: ComputingData) -> str:
    """Returns a quantity as text with the scale that its table states: «$94,836 million»."""
    scale = quantity.unit.partition("*")[2]
    name = words.scale_names.get(int(scale), "") if scale else ""
    return text if not name or name in text or _scaled(quantity) else f"{text} {name}"


def _scaled(quantity: Quantity) -> bool:
    """Tells whether the cell itself names the scale: «3.5 million»."""
    return any(len(word) > 2 for word in quantity.suffix.split())


def _blocks(
    plan: Plan, request: Request, words: ComputingData, citations: Citations
) -> list[Block]:
    if plan.operation is Operation.LOOKUP:
        row = plan.winners[0] if plan.winners else plan.operands[0].row
        return [row_of(plan, row, citations, gap=" ")]
    if plan.operation in (Operation.LARGEST, Operation.SMALLEST, Operation.COUNT, Operation.LIST):
        return _chosen(plan, request, words, citations)
    if plan.operation is Operation.VERDICT:
        return _judged(plan, request, citations)
    marks = _marks(plan, citations)
    result, formula = result_words(plan, words), _formula(plan, citations, words)
    text = f"{result} = {formula}. {_in_words(plan, words)}."
    blocks = [Block(BlockKind.COMPUTED, text, marks, Support.SUPPORTED, 1.0)]
    rows = list(dict.fromkeys(one.row for one in plan.operands))
    if len(rows) <= _ROWS:
        blocks += [row_of(plan, row, citations) for row in rows]
    return blocks


def _judged(plan: Plan, request: Request, citations: Citations) -> list[Block]:
    """Returns yes or no with both figures, «Sí. Luz: 912 > Agua: 276», and their rows."""
    labels = {plan.label(one) for one in plan.operands}
    names = [
        plan.label(one) if len(labels) == len(plan.operands) else plan.name(one)
        for one in plan.operands
    ]
    marks = [number_of(plan, one, citations) for one in plan.operands]
    parts = [
        f"{name}: {plan.grid.rows[one.row].cells[one.column].text} [{mark}]"
        for name, one, mark in zip(names, plan.operands, marks, strict=True)
    ]
    values = [one.quantity.value for one in plan.operands]
    condition = request.condition
    if len(values) == 1 and condition is not None:
        values.append(condition.value)
        like = plan.operands[0].quantity
        parts.append(like.like(condition.value).written())
    sign = "=" if values[0] == values[1] else "<" if values[0] < values[1] else ">"
    text = f"{plan.words}. {parts[0]} {sign} {parts[1]}."
    lead = Block(BlockKind.COMPUTED, text, tuple(dict.fromkeys(marks)), Support.SUPPORTED, 1.0)
    rows = dict.fromkeys(one.row for one in plan.operands)
    return [lead, *(row_of(plan, row, citations) for row in rows)]


def _marks(plan: Plan, citations: Citations) -> tuple[int, ...]:
    if len(plan.operands) > _WRITTEN_OUT:
        return (citations.number(plan.grid.document, plan.grid.span),)
    numbers = [number_of(plan, one, citations) for one in plan.operands]
    if plan.checked is not None:
        numbers.append(citations.number(plan.grid.document, plan.grid.rows[plan.checked].span))
    return tuple(dict.fromkeys(numbers))


def _formula(plan: Plan, citations: Citations, words: ComputingData) -> str:
    """Returns «7.200 € [1] − 5.500 € [1]»."""
    if plan.operation in (Operation.YEAR, Operation.MONTH):
        one, sign = plan.operands[0], "×" if plan.operation is Operation.YEAR else "÷"
        mark = number_of(plan, one, citations)
        return f"{one.quantity.written()} [{mark}] {sign} 12"
    parts = [_part(plan, one, citations) for one in plan.operands[:_WRITTEN_OUT]]
    if plan.operation is Operation.DAYS:
        return f"{parts[0]} → {parts[1]}"
    if plan.operation is Operation.SHARE and len(plan.operands) > 2:
        return f"{parts[0]} ÷ ({' + '.join(parts[1:])})"
    shown = formula_text(plan.operation, parts)
    if len(plan.operands) > _WRITTEN_OUT:
        count = words.rows_counted.format(count=len(plan.operands))
        shown = (
            f"{_SIGNS[plan.operation].join(parts[:3])} + … ({count}) {_mark_all(plan, citations)}"
        )
        if plan.operation is Operation.AVERAGE:
            shown = f"({shown}) ÷ {len(plan.operands)}"
    if plan.checked is not None:
        mark = citations.number(plan.grid.document, plan.grid.rows[plan.checked].span)
        return f"{shown} (= [{mark}])"
    return shown


def formula_text(operation: Operation, parts: Sequence[str]) -> str:
    """Returns the parts joined by the sign of the operation."""
    joined = _SIGNS[operation].join(parts)
    return f"({joined}) ÷ {len(parts)}" if operation is Operation.AVERAGE else joined


def _mark_all(plan: Plan, citations: Citations) -> str:
    return f"[{citations.number(plan.grid.document, plan.grid.span)}]"


def _part(plan: Plan, one: Operand, citations: Citations) -> str:
    row = plan.grid.rows[one.row]
    written = row.cells[one.column].text
    if one.quantity.unit != DAYS and one.quantity.value < 0 and not written.startswith("("):
        written = f"({written})"
    if len(plan.operands) > _WRITTEN_OUT:
        return written
    return f"{written} [{number_of(plan, one, citations)}]"


def _in_words(plan: Plan, words: ComputingData) -> str:
    """Returns what the formula does: «Gasto real menos Presupuesto (Formación)»."""
    template = words.result[plan.operation]
    names = list(dict.fromkeys(plan.name(one) for one in plan.operands))
    labels = list(dict.fromkeys(plan.label(one) for one in plan.operands))
    column = ", ".join(filter(None, names))
    if plan.operation in (Operation.SUM, Operation.AVERAGE):
        what = labels[0] + (f": {column}" if column else "") if len(labels) == 1 else column
        return template.format(what=what or plan.grid.title)
    if plan.operation in (Operation.YEAR, Operation.MONTH):
        return template.format(what=f"{labels[0]}, {column}")
    if plan.operation is Operation.GROWTH:  # what came before stands last in the formula
        labels, names = labels[::-1], names[::-1]
    if len(labels) > 1:
        first, second = (
            labels[0],
            labels[1]
            if len(plan.operands) == 2
            else words.rows_counted.format(count=len(plan.operands) - 1),
        )
        return template.format(first=first, second=second, what=f" ({column})" if column else "")
    first, second = [*names, *names][:2]
    return template.format(first=first, second=second, what=f" ({labels[0]})")


def _chosen(
    plan: Plan, request: Request, words: ComputingData, citations: Citations
) -> list[Block]:
    """Returns the rows that an extreme or a condition gives, and how many were looked at."""
    table = citations  # the whole table is cited behind its rows
    columns = dict.fromkeys(plan.name(one) for one in plan.operands)
    rows = list(dict.fromkeys(plan.winners))
    shown = [row_of(plan, row, citations) for row in rows[:_LISTED]]
    mark = table.number(plan.grid.document, plan.grid.span)
    column = next(iter(columns), "") or plan.grid.name(0)
    if plan.operation in (Operation.COUNT, Operation.LIST):
        what = _condition(request)
        template = words.result[plan.operation] if what else words.rows_named
        text = template.format(count=len(rows), all=plan.looked_at, what=f"«{what}»")
    else:
        what = words.rows_counted.format(count=plan.looked_at)
        text = words.result[plan.operation].format(what=f"«{column}» ({what})")
        text = f"{result_words(plan, words)}. {text}"
    numbers = tuple(dict.fromkeys(n for block in shown for n in block.citations))
    lead = Block(
        BlockKind.COMPUTED, f"{text} [{mark}].", (*numbers[:0], mark), Support.SUPPORTED, 1.0
    )
    return [lead, *shown]


def _condition(request: Request) -> str:
    condition = request.condition
    if condition is None:
        return ""
    return request.question.query[condition.start : condition.end]
