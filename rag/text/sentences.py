"""Where sentences end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.text.languages import DATA

_ABBREVIATIONS = frozenset().union(*(language.abbreviations for language in DATA.values()))
# Possessive, and from the first mark only: a long run of dots or spaces must not cost its square.
_BREAK = re.compile(r"(?<![.!?…])[.!?…]++[\"'»”’)\]]*+(?=\s)|\n+")
_OPENER = re.compile(r"\s*+[\"'«“‘(\[¿¡•-]*+\s*+(\w)")

# «2.», «3.2.», «IV.», «b.», «Artículo 2.» at the beginning of a line: the number of what follows.
_LABEL = re.compile(
    r"(?:(?:[^\W\d_]{4,}|[Aa]rt\.) )?\(?(?:\d{1,4}(?:[.-]\d{1,4})*|[IVXLC]+|[ivxl]+|[A-Za-z])"
    r"(?:\.?[ªº])?[)]?"
)
_LONGEST_LABEL = 30  # characters


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Returns the spans of the sentences of `text`, without surrounding white space, in order.

    A line break ends a sentence (parsers join the lines of a paragraph; what is left are headings,
    list items and table rows). A full stop does not after an abbreviation, an initial, the number
    of a list item or clause, or before a lower-case word.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for end in (*_breaks(text), len(text)):
        left = start + len(text[start:end]) - len(text[start:end].lstrip())
        right = left + len(text[left:end].rstrip())
        if right > left:
            spans.append((left, right))
        start = end
    return spans


def _breaks(text: str) -> Iterator[int]:
    for match in _BREAK.finditer(text):
        if match.group()[0] == "\n" or _ends_sentence(text, match.start(), match.end()):
            yield match.end()


def _ends_sentence(text: str, stop: int, end: int) -> bool:
    follower = _OPENER.match(text, end)
    if follower and follower.group(1).islower():
        return False
    if text[stop] != "." or text[stop : stop + 2] == "..":
        return True
    first = _label_start(text, stop)
    if first is not None and _LABEL.fullmatch(text, first, stop):
        return not follower or text[end : end + 1] == "\n"
    before = text[max(0, stop - 12) : stop].split()
    last = before[-1].lstrip("(«“\"'¿¡[") if before else ""
    is_initial = len(last) == 1 and last.isalpha() and last.isupper()
    return not is_initial and last.casefold() not in _ABBREVIATIONS


def _label_start(text: str, stop: int) -> int | None:
    """Where a label that ends at `stop` would begin: at a line's start, or behind a mark «[1]»."""
    least = max(0, stop - _LONGEST_LABEL)
    line, mark = text.rfind("\n", least, stop) + 1, text.rfind("] ", least, stop) + 2
    start = max(line, mark if mark > 1 else 0)
    return start if start or not least else None
