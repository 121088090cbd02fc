"""What a child of the sandbox runs to draw a page: `work`.

Imports what draws, and the recogniser of words only where a page is a picture. Knows nothing about
processes.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rag.parsing.page_images.render import Printed, render_page

OCR_SHARE = 0.7
"""Of the time that is left: the words recognised by then are those among which the quote is."""


def work(
    request: dict[str, Any], beat: Callable[[int, int], None], seconds: float
) -> dict[str, Any]:
    """Draws one page: its PNG in base64 and its boxes, as JSON holds them. Raises FileProblem.

    `picture` says that the page has no words but those in its picture, and that they were not
    looked for, because `request["words"]` does not ask for them. `beat` stays silent: a page has
    one deadline, however lively its child is.
    """
    picture = False
    end = time.monotonic() + OCR_SHARE * float(request["seconds"])

    def recognise(image: Any) -> Sequence[Printed]:
        nonlocal picture
        if not request["words"]:
            picture = True
            return ()
        from rag.parsing import ocr

        return ocr.recognise(image, late=lambda: time.monotonic() > end)

    path, page = Path(request["path"]), int(request["page"])
    drawn = render_page(path, page, request["quote"], request["scale"], recognise)
    png = base64.b64encode(drawn.png).decode()
    return {"png": png, "boxes": drawn.boxes, "picture": picture}
