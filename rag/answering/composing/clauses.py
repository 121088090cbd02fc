"""A numbered part of a document that the question asks for: «¿Qué dice la cláusula 3.2?»."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.answering.composing.material import Material, Piece, words_in
from rag.answering.layout import Layout
from rag.schema import BlockKind, DocumentBlockKind, Span
from rag.text.languages import DATA

_LONGEST = 150  # words of a part that is shown
_NUMBER = r"(\d+(?:\.\d+)*)"
_KINDS = (DocumentBlockKind.LIST_ITEM, DocumentBlockKind.HEADING)


def named_part(material: Material) -> Piece | None:
    """Returns the one part of the documents found that has the number asked for; None for none.

    Two documents with such a part leave it open: neither is named by the number alone.
    """
    words = DATA[material.question.language].clause_words
    asked = re.search(rf"\b(?:{words})\s+{_NUMBER}", material.question.query, re.IGNORECASE)
    if asked is None:
        return None
    found: dict[int, Piece] = {}
    for index, passage in enumerate(material.passages):
        layout = material.layout(index)
        document = passage.chunk.document_id
        if layout is not None and document not in found:
            spans = list(_parts(layout, asked[1]))
            if len(spans) == 1:
                found[document] = _piece(layout, index, spans[0])
    return next(iter(found.values())) if len(found) == 1 else None


def _parts(layout: Layout, number: str) -> Iterator[Span]:
    """Yields each stretch that begins with the number, with what is deeper and follows it."""
    begins = re.compile(rf"(?:[^\W\d_]+\s+)?{re.escape(number)}(?![\d]|\.\d)")
    deeper = re.compile(rf"(?:[^\W\d_]+\s+)?{re.escape(number)}\.\d")
    blocks = layout.blocks
    for at, top in enumerate(blocks):
        if top.kind not in _KINDS or not begins.match(layout.text, top.start):
            continue
        end = next(
            (
                block.start
                for block in blocks[at + 1 :]
                if block.kind in (top.kind, DocumentBlockKind.HEADING)
                and block.level <= top.level
                and not deeper.match(layout.text, block.start)
            ),
            len(layout.text) if top.kind is DocumentBlockKind.HEADING else top.end,
        )
        yield top.start, top.start + len(layout.text[top.start : end].rstrip())


def _piece(layout: Layout, passage: int, span: Span) -> Piece:
    """Returns a part as its lines, those at its beginning where it is long."""
    lines: list[Span] = []
    offset, words = span[0], 0
    while offset < span[1] and words < _LONGEST:
        if layout.text[offset].isspace():
            offset += 1
            continue
        start, end = layout.paragraph(offset)
        lines.append((start, min(end, span[1])))
        words += words_in(layout.of(lines[-1]))
        offset = max(end, offset + 1)
    return Piece(passage, (span[0], lines[-1][1]), BlockKind.LIST, tuple(lines))
