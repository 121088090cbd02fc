"""What stands beside the cells of an XLSX sheet: comments, text boxes, the titles of charts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rag.parsing.characters import clean_line
from rag.parsing.ooxml import Package
from rag.parsing.sheet_grid import comment_line


def comments(package: Package, sheet: str) -> Iterator[str]:
    """Yields «B2 (author): words» for each comment of the sheet in the part `sheet`."""
    for part in _related(package, sheet, "comments"):
        authors = [author.text or "" for author in part.iter("{*}author")]
        for comment in part.iter("{*}comment"):
            words = "".join(text.text or "" for text in comment.iter("{*}t"))
            number = comment.get("authorId", "")
            author = authors[int(number)] if number.isdigit() and int(number) < len(authors) else ""
            yield comment_line(comment.get("ref", ""), author, words)


def drawn_texts(package: Package, sheet: str) -> Iterator[str]:
    """Yields the paragraphs of text boxes and of the titles of charts on a sheet."""
    for name in package.related(sheet, "drawing"):
        drawing = package.xml(name)
        if drawing is None:
            continue
        yield from _paragraphs(drawing)
        for chart in _related(package, name, "chart"):
            for title in chart.iter("{*}title"):
                yield from _paragraphs(title)


def _paragraphs(element: Any) -> Iterator[str]:
    for paragraph in element.iter("{*}p"):
        words = clean_line("".join(text.text or "" for text in paragraph.iter("{*}t")))
        if words:
            yield words


def _related(package: Package, part: str, kind: str) -> Iterator[Any]:
    """Yields the root of each part to which another has a relation of a kind."""
    roots = map(package.xml, package.related(part, kind))
    return (root for root in roots if root is not None)
