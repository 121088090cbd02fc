"""Renders a page of a PDF or a scan with a quote highlighted.

pdfium draws the page and tells where each character stands. Where the page is a picture, its words
are recognised anew. Runs in one thread of a child process: pdfium crashes when two threads are
inside it, and some files keep it busy for ever.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from rag.errors import FileProblem
from rag.parsing.page_images.quotes import find_quote
from rag.parsing.pictures import FEW_LETTERS, FORMATS, MAX_PIXELS, MAX_SIDE, upright
from rag.parsing.sniff import HEAD, is_image
from rag.schema import Outcome, PageImage

_PADDING = 1.5  # pixels around the letters

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


class Printed(Protocol):
    """A line of text in an image, its box in pixels from the top left."""

    @property
    def text(self) -> str:
        """Its words."""

    @property
    def box(self) -> Box:
        """Where it stands."""


Recognise = Callable[[Any], Sequence[Printed]]
"""The lines in a PIL image. May raise ImportError: what it needs is not installed."""


def render_page(
    path: Path, page: int, quote: str, scale: float = 2.0, recognise: Recognise = lambda _: ()
) -> PageImage:
    """The 1-based `page` as PNG with `quote` marked in yellow; `scale` 1 is 72 pixels an inch.

    A quote that runs over a page break is marked as far as it stands on this page; one that is not
    found leaves `boxes` empty. `recognise` is asked for the words of pages that are pictures.
    Raises FileProblem: UNREADABLE when the file is gone, is neither PDF nor image, or has no such
    page; BOMB when it is an image of more than `MAX_PIXELS`.
    """
    if not path.is_file():
        raise _problem(
            f"{path.name} is not there any more", "restore it, or run: rag ingest --prune"
        )
    with path.open("rb") as stream:
        pictured = is_image(stream.read(HEAD))
    if pictured:
        image, boxes = _open_image(path, page), None
    else:
        image, boxes = _draw(path, page, quote, scale)
    if boxes is None:
        boxes = _in_picture(image, quote, recognise)
    return PageImage(_png(image, boxes), image.width, image.height, boxes)


def _draw(path: Path, page: int, quote: str, scale: float) -> tuple[Any, tuple[Box, ...] | None]:
    """A page of a PDF, and where its text layer has the quote; None where it has no words."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise _problem(f"{path.name} cannot be opened as PDF", "open the file itself") from error
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


def _render(page: Any, quote: str, scale: float) -> tuple[Any, tuple[Box, ...] | None]:
    scale = min(scale, MAX_SIDE / max(*page.get_size(), 1.0))
    bitmap = page.render(scale=scale)
    image = bitmap.to_pil().convert("RGB")
    place = bitmap.get_posconv(page)
    textpage = page.get_textpage()
    try:
        characters = _characters(textpage)
        lines = _lines(textpage, find_quote(characters, quote))
    finally:
        textpage.close()
    if not lines and sum(map(str.isalnum, characters)) < FEW_LETTERS:
        return image, None
    return image, tuple(_on_image(place, line, image.size) for line in lines)


def _open_image(path: Path, page: int) -> Any:
    from PIL import Image

    try:
        with Image.open(path, formats=FORMATS) as image:
            image.seek(page - 1)
            return upright(image)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(path) from error
    except (OSError, EOFError, SyntaxError, ValueError) as error:
        raise _problem(f"{path.name} cannot be opened as image", "open the file itself") from error


def _in_picture(image: Any, quote: str, recognise: Recognise) -> tuple[Box, ...]:
    """Where the quote stands among the words that are recognised in the image."""
    try:
        printed = recognise(image)
    except ImportError:
        return ()
    text = "\n".join(line.text for line in printed)
    boxes: list[Box] = []
    for start, end in find_quote(text, quote):
        at = 0
        for line in printed:
            first, last = max(start, at), min(end, at + len(line.text))
            if first < last:
                boxes.append(_part(line, first - at, last - at))
            at += len(line.text) + 1
    return tuple(boxes)


def _part(line: Printed, first: int, last: int) -> Box:
    """The box of some characters of a line, as if all were equally wide."""
    left, top, right, bottom = line.box
    width = (right - left) / len(line.text)
    return left + first * width, top, left + last * width, bottom


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
    marked = ImageChops.multiply(image, marks)
    marked.save(buffer, "PNG", compress_level=2)  # a page gets no smaller by more, only later
    return buffer.getvalue()


def _problem(reason: str, advice: str) -> FileProblem:
    return FileProblem(Outcome.UNREADABLE, reason, advice)


def _too_many_pixels(path: Path) -> FileProblem:
    million = MAX_PIXELS // 1_000_000
    return FileProblem(
        Outcome.BOMB,
        f"{path.name} has more than {million} million pixels",
        "open the file itself, or save it smaller",
    )
