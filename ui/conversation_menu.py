"""What can be done with the conversation at hand: another title, export, deletion."""

from __future__ import annotations

import re
from collections.abc import Callable

import streamlit as st

from rag.schema import Conversation
from ui import export, export_pages, safe_text, state
from ui.i18n.labels import Words


def draw(shared: state.Shared, words: Words) -> None:
    """Draws the title of the conversation with its menu; nothing for one that is not kept."""
    key = state.conversation()
    found = shared.library.conversations.get(key) if key else None
    if found is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="conversation-head"):
        st.html(f'<h2 class="conversation">{safe_text.plain(found.title)}</h2>')
        menu = st.popover(
            words.conversations.menu,
            icon=":material/more_horiz:",
            type="tertiary",
            key="conversation-menu",
        )
        with menu:
            _rename(shared, words, found)
            _export(shared, words, found)
            _delete(shared, words, found)


def _rename(shared: state.Shared, words: Words, found: Conversation) -> None:
    said = words.conversations
    with st.form("rename", border=False):
        title = st.text_input(said.rename, value=found.title, key=f"title-{found.id}")
        if st.form_submit_button(said.save) and title:
            shared.library.conversations.rename(found.id, title)
            st.rerun()


def _export(shared: state.Shared, words: Words, found: Conversation) -> None:
    said, kept = words.conversations, shared.library.conversations
    forms: list[tuple[str, str, str, str, Callable[[], str | bytes]]] = [
        (
            "pdf",
            said.as_pdf,
            "pdf",
            "application/octet-stream",  # to be saved: a browser would open a PDF in its place
            lambda: export_pages.pdf(words, found, kept.turns(found.id), shared.library),
        ),
        (
            "markdown",
            said.as_markdown,
            "md",
            "text/markdown",
            lambda: export.markdown(words, found, kept.turns(found.id)),
        ),
        (
            "zip",
            said.as_zip,
            "zip",
            "application/zip",
            lambda: export_pages.markdown_zip(words, found, kept.turns(found.id), shared.library),
        ),
        (
            "json",
            said.as_json,
            "json",
            "application/json",
            lambda: export.as_json(found, kept.turns(found.id)),
        ),
    ]
    st.caption(said.export)
    with st.container(horizontal=True, gap="small"):
        for name, label, suffix, mime, make in forms:
            st.download_button(
                label,
                make,
                file_name=f"{_file_name(found)}.{suffix}",
                mime=mime,
                key=f"export-{name}",
                on_click="ignore",
            )
    st.caption(said.export_pages)


def _delete(shared: state.Shared, words: Words, found: Conversation) -> None:
    said = words.conversations
    with st.expander(said.delete, icon=":material/delete:"):
        st.write(said.delete_ask)
        if st.button(said.delete_yes, key="delete-conversation", type="primary"):
            state.forget()
            shared.library.conversations.delete([found.id])
            st.toast(said.deleted)
            st.rerun()


def _file_name(found: Conversation) -> str:
    return re.sub(r"[^\w-]+", "-", found.title).strip("-")[:60] or found.id
