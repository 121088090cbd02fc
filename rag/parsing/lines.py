"""Lines as they stand on a page -> paragraphs as they were written.

A line knows where it stands; the unit does not matter, so the lines of a plain text (counted in
characters and rows) go the same way as those of a PDF (in points). A line break was made by the
layout, and disappears, when the first word of the next line would not have fitted; otherwise the
writer made it, and it stays. Knows nothing about formats.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from rag.parsing.builder import LINE, PARAGRAPH
from rag.parsing.hyphens import before_break, runs_on
from rag.schema import DocumentBlockKind, Span

SPACE = " "

_BULLET = re.compile(r"[•▪◦‣●■□○➢➤✓✔–—*\-\uf0b7\uf0a7] ?(?=\S)")
_NUMBERED = re.compile(r"(?:\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4})[.)]|\d{1,2}(?:\.\d{1,2})+\.?) ")
_LIST_MARK = re.compile(r"\W|o|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})[.)]|\d{1,2}(?:\.\d{1,2})+\.?")
_LABEL = re.compile(r"\(?[\w.]{1,8}[.)]?|\W")  # of a list item or a heading: «3.1», «b)», «•»
_SENTENCE_END = re.compile(r"[.!?…:][»”\"’')\]]*$")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_CLOSING = re.compile(r"[,.;:)\]]")

Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""

Rule = tuple[float, float, float]  # a horizontal line that is drawn: height, left, right

SAME_SIZE = 0.12  # relative difference up to which two sizes are one
WIDE_GAP = 1.2  # line heights between two words: they stand in two columns of a table
SMALL_GAP = 0.4  # likewise, where the same gap runs through the lines below as well
WINDOW = 12  # lines looked at, either way, to find the right edge of a column


@dataclass(slots=True)
class Table:
    """A table's columns by their left and right edges, their names ("" for one without), and where
    the names stand in the document's text, once they are written."""

    columns: list[tuple[float, float]]
    names: list[str] = field(default_factory=list)
    spans: dict[int, Span] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableRow:
    """What a line of a table is, and where in its text the cells of which columns stand."""

    kind: DocumentBlockKind
    table: Table
    cells: tuple[tuple[Span, int], ...] = ()


@dataclass(slots=True)
class Line:
    """One printed line. `baseline` grows upwards; `size` is the height of the line's letters."""

    text: str
    left: float
    right: float
    baseline: float
    size: float
    bold: bool = False
    tabular: bool = False
    hyphen: bool = False  # a hyphen that was at its end, and is not in `text`
    turns: int = 0  # quarter turns by which it is set; coordinates are those of the level line
    row: TableRow | None = None
    kind: DocumentBlockKind | None = None  # of a note or a form's field: a paragraph of its own
    parts: tuple[tuple[str, float, float], ...] = ()  # words, left and right, between wide gaps
    heading: int | None = None  # lines of one heading carry the same number


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Joined lines; `separator` is what stands before them in the text."""

    text: str
    separator: str
    lines: tuple[Line, ...]

    @property
    def heading(self) -> int | None:
        """The number of the heading that this paragraph is, if any."""
        return self.lines[0].heading


def turned(box: Box, turns: int) -> Box:
    """The box as it would stand if a line that is set with `turns` quarter turns were level."""
    left, bottom, right, top = box
    for _ in range(turns):
        left, bottom, right, top = bottom, -right, top, -left
    return left, bottom, right, top


def words_of(lines: Sequence[Line]) -> set[str]:
    """Lower-cased words, compounds included, that stand whole on a line."""
    return {word.lower() for line in lines for word in _WORD.findall(line.text)}


def paragraphs(lines: Sequence[Line], known: set[str] | None = None) -> list[Paragraph]:
    """Paragraphs in reading order. `known` words decide whether a broken compound has a hyphen."""
    lines = merge_rows(lines)
    known = words_of(lines) if known is None else known
    edges, leading = _right_edges(lines), _leading(lines)
    done: list[Paragraph] = []
    group: list[Line] = []
    before = PARAGRAPH
    for index, line in enumerate(lines):
        gap = _separator(lines, index, edges, leading) if group else SPACE
        if gap != SPACE:
            done.append(_paragraph(group, before, known))
            group, before = [], gap
        group.append(line)
    if group:
        done.append(_paragraph(group, before, known))
    return done


def _paragraph(group: Sequence[Line], separator: str, known: set[str]) -> Paragraph:
    parts = [
        before_break(line.text, after.text, line.hyphen, known) for line, after in pairwise(group)
    ]
    last = f"{group[-1].text}-" if group[-1].hyphen else group[-1].text
    return Paragraph("".join([*parts, last]), separator, tuple(group))


def continues(first: Line, second: Line) -> bool:
    """Whether a sentence goes on from the last line of a column or page to the next one's first."""
    return (
        _alike(first, second)
        and first.heading == second.heading
        and not (first.tabular or second.tabular or first.kind or second.kind)
        and (first.hyphen or not _SENTENCE_END.search(first.text))
        and second.text[:1].islower()
    )


def is_list_mark(text: str) -> bool:
    """Whether a text is a bullet or the number of a list item, and no more."""
    return _LIST_MARK.fullmatch(text) is not None


def merge_rows(lines: Sequence[Line]) -> list[Line]:
    """Put together the pieces of one printed row: cells, raised and lowered characters."""
    merged: list[Line] = []
    for line in lines:
        if merged and _same_row(merged[-1], line):
            merged[-1] = _merge(merged[-1], line)
        else:
            merged.append(line)
    return merged


def looks_wrapped(text: str) -> bool:
    """Whether a plain text was broken into lines at a fixed width."""
    lengths = sorted(len(line) for line in text.split("\n") if line.strip())
    if len(lengths) < 4:
        return False
    width = lengths[len(lengths) * 95 // 100]
    filled = sum(length > width * 0.75 for length in lengths)
    return 40 <= width <= 120 and lengths[-1] <= 160 and filled * 2 > len(lengths)


def lines_of_text(text: str) -> list[Line]:
    """The filled lines of a plain text, measured in characters and rows."""
    return [
        Line(
            text=" ".join(row.split()),
            left=len(row) - len(row.lstrip()),
            right=len(row.rstrip()),
            baseline=-number,
            size=1.0,
            tabular=re.search(r"\S(?: {3,}|\t)\S", row) is not None,
        )
        for number, row in enumerate(text.split("\n"))
        if row.strip()
    ]


def _separator(lines: Sequence[Line], index: int, edges: Sequence[float], leading: float) -> str:
    before, line = lines[index - 1], lines[index]
    if before.heading != line.heading or before.turns != line.turns:
        return PARAGRAPH
    if line.heading is not None:
        return SPACE
    if before.kind is not None or line.kind is not None:
        return LINE if before.kind is line.kind else PARAGRAPH
    if before.row is not None or line.row is not None:
        return LINE if _same_table(before, line) else PARAGRAPH
    step = before.baseline - line.baseline
    if step <= 0.2 * min(before.size, line.size):  # up, or aside: another column
        full = _is_full(before, line, edges[index - 1])
        return SPACE if full and continues(before, line) else PARAGRAPH
    if before.tabular or line.tabular:
        return LINE if step <= 2.5 * leading else PARAGRAPH
    if not _alike(before, line) or step > 1.4 * leading:
        return PARAGRAPH
    return _inside(lines, index, _is_full(before, line, edges[index - 1]))


def _same_table(first: Line, second: Line) -> bool:
    """Whether both are rows under the same names; the names go with the rows below them."""
    if first.row is None or second.row is None:
        return False
    return first.row.table is second.row.table


def _inside(lines: Sequence[Line], index: int, full: bool) -> str:
    """What parts two lines of one column and size that stand at the usual distance."""
    before, line = lines[index - 1], lines[index]
    broken = before.hyphen or runs_on(before.text, line.text)
    ended = _SENTENCE_END.search(before.text) is not None and not broken
    if _BULLET.match(line.text) or (_NUMBERED.match(line.text) and (ended or not full)):
        return LINE
    if not full and not broken:
        if ended:
            return PARAGRAPH
        return SPACE if line.text[:1].islower() else LINE
    return PARAGRAPH if ended and _is_indented(lines, index) else SPACE


def _is_indented(lines: Sequence[Line], index: int) -> bool:
    """First line of a paragraph: further in than the line before and the line after."""
    before, line = lines[index - 1], lines[index]
    after = lines[index + 1] if index + 1 < len(lines) else before
    return line.left > max(before.left, after.left) + 0.7 * line.size


def _is_full(line: Line, following: Line, edge: float) -> bool:
    width = max(following.right - following.left, 0.0) / max(len(following.text), 1)
    word = following.text.split(SPACE, 1)[0]
    return line.right + (len(word) + 0.5) * width > edge


def _right_edges(lines: Sequence[Line]) -> list[float]:
    """For each line the right edge of its column: of its neighbours below one another."""
    runs: list[int] = []
    for index, line in enumerate(lines):
        before = lines[index - 1] if index else None
        if before is None:
            runs.append(0)
            continue
        below = before.baseline - line.baseline > 0.2 * line.size
        beside = line.left > before.right or line.right < before.left
        runs.append(runs[-1] + (not below or beside or (before.row is None) != (line.row is None)))
    edges = []
    for index in range(len(lines)):
        around = range(max(0, index - WINDOW), min(len(lines), index + WINDOW + 1))
        edges.append(max(lines[other].right for other in around if runs[other] == runs[index]))
    return edges


def _leading(lines: Sequence[Line]) -> float:
    """The usual distance between two lines of a paragraph: the lower quartile of the steps."""
    steps = sorted(
        step
        for before, line in pairwise(lines)
        if 0.6 * line.size < (step := before.baseline - line.baseline) < 3 * line.size
    )
    return steps[len(steps) // 4] if steps else max((line.size for line in lines), default=1.0)


def _alike(first: Line, second: Line) -> bool:
    larger = max(first.size, second.size)
    if first.bold != second.bold or first.turns != second.turns:
        return False
    return abs(first.size - second.size) <= SAME_SIZE * larger


def _same_row(first: Line, second: Line) -> bool:
    top = min(first.baseline + 0.8 * first.size, second.baseline + 0.8 * second.size)
    bottom = max(first.baseline - 0.2 * first.size, second.baseline - 0.2 * second.size)
    overlaps = top - bottom >= 0.5 * min(first.size, second.size)
    beside = second.left >= first.right - min(first.size, second.size)
    if first.row or second.row or first.kind or second.kind:
        return False
    return overlaps and beside and first.turns == second.turns


def _merge(first: Line, second: Line) -> Line:
    # The longer piece stands for the row: symbol fonts claim heights that nothing else has.
    longer = first if len(first.text) >= len(second.text) else second
    gap = second.left - first.right
    wide = gap > WIDE_GAP * longer.size and not _LABEL.fullmatch(first.text)
    close = gap < 0.3 * longer.size and _CLOSING.match(second.text)
    return replace(
        longer,
        text=f"{first.text}{'' if close else SPACE}{second.text}",
        left=min(first.left, second.left),
        right=max(first.right, second.right),
        bold=first.bold and second.bold,
        tabular=first.tabular or second.tabular or wide,
        hyphen=second.hyphen,
    )
