"""What adds documents: files that are dropped or chosen, folders of this computer, the sample."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from rag import uploads
from rag.errors import RagError
from rag.jobs import Jobs
from rag.remote import RemoteJobs
from ui import failures, places, safe_text, state
from ui.i18n.labels import Words

SAMPLE = Path(__file__).resolve().parent.parent / "corpus" / "documents"
"""The sample collection, where the package that holds it is installed."""

_ADDED = "folder-added"


def draw(shared: state.Shared, words: Words) -> None:
    """Draws what adds files and folders."""
    _upload(shared, words)
    if shared.held is None:
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
    problems = _send(shared.jobs, given) if shared.held else _save(shared, given)
    for problem in problems:
        failures.show(words, problem)
    if problems:
        return  # the message stays until the person has taken the file out
    state.next_upload()
    st.rerun()


def _save(shared: state.Shared, given: Sequence[Any]) -> list[RagError]:
    """Keeps files and begins to read them, where all of them can be kept; returns what cannot."""
    saved: list[Path] = []
    problems: list[RagError] = []
    for file in given:
        try:
            saved += uploads.save_all(shared.library, file.name, file.getvalue())
        except RagError as problem:
            problems.append(problem)
    if not problems:
        uploads.read(shared.library, shared.jobs, saved)
    return problems


def _send(jobs: Jobs, given: Sequence[Any]) -> list[RagError]:
    """Sends files to the server, which reads them; returns what it says where it does not."""
    assert isinstance(jobs, RemoteJobs)  # noqa: S101 - so it is with a server's library
    try:
        jobs.upload([(file.name, file.getvalue()) for file in given])
    except RagError as problem:
        return [problem]
    return []


def _folder(shared: state.Shared, words: Words) -> None:
    if st.session_state.pop(_ADDED, False):  # a field can be emptied only before it is drawn
        st.session_state["folder-path"] = ""
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
    st.session_state[_ADDED] = True
    st.rerun()


def _pick(shared: state.Shared, words: Words, given: str) -> None:
    """Draws what lies in the named folder, or at home, so that nobody has to type a path."""
    here, inside = places.look_into(given, shared.library.settings)
    if here is None or not inside:
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
