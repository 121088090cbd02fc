"""One page of a PDF as measured lines, by pdfium.

pdfium gives characters in reading order; the size and place of a line come from a few of its
characters, because asking for all of them costs more than reading the page. Knows nothing about
paragraphs or documents.
"""

from __future__ import annotations

import ctypes
import math
import re
from typing import Any

from rag.parsing.characters import clean_line
from rag.parsing.lines import WIDE_GAP, Line

_BREAK = re.compile("\r\n|\ufffe")
_SOFT_HYPHEN = "\ufffe"  # pdfium's mark for a hyphen at the end of a printed line
# «BX» and «SX» are the bold fonts of TeX, which declare no weight that could be trusted.
_BOLD = re.compile(r"bold|black|heavy|demi|-bd\b|cmbx|cmss?bx|sf[bs]x", re.IGNORECASE)
_BOLD_WEIGHT = 680
_Box = tuple[float, float, float, float]  # left, bottom, right, top


class PageText:
    """The text layer of one pdfium page. `lines()` may be asked once or often."""

    def __init__(self, textpage: Any) -> None:
        import pypdfium2.raw as pdfium

        self._pdfium = pdfium
        self._page = textpage
        self._text: str = textpage.get_text_range()
        self._rectangle = pdfium.FS_RECTF()
        # Text and character lists differ where pdfium leaves characters out of the text. That is
        # rare, and asking for every character costs a third of the time: ask once for the last.
        last = len(self._text) - 1
        self._plain = last < 0 or pdfium.FPDFText_GetCharIndexFromTextIndex(textpage, last) == last

    def lines(self) -> list[Line]:
        """Lines in pdfium's reading order, cleaned; empty ones left out, those with wide gaps
        (rows of a table) in pieces."""
        found: list[Line] = []
        start = 0
        for match in _BREAK.finditer(self._text + "\r\n"):
            pieces = [
                piece
                for first, last in self._pieces(start, match.start())
                if (piece := self._line(first, last)) is not None
            ]
            if pieces:
                pieces[-1].hyphen = match[0] == _SOFT_HYPHEN
            found += pieces
            start = match.end()
        return found

    def _pieces(self, start: int, end: int) -> list[tuple[int, int]]:
        """The line cut where characters stand too far apart for a space."""
        raw = self._text[start:end]
        start, raw = start + len(raw) - len(raw.lstrip()), raw.strip()
        cuts: list[tuple[int, int]] = []
        begin, limit = 0, 0.0
        for match in re.finditer(" +", raw):
            before = self._box(start + match.start() - 1)
            after = self._box(start + match.end())
            limit = limit or WIDE_GAP * (before[3] - before[1])
            if after[0] - before[2] > limit > 0:
                cuts.append((start + begin, start + match.start()))
                begin = match.end()
        return [*cuts, (start + begin, start + len(raw))]

    def _line(self, start: int, end: int) -> Line | None:
        text = clean_line(self._text[start:end])
        if not text:
            return None
        halfway = range((start + end) // 2, end)
        middle = next((at for at in halfway if self._text[at].isalnum()), start)
        turns = self._turns(middle)
        begin, finish, sample = (_turned(self._box(at), turns) for at in (start, end - 1, middle))
        return Line(
            text=text,
            left=min(begin[0], finish[0]),
            right=max(begin[2], finish[2]),
            baseline=_turned(self._origin(middle), turns)[1],
            size=max(sample[3] - sample[1], 0.1),
            bold=self._is_bold(middle) and self._is_bold(end - 1),
            turns=turns,
        )

    def _box(self, at: int) -> _Box:
        """The place of a character in points, with the height of its font."""
        found = self._rectangle
        self._pdfium.FPDFText_GetLooseCharBox(self._page, self._index(at), found)
        return found.left, found.bottom, found.right, found.top

    def _origin(self, at: int) -> _Box:
        x, y = ctypes.c_double(), ctypes.c_double()
        self._pdfium.FPDFText_GetCharOrigin(self._page, self._index(at), x, y)
        return x.value, y.value, x.value, y.value

    def _turns(self, at: int) -> int:
        """Quarter turns by which the character is set, counter-clockwise."""
        angle = self._pdfium.FPDFText_GetCharAngle(self._page, self._index(at))
        return int(max(angle, 0.0) / (math.pi / 2) + 0.5) % 4

    def _is_bold(self, at: int) -> bool:
        index = self._index(at)
        if self._pdfium.FPDFText_GetFontWeight(self._page, index) >= _BOLD_WEIGHT:
            return True
        buffer = ctypes.create_string_buffer(128)
        flags = ctypes.c_int()
        self._pdfium.FPDFText_GetFontInfo(self._page, index, buffer, 128, flags)
        return _BOLD.search(buffer.value.decode("latin-1")) is not None

    def _index(self, at: int) -> int:
        if self._plain:
            return at
        return int(self._pdfium.FPDFText_GetCharIndexFromTextIndex(self._page, at))


def _turned(box: _Box, turns: int) -> _Box:
    """The box as it would stand if the line were level."""
    left, bottom, right, top = box
    for _ in range(turns):
        left, bottom, right, top = bottom, -right, top, -left
    return left, bottom, right, top
