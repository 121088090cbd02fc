"""One document opened: its pages, what was read of each beside it, and the original."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from rag.errors import FileProblem
from rag.library import Library
from rag.schema import Document, DocumentInfo, NoteKind, PageImage
from ui import reading, safe_text, state
from ui.i18n.labels import Words

_CACHED = 48  # page images, some 0.3 MB each
_SCALE = 2.0  # pixels a point: sharp as wide as a window
_ZOOMS = (100, 150, 200)  # hundredths of the room that there is


def draw(shared: state.Shared, words: Words, info: DocumentInfo) -> None:
    """Draws the document with what it needs to be paged through."""
    library, said = shared.library, words.documents_page
    document = library.document(info.id)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="viewer"):
        st.button(
            said.back, key="back", icon=":material/arrow_back:", type="tertiary", on_click=_back
        )
        path = library.originals.path(info.id)
        if path is not None:
            st.download_button(
                said.download,
                partial(library.originals.content, info.id),
                file_name=path.name,
                key="download",
                icon=":material/download:",
                on_click="ignore",
            )
    if document is None:
        st.caption(words.gone)
        return
    st.html(
        f'<h2 class="conversation">{safe_text.plain(document.title)}</h2>'
        f'<div class="headings">{safe_text.plain(document.path)}</div>'
        f"{reading.notes(words, document)}"
    )
    redacted = any(note.kind is NoteKind.REDACTED for note in document.notes)
    if path is None and not redacted:
        st.info(safe_text.label(said.original_gone.format(path=info.source), 400))
    _pages(library, words, info, document, path)


def _back() -> None:
    st.query_params.pop("d", None)


def _pages(
    library: Library, words: Words, info: DocumentInfo, document: Document, path: Path | None
) -> None:
    said = words.documents_page
    starts = document.pages or reading.parts(document.text)
    views = (said.side_by_side, said.page_alone, said.read_alone)
    view, zoom = said.read_alone, _ZOOMS[0]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="turning"):
        number = _number(words, info, len(starts), bool(document.pages))
        if document.pages and path is not None:
            view = st.segmented_control(
                said.view, views, default=views[0], key="view", required=True
            )
        if view == said.page_alone:
            zoom = st.segmented_control(
                said.zoom,
                _ZOOMS,
                default=zoom,
                format_func="{} %".format,
                key="zoom",
                required=True,
            )
    end = starts[number] if number < len(starts) else len(document.text)
    span = (starts[number - 1], end)
    if view == said.read_alone:
        _read(words, document, span)
    elif view == said.page_alone:
        with st.container(key=f"zoom-{zoom}"):
            _image(library, words, info, number, _SCALE * zoom / 100)
    else:
        left, right = st.columns(2, gap="large")
        with left:
            _image(library, words, info, number)
        with right:
            _read(words, document, span)


def _number(words: Words, info: DocumentInfo, count: int, pages: bool) -> int:
    """Draws what chooses the page or the part; returns the chosen one, from 1."""
    if count < 2:
        return 1
    said, key = words.documents_page, f"page-of-{info.id}"
    label = (said.page_of if pages else said.part_of).format(count=count)

    def step(by: int) -> None:
        st.session_state[key] = min(max(int(st.session_state[key]) + by, 1), count)

    current = int(st.session_state.setdefault(key, 1))
    st.button(words.previous, key="page-before", disabled=current < 2, on_click=step, args=(-1,))
    number = st.number_input(label, 1, count, key=key, width=160)
    st.button(
        words.following, key="page-after", disabled=current >= count, on_click=step, args=(1,)
    )
    return int(number)


def _read(words: Words, document: Document, span: tuple[int, int]) -> None:
    st.html(f'<div class="read">{reading.blocks(words, document, span)}</div>')


def _image(
    library: Library, words: Words, info: DocumentInfo, number: int, scale: float = _SCALE
) -> None:
    file = info.path.rsplit("/", 1)[-1]
    folder = str(library.settings.library.absolute())
    try:
        with st.spinner(words.drawing):
            image = _drawn(library, folder, info.id, number, scale)
    except FileProblem as problem:
        reason = words.undrawn.get(problem.outcome, words.no_page_image)
        st.info(safe_text.label(reason.format(page=number, file=file), 500))
        return
    alt = words.documents_page.page_image.format(page=number, file=file)
    st.image(image.png, width="stretch", alt=safe_text.flat(alt))


@st.cache_data(max_entries=_CACHED, show_spinner=False)
def _drawn(
    _library: Library, folder: str, document_id: int, number: int, scale: float
) -> PageImage:
    return _library.originals.page(document_id, number, scale)
