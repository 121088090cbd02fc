"""What was read of a document, for a person to check: its blocks page by page, and what is missing.

Words of documents and of what was left out of them reach the page as escaped HTML only.
"""

from __future__ import annotations

import streamlit as st

from rag.library import Library
from rag.schema import Cell, Document, DocumentBlock, DocumentInfo, Span
from ui import i18n, safe_text
from ui.i18n.labels import Words

_PART = 20_000
"""Characters that are shown at a time of a document without pages."""


def show(library: Library, words: Words, info: DocumentInfo) -> None:
    """Opens the view over the app."""

    @st.dialog(words.read_title, width="large")
    def dialog() -> None:
        _draw(library, words, info)

    dialog()


def _draw(library: Library, words: Words, info: DocumentInfo) -> None:
    document = library.document(info.id)
    if document is None:
        st.caption(words.gone)
        return
    st.html(
        f'<div class="place">{safe_text.plain(document.title)}</div>'
        f'<div class="headings">{safe_text.plain(document.path)}</div>{notes(words, document)}'
    )
    starts = document.pages or _parts(document.text)
    number = 1
    if len(starts) > 1:
        label = words.read_page if document.pages else words.read_part
        label = label.format(count=len(starts))
        key = f"page-of-read-{info.id}"
        number = int(st.number_input(label, 1, len(starts), 1, key=key, width=180))
    end = starts[number] if number < len(starts) else len(document.text)
    st.html(f'<div class="read">{blocks(words, document, (starts[number - 1], end))}</div>')


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


def _parts(text: str) -> tuple[int, ...]:
    """Returns where the parts of a text begin, at paragraphs."""
    starts = [0]
    while (end := text.find("\n\n", starts[-1] + _PART)) >= 0:
        starts.append(end + 2)
    return tuple(starts)
