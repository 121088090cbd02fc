"""One page of a PDF as measured lines, by pdfium.

pdfium gives characters in reading order; the size and place of a line come from a few of its
characters, because asking for all of them costs more than reading the page. Knows nothing about
paragraphs or documents.
"""

from __future__ import annotations

import ctypes
import math
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from rag.parsing.characters import clean_line
from rag.parsing.lines import SMALL_GAP, WIDE_GAP, Box, Line, turned
from rag.parsing.pdf_hidden import doubtful_mode, is_clipped
from rag.text import is_word

_BREAK = re.compile("\r\n|\ufffe")
_SOFT_HYPHEN = "\ufffe"  # pdfium's mark for a hyphen at the end of a printed line
# «BX» and «SX» are the bold fonts of TeX, which declare no weight that could be trusted.
_BOLD = re.compile(r"bold|black|heavy|demi|-bd\b|cmbx|cmss?bx|sf[bs]x", re.IGNORECASE)
_BOLD_WEIGHT = 680
_SPACES = re.compile(" +")
_DOUBLED = re.compile(r"(\w)(?=\1)")
_SPREAD = re.compile(r"(?<!\S)[^\W_](?: +\S)+(?!\S)")
_AMOUNT = re.compile(r"\d+[.,:/]\d[\d.,:/]*\W*")
_LETTERS = 5  # of a word that is taken for spread though nobody knows it
_SPREAD_GAP = 1.2  # line heights between spread letters, at most: others stand in columns
_WORD_GAP = 1.6  # times the distance of spread letters
_COLUMN_GAP = 2.5  # times the distance of spread words, at least
_NOTHING = "\u200b"
_LEVEL = 0.1  # line heights, from the foot of one letter to that of the next
_JOINED = 0.15  # line heights between letters of one word, at most
_TORN = 0.03  # line heights: a space that takes no room is none
_SLANTED = 0.1  # sine of twice the angle
_SAME_PLACE = 0.5  # of a letter's width, from a letter to its second print


@dataclass(frozen=True, slots=True)
class _Part:
    """Words of a line, where they end in the page's text, and their edges on the line."""

    text: str
    end: int
    left: float
    right: float


class PageText:
    """The text layer of one pdfium page.

    `watch` asks of every word whether it may be hidden; `doubtful` says afterwards whether one may.
    """

    def __init__(self, textpage: Any, watch: bool) -> None:
        import pypdfium2.raw as pdfium

        self._pdfium = pdfium
        self._page = textpage
        self._watch = watch
        self.doubtful = False
        self._text: str = textpage.get_text_range()
        self._rectangle = pdfium.FS_RECTF()
        # Text and character lists differ where pdfium leaves characters out of the text. That is
        # rare, and asking for every character costs a third of the time: ask once for the last.
        last = len(self._text) - 1
        self._plain = last < 0 or pdfium.FPDFText_GetCharIndexFromTextIndex(textpage, last) == last
        self._text = self._level(self._once(self._text))

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
        if self._watch and not self.doubtful:
            self.doubtful = self._is_doubtful(start)
        spaces = [match.span() for match in _SPACES.finditer(raw)]
        gaps = [self._gap(start + a, start + b, turns) for a, b in spaces]
        spread = _spread(raw, spaces, gaps)
        first, last = self._place(start, turns), self._place(start + len(raw) - 1, turns)
        pieces: list[list[_Part]] = [[]]
        begin, edge, text = start, first[0], ""
        for (a, b), (right, left, size), letters in zip(spaces, gaps, spread, strict=True):
            gap = left - right
            column = gap > max(WIDE_GAP * size, _COLUMN_GAP * letters)
            if column or (gap > SMALL_GAP * size and not letters):
                part = _Part(text + self._text[begin : start + a], start + a, edge, right)
                pieces[-1].append(part)
                begin, edge, text = start + b, left, ""
                if column:
                    pieces.append([])
            elif (letters and gap < letters) or (
                abs(gap) < _TORN * size and self._is_inside_word(start + a, start + b)
            ):  # far less than nothing where the script runs to the left
                text, begin = text + self._text[begin : start + a], start + b
        end = start + len(raw)
        pieces[-1].append(_Part(text + self._text[begin:end], end, edge, last[2]))
        lines = []
        for parts in pieces:
            if (line := self._line(parts, start, turns)) is not None:
                lines.append(line)
            start = parts[-1].end
        return lines

    def _gap(self, start: int, end: int, turns: int) -> tuple[float, float, float]:
        """Where a space begins and ends on the line, and the height of the letter before it."""
        before, after = self._box(start - 1), self._box(end)
        if turns:
            before, after = turned(before, turns), turned(after, turns)
        if self._watch and not self.doubtful:
            self.doubtful = self._is_doubtful(end)
        return before[2], after[0], before[3] - before[1]

    def _is_inside_word(self, start: int, end: int) -> bool:
        return self._text[start - 1].isalpha() and self._text[end].isalpha()

    def _line(self, parts: list[_Part], start: int, turns: int) -> Line | None:
        """The line of some parts; `start` is in the text, at them or before."""
        texts = [clean_line(part.text) for part in parts]
        if not any(texts):
            return None
        end = parts[-1].end
        halfway = range((start + end) // 2, end)
        middle = next((at for at in halfway if self._text[at].isalnum()), end - 1)
        sample = self._place(middle, turns)
        found = [(text, p.left, p.right) for text, p in zip(texts, parts, strict=True) if text]
        return Line(
            text=" ".join(text for text, _, _ in found),
            left=min(parts[0].left, parts[-1].right),
            right=max(parts[0].left, parts[-1].right),
            baseline=turned(self._origin(middle), turns)[1],
            size=max(sample[3] - sample[1], 0.1),
            bold=self._is_bold(middle) and self._is_bold(end - 1),
            turns=turns,
            parts=tuple(found) if len(found) > 1 else (),
        )

    def _once(self, text: str) -> str:
        """The page's text without the second prints of letters, that make them look bold.

        Their place is kept by a character that cleaning takes away.
        """
        letters = list(text)
        for match in _DOUBLED.finditer(text):
            first, second = self._box(match.start()), self._box(match.start() + 1)
            across, shift = abs(second[0] - first[0]), _distance(first, second)
            # The letters of one ligature share their place.
            near = across < _SAME_PLACE * (first[2] - first[0]) and shift > 0.01
            if near and not self._is_slanted(match.start()):
                letters[match.start() + 1] = _NOTHING
        return "".join(letters)

    def _level(self, text: str) -> str:
        """The page's text without the breaks between letters that stand level side by side.

        pdfium puts them there where a program places every letter by itself, on pages of few lines.
        """
        breaks = [match.span() for match in re.finditer("\r\n", text)]
        short = sum(b - a < 3 for (_, a), (b, _) in pairwise([(0, 0), *breaks]))
        if 2 * short < len(breaks):
            return text
        letters = list(text)
        for start, end in breaks:
            if not 0 < start < end < len(text):
                continue
            turns = self._turns(start - 1)
            before, after = self._place(start - 1, turns), self._place(end, turns)
            size, gap = before[3] - before[1], after[0] - before[2]
            if abs(after[1] - before[1]) < _LEVEL * size and gap > -_JOINED * size:
                letters[start:end] = (_NOTHING if gap < _JOINED * size else " ") * 2
        return "".join(letters)

    def _is_slanted(self, at: int) -> bool:
        """Whether the character stands on a rising or falling line, where boxes overlap."""
        angle = self._pdfium.FPDFText_GetCharAngle(self._page, self._index(at))
        return abs(math.sin(2 * angle)) > _SLANTED

    def _is_doubtful(self, at: int) -> bool:
        """Whether a character may be hidden, by its colour or by how it is drawn."""
        item = self._pdfium.FPDFText_GetTextObject(self._page, self._index(at))
        return bool(item) and (doubtful_mode(item) is not None or is_clipped(item))

    def _place(self, at: int, turns: int) -> Box:
        """The box of a character on the level line."""
        return turned(self._box(at), turns) if turns else self._box(at)

    def _box(self, at: int) -> Box:
        """The place of a character in points, with the height of its font."""
        found = self._rectangle
        self._pdfium.FPDFText_GetLooseCharBox(self._page, self._index(at), found)
        return found.left, found.bottom, found.right, found.top

    def _origin(self, at: int) -> Box:
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


def _spread(
    raw: str, spaces: Sequence[tuple[int, int]], gaps: Sequence[tuple[float, float, float]]
) -> list[float]:
    """For each space the distance from which it parts spread words, «A V I S O»; 0 elsewhere."""
    found = [0.0] * len(spaces)
    for match in _SPREAD.finditer(raw):
        inside = [at for at, span in enumerate(spaces) if match.start() < span[0] < match.end()]
        usual = statistics.median(gaps[at][1] - gaps[at][0] for at in inside)
        word = match[0].replace(" ", "")
        letters = "".join(filter(str.isalpha, word))
        around = [at for at in (inside[0] - 1, inside[-1] + 1) if 0 <= at < len(gaps)]
        apart = all(gaps[at][1] - gaps[at][0] > _WORD_GAP * usual for at in around)
        long = apart and (len(letters) >= _LETTERS or _AMOUNT.fullmatch(word))
        if usual < _SPREAD_GAP * gaps[inside[0]][2] and (
            long or (not letters[1:].isupper() and is_word(letters.lower()))
        ):
            for at in inside:
                found[at] = _WORD_GAP * usual
    return found


def _distance(first: Box, second: Box) -> float:
    return max(abs(a - b) for a, b in zip(first, second, strict=True))
