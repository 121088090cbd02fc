"""What can be done with an answer: copy it, ask again, edit the question, judge it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from rag.schema import Feedback
from ui import export, safe_text, state, suggested, why
from ui.exchanges import Exchange
from ui.i18n.labels import Words


def draw(shared: state.Shared, words: Words, exchange: Exchange, index: int) -> None:
    """Draws the row of actions under an answer; the last question can be asked again."""
    last = index == len(state.exchanges()) - 1
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", key=f"actions-{index}"
    ):
        _copying(words, exchange)
        if last:
            _asking_again(words, exchange)
        if exchange.turn is not None and exchange.answer is not None:
            _judging(shared, words, exchange)
    if exchange.answer is not None:
        why.draw(shared, words, exchange.answer, index)
    if last and st.session_state.get("editing") == exchange.question:
        _edit(shared, words, exchange)
    if exchange.turn is not None and st.session_state.get("judging") == exchange.turn:
        _reason(shared, words, exchange)
    if last:
        suggested.following(shared, words, exchange)


def _copying(words: Words, exchange: Exchange) -> None:
    """Draws what copies an answer that was found, and names the thumbs to screen readers."""
    said, answer = words.answers, exchange.answer
    if answer is None:
        return
    texts = {said.copy: answer.text} if answer.found else {}
    if answer.found and answer.citations:
        texts[said.copy_sources] = export.with_sources(words, answer)
    buttons = "".join(
        f'<button type="button" class="act" data-copy="{safe_text.plain(text)}" '
        f'data-done="{safe_text.plain(said.copied)}">{safe_text.plain(label)}</button>'
        for label, text in texts.items()
    )
    unseen = f'<span class="unseen">{safe_text.plain(said.rate)}</span>'
    look = "acts" if buttons else "bare"
    st.html(f'<div class="{look}">{buttons}{unseen}</div>', width="content")


def _asking_again(words: Words, exchange: Exchange) -> None:
    said = words.answers
    st.button(
        said.again,
        key="ask-again",
        icon=":material/refresh:",
        type="tertiary",
        on_click=state.ask_again,
        args=(exchange,),
    )
    if st.button(said.edit, key="edit-question", icon=":material/edit:", type="tertiary"):
        st.session_state.editing = exchange.question
        st.rerun()


def _edit(shared: state.Shared, words: Words, exchange: Exchange) -> None:
    said = words.answers
    with st.form("edit", border=False):
        text = st.text_area(said.edit_label, exchange.question, key="edited-question")
        with st.container(horizontal=True, gap="small"):
            ask = st.form_submit_button(said.edit_ask, type="primary")
            cancel = st.form_submit_button(said.cancel)
    if ask or cancel:
        st.session_state.editing = None
        if ask and text.strip():
            state.replace_last(shared, text)
        st.rerun()


def _judging(shared: state.Shared, words: Words, exchange: Exchange) -> None:
    key = f"rate-{exchange.turn}"
    given = exchange.feedback

    def judge() -> None:
        chosen = st.session_state.get(key)
        exchange.feedback = None if chosen is None else Feedback(bool(chosen))
        shared.library.conversations.rate(int(exchange.turn or 0), exchange.feedback)
        st.session_state.judging = exchange.turn if exchange.feedback else None

    default = int(given.good) if given and key not in st.session_state else None
    st.feedback("thumbs", key=key, default=default, on_change=judge)


def _reason(shared: state.Shared, words: Words, exchange: Exchange) -> None:
    said, given = words.answers, exchange.feedback
    if given is None:
        return
    with st.form(f"reason-{exchange.turn}", border=False):
        key = f"reason-text-{exchange.turn}"
        reason = st.text_input(said.reason, given.reason, placeholder=said.reason_hint, key=key)
        right = given.right_answer
        if not given.good:
            right = st.text_area(
                said.right_answer,
                right,
                placeholder=said.right_hint,
                height=80,
                key=f"right-answer-{exchange.turn}",
            )
        if not st.form_submit_button(said.send):
            return
    exchange.feedback = replace(given, reason=str(reason), right_answer=str(right))
    shared.library.conversations.rate(int(exchange.turn or 0), exchange.feedback)
    st.session_state.judging = None
    st.toast(said.thanks)
    st.rerun()
