"""What was read of a document, for a person to check: its blocks page by page, and what is missing.

Words of documents and of what was left out of them reach the page as escaped HTML only.
"""

from __future__ import annotations

from rag.schema import Cell, Document, DocumentBlock, Span
from ui import i18n, safe_text
from ui.i18n.labels import Words

_PART = 20_000
"""Characters that are shown at a time of a document without pages."""


def notes(words: Words, document: Document) -> str:
    """Returns what was left out of a document as HTML."""
    if not document.notes:
        return f'<p class="headings">{safe_text.plain(words.read_all)}</p>'
    items = "".join(
        f"<li>{safe_text.plain(i18n.note(words, note))}</li>" for note in document.notes
    )
    return f'<div class="note">{safe_text.plain(words.read_notes)}<ul>{items}</ul></div>'


def blocks(words: Words, document: Document, span: Span) -> str:
    """Returns the blocks of a stretch as HTML, with what they were taken for."""
    return "".join(_block(words, document, block) for block in document.stretches(*span))


def _block(words: Words, document: Document, block: DocumentBlock) -> str:
    level = f" {block.level}" if block.level else ""
    kind = safe_text.plain(words.block_kinds[block.kind] + level)
    text = safe_text.plain(document.text[block.start : block.end])
    cells = "".join(_cell(document, cell) for cell in block.cells if cell.headers)
    table = f"<ul>{cells}</ul>" if cells else ""
    return f'<div class="kind-{block.kind}"><small>{kind}</small><div>{text}{table}</div></div>'


def _cell(document: Document, cell: Cell) -> str:
    value = _line(document, (cell.start, cell.end))
    return f"<li><span>{_line(document, *cell.headers)}</span> {value}</li>"


def _line(document: Document, *spans: Span) -> str:
    return safe_text.plain(
        " › ".join(safe_text.flat(document.text[slice(*span)]) for span in spans)
    )


def parts(text: str) -> tuple[int, ...]:
    """Returns where the parts of a text begin, at paragraphs."""
    starts = [0]
    while (end := text.find("\n\n", starts[-1] + _PART)) >= 0:
        starts.append(end + 2)
    return tuple(starts)
