"""Renders a PDF page with a quote highlighted: the proof next to the answer.

pdfium draws the page and tells where each character stands; the quote is found by its letters and
digits alone, since a reader's cleaning (joined words, spelled-out ligatures, dropped headers)
changes everything else. Knows nothing about the library, answers or how the image is shown.
"""

from __future__ import annotations

import io
import re
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from rag.errors import FileProblem
from rag.schema import Outcome, PageImage

MAX_SIDE = 2_000
"""Pixels on the long side of an image, whatever the page's size."""

MIN_PART = 15
"""Letters that a part of a quote must share with the page to be highlighted alone."""

_PADDING = 1.5  # pixels around the letters

_NEAR_END = 300  # letters between a page's text and its edge: a header, a footer, a note
_OPENING = re.compile(r"[^\w\s]*")
_CLOSING = re.compile(r"[^\w\s]*$")

_LOCK = threading.Lock()  # pdfium crashes when two threads are inside it, even with two documents

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


def render_page(path: Path, page: int, quote: str, scale: float = 2.0) -> PageImage:
    """The 1-based `page` as PNG with `quote` marked in yellow; `scale` 1 is 72 pixels an inch.

    A quote that runs over a page break is marked as far as it stands on this page; one that is not
    found leaves `boxes` empty. Raises FileProblem(UNREADABLE) when the file is gone, is no PDF or
    has no such page.
    """
    import pypdfium2

    if not path.is_file():
        raise _problem(
            f"{path.name} is not there any more", "restore it, or run: rag ingest --prune"
        )
    with _LOCK:
        try:
            document = pypdfium2.PdfDocument(path)
        except pypdfium2.PdfiumError as error:
            raise _problem(
                f"{path.name} cannot be opened as PDF", "open the file itself"
            ) from error
        try:
            if not 1 <= page <= len(document):
                raise _problem(
                    f"{path.name} has {len(document)} pages, not {page}", "run: rag ingest again"
                )
            return _render(document[page - 1], quote, scale)
        except pypdfium2.PdfiumError as error:
            raise _problem(
                f"page {page} of {path.name} cannot be drawn", "open the file itself"
            ) from error
        finally:
            document.close()


def find_quote(page_text: str, quote: str) -> list[tuple[int, int]]:
    """Half-open ranges of `page_text` that hold `quote`, compared by letters and digits only.

    One range when the page holds the whole quote; the long parts of it otherwise.
    """
    letters, where = _fold(page_text)
    wanted, _ = _fold(quote)
    if not wanted:
        return []
    at = letters.find(wanted)
    if at >= 0:
        start, end = where[at], where[at + len(wanted) - 1] + 1
        return [_with_signs(page_text, quote, start, end)]
    return [(where[start], where[end - 1] + 1) for start, end in _parts(letters, wanted)]


def _with_signs(page_text: str, quote: str, start: int, end: int) -> tuple[int, int]:
    """The range with the quote's own first and last signs, such as «¿» and the full stop."""
    for sign in reversed(_signs(_OPENING.match(quote.lstrip()))):
        start -= page_text[start - 1 : start] == sign
    for sign in _signs(_CLOSING.search(quote.rstrip())):
        end += page_text[end : end + 1] == sign
    return start, end


def _signs(match: re.Match[str] | None) -> str:
    return match[0] if match else ""


def _parts(letters: str, wanted: str) -> list[tuple[int, int]]:
    matcher = SequenceMatcher(None, letters, wanted, autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size >= MIN_PART]
    # A stray common phrase is no quote: parts must be much of it, or be cut by an end of the page.
    covered = sum(block.size for block in blocks)
    ends = [
        block
        for block in blocks
        if (block.b == 0 and block.a + block.size > len(letters) - _NEAR_END)
        or (block.b + block.size == len(wanted) and block.a < _NEAR_END)
    ]
    if 2 * covered < len(wanted):
        blocks = ends
    return [(block.a, block.a + block.size) for block in blocks]


def _fold(text: str) -> tuple[str, list[int]]:
    """Letters and digits without case, accents and ligatures, and where each one came from."""
    letters: list[str] = []
    where: list[int] = []
    for index, character in enumerate(text):
        for plain in unicodedata.normalize("NFKD", character).casefold():
            if plain.isalnum():
                letters.append(plain)
                where.append(index)
    return "".join(letters), where


def _render(page: Any, quote: str, scale: float) -> PageImage:
    scale = min(scale, MAX_SIDE / max(page.get_size()))
    bitmap = page.render(scale=scale)
    image = bitmap.to_pil().convert("RGB")
    place = bitmap.get_posconv(page)
    textpage = page.get_textpage()
    try:
        lines = _lines(textpage, find_quote(_characters(textpage), quote))
    finally:
        textpage.close()
    boxes = tuple(_on_image(place, line, image.size) for line in lines)
    return PageImage(_png(image, boxes), image.width, image.height, boxes)


def _characters(textpage: Any) -> str:
    """One character for each of pdfium's, so that an index in it is an index for pdfium."""
    import pypdfium2.raw as pdfium

    codes = (pdfium.FPDFText_GetUnicode(textpage, at) for at in range(textpage.count_chars()))
    return "".join(chr(code) if code < 0x110000 else " " for code in codes)


def _lines(textpage: Any, ranges: Sequence[tuple[int, int]]) -> list[Box]:
    """One box a printed line, in points from the bottom left: left, top, right, bottom."""
    lines: list[Box] = []
    for start, end in ranges:
        fresh = True
        for left, bottom, right, top in _boxes(textpage, start, end):
            box = (left, top, right, bottom)
            if fresh or not _continues(lines[-1], box):
                lines.append(box)
            else:
                lines[-1] = _union(lines[-1], box)
            fresh = False
    return lines


def _boxes(textpage: Any, start: int, end: int) -> Iterator[Box]:
    for at in range(start, end):
        left, bottom, right, top = textpage.get_charbox(at, loose=True)
        if right - left > 0 and top - bottom > 0:  # generated spaces and line ends have no body
            yield left, bottom, right, top


def _continues(line: Box, box: Box) -> bool:
    """Whether the character stands on the same printed line, not far from its end."""
    height = min(line[1] - line[3], box[1] - box[3])
    overlap = min(line[1], box[1]) - max(line[3], box[3])
    gap = max(box[0] - line[2], line[0] - box[2])
    return overlap > 0.5 * height and gap < 3 * height


def _union(first: Box, second: Box) -> Box:
    return (
        min(first[0], second[0]),
        max(first[1], second[1]),
        max(first[2], second[2]),
        min(first[3], second[3]),
    )


def _on_image(place: Any, box: Box, size: tuple[int, int]) -> Box:
    """The box in pixels from the top left; a rotated page turns its corners."""
    corners = [place.to_bitmap(box[0], box[1]), place.to_bitmap(box[2], box[3])]
    across, down = zip(*corners, strict=True)
    return (
        max(0.0, min(across) - _PADDING),
        max(0.0, min(down) - _PADDING),
        min(float(size[0]), max(across) + _PADDING),
        min(float(size[1]), max(down) + _PADDING),
    )


def _png(image: Any, boxes: Sequence[Box]) -> bytes:
    from PIL import Image, ImageChops, ImageDraw

    marks = Image.new("RGB", image.size, "white")
    draw = ImageDraw.Draw(marks)
    for box in boxes:
        draw.rectangle(box, fill="#ffe45c")
    buffer = io.BytesIO()
    # Multiplied like a felt pen: the paper turns yellow and the letters stay black.
    ImageChops.multiply(image, marks).save(buffer, "PNG")
    return buffer.getvalue()


def _problem(reason: str, advice: str) -> FileProblem:
    return FileProblem(Outcome.UNREADABLE, reason, advice)
