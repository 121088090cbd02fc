"""What a PDF does not say outright: running headers and footers, headings, the title.

Works on measured lines only. Knows nothing about PDF libraries or about text offsets.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from rag.parsing.characters import clean_line
from rag.parsing.lines import SAME_SIZE, Line

Pages = list[list[Line]]

_PAGE_NUMBER = re.compile(r"\bp(?:[aá]g(?:ina|e)?)?s?\.? ?(\d{1,4})\b", re.IGNORECASE)
_NUMBERED = re.compile(r"(\d+\.)+\d+\.? ")  # «3.1 »
_NUMBERS = "0123456789ivx"
_MIN_PAGES = 3
_REPEATED = 0.6  # of the pages
_EDGE_ROWS = 3  # rows at the top or bottom that may be running lines
_LARGER = 1.15  # than the body: a heading
_MAX_HEADING = 150
_MAX_HEADING_LINES = 3
_MAX_LEVELS = 4
_MAX_SHARE = 0.25  # of all text: beyond that, large or bold type is no sign of headings


@dataclass(frozen=True, slots=True)
class Bookmark:
    """An entry of the PDF's outline: level from 1, title, 0-based page."""

    level: int
    title: str
    page: int


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; `page` is set when it was not found among the lines of its 0-based page."""

    level: int
    words: str
    page: int | None = None


def strip_running(pages: Pages) -> Pages:
    """Pages without headers and footers: lines in body size or smaller that stand at the very top
    or bottom of most pages, or that carry the page number there. Words that repeat are kept where
    they first appear; alike but for digits is not enough, since totals are like that."""
    filled = [number for number, page in enumerate(pages) if page]
    if len(filled) < _MIN_PAGES:
        return pages
    kept = pages
    for edge in (_Edge(top=True), _Edge(top=False)):
        edge.study(pages, filled, body_size(pages))
        kept = [edge.strip(number, page) for number, page in enumerate(kept)]
    return kept


class _Edge:
    """The rows at one end of the pages, and what they have in common."""

    def __init__(self, top: bool) -> None:
        self._top = top
        self._limit = 0.0
        self._running: set[str] = set()
        self._numbered: set[int] = set()  # pages whose outermost row counts them
        self._seen: set[str] = set()

    def study(self, pages: Pages, filled: Sequence[int], body: float) -> None:
        """Learn what repeats on most of the `filled` pages, in letters not above the `body`'s."""
        self._limit = body * 1.1
        keys: Counter[str] = Counter()
        shifts: dict[int, set[int]] = {}  # between the numbers printed and the pages counted
        for number in filled:
            rows = self._rows(pages[number])
            keys.update({_key(row) for row in rows})
            shifts[number] = {printed - number for printed in _numbers(rows[0])}
        needed = _REPEATED * len(filled)
        self._running = {key for key, count in keys.items() if count > needed}
        # Compared with the neighbours only: the count may begin anew with each part of a book.
        pairs = [(a, b) for a, b in pairwise(filled) if shifts[a] & shifts[b]]
        numbered = {number for pair in pairs for number in pair}
        self._numbered = numbered if len(numbered) > needed else set()

    def strip(self, number: int, page: list[Line]) -> list[Line]:
        """The page without its running rows; further in, the text is its own."""
        drop: set[int] = set()
        for index, row in enumerate(self._rows(page)):
            key = _key(row)
            numbered = index == 0 and number in self._numbered
            if row[0].size > self._limit or not (key in self._running or numbered):
                break
            if numbered or key in self._seen:
                drop.update(map(id, row))
            self._seen.add(key)
        return [line for line in page if id(line) not in drop]

    def _rows(self, page: list[Line]) -> list[list[Line]]:
        """The outermost printed rows, outermost first."""
        if not page:
            return []
        usual = Counter(line.turns for line in page).most_common(1)[0][0]
        rows: list[list[Line]] = []
        for line in sorted(page, key=lambda line: -line.baseline if self._top else line.baseline):
            if line.turns != usual:
                continue
            if rows and abs(rows[-1][0].baseline - line.baseline) < 0.5 * line.size:
                rows[-1].append(line)
            elif len(rows) == _EDGE_ROWS:
                break
            else:
                rows.append([line])
        return rows


def find_headings(pages: Pages, bookmarks: Sequence[Bookmark]) -> list[Heading]:
    """Headings in reading order, with `Line.heading` set on their lines to their index."""
    if bookmarks:
        return _from_bookmarks(pages, bookmarks)
    return _from_letters(pages)


def body_size(pages: Pages) -> float:
    """The letter size in which most of the text is set."""
    weight: Counter[float] = Counter()
    for page in pages:
        for line in page:
            weight[round(line.size * 2) / 2] += len(line.text)
    return weight.most_common(1)[0][0] if weight else 0.0


def large_words(pages: Pages) -> str:
    """The largest words of the first page with text, if clearly larger than the body."""
    page = [line for line in next((page for page in pages if page), []) if line.turns == 0]
    largest = max((line.size for line in page), default=0.0)
    if largest < _LARGER * body_size(pages):
        return ""
    run = groupby(page, key=lambda line: line.size >= largest * (1 - SAME_SIZE))
    lines = next(list(lines) for large, lines in run if large)
    words = " ".join(line.text for line in lines[:_MAX_HEADING_LINES])
    return words if 3 <= len(words) <= _MAX_HEADING and any(c.isalpha() for c in words) else ""


def _key(row: list[Line]) -> str:
    words = " ".join(line.text for line in sorted(row, key=lambda line: line.left))
    return words.casefold()


def _numbers(row: list[Line]) -> set[int]:
    """The numbers of a row that may count pages: its first word, its last, or after «page»."""
    words = " ".join(line.text for line in sorted(row, key=lambda line: line.left)).split()
    named = [match[1] for match in _PAGE_NUMBER.finditer(" ".join(words))]
    bare = [word.strip("-–—|[]()/.") for word in (words[0], words[-1])]
    return {int(word) for word in (*named, *bare) if word.isdecimal() and len(word) < 5}


def _from_bookmarks(pages: Pages, bookmarks: Sequence[Bookmark]) -> list[Heading]:
    headings: list[Heading] = []
    spelled: dict[int, list[str]] = {}
    for bookmark in bookmarks:
        words = clean_line(bookmark.title)
        if not words or not 0 <= bookmark.page < len(pages):
            continue
        page = pages[bookmark.page]
        if bookmark.page not in spelled:
            spelled[bookmark.page] = [_letters(line.text) for line in page]
        lines = _locate(page, spelled[bookmark.page], _letters(words))
        for line in lines:
            line.heading = len(headings)
        headings.append(Heading(bookmark.level, words, None if lines else bookmark.page))
    return headings


def _locate(page: list[Line], spelled: list[str], title: str) -> list[Line]:
    """The lines that together spell `title`, either of them perhaps numbered; the largest such."""
    bare = title.lstrip(_NUMBERS)
    found: list[list[Line]] = []
    for start, line in enumerate(page):
        if line.heading is not None or not bare:
            continue
        words = ""
        for end in range(start, min(start + _MAX_HEADING_LINES, len(page))):
            words += spelled[end]
            if len(words) > len(title) + 8:
                break
            if words == title or words.lstrip(_NUMBERS) == bare:
                found.append(page[start : end + 1])
    return max(found, key=lambda lines: lines[0].size, default=[])


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _from_letters(pages: Pages) -> list[Heading]:
    body = body_size(pages)
    total = sum(_length(page) for page in pages)
    groups = [group for page in pages for group in _candidates(page, body)]
    large = [group for group in groups if group[0].size >= _LARGER * body]
    bold = [group for group in groups if group[0].size < _LARGER * body]
    kept = [group for group in (large, bold) if sum(map(_length, group)) <= _MAX_SHARE * total]
    sizes = sorted({round(group[0].size) for group in large}, reverse=True)[: _MAX_LEVELS - 1]
    chosen = {id(group) for part in kept for group in part}
    headings: list[Heading] = []
    for group in groups:
        if id(group) in chosen:
            size = round(group[0].size)
            level = sizes.index(size) + 1 if size in sizes else len(sizes) + 1
            if number := _NUMBERED.match(group[0].text):
                level += number[0].rstrip(". ").count(".")
            for line in group:
                line.heading = len(headings)
            headings.append(Heading(level, " ".join(line.text for line in group)))
    return headings


def _length(lines: Sequence[Line]) -> int:
    return sum(len(line.text) for line in lines)


def _candidates(page: list[Line], body: float) -> Iterator[list[Line]]:
    """Runs of lines that look like one heading, none of them the last line of its page."""
    group: list[Line] = []
    for line in [*page, None]:
        if group and (line is None or not _goes_on(group, line)):
            if line is not None and _is_heading(group):
                yield group
            group = []
        if line is not None and _stands_out(line, body):
            group.append(line)


def _stands_out(line: Line, body: float) -> bool:
    return (
        not line.tabular
        and line.turns == 0
        and (line.size >= _LARGER * body or (line.bold and line.size >= 0.93 * body))
    )


def _goes_on(group: list[Line], line: Line) -> bool:
    last = group[-1]
    step = last.baseline - line.baseline
    return (
        line.bold == last.bold
        and abs(line.size - last.size) <= SAME_SIZE * last.size
        and 0 < step < 1.8 * last.size
    )


def _is_heading(group: list[Line]) -> bool:
    words = " ".join(line.text for line in group)
    return (
        len(group) <= _MAX_HEADING_LINES
        and 3 <= len(words) <= _MAX_HEADING
        and sum(character.isalpha() for character in words) >= max(3, len(words) / 2)
        and not words.endswith((".", ",", ";"))
        and not words[0].islower()
    )
