"""One page of a PDF as pdfium has it: with what was filled in, without what nobody sees."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from rag.parsing.file import Beat
from rag.parsing.lines import Line, Rule
from rag.parsing.pdf_fields import with_annotations
from rag.parsing.pdf_hidden import (
    PageObjects,
    count_objects,
    edges_of,
    is_out_of_sight,
    look_at,
    remove,
    rules_of,
)
from rag.parsing.pdf_page import PageText
from rag.parsing.scan import is_picture, read_picture

_FEW_ROWS = 3  # in pieces, at least, of a page with a table
_MANY_OBJECTS = 400  # of a page: to look at each takes longer than to read it


@dataclass(frozen=True, slots=True)
class PageRead:
    """The lines of a page, the words on it that nobody sees, and its horizontal rules.

    `unread`: it has words that are in a picture still.
    """

    lines: list[Line]
    hidden: str
    rules: list[Rule]
    unread: bool


def read_page(page: Any, form: Any, beat: Beat) -> PageRead:
    """Reads a pdfium page; `form` is that of its document, or None."""
    lines, objects, words = _seen(page)
    edges = edges_of(page)
    hidden = [words, *(line.text for line in lines if is_out_of_sight(line, edges))]
    lines = [line for line in lines if not is_out_of_sight(line, edges)]
    unread = False
    if is_picture(page, lines):
        lines, unread = read_picture(page, lines, beat)
    lines = with_annotations(lines, page, form)
    return PageRead(lines, " ".join(filter(None, hidden)), objects.rules, unread)


def _seen(page: Any) -> tuple[list[Line], PageObjects, str]:
    """The lines of a page that are seen, its objects, and the words that were hidden.

    Objects are looked at one by one; of very many, as where each letter is one, only if one of the
    words may be hidden.
    """
    many = count_objects(page) > _MANY_OBJECTS
    lines, doubtful = _lines(page, watch=True) if many else ([], True)
    objects = look_at(page) if doubtful else PageObjects()
    words = remove(page, objects.hidden) if objects.hidden else ""
    if words or not many:
        lines, _ = _lines(page, watch=False)
    if many and not doubtful and _may_hold_tables(lines):
        objects.rules = rules_of(page)
    return lines, objects, words


def _may_hold_tables(lines: list[Line]) -> bool:
    """Whether some rows of the page are in pieces."""
    beside = (
        b.left > a.right and abs(a.baseline - b.baseline) < a.size / 2 for a, b in pairwise(lines)
    )
    return sum(beside) + sum(len(line.parts) > 1 for line in lines) >= _FEW_ROWS


def _lines(page: Any, watch: bool) -> tuple[list[Line], bool]:
    textpage = page.get_textpage()
    try:
        text = PageText(textpage, watch)
        return text.lines(), text.doubtful
    finally:
        textpage.close()
