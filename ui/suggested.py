"""Suggested questions as buttons: to begin with, and below the last answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from rag.schema import DocumentInfo
from ui import questions, safe_text, state
from ui.exchanges import Exchange
from ui.i18n.labels import Words
from ui.questions import Candidate

Find = Callable[[], tuple[Candidate, ...] | None]

_EVERY = 1.0  # seconds between two looks whether they have been found


def starters(
    shared: state.Shared, words: Words, language: str, documents: Sequence[DocumentInfo]
) -> None:
    """Draws questions that these documents answer, once they are known."""
    scope = state.scope()
    _draw(
        shared,
        words.starters_title,
        "starter",
        lambda: shared.suggestions.starters(documents, scope, language),
    )


def following(shared: state.Shared, words: Words, exchange: Exchange) -> None:
    """Draws questions near what the last answer cites, once they are known."""
    answer, scope = exchange.answer, state.scope()
    if answer is None:
        return
    asked = [item.question for item in state.exchanges()]
    _draw(
        shared,
        words.answers.following,
        "next",
        lambda: shared.suggestions.following(answer, asked, scope),
    )


def _draw(shared: state.Shared, title: str, key: str, find: Find) -> None:
    waiting = find() is None
    st.fragment(_buttons, run_every=_EVERY if waiting else None)(shared, title, key, find, waiting)


def _buttons(shared: state.Shared, title: str, key: str, find: Find, waiting: bool) -> None:
    found = find()
    if found is None:
        return
    if waiting:
        st.rerun()  # so that nobody looks again
    if not found:
        return
    st.caption(title)
    with st.container(horizontal=True, gap="small", key=f"{key}-questions"):
        for index, item in enumerate(found):
            if st.button(safe_text.label(item.text, questions.LONGEST), key=f"{key}-{index}"):
                state.ask(shared, item.text)
                st.rerun()  # the page, not only this part of it
