"""What adds documents: files that are dropped or chosen, folders of this computer, the sample."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from rag import uploads
from rag.errors import RagError
from ui import failures, places, safe_text, state
from ui.i18n.labels import Words

SAMPLE = Path(__file__).resolve().parent.parent / "corpus" / "documents"
"""The sample collection, where the package that holds it is installed."""


def draw(shared: state.Shared, words: Words) -> None:
    """Draws what adds files and folders."""
    _upload(shared, words)
    _folder(shared, words)


def add_sample(shared: state.Shared) -> None:
    """Begins to ingest the sample collection."""
    shared.jobs.submit([SAMPLE])


def _upload(shared: state.Shared, words: Words) -> None:
    given = st.file_uploader(
        words.upload,
        accept_multiple_files=True,
        key=f"upload-{state.upload_round()}",
        max_upload_size=shared.library.settings.max_file_mb,
    )
    if not given:
        return
    saved: list[Path] = []
    failed = False
    for file in given:
        try:
            saved += uploads.save_all(shared.library, file.name, file.getvalue())
        except RagError as problem:
            failed = True
            failures.show(words, problem)
    if failed:
        return  # the message stays until the person has taken the file out
    uploads.read(shared.library, shared.jobs, saved)
    state.next_upload()
    st.rerun()


def _folder(shared: state.Shared, words: Words) -> None:
    with st.expander(words.folder):
        given = str(st.text_input(words.folder_help, key="folder-path", placeholder="~/"))
        _pick(shared, words, given)
        if not st.button(words.folder_add, key="add-folder") or not given.strip():
            return
    try:
        path = places.checked(given, shared.library.settings)
    except places.Missing:
        st.warning(safe_text.label(words.folder_missing.format(path=given.strip()), length=300))
        return
    except places.Outside:
        st.warning(safe_text.label(words.folder_outside.format(path=given.strip()), length=600))
        return
    shared.jobs.submit([path])
    st.session_state.pop("folder-path", None)
    st.rerun()


def _pick(shared: state.Shared, words: Words, given: str) -> None:
    """Draws what lies in the named folder, or at home, so that nobody has to type a path."""
    here, inside = places.look_into(given, shared.library.settings)
    if here is None:
        return
    key = f"inside-{here}"

    def step() -> None:
        st.session_state["folder-path"] = str(here / st.session_state[key])

    st.selectbox(
        words.folder_inside.format(path=here),
        inside,
        index=None,
        placeholder=words.folder_pick,
        format_func=lambda name: words.folder_up if name == places.UP else safe_text.flat(name),
        key=key,
        on_change=step,
    )
