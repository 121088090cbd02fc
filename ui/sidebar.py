"""The side panel of every page: the pages, the conversations by day, and what is being read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

import streamlit as st

from rag.schema import Conversation
from ui import jobs_view, safe_text, signing_in, state
from ui.i18n.labels import Words

LISTED = 30
"""Conversations that are listed at first; a search looks in all of them."""

_WEEK = 7  # days

Pages = Sequence[tuple[Any, str]]
"""Pages of the app, the one of the questions first, with their icons."""


def draw(shared: state.Shared, words: Words, pages: Pages) -> None:
    """Draws the side panel."""
    asking = pages[0][0]
    current = state.conversation()
    with st.container(key="pages", gap=None):
        for page, icon in pages:
            address = {state.ADDRESS: current} if page is asking and current else None
            st.page_link(page, label=page.title, icon=icon, query_params=address, width="stretch")
    if shared.jobs.all:
        jobs_view.brief(shared, words)
    with st.container(key="new-conversation"):
        st.page_link(asking, label=words.new_chat, icon=":material/add:", width="stretch")
    st.fragment(_conversations)(shared, words, asking)
    if shared.held is not None and shared.library.settings.oidc_issuer:
        signing_in.draw_user(words, shared.held.user)


def _conversations(shared: state.Shared, words: Words, asking: Any) -> None:
    shared.suggestions.put_off()
    said = words.conversations
    everything = shared.library.conversations.all()
    if not everything:
        st.caption(said.none)
        return
    wanted = st.text_input(
        said.search,
        key="search-conversations",
        type="search",
        live=True,
        placeholder=said.search,
        label_visibility="collapsed",
    )
    found = shared.library.conversations.all(str(wanted)) if wanted else everything
    if not found:
        st.caption(said.none_found)
    limit = int(st.session_state.get("listed-conversations", LISTED))
    for day, group in groupby(found[:limit], lambda item: day_of(words, item.changed)):
        _day(words, asking, day, group)
    if len(found) > limit:
        label = said.more.format(count=len(found) - limit)
        if st.button(label, key="more-conversations", type="tertiary"):
            st.session_state["listed-conversations"] = limit + LISTED
            st.rerun(scope="fragment")


def _day(words: Words, asking: Any, day: str, group: Iterable[Conversation]) -> None:
    st.html(f'<h2 class="side">{safe_text.plain(day)}</h2>')
    for item in group:
        here = "here" if item.id == state.conversation() else "other"
        with st.container(key=f"conversation-{here}-{item.id}"):
            st.page_link(
                asking,
                label=safe_text.label(item.title or words.conversations.untitled),
                query_params={state.ADDRESS: item.id},
                width="stretch",
            )


def day_of(words: Words, at: float, today: date | None = None) -> str:
    """Returns under which heading something of that time is listed."""
    said = words.conversations
    day = datetime.fromtimestamp(at).date()
    ago = (today or date.today()) - day
    if ago < timedelta(1):
        return said.today
    if ago == timedelta(1):
        return said.yesterday
    if ago < timedelta(_WEEK):
        return said.week
    return said.month.format(month=said.months[day.month - 1], year=day.year)
