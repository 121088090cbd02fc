"""Images as documents: a scan or a photograph of a page, read by the extra `ocr`.

A file of several images, as TIFF can be, has as many pages. Knows nothing about what is in them.
"""

from __future__ import annotations

import warnings
from typing import Any

from rag.errors import FileProblem
from rag.parsing import ocr
from rag.parsing.builder import unreadable
from rag.parsing.file import Beat, File, openable
from rag.parsing.paged import Page, assemble
from rag.parsing.pictures import FORMATS, MAX_PIXELS, upright
from rag.parsing.scan import lines_of, unread_pictures
from rag.schema import Outcome, ParsedDocument

_MAX_FRAMES = 1_000


def parse_image(file: File, beat: Beat) -> ParsedDocument:
    """Read an image. Raises FileProblem: unsupported without the extra, bomb, no_text..."""
    from PIL import Image, UnidentifiedImageError

    if not ocr.is_installed():
        raise FileProblem(
            Outcome.UNSUPPORTED, f"{file.name} is an image, which is not read", ocr.HOW_TO_GET
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its size, which is looked at here
            with Image.open(openable(file), formats=FORMATS) as image:
                pages, unread = _pages(file, image, beat)
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise unreadable(file, f"the image is damaged ({error})") from error
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(file) from error
    if not any(pages):
        reason = f"{file.name} is an image in which no text was recognised"
        raise FileProblem(Outcome.NO_TEXT, reason, "scan it again, straight and at 300 dpi")
    return assemble(file, pages, lacks=[unread_pictures(unread)] if unread else [])


def _pages(file: File, image: Any, beat: Beat) -> tuple[list[Page], list[int]]:
    """The lines of each frame, and the 1-based frames for which no time was left."""
    count = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1  # films are no pages
    pages: list[Page] = []
    unread = []
    for number in range(min(count, _MAX_FRAMES)):
        beat.page(number + 1, count)
        if beat.late:
            unread.append(number + 1)
            continue
        image.seek(number)
        pages.append(lines_of(ocr.recognise(upright(image), beat)))
    return pages, unread


def _too_many_pixels(file: File) -> FileProblem:
    return FileProblem(
        Outcome.BOMB,
        f"{file.name} has more than {MAX_PIXELS // 1_000_000} million pixels",
        "save it smaller",
    )
