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
from rag.parsing.lines import SMALL_GAP, WIDE_GAP, Line

_BREAK = re.compile("\r\n|\ufffe")
_SOFT_HYPHEN = "\ufffe"  # pdfium's mark for a hyphen at the end of a printed line
# «BX» and «SX» are the bold fonts of TeX, which declare no weight that could be trusted.
_BOLD = re.compile(r"bold|black|heavy|demi|-bd\b|cmbx|cmss?bx|sf[bs]x", re.IGNORECASE)
_BOLD_WEIGHT = 680
_Words = tuple[int, int, float, float]  # start and end in the text, left and right on the page
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
            pieces = self._pieces(start, match.start())
            if pieces:
                pieces[-1].hyphen = match[0] == _SOFT_HYPHEN
            found += pieces
            start = match.end()
        return found

    def _pieces(self, start: int, end: int) -> list[Line]:
        """The line cut where characters stand too far apart for a space, each piece in parts that
        stand further apart than words do."""
        raw = self._text[start:end]
        start, raw = start + len(raw) - len(raw.lstrip()), raw.strip()
        if not raw:
            return []
        turns = self._turns(start)
        pieces: list[list[_Words]] = [[]]
        begin, first = start, _turned(self._box(start), turns)
        for match in re.finditer(" +", raw):
            before = _turned(self._box(start + match.start() - 1), turns)
            after = _turned(self._box(start + match.end()), turns)
            gap, size = after[0] - before[2], before[3] - before[1]
            if gap > SMALL_GAP * size > 0:
                pieces[-1].append((begin, start + match.start(), first[0], before[2]))
                begin, first = start + match.end(), after
                if gap > WIDE_GAP * size:
                    pieces.append([])
        last = _turned(self._box(start + len(raw) - 1), turns)
        pieces[-1].append((begin, start + len(raw), first[0], last[2]))
        return [line for words in pieces if (line := self._line(words, turns)) is not None]

    def _line(self, words: list[_Words], turns: int) -> Line | None:
        start, end = words[0][0], words[-1][1]
        text = clean_line(self._text[start:end])
        if not text:
            return None
        halfway = range((start + end) // 2, end)
        middle = next((at for at in halfway if self._text[at].isalnum()), start)
        sample = _turned(self._box(middle), turns)
        parts = [(clean_line(self._text[a:b]), left, right) for a, b, left, right in words]
        return Line(
            text=text,
            left=min(words[0][2], words[-1][3]),
            right=max(words[0][2], words[-1][3]),
            baseline=_turned(self._origin(middle), turns)[1],
            size=max(sample[3] - sample[1], 0.1),
            bold=self._is_bold(middle) and self._is_bold(end - 1),
            turns=turns,
            parts=tuple(part for part in parts if part[0]) if len(parts) > 1 else (),
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
