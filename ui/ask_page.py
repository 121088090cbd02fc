"""The page of the questions: the conversation, and beside it the proof."""

from __future__ import annotations

import time
from typing import Any

import streamlit as st

from ui import (
    adding,
    bridge,
    chat,
    conversation_menu,
    jobs_view,
    safe_text,
    scope,
    sources,
    state,
    suggested,
)
from ui.i18n.labels import Words

_QUESTION = "question"
_WIDTHS = (9, 11)  # of chat and sources: a page of a paper is to be read
_SENT = 0.05  # seconds, after which the browser has been told of an empty place


def take(shared: state.Shared) -> None:
    """Takes the question that was typed, before anything is drawn that shows the conversation."""
    if question := st.session_state.get(_QUESTION):
        state.ask(shared, str(question))


def draw(shared: state.Shared, words: Words, language: str) -> None:
    """Draws the page; a question that was taken is answered on the way."""
    with st.bottom:
        scope.draw(shared, words)
        st.chat_input(words.ask, key=_QUESTION)
    focus = _body(shared, words, language)
    theme = shared.library.settings.theme
    bridge.mount(state.show, words, language, theme, focus.token, focus.top)


def _body(shared: state.Shared, words: Words, language: str) -> sources.Focus:
    mode = "conversation" if state.exchanges() else "welcome"
    # What stood here goes at once when the mode changes, not when the answer has been written.
    slot: Any = st
    if state.changes("mode", mode):
        slot = st.empty()
        time.sleep(_SENT)  # else only what fills the place is sent, and what it held stays below
    with slot.container(key=mode):
        if mode == "welcome":
            _welcome(shared, words, language)
            return sources.Focus()
        conversation_menu.draw(shared, words)
        left, right = st.columns(_WIDTHS, gap="large")
        with left:
            chat.draw(shared, words)
        with right:
            return sources.draw(shared.library, words)


def _welcome(shared: state.Shared, words: Words, language: str) -> None:
    documents = shared.library.documents()
    if documents:
        _say(words.ready, words.ready_sentence)
        suggested.starters(shared, words, language, documents)
        return
    _say(words.empty_title, words.empty_sentence)
    if shared.jobs.active:
        st.caption(words.reading)
    elif adding.SAMPLE.is_dir() and shared.held is None:
        st.button(
            words.sample, key="sample", type="primary", on_click=adding.add_sample, args=(shared,)
        )
        st.caption(words.empty_or)
    if shared.may_change:
        adding.draw(shared, words)
    if shared.jobs.all:
        jobs_view.full(shared, words)


def _say(title: str, sentence: str) -> None:
    st.html(
        f'<div class="empty"><h2>{safe_text.plain(title)}</h2>'
        f"<p>{safe_text.plain(sentence)}</p></div>"
    )
