"""Text of a PDF page that nobody sees, and the rules that part the rows of its tables.

Text is hidden when it leaves no mark on the page: invisible, transparent, in the paper's colour,
under an opaque shape or cut off by a clip. What might be is drawn twice, with it and without, since
white letters on a dark ground are seen. The text over or under a scanned page says what the picture
shows, and is no hidden text. Text that is too small to read or beyond the edge is known by its
lines alone: `is_out_of_sight`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pypdfium2.raw as pdfium

from rag.parsing.lines import Box, Line, Rule, turned
from rag.parsing.pdf_fields import read_text

_MAX_OBJECTS = 20_000  # of a page; a map has more, and few words
_MAX_DEPTH = 4  # of forms within forms
_MAX_PATHS = 600  # of a page: stripes and drawings part no rows
_TINY = 1.5  # points: letters that no one can read
_PALE = 225  # of 255, in every colour: it may be white on white
_SEEN = 12  # of 255: a difference that an eye notices
_SCALE = 0.5  # pixels a point of the drawings that are compared
_THICK = 2.5  # points, at most, of a rule
_LONG = 20.0  # points, at least, of a rule
_MAX_SEARCHED = 2_500  # objects of a page: to look for rules among more takes too long
_FEW_UPRIGHT = 4  # upright rules, at least, of a grid of two columns
_SYMBOLS = 4  # characters, at most, that only say what a drawing shows: «☒»
_INVISIBLE = 3  # text render mode
_CLIP = 7  # text render mode: it only clips what is drawn later
_MAX_CLIPS = 8  # paths that clip one text
_MAX_POINTS = 64  # of such a path

# Filled anew at each call: a child reads one file at a time, and pages have thousands of objects.
_COLOURS = [ctypes.c_uint() for _ in range(4)]
_EDGES = [ctypes.c_float() for _ in range(4)]


@dataclass(slots=True)
class PageObjects:
    """What was found among the objects of a page: hidden text objects, and rules."""

    hidden: list[tuple[Any, Any]] = field(default_factory=list)  # with the form that holds each
    rules: list[Rule] = field(default_factory=list)


@dataclass(slots=True)
class _Text:
    item: Any
    form: Any
    box: Box
    invisible: bool = False


def look_at(page: Any) -> PageObjects:
    """Looks at all objects of a pdfium page that holds text."""
    suspects: list[_Text] = []
    plain: list[tuple[int, Any]] = []  # with its place in the order in which the page is drawn
    images: list[Box] = []
    paths: list[tuple[int, Any, Box]] = []
    for order, (kind, item, form) in enumerate(_objects(page)):
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            if (mode := doubtful_mode(item)) is not None:
                suspects.append(_Text(item, form, _box(item), mode == _INVISIBLE))
            elif form is None:
                plain.append((order, item))
        elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            images.append(_box(item))
        elif kind == pdfium.FPDF_PAGEOBJ_PATH and form is None and len(paths) <= _MAX_PATHS:
            paths.append((order, item, _box(item)))
    suspects = [each for each in suspects if not _is_over_picture(each, images)]
    suspects += _covered(plain, paths)
    few = len(paths) <= _MAX_PATHS
    return PageObjects(
        hidden=[(each.item, each.form) for each in _unseen(page, suspects)],
        rules=[rule for _, _, box in paths for rule in _rules(box)] if few else [],
    )


def _covered(texts: list[tuple[int, Any]], paths: list[tuple[int, Any, Box]]) -> Iterator[_Text]:
    """The texts on which a filled shape is drawn later, or that a clip may cut off."""
    covers = [(order, box) for order, item, box in paths if _is_filled(item, box)]
    last = covers[-1][0] if covers else -1
    for order, item in texts:
        if order < last:
            box = _box(item)
            over = (cover for at, cover in covers if at > order)
            if any(_middle_is_inside(box, cover) for cover in over):
                yield _Text(item, None, box)
                continue
        if is_clipped(item):
            yield _Text(item, None, _box(item))


def _is_filled(path: Any, box: Box) -> bool:
    """Whether a path is an opaque shape that may cover words."""
    if box[3] - box[1] <= _THICK:
        return False
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(path, fill, stroke)
    pdfium.FPDFPageObj_GetFillColor(path, *_COLOURS)
    return bool(fill.value) and _COLOURS[3].value > 255 - _SEEN


def is_clipped(text: Any) -> bool:
    """Tells whether a text lies beyond a path that clips it."""
    clip = pdfium.FPDFPageObj_GetClipPath(text)
    for index in range(min(pdfium.FPDFClipPath_CountPaths(clip), _MAX_CLIPS)):
        count = min(pdfium.FPDFClipPath_CountPathSegments(clip, index), _MAX_POINTS)
        points = [
            _point(pdfium.FPDFClipPath_GetPathSegment(clip, index, at)) for at in range(count)
        ]
        if not points:
            continue
        across, up = zip(*points, strict=True)
        left, bottom, right, top = _box(text)
        if right < min(across) or left > max(across) or top < min(up) or bottom > max(up):
            return True
    return False


def _point(segment: Any) -> tuple[float, float]:
    x, y = ctypes.c_float(), ctypes.c_float()
    pdfium.FPDFPathSegment_GetPoint(segment, x, y)
    return x.value, y.value


def count_objects(page: Any) -> int:
    """How many objects a page has, those inside its forms not counted."""
    return int(pdfium.FPDFPage_CountObjects(page))


def remove(page: Any, hidden: list[tuple[Any, Any]]) -> str:
    """Takes the hidden objects off the page, in memory; returns the words that they held.

    A symbol or two stay, and "" is returned.
    """
    textpage = page.get_textpage()
    try:
        words = " ".join(
            read_text(pdfium.FPDFTextObj_GetText, item, textpage) for item, _ in hidden
        )
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


def edges_of(page: Any) -> Box:
    """Returns the edges of what is shown of a pdfium page; pages inherit them from the tree."""
    edges = pdfium.FS_RECTF()
    pdfium.FPDF_GetPageBoundingBox(page, edges)
    return edges.left, edges.bottom, edges.right, edges.top


def is_out_of_sight(line: Line, edges: Box) -> bool:
    """Whether a line is too small to read, or lies beyond the `edges` of its page."""
    left, bottom, right, top = turned(edges, line.turns)
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


def rules_of(page: Any) -> list[Rule]:
    """Returns the horizontal rules of a page that has grids, without a look at all of its objects.

    Where no upright rules are drawn, most others are lines under sums and stripes behind rows.
    """
    if count_objects(page) > _MAX_SEARCHED:
        return []
    get, kind_of = pdfium.FPDFPage_GetObject, pdfium.FPDFPageObj_GetType
    items = [get(page, index) for index in range(count_objects(page))]
    paths = [item for item in items if kind_of(item) == pdfium.FPDF_PAGEOBJ_PATH]
    boxes = [_box(path) for path in paths] if len(paths) <= _MAX_PATHS else []
    upright = sum(box[2] - box[0] <= _THICK and box[3] - box[1] > 2 * _THICK for box in boxes)
    return [rule for box in boxes for rule in _rules(box)] if upright >= _FEW_UPRIGHT else []


def _rules(box: Box) -> Iterator[Rule]:
    """The horizontal edges of a line or a rectangle."""
    left, bottom, right, top = box
    if right - left >= _LONG:
        yield bottom, left, right
        if top - bottom > _THICK:
            yield top, left, right


def _is_over_picture(text: _Text, images: list[Box]) -> bool:
    """Whether an invisible text stands where an image shows its words."""
    return text.invisible and any(_middle_is_inside(text.box, image) for image in images)


def _middle_is_inside(box: Box, other: Box) -> bool:
    across, up = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return other[0] <= across <= other[2] and other[1] <= up <= other[3]


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
    crop = edges_of(page)
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
