"""What stands above a table and names it, or the unit of its figures."""

from __future__ import annotations

import re

from rag.answering.layout import Layout
from rag.schema import DocumentBlockKind

_TITLES = (DocumentBlockKind.TABLE_TITLE, DocumentBlockKind.CAPTION, DocumentBlockKind.HEADING)
_ABOVE = 3  # blocks before a table that may name it or its unit
_FAR = 300  # characters between such a block and the table
_UNIT = re.compile(r"\s*\(?(?:(?:amounts|dollars|figures|importes|cifras|datos) )?(?:in|en) ", re.I)
_CLOSING = re.compile(r"\([^()]*\b(?:in|en) [^()]*\)\W*$", re.I)  # «… is as follows (in millions):»


def titles_above(layout: Layout, start: int) -> list[str]:
    """Returns the titles right above a table, and a line that names its unit: «(in millions)»."""
    before = layout.document.blocks_between(max(0, start - _FAR), start)
    found = [
        " ".join(layout.of((block.start, block.end)).split())
        for block in before[-_ABOVE:]
        if block.kind in _TITLES and block.end <= start
    ]
    lines = layout.text[max(0, start - _FAR) : start].strip().splitlines()[-_ABOVE:]
    lines = [line for line in lines if line not in found]
    units = [line for line in lines if _UNIT.match(line)]
    units += [match.group() for line in lines[-1:] if (match := _CLOSING.search(line))]
    return [*found, *dict.fromkeys(units)]
