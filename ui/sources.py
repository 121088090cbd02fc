"""The sources pane: where a sentence of an answer stands, on its page or in its text."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from rag.errors import FileProblem
from rag.library import Library
from rag.schema import Citation, PageImage
from ui import i18n, safe_text, state, theme
from ui.i18n.labels import Words

_CACHED = 48  # page images, some 0.3 MB each


@dataclass(frozen=True, slots=True)
class Focus:
    """What the pane shows; `top` is where the sentence begins, as a share of the image."""

    token: str = ""
    top: float = 0.0


def draw(library: Library, words: Words) -> Focus:
    """Draws the opened citation, or a hint how to open one."""
    opened = state.opened()
    # Small screens lay a pane that was asked for over the chat, and others below it.
    with st.container(key="pane-clicked" if state.clicked() else "pane-shown", gap="small"):
        if opened is None:
            st.html(f'<div class="hint">{safe_text.plain(words.pane_hint)}</div>')
            return Focus()
        index, number = opened
        st.html(_filled(f"{index}:{number}"))
        exchange = state.exchanges()[index]
        citation = exchange.citations[number - 1]
        found = exchange.answer is not None and exchange.answer.found
        _head(words, words.sources_title if found else words.nearest_title, citation)
        name = words.citation if found else words.near_passage
        _steps(words, name, index, number, len(exchange.citations))
        top = _page(library, words, citation)
        return Focus(f"{index}:{number}:{citation.start}", top)


def _filled(citation: str) -> str:
    """Returns what fills the button of the opened citation, which is not drawn anew for it."""
    colour = theme.OPTIONS["theme.dark.primaryColor"]
    look = f"background: {colour}; color: #fff;"
    return f'<style>.opener[data-citation="{citation}"] {{ {look} }}</style>'


def proof(library: Library, words: Words, citation: Citation) -> float:
    """Draws where a citation stands, by itself; returns where the sentence begins on its page."""
    _head(words, words.sources_title, citation)
    return _page(library, words, citation)


def _head(words: Words, title: str, citation: Citation) -> None:
    headings = " › ".join(citation.headings)
    name = i18n.source_name(words, citation)
    under = f'<div class="headings">{safe_text.plain(headings)}</div>' if headings else ""
    st.html(
        f'<div class="pane-head"><div class="pane-title">{safe_text.plain(title)}</div>'
        f'<div class="place">{safe_text.plain(name)}</div>{under}</div>'
    )


def _steps(words: Words, name: str, index: int, number: int, count: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="steps"):
        st.button(
            words.previous,
            key="previous",
            icon=":material/chevron_left:",
            disabled=number <= 1,
            on_click=state.show,
            args=(index, number - 1),
        )
        st.button(
            words.following,
            key="following",
            icon=":material/chevron_right:",
            icon_position="right",
            disabled=number >= count,
            on_click=state.show,
            args=(index, number + 1),
        )
        st.caption(name.format(number=number, count=count))
        st.button(words.close, key="close-pane", type="tertiary", on_click=state.close)


def _page(library: Library, words: Words, citation: Citation) -> float:
    """Draws the page, or the text where there is none; returns where the sentence begins."""
    if citation.page is None:
        _text(library, words, citation)
        return 0.0
    file = citation.passage.path.rsplit("/", 1)[-1]
    folder = str(library.settings.library.absolute())
    try:
        with st.spinner(words.drawing):
            image = _image(library, citation, folder, _key(citation))
    except FileProblem as problem:
        reason = words.undrawn.get(problem.outcome, words.no_page_image)
        reason = safe_text.plain(reason.format(page=citation.page, file=file))
        st.html(f'<div class="hint" role="status">{reason}</div>')
        _text(library, words, citation)
        return 0.0
    reason = words.page_image.format(page=citation.page, file=file)
    with st.container(key="page"):
        st.image(image.png, width="stretch", alt=safe_text.flat(reason))
    if not image.boxes:
        st.caption(words.not_marked)
    return min((box[1] for box in image.boxes), default=0.0) / image.height


def _text(library: Library, words: Words, citation: Citation) -> None:
    document = library.document(citation.passage.chunk.document_id)
    if document is None:
        st.caption(words.gone)
        text, shift = citation.passage.chunk.text, citation.passage.chunk.start
    else:
        text, shift = document.text, 0
    start, end = citation.start - shift, citation.end - shift
    around = safe_text.marked(text, start, end, span=citation.answer_span)
    with st.container(key="page"):
        st.html(f'<div class="text">{around}</div>')


def _key(citation: Citation) -> tuple[int, int, int]:
    # Ids of documents are never given twice, so a cached page cannot be another document's.
    return citation.passage.chunk.document_id, citation.start, citation.end


@st.cache_data(max_entries=_CACHED, show_spinner=False)
def _image(
    _library: Library, _citation: Citation, folder: str, key: tuple[int, int, int]
) -> PageImage:
    return _library.originals.cited(_citation)
