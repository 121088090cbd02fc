"""What Streamlit runs: sets things up, then draws."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

# Streamlit puts the folder of this file first on the path, where `ui/files.py` would be `files`
# for every library; what must be found there is the package `ui`.
_HERE = Path(__file__).resolve().parent
sys.path[:] = [str(_HERE.parent), *(entry for entry in sys.path if entry and Path(entry) != _HERE)]

import streamlit as st  # noqa: E402

from rag.errors import RagError  # noqa: E402
from rag.library import Library  # noqa: E402
from rag.schema import DocumentInfo  # noqa: E402
from ui import bridge, chat, files, i18n, safe_text, sources, state, theme  # noqa: E402
from ui.i18n.labels import Words  # noqa: E402

_WIDTHS = (1, 1)  # of chat and sources
_SENT = 0.05  # seconds, after which the browser has been told of an empty place


def main(library: Library | None = None) -> None:
    """Draws the app; with a `library` over that one instead of the one of the settings."""
    st.set_page_config("Fuente", page_icon=theme.icon(), layout="wide")
    try:
        shared = state.shared(library)
    except RagError as problem:
        words = i18n.words(_language("es"))
        chat.error(words, problem)
        return
    language = _language(shared.library.settings.language)
    words = i18n.words(language)
    st.html(theme.style(words))
    with st.sidebar:
        files.draw(shared, words)
    question = st.chat_input(words.ask, key="question")
    if question:
        state.ask(question)
    _header(words)
    focus = _body(shared, words)
    bridge.mount(state.show, language, focus.token, focus.top)


def _language(fallback: str) -> str:
    """Returns the language that the person chose, or else the browser's or the settings'."""
    st.session_state.setdefault("language", i18n.choose(st.context.locale, fallback))
    return str(st.session_state.language or fallback)


def _header(words: Words) -> None:
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", key="header", wrap=True
    ):
        st.html(
            f'<div class="brand"><h1>{safe_text.plain(words.title)}</h1>'
            f"<span>{safe_text.plain(words.sentence)}</span></div>"
        )
        if state.exchanges():
            st.button(words.new_chat, key="new-chat", on_click=state.forget)
        st.segmented_control(
            words.language,
            i18n.LANGUAGES,
            key="language",
            format_func=str.upper,
            label_visibility="collapsed",
            required=True,
        )


def _body(shared: state.Shared, words: Words) -> sources.Focus:
    mode = "conversation" if state.exchanges() else "welcome"
    # What stood here goes at once when the mode changes, not when the answer has been written.
    slot: Any = st
    if state.changes("mode", mode):
        slot = st.empty()
        time.sleep(_SENT)  # else only what fills the place is sent, and what it held stays below
    with slot.container(key=mode):
        if mode == "welcome":
            _welcome(shared, words)
            return sources.Focus()
        left, right = st.columns(_WIDTHS, gap="large")
        with left:
            chat.draw(shared, words, debug=st.query_params.get("debug") == "1")
        with right:
            return sources.draw(shared.library, words)


def _welcome(shared: state.Shared, words: Words) -> None:
    documents = shared.library.documents()
    if documents:
        _say(words.ready, words.ready_sentence)
        if _is_sample(documents):
            _starters(words)
        return
    _say(words.empty_title, words.empty_sentence)
    if shared.jobs.active:
        st.caption(words.reading)
    elif files.SAMPLE.is_dir():
        st.button(
            words.sample, key="sample", type="primary", on_click=files.add_sample, args=(shared,)
        )
        st.caption(words.empty_or)


def _say(title: str, sentence: str) -> None:
    st.html(
        f'<div class="empty"><h2>{safe_text.plain(title)}</h2>'
        f"<p>{safe_text.plain(sentence)}</p></div>"
    )


def _is_sample(documents: list[DocumentInfo]) -> bool:
    return any(Path(document.source).is_relative_to(files.SAMPLE) for document in documents)


def _starters(words: Words) -> None:
    st.caption(words.starters_title)
    for index, starter in enumerate(words.starters):
        st.button(
            safe_text.label(starter),
            key=f"starter-{index}",
            on_click=state.ask,
            args=(starter,),
        )


if __name__ == "__main__":
    main()
