"""Where a quote stands in the text of a page, by its letters and digits alone.

A parser's cleaning (joined words, spelled-out ligatures, dropped headers) changes everything else.
Knows nothing about pages as images.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from rag.text import fold

MIN_PART = 15
"""Letters that a part of a quote must share with the page to be highlighted alone."""

_NEAR_END = 300  # letters between a page's text and its edge: a header, a footer, a note
_OPENING = re.compile(r"[^\w\s]*")
_CLOSING = re.compile(r"[^\w\s]*$")


def find_quote(page_text: str, quote: str) -> list[tuple[int, int]]:
    """Half-open ranges of `page_text` that hold `quote`, compared by letters and digits only.

    One range when the page holds the whole quote; the long parts of it otherwise.
    """
    letters, where = _fold(page_text)
    for words in (quote, _values(quote)):  # the names of columns are elsewhere on the page
        wanted, _ = _fold(words)
        at = letters.find(wanted)
        if wanted and at >= 0:
            start, end = where[at], where[at + len(wanted) - 1] + 1
            return [_with_signs(page_text, words, start, end)]
    wanted, _ = _fold(_values(quote))
    return [(where[start], where[end - 1] + 1) for start, end in _parts(letters, wanted)]


def _values(quote: str) -> str:
    """The quote with the rows of tables, «Column: value; Column: value», as values alone."""
    return "\n".join(
        "; ".join(cell.split(": ", 1)[-1] for cell in line.split("; "))
        if "; " in line and ": " in line
        else line
        for line in quote.split("\n")
    )


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
        for plain in fold(character):
            if plain.isalnum():
                letters.append(plain)
                where.append(index)
    return "".join(letters), where
