"""What was filled in and written upon a PDF's page: form fields beside their labels, check boxes
before the words that they stand for, annotations where they stand.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import pypdfium2.raw as pdfium

from rag.parsing.characters import clean_line
from rag.parsing.lines import Line
from rag.schema import DocumentBlockKind

CHECKED, UNCHECKED = "☒", "☐"

_FAR = 15  # heights of a check box to the words on its left, at most
_MAX_ANNOTATIONS = 5_000  # of a page
_SAME_LEFT = 4.0  # points: fields that begin so near stand in one column
_LABEL_ENDS = tuple(":?.…_)-")  # nothing is needed between such a label and its value
_UNSEEN = 2 | 32  # flags of an annotation: hidden, not shown on the screen
_PASSWORD = 1 << 13  # flag of a field whose value the page shows as stars
_WIDGET = pdfium.FPDF_ANNOT_WIDGET
_WRITTEN = {
    pdfium.FPDF_ANNOT_TEXT, pdfium.FPDF_ANNOT_FREETEXT, pdfium.FPDF_ANNOT_STAMP,
    pdfium.FPDF_ANNOT_HIGHLIGHT, pdfium.FPDF_ANNOT_UNDERLINE, pdfium.FPDF_ANNOT_STRIKEOUT,
    pdfium.FPDF_ANNOT_SQUIGGLY, pdfium.FPDF_ANNOT_CARET, pdfium.FPDF_ANNOT_LINE,
    pdfium.FPDF_ANNOT_SQUARE, pdfium.FPDF_ANNOT_CIRCLE, pdfium.FPDF_ANNOT_POLYGON,
    pdfium.FPDF_ANNOT_POLYLINE, pdfium.FPDF_ANNOT_INK,
}  # fmt: skip
_PLAIN = {pdfium.FPDF_ANNOT_FREETEXT, pdfium.FPDF_ANNOT_STAMP}  # they show no author
_BOXES = {pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON}
_CHOICES = {pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX}
_VALUES = {pdfium.FPDF_FORMFIELD_TEXTFIELD, *_CHOICES}
_MAX_OPTIONS = 1_000  # of a field


@dataclass(frozen=True, slots=True)
class _Mark:
    """Something on the page: its text, its kind and its place. `name` is that of its field."""

    text: str
    kind: DocumentBlockKind
    left: float
    bottom: float
    right: float
    top: float
    name: str = ""
    box: bool = False


def with_annotations(lines: Sequence[Line], page: Any, form: Any) -> list[Line]:
    """The lines of a pdfium page with its fields and annotations; `form` is that of the document,
    or None."""
    done = list(lines)
    marks = list(_marks(page, form))
    cells = _cells(lines, marks)
    for mark in marks:
        if id(mark) in cells:
            _insert(done, mark, mark.text, kind=None)
        elif mark.kind is DocumentBlockKind.NOTE:
            _insert(done, mark, mark.text, mark.kind)
        elif mark.box:
            _check(done, mark)
        else:
            _fill(done, mark)
    return done


def _marks(page: Any, form: Any) -> Iterator[_Mark]:
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MAX_ANNOTATIONS)):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        try:
            mark = _mark(annotation, form)
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)
        if mark is not None:
            yield mark


def _mark(annotation: Any, form: Any) -> _Mark | None:
    kind = pdfium.FPDFAnnot_GetSubtype(annotation)
    rectangle = pdfium.FS_RECTF()
    unseen = pdfium.FPDFAnnot_GetFlags(annotation) & _UNSEEN
    if unseen or not pdfium.FPDFAnnot_GetRect(annotation, rectangle):
        return None
    edges = (rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)
    if kind == _WIDGET:
        return _field(annotation, form, edges) if form is not None else None
    if kind not in _WRITTEN:
        return None
    words = _string(annotation, b"Contents")
    if kind == pdfium.FPDF_ANNOT_STAMP:
        words = words or _string(annotation, b"Name")
    author = "" if kind in _PLAIN else _string(annotation, b"T")
    text = f"{author}: {words}" if author and words else words
    return _Mark(text, DocumentBlockKind.NOTE, *edges) if text else None


def _field(annotation: Any, form: Any, edges: tuple[float, float, float, float]) -> _Mark | None:
    kind = pdfium.FPDFAnnot_GetFormFieldType(form, annotation)
    name = read_text(pdfium.FPDFAnnot_GetFormFieldAlternateName, form, annotation)
    name = name or read_text(pdfium.FPDFAnnot_GetFormFieldName, form, annotation)
    if kind in _BOXES:
        on = pdfium.FPDFAnnot_IsChecked(form, annotation)
        state = CHECKED if on else UNCHECKED
        return _Mark(state, DocumentBlockKind.FIELD, *edges, name, box=True)
    value = _chosen(annotation, form) if kind in _CHOICES else ""
    value = value or read_text(pdfium.FPDFAnnot_GetFormFieldValue, form, annotation)
    secret = pdfium.FPDFAnnot_GetFormFieldFlags(form, annotation) & _PASSWORD
    if kind not in _VALUES or not value or secret:
        return None
    return _Mark(value, DocumentBlockKind.FIELD, *edges, name)


def _chosen(annotation: Any, form: Any) -> str:
    """The options chosen as the page shows them; what a field stores may be a code."""
    count = min(pdfium.FPDFAnnot_GetOptionCount(form, annotation), _MAX_OPTIONS)
    chosen = [
        read_text(pdfium.FPDFAnnot_GetOptionLabel, form, annotation, at)
        for at in range(count)
        if pdfium.FPDFAnnot_IsOptionSelected(form, annotation, at)
    ]
    return ", ".join(filter(None, chosen))


def _check(lines: list[Line], mark: _Mark) -> None:
    """Puts a check box before its words: those that begin at its side, else those on its left."""
    height = mark.top - mark.bottom
    near = [
        (_distance(left, right, mark), index, at)
        for index, line in enumerate(lines)
        if _level(line, mark)
        for at, (_, left, right) in enumerate(_parts(line))
        if -height < left - mark.left < 4 * height or -height < mark.left - right < 3 * height
    ]
    near = near or [  # the words of a column of boxes may begin far on the left
        (mark.left - right, index, at)
        for index, line in enumerate(lines)
        if _level(line, mark)
        for at, (_, _, right) in enumerate(_parts(line))
        if 0 < mark.left - right < _FAR * height
    ]
    if not near:
        _insert(lines, mark, f"{mark.text} {mark.name}", mark.kind)
        return
    _, index, at = min(near)
    parts = list(_parts(lines[index]))
    text, left, right = parts[at]
    parts[at] = (f"{mark.text} {text}", min(left, mark.left), max(right, mark.right))
    whole = " ".join(part[0] for part in parts)
    lines[index] = replace(lines[index], text=whole, parts=tuple(parts) if len(parts) > 1 else ())


def _distance(left: float, right: float, mark: _Mark) -> float:
    """How far words are from a check box; those on its left are further than any that follow."""
    height = mark.top - mark.bottom
    if left > mark.left - height:
        return abs(left - mark.right)
    return 5 * height + abs(mark.left - right)


def _fill(lines: list[Line], mark: _Mark) -> None:
    """Puts a value behind its label: the words on its left, else those right above it."""
    beside = [line for line in lines if _level(line, mark) and line.left < mark.left]
    above = [
        line
        for line in lines
        if 0 < line.baseline - mark.bottom - (mark.top - mark.bottom) / 2 < 2.5 * line.size
        and line.left < mark.right
        and mark.left < line.right + line.size
        and line.baseline >= mark.top - line.size / 2
    ]
    label = max(beside, key=lambda line: line.left, default=None)
    label = label or min(above, key=lambda line: line.baseline, default=None)
    if label is None:
        _insert(lines, mark, f"{mark.name}: {mark.text}" if mark.name else mark.text, mark.kind)
        return
    index = next(index for index, line in enumerate(lines) if line is label)
    lines[index] = replace(
        label,
        text=f"{label.text}{' ' if label.text.endswith(_LABEL_ENDS) else ': '}{mark.text}",
        right=max(label.right, mark.right),
        kind=mark.kind,
        parts=(),
    )


def _cells(lines: Sequence[Line], marks: Sequence[_Mark]) -> set[int]:
    """The ids of the fields that are the cells of a table: in rows one right below the other, with
    no words among them."""
    fields = [mark for mark in marks if mark.kind is DocumentBlockKind.FIELD and not mark.box]
    rows: list[list[_Mark]] = []
    for mark in sorted(fields, key=lambda mark: -mark.bottom):
        if rows and rows[-1][0].bottom - mark.bottom < (mark.top - mark.bottom) / 2:
            rows[-1].append(mark)
        else:
            rows.append([mark])
    found: set[int] = set()
    for above, below in pairwise(rows):
        both = [*above, *below]
        left, right = min(mark.left for mark in both), max(mark.right for mark in both)
        top, bottom = max(mark.top for mark in both), min(mark.bottom for mark in both)
        columns = ({round(mark.left / _SAME_LEFT) for mark in row} for row in (above, below))
        words = any(
            line.right > left and line.left < right and bottom < line.baseline < top
            for line in lines
        )
        if len(set.intersection(*columns)) > 1 and not words:
            found |= {id(mark) for mark in both}
    return found


def _insert(lines: list[Line], mark: _Mark, text: str, kind: DocumentBlockKind | None) -> None:
    """Adds a line of its own after the lines that stand above it."""
    above = [index for index, line in enumerate(lines) if line.baseline > mark.bottom]
    size = lines[above[-1]].size if above else min(mark.top - mark.bottom, 12.0)
    line = Line(text, mark.left, mark.right, max(mark.bottom, mark.top - size), size, kind=kind)
    lines.insert(above[-1] + 1 if above else 0, line)


def _level(line: Line, mark: _Mark) -> bool:
    middle = line.baseline + 0.3 * line.size
    return not line.turns and mark.bottom - 0.3 * line.size <= middle <= mark.top + 0.3 * line.size


def _parts(line: Line) -> tuple[tuple[str, float, float], ...]:
    return line.parts or ((line.text, line.left, line.right),)


def _string(annotation: Any, key: bytes) -> str:
    return read_text(pdfium.FPDFAnnot_GetStringValue, annotation, key)


def read_text(get: Any, *arguments: Any) -> str:
    """Returns what a function of pdfium writes into a buffer as UTF-16, cleaned."""
    length = get(*arguments, None, 0)  # in bytes, with the end mark
    buffer = (ctypes.c_ushort * (length // 2 + 1))()
    get(*arguments, buffer, length)
    return clean_line(bytes(buffer)[: max(length - 2, 0)].decode("utf-16-le", "replace"))
