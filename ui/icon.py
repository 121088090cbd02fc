"""The icon of the browser's tab: a drop with a marked line."""

from __future__ import annotations

import functools
from typing import Any

from ui.theme import ACCENT

_SIZE = 64  # pixels


@functools.cache
def icon() -> Any:
    """Returns the picture; a named icon would be fetched from elsewhere."""
    from PIL import Image, ImageDraw

    image = Image.new("RGBA", (_SIZE, _SIZE), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.ellipse((12, 22, 52, 62), fill=ACCENT)
    draw.polygon(((32, 2), (14, 34), (50, 34)), fill=ACCENT)
    draw.rounded_rectangle((20, 38, 44, 46), 3, fill="#ffe45c")
    return image
