"""What is left over: ingests that were stopped, uploads never read, files that gave no document."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from rag import uploads
from rag.errors import RagError
from rag.schema import FAILURES, FileInfo, Outcome
from ui import failures, pictures, safe_text, state
from ui.i18n.labels import Words

_SHOWN = 200  # rows


def draw(shared: state.Shared, words: Words) -> None:
    """Draws the lists, where there are any; not while files are being read."""
    if shared.jobs.active:
        return
    known = shared.library.files()
    unread = [file for file in known if pictures.is_unread(file.reason)]
    failed = [file for file in known if file.outcome in FAILURES]
    _stopped(shared, words)
    _unread(shared, words)
    pictures.draw(shared, words, unread)
    _failed(shared, words, [file for file in failed if not pictures.is_unread(file.reason)])


def _stopped(shared: state.Shared, words: Words) -> None:
    said, paths = words.documents_page, shared.jobs.unfinished
    if not paths:
        return
    with st.container(border=True, key="stopped"):
        _list(said.stopped, said.stopped_help, [str(path) for path in paths])
        with st.container(horizontal=True, gap="small"):
            there = [path for path in paths if path.exists()]
            if there and st.button(said.resume, key="resume-jobs", type="primary"):
                shared.jobs.discard([path for path in paths if path not in there])
                shared.jobs.submit(there)
                st.rerun()
            if st.button(said.discard, key="discard-jobs"):
                shared.jobs.discard(paths)
                st.toast(said.discarded)
                st.rerun()


def _unread(shared: state.Shared, words: Words) -> None:
    said, waiting = words.documents_page, uploads.unread(shared.library)
    if not waiting:
        return
    with st.container(border=True, key="unread"):
        _list(said.unread, said.unread_help, [path.name for path in waiting])
        with st.container(horizontal=True, gap="small"):
            if st.button(said.read_them, key="read-unread", type="primary"):
                uploads.read(shared.library, shared.jobs, waiting)
                st.rerun()
            if st.button(said.delete_them, key="delete-unread"):
                for path in waiting:
                    path.unlink(missing_ok=True)
                st.toast(said.deleted.format(count=len(waiting)))
                st.rerun()


def _list(heading: str, help_text: str, names: Sequence[str]) -> None:
    """Draws how many files there are, what that means, and the first names."""
    st.html(f"<h2>{safe_text.plain(heading.format(count=len(names)))}</h2>")
    st.caption(help_text)
    items = "".join(f"<li>{safe_text.plain(name)}</li>" for name in names[:_SHOWN])
    st.html(f'<ul class="rows">{items}</ul>')


def _failed(shared: state.Shared, words: Words, failed: list[FileInfo]) -> None:
    if not failed:
        return
    said = words.documents_page
    with st.expander(said.failed.format(count=len(failed)), icon=":material/report:", key="failed"):
        rows = "".join(_row(words, file) for file in failed[:_SHOWN])
        st.html(f'<ul class="rows">{rows}</ul>')
        with st.container(horizontal=True, gap="small"):
            if st.button(said.read_again, key="read-failed"):
                shared.jobs.submit([Path(file.source) for file in failed], retry=True)
                st.rerun()
            if st.button(said.forget, key="forget-failed"):
                _forget(shared, words, failed)


def _row(words: Words, file: FileInfo) -> str:
    what = words.outcomes[Outcome(file.outcome)]
    step = pictures.next_step(words, file.outcome, file.reason)
    return (
        f'<li class="failed"><span>{safe_text.plain(file.path)}</span>'
        f"<span>{safe_text.plain(f'{what}. {step}')}</span></li>"
    )


def _forget(shared: state.Shared, words: Words, failed: list[FileInfo]) -> None:
    try:
        shared.library.remove([Path(file.source) for file in failed])
    except RagError as problem:
        failures.show(words, problem)
        return
    folder = uploads.folder_of(shared.library)
    for file in failed:
        if Path(file.source).is_relative_to(folder):
            with contextlib.suppress(OSError):
                Path(file.source).unlink(missing_ok=True)
    st.toast(words.documents_page.forgotten)
    st.rerun()
