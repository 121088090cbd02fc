"""Pages that are pictures: which ones they are, and their words as lines in reading order.

Knows nothing about how words are recognised (see `ocr`), nor about paragraphs.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from rag.parsing import ocr
from rag.parsing.file import Beat
from rag.parsing.lines import Line
from rag.parsing.ocr import Found
from rag.parsing.paged import ranges
from rag.parsing.pictures import FEW_LETTERS, MAX_PIXELS, MAX_SIDE

_MOST = 0.5  # of the page, covered by images
_SOME = 0.1
_DRAWN = 40  # paths on a page without any letter: letters drawn as outlines
_MAX_SCALE = 4.0
_MAX_OBJECTS = 2_000
_ALIKE = 0.35  # relative difference of the heights of boxes around letters of one size
_PROSE = 15  # letters a line, at least, in a column of prose


def is_picture(page: Any, lines: Sequence[Line]) -> bool:
    """Whether a pdfium page has words that its text layer, `lines`, does not have."""
    import pypdfium2.raw as pdfium

    if sum(len(line.text) for line in lines) >= 5 * FEW_LETTERS:
        return False  # most of any text is letters
    letters = _letters(lines)
    if letters >= FEW_LETTERS:
        return False
    width, height = page.get_size()
    covered, drawn = 0.0, 0
    for number, each in enumerate(page.get_objects(max_depth=3)):
        if number >= _MAX_OBJECTS:
            break
        if each.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = each.get_bounds()
            covered += max(right - left, 0.0) * max(top - bottom, 0.0)
            wide, high = each.get_px_size()
            if wide * high > MAX_PIXELS:
                return False
        drawn += each.type == pdfium.FPDF_PAGEOBJ_PATH
    share = covered / max(width * height, 1.0)
    return share >= (_MOST if letters else _SOME) or (not letters and drawn >= _DRAWN)


def read_picture(page: Any, lines: list[Line], beat: Beat) -> tuple[list[Line], bool]:
    """The lines of a pdfium page that is a picture, and whether they are still missing.

    `lines`, those of its text layer, where they are more or nothing can be recognised.
    """
    if not ocr.is_installed() or beat.late:
        return lines, True
    scale = min(_MAX_SCALE, MAX_SIDE / max(*page.get_size(), 1.0))
    try:
        found = ocr.recognise(page.render(scale=scale).to_pil(), beat)
    except MemoryError:
        raise
    except Exception:  # the runtime raises what it likes; one page must not cost the others
        return lines, True
    recognised = lines_of(found, scale)
    return max(recognised, lines, key=_letters), False


def unread_pictures(pages: Sequence[int]) -> str:
    """What to say of the 1-based `pages` that stayed pictures, and what to do about it."""
    what = f"pages {ranges(pages)} are images whose text was not read"
    return f"{what} (split the file)" if ocr.is_installed() else f"{what} ({ocr.HOW_TO_GET})"


def lines_of(found: Sequence[Found], scale: float = 1.0) -> list[Line]:
    """Recognised lines in reading order, measured in pixels divided by `scale`."""
    if not found:
        return []
    usual = statistics.median(each.bottom - each.top for each in found)
    return [_line(each, usual, scale) for each in in_order(found)]


def in_order(found: Sequence[Found]) -> list[Found]:
    """Columns of prose one after the other; rows of anything else, from left to right."""
    if len(found) >= 4:
        if halves := _columns(found):
            return [each for half in halves for each in in_order(half)]
        if halves := _bands(found):
            return [each for half in halves for each in in_order(half)]
    return _rows(found)


def _letters(lines: Sequence[Line]) -> int:
    return sum(character.isalnum() for line in lines for character in line.text)


def _line(found: Found, usual: float, scale: float) -> Line:
    height = found.bottom - found.top
    # The height of a box depends on its letters: «mano» is lower than «Ángulo».
    size = usual if abs(height - usual) <= _ALIKE * usual else height
    middle = (found.top + found.bottom) / 2
    return Line(
        text=found.text,
        left=found.left / scale,
        right=found.right / scale,
        baseline=-(middle + 0.3 * size) / scale,
        size=size / scale,
    )


def _columns(found: Sequence[Found]) -> tuple[list[Found], list[Found]] | None:
    """Two halves with a clear gap between them from top to bottom, both of prose."""
    height = statistics.median(each.bottom - each.top for each in found)
    cut = _widest_gap([(each.left, each.right) for each in found], 0.6 * height)
    if cut is None:
        return None
    halves = (
        [each for each in found if each.left < cut],
        [each for each in found if each.left >= cut],
    )
    return halves if all(map(_is_prose, halves)) else None


def _bands(found: Sequence[Found]) -> tuple[list[Found], list[Found]] | None:
    height = statistics.median(each.bottom - each.top for each in found)
    cut = _widest_gap([(each.top, each.bottom) for each in found], 0.2 * height)
    if cut is None:
        return None
    return [each for each in found if each.top < cut], [each for each in found if each.top >= cut]


def _is_prose(half: Sequence[Found]) -> bool:
    return len(half) >= 3 and statistics.median(len(each.text) for each in half) >= _PROSE


def _widest_gap(stretches: Sequence[tuple[float, float]], least: float) -> float | None:
    """Where the widest gap ends that no stretch covers, if it is wider than `least`."""
    reached, widest, cut = float("inf"), least, None
    for start, end in sorted(stretches):
        if start - reached > widest:
            widest, cut = start - reached, start
        reached = end if reached == float("inf") else max(reached, end)
    return cut


def _rows(found: Sequence[Found]) -> list[Found]:
    rows: list[list[Found]] = []
    for each in sorted(found, key=lambda each: each.top + each.bottom):
        middle = (each.top + each.bottom) / 2
        if rows and rows[-1][0].top < middle < rows[-1][0].bottom:
            rows[-1].append(each)
        else:
            rows.append([each])
    return [each for row in rows for each in sorted(row, key=lambda each: each.left)]
