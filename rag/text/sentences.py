"""Where sentences end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.text.languages import DATA

_ABBREVIATIONS = frozenset().union(*(language.abbreviations for language in DATA.values()))
# Possessive, and from the first mark only: a long run of dots or spaces must not cost its square.
_BREAK = re.compile(r"(?<![.!?…])[.!?…]++[\"'»”’)\]]*+(?=\s)|\n+")
_OPENER = re.compile(r"\s*+[\"'«“‘(\[¿¡•-]*+\s*+(\w)")


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Returns the spans of the sentences of `text`, without surrounding white space, in order.

    A line break ends a sentence (parsers join the lines of a paragraph; what is left are headings,
    list items and table rows). A full stop does not after an abbreviation, an initial, or before a
    lower-case word.
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
    before = text[max(0, stop - 12) : stop].split()
    last = before[-1].lstrip("(«“\"'¿¡[") if before else ""
    is_initial = len(last) == 1 and last.isalpha() and last.isupper()
    return not is_initial and last.casefold() not in _ABBREVIATIONS
