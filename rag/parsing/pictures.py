"""Image files: which are opened, how large they may be, and how they are turned upright."""

from __future__ import annotations

from typing import Any

MAX_PIXELS = 100_000_000
"""More is built to exhaust the machine, or a map that no model reads."""

MAX_SIDE = 2_000
"""Pixels on the long side of what is shown or read, 170 to the inch of a page."""

FEW_LETTERS = 100
"""A page with fewer in its text layer may be a picture all the same, with a stamp on it."""

FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF")


def upright(image: Any) -> Any:
    """The frame of a PIL image as it is to be seen, of at most MAX_SIDE pixels a side.

    Raises Image.DecompressionBombError for more than MAX_PIXELS.
    """
    from PIL import Image, ImageOps

    if image.width * image.height > MAX_PIXELS:
        raise Image.DecompressionBombError(f"more than {MAX_PIXELS} pixels")
    turned = ImageOps.exif_transpose(image).convert("RGB")
    turned.thumbnail((MAX_SIDE, MAX_SIDE))
    return turned
