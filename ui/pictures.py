"""Scans and pictures that were not read, for want of the extra `ocr`: which, and what to do."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from rag.library import ocr
from rag.schema import FileInfo, Outcome
from ui import safe_text, state
from ui.i18n.labels import Words

_SHOWN = 200  # rows


def is_unread(reason: str) -> bool:
    """Tells whether a file holds pictures that the extra would read, by why it was not read."""
    return ocr.HOW_TO_GET in reason


def next_step(words: Words, outcome: str, reason: str) -> str:
    """Returns what a person can do about a file that gave no document."""
    said = words.documents_page
    if is_unread(reason):
        return said.pictures_button_hint if ocr.is_installed() else said.pictures_command
    return said.next_steps[outcome]


def draw(shared: state.Shared, words: Words, files: list[FileInfo]) -> None:
    """Draws those files, some of which were read in part, with a button or the command."""
    said = words.documents_page
    if not files:
        return
    with st.container(border=True, key="pictures"):
        title = safe_text.plain(said.pictures.format(count=len(files)))
        st.html(f'<h2 class="conversation">{title}</h2>')
        rows = "".join(_row(words, file) for file in files[:_SHOWN])
        st.html(f'<ul class="rows">{rows}</ul>')
        if not ocr.is_installed():
            st.caption(said.pictures_command)
        elif st.button(said.pictures_button, key="read-pictures", type="primary"):
            shared.jobs.submit([Path(file.source) for file in files], retry=True)
            st.rerun()


def _row(words: Words, file: FileInfo) -> str:
    said = words.documents_page
    what = said.pictures_some if file.outcome == Outcome.PARTIAL else said.pictures_all
    return f"<li><span>{safe_text.plain(file.path)}</span><span>{safe_text.plain(what)}</span></li>"
