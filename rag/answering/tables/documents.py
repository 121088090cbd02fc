"""Which documents a question is about: those of the one it names, those of one kind, the newest.

Documents are of one kind where their names differ in numbers, months and quarters alone: the
reports of three quarters, the minutes of twelve months.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import zip_longest
from pathlib import PurePosixPath

from rag.answering.layout import LayoutOf
from rag.answering.tables.requests import Request
from rag.answering.tables.selecting import OPENING
from rag.schema import DocumentInfo
from rag.text import fold
from rag.text.computing import MONTHS

_MOST = 24  # documents of a series
_OFTEN = 10  # times that a long document names who it is about
_SHORTEST = 3  # letters of such a name
_CAPITALS = 8  # times as often as with a small letter: «amazon.com» stands in links
_PATHS = 50_000  # whose kind is kept, some 300 bytes each: every question asks for that of all
_LONG = 20_000  # characters of a document with a first page of its own
_NUMBERED = re.compile(r"\d+|\b(?:" + "|".join(MONTHS) + r")\b|\b[qt](?=\d)")


def kin(documents: Sequence[int], infos: Sequence[DocumentInfo]) -> list[list[DocumentInfo]]:
    """Returns for these documents the groups of one kind, two or more each, oldest first."""
    groups: dict[str, list[DocumentInfo]] = {}
    for info in infos:
        groups.setdefault(_kind(info.path), []).append(info)
    wanted = {_kind(info.path) for info in infos if info.id in documents}
    found = [sorted(groups[kind], key=lambda info: _order(info.path))[:_MOST] for kind in wanted]
    return [group for group in found if len(group) > 1]


def says_several(query: str, group: Sequence[DocumentInfo]) -> bool:
    """Tells whether a question says two numbers or months by which documents of a kind differ.

    «Q2 2022» says neither two quarters nor two years, though one of each report's.
    """
    asked = fold(query)
    names = [_NUMBERED.findall(fold(f"{info.title} {name_of(info)}")) for info in group]
    columns = ({value for value in column if value} for column in zip_longest(*names))
    return any(
        sum(re.search(rf"(?<!\d){value}\b", asked) is not None for value in column) > 1
        for column in columns
    )


def told_apart(infos: Sequence[DocumentInfo]) -> dict[int, str]:
    """Returns the titles of documents by their ids; names of files where titles are the same."""
    titles = {info.id: info.title for info in infos}
    if len(set(titles.values())) == len(titles):
        return titles
    return {info.id: PurePosixPath(info.path).stem for info in infos}


def newest(documents: Sequence[int], infos: Sequence[DocumentInfo]) -> list[int]:
    """Returns the documents without those of which there is a later one of the same kind."""
    later = {info.id: group[-1].id for group in kin(documents, infos) for info in group}
    return list(dict.fromkeys(later.get(key, key) for key in documents))


def of_the_named(request: Request, documents: Sequence[int], layout_of: LayoutOf) -> Sequence[int]:
    """Returns the documents without long ones that hardly name who another one is of.

    Of the filings of four companies that of the company that is asked about.
    """
    query = request.question.query
    texts = {key: layout.text for key in documents if (layout := layout_of(key))}
    words = [
        word.text
        for word in request.asked
        if word.start and word.text not in MONTHS and _is_name(query[word.start : word.end], texts)
    ]
    opens = {
        word: {key for key, text in texts.items() if word in _folded(text[:OPENING])}
        for word in words
    }
    kept = [
        key
        for key in documents
        if all(
            key in opens[word] or key not in texts or _folded(texts[key])[word] >= _OFTEN
            for word in words
            if opens[word]
        )
        or len(texts.get(key, "")) < _LONG
    ]
    return kept or documents


def _is_name(word: str, texts: Mapping[int, str]) -> bool:
    """Tells whether a word with a capital is a name: the texts hardly write it with a small one."""
    if not word[:1].isupper() or len(word) < _SHORTEST:
        return False
    small = sum(_counted(text)[word.lower()] for text in texts.values())
    forms = sum(_folded(text)[fold(word)] for text in texts.values())  # «AMAZON.COM, INC.» too
    return forms - small > _CAPITALS * small


@lru_cache(maxsize=32)  # a question's documents and their first pages; some 100 kB each
def _counted(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text))


@lru_cache(maxsize=32)
def _folded(text: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for word, count in _counted(text).items():
        found[fold(word)] += count
    return found


def name_of(info: DocumentInfo) -> str:
    """Returns the name of a document's file as folded words."""
    return _words_of(info.path)


def _words_of(path: str) -> str:
    return fold(re.sub(r"[-_.]+", " ", PurePosixPath(path).stem))


@lru_cache(maxsize=_PATHS)
def _kind(path: str) -> str:
    """Returns the path without what tells documents of one kind apart."""
    folder = str(PurePosixPath(path).parent)
    return f"{_NUMBERED.sub('#', folder)}/{_NUMBERED.sub('#', _words_of(path))}"


@lru_cache(maxsize=_PATHS)
def _order(path: str) -> tuple[int, ...]:
    """Returns the numbers of a name, a year first."""
    numbers = [
        MONTHS.get(part) or int(part)
        for part in _NUMBERED.findall(_words_of(path))
        if part in MONTHS or part.isdigit()
    ]
    return tuple(sorted(numbers, key=lambda number: number < 1900))
