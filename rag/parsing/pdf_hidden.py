"""Text of a PDF page that nobody sees, and the rules that part the rows of its tables.

Text is hidden when it leaves no mark on the page: invisible, transparent or in the paper's colour.
What might be is drawn twice, with it and without, since white letters on a dark ground are seen.
The invisible text over a scanned page says what the picture shows, and is no hidden text. Text that
is too small to read or beyond the edge is known by its lines alone: `is_out_of_sight`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pypdfium2.raw as pdfium

from rag.parsing.lines import Line

_MAX_OBJECTS = 20_000  # of a page; a map has more, and few words
_MAX_DEPTH = 4  # of forms within forms
_MAX_PATHS = 600  # of a page: stripes and drawings part no rows
_TINY = 1.5  # points: letters that no one can read
_PALE = 225  # of 255, in every colour: it may be white on white
_SEEN = 12  # of 255: a difference that an eye notices
_SCALE = 0.5  # pixels a point of the drawings that are compared
_THICK = 2.5  # points, at most, of a rule
_LONG = 20.0  # points, at least, of a rule
_SYMBOLS = 4  # characters, at most, that only say what a drawing shows: «☒»
_INVISIBLE = 3  # text render mode
_CLIP = 7  # text render mode: it only clips what is drawn later

# Filled anew at each call: a child reads one file at a time, and pages have thousands of objects.
_COLOURS = [ctypes.c_uint() for _ in range(4)]
_EDGES = [ctypes.c_float() for _ in range(4)]

Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""


@dataclass(slots=True)
class PageObjects:
    """What was found among the objects of a page: hidden text objects, and heights of rules."""

    hidden: list[tuple[Any, Any]] = field(default_factory=list)  # with the form that holds each
    rules: list[float] = field(default_factory=list)


@dataclass(slots=True)
class _Text:
    item: Any
    form: Any
    box: Box
    invisible: bool


def look_at(page: Any) -> PageObjects:
    """Looks at all objects of a pdfium page that holds text."""
    suspects: list[_Text] = []
    images: list[Box] = []
    paths: list[Any] = []
    text, image, path = (
        pdfium.FPDF_PAGEOBJ_TEXT, pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_PATH,
    )  # fmt: skip
    for kind, item, form in _objects(page):
        if kind == text:
            if (mode := doubtful_mode(item)) is not None:
                suspects.append(_Text(item, form, _box(item), mode == _INVISIBLE))
        elif kind == image:
            images.append(_box(item))
        elif kind == path and form is None and len(paths) <= _MAX_PATHS:
            paths.append(item)
    suspects = [each for each in suspects if not _is_over_picture(each, images)]
    return PageObjects(
        hidden=[(each.item, each.form) for each in _unseen(page, suspects)],
        rules=[at for item in paths for at in _rules(_box(item))]
        if len(paths) <= _MAX_PATHS
        else [],
    )


def count_objects(page: Any) -> int:
    """How many objects a page has, those inside its forms not counted."""
    return int(pdfium.FPDFPage_CountObjects(page))


def remove(page: Any, hidden: list[tuple[Any, Any]]) -> str:
    """Takes the hidden objects off the page, in memory; returns the words that they held.

    A symbol or two stay, and "" is returned.
    """
    textpage = page.get_textpage()
    try:
        words = " ".join(_words(item, textpage).strip() for item, _ in hidden)
    finally:
        textpage.close()
    if len(words) <= _SYMBOLS:
        return ""
    for item, form in hidden:
        if form is None:
            pdfium.FPDFPage_RemoveObject(page, item)
        else:
            pdfium.FPDFFormObj_RemoveObject(form, item)
        pdfium.FPDFPageObj_Destroy(item)
    return words


def is_out_of_sight(line: Line, edges: Box) -> bool:
    """Whether a line is too small to read, or lies beyond the `edges` of its page."""
    left, bottom, right, top = edges
    outside = line.right <= left or line.left >= right
    return outside or line.size < _TINY or not bottom <= line.baseline + line.size / 2 <= top


def _objects(page: Any) -> Iterator[tuple[int, Any, Any]]:
    """The objects of a page, those of forms included: kind, object, and the form that it is in."""
    get, kind_of = pdfium.FPDFPage_GetObject, pdfium.FPDFPageObj_GetType
    inner: list[tuple[Any, int]] = []
    count = min(pdfium.FPDFPage_CountObjects(page), _MAX_OBJECTS)
    for item in [get(page, index) for index in range(count)]:
        kind = kind_of(item)
        yield kind, item, None
        if kind == pdfium.FPDF_PAGEOBJ_FORM:
            inner.append((item, 1))
    while inner:
        form, depth = inner.pop()
        members = min(pdfium.FPDFFormObj_CountObjects(form), _MAX_OBJECTS - count)
        count += members
        for item in [pdfium.FPDFFormObj_GetObject(form, index) for index in range(members)]:
            kind = kind_of(item)
            yield kind, item, form
            if kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _MAX_DEPTH:
                inner.append((item, depth + 1))


def doubtful_mode(item: Any) -> int | None:
    """The render mode of a text that may be hidden; None for one in a colour that is seen."""
    mode = int(pdfium.FPDFTextObj_GetTextRenderMode(item))
    known = pdfium.FPDFPageObj_GetFillColor(item, *_COLOURS)
    red, green, blue, alpha = _COLOURS
    seen = min(red.value, green.value, blue.value) < _PALE and alpha.value >= _SEEN
    return None if mode not in (_INVISIBLE, _CLIP) and (seen or not known) else mode


def _box(item: Any) -> Box:
    pdfium.FPDFPageObj_GetBounds(item, *_EDGES)
    left, bottom, right, top = (edge.value for edge in _EDGES)
    return left, bottom, right, top


def _rules(box: Box) -> Iterator[float]:
    """The heights of the horizontal edges of a line or a rectangle."""
    left, bottom, right, top = box
    if right - left >= _LONG:
        yield bottom
        if top - bottom > _THICK:
            yield top


def _is_over_picture(text: _Text, images: list[Box]) -> bool:
    """Whether an invisible text stands where an image shows its words."""
    across, up = (text.box[0] + text.box[2]) / 2, (text.box[1] + text.box[3]) / 2
    inside = (left <= across <= right and low <= up <= top for left, low, right, top in images)
    return text.invisible and any(inside)


def _unseen(page: Any, suspects: list[_Text]) -> list[_Text]:
    """Those that leave no mark on the page."""
    if not suspects:
        return []
    with_text = _drawn(page)
    _activate(suspects, active=False)
    without = _drawn(page)
    _activate(suspects, active=True)
    from PIL import ImageChops

    changed: Any = ImageChops.difference(with_text, without)
    if changed.getextrema()[1] < _SEEN:
        return suspects
    crop = page.get_cropbox()
    return [text for text in suspects if not text.form and not _is_marked(changed, text.box, crop)]


def _drawn(page: Any) -> Any:
    width, height = page.get_size()
    scale = min(_SCALE, 2_000 / max(width, height, 1.0))
    return page.render(scale=scale, rotation=-page.get_rotation() % 360, grayscale=True).to_pil()


def _activate(suspects: list[_Text], active: bool) -> None:
    for text in suspects:
        pdfium.FPDFPageObj_SetIsActive(text.item, active)


def _is_marked(changed: Any, box: Box, crop: Box) -> bool:
    """Whether the drawing changed where the text stands."""
    across = changed.width / max(crop[2] - crop[0], 1.0)
    up = changed.height / max(crop[3] - crop[1], 1.0)
    left, right = (box[0] - crop[0]) * across, (box[2] - crop[0]) * across
    top, bottom = (crop[3] - box[3]) * up, (crop[3] - box[1]) * up
    part = changed.crop((int(left) - 1, int(top) - 1, int(right) + 2, int(bottom) + 2))
    return bool(part.getextrema()[1] >= _SEEN)


def _words(item: Any, textpage: Any) -> str:
    length = pdfium.FPDFTextObj_GetText(item, textpage, None, 0)  # in bytes
    buffer = (ctypes.c_ushort * (length // 2 + 1))()
    pdfium.FPDFTextObj_GetText(item, textpage, buffer, length)
    return bytes(buffer)[: max(length - 2, 0)].decode("utf-16-le", "replace")
