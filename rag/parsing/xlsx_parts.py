"""What stands beside the cells of an XLSX sheet: comments, text boxes, the titles of charts."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from typing import Any

from rag.parsing.archive import parse_xml
from rag.parsing.characters import clean_line
from rag.parsing.file import File
from rag.parsing.sheet_grid import comment_line


def comments(file: File, archive: zipfile.ZipFile, sheet: str) -> Iterator[str]:
    """Yields «B2 (author): words» for each comment of the sheet in the member `sheet`."""
    for part in _related(file, archive, sheet, "/comments"):
        authors = [author.text or "" for author in part.iter("{*}author")]
        for comment in part.iter("{*}comment"):
            words = "".join(text.text or "" for text in comment.iter("{*}t"))
            number = comment.get("authorId", "")
            author = authors[int(number)] if number.isdigit() and int(number) < len(authors) else ""
            yield comment_line(comment.get("ref", ""), author, words)


def drawn_texts(file: File, archive: zipfile.ZipFile, sheet: str) -> Iterator[str]:
    """Yields the paragraphs of text boxes and of the titles of charts on a sheet."""
    for name, drawing in _parts(file, archive, sheet, "/drawing"):
        yield from _paragraphs(drawing)
        for chart in _related(file, archive, name, "/chart"):
            for title in chart.iter("{*}title"):
                yield from _paragraphs(title)


def _paragraphs(element: Any) -> Iterator[str]:
    for paragraph in element.iter("{*}p"):
        words = clean_line("".join(text.text or "" for text in paragraph.iter("{*}t")))
        if words:
            yield words


def _related(file: File, archive: zipfile.ZipFile, name: str, kind: str) -> Iterator[Any]:
    return (part for _, part in _parts(file, archive, name, kind))


def _parts(file: File, archive: zipfile.ZipFile, name: str, kind: str) -> Iterator[tuple[str, Any]]:
    """Yields name and root of each part that the one called `name` relates to as a `kind`."""
    folder, base = posixpath.split(name)
    members = set(archive.namelist())
    relations = f"{folder}/_rels/{base}.rels"
    if relations not in members:
        return
    for relation in parse_xml(file, archive.read(relations)).iter("{*}Relationship"):
        target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target", "")))[1:]
        if relation.get("Type", "").endswith(kind) and target in members:
            yield target, parse_xml(file, archive.read(target))
