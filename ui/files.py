"""The documents of the library: upload, ingest rows, list, filter and removal.

The chat goes on while files are read.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from rag.errors import RagError
from rag.library import Library
from rag.schema import FAILURES, DocumentInfo, Note, Outcome, Purge
from ui import chat, i18n, places, reading, safe_text, state, uploads
from ui.i18n.labels import Words
from ui.jobs import Job, Row

SAMPLE = Path(__file__).resolve().parent.parent / "corpus" / "documents"
"""The sample collection, where the package that holds it is installed."""

LISTED = 30
"""Rows of the list; a filter reaches the others."""

_FILTER_FROM = 10  # documents
_ROWS = 12  # of a job that are drawn, the latest


def draw(shared: state.Shared, words: Words) -> None:
    """Draws the side panel."""
    documents = shared.library.documents()
    st.html(f'<h2 class="side">{safe_text.plain(words.documents)}</h2>')
    _upload(shared, words)
    _folder(shared, words)
    if shared.jobs.all:
        every = 1.0 if shared.jobs.active else None
        st.fragment(_jobs, run_every=every)(shared, words, shared.jobs.active)
    if documents:
        _list(shared.library, words, documents)


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
    saved = []
    for file in given:
        try:
            saved.append(uploads.save(shared.library, file.name, file.getvalue()))
        except RagError as problem:
            chat.error(words, problem)
    if len(saved) < len(given):
        return  # the message stays until the person has taken the file out
    shared.jobs.submit(saved, finish=lambda paths, job: uploads.tidy(shared.library, paths, job))
    state.next_upload()
    st.rerun()


def _folder(shared: state.Shared, words: Words) -> None:
    with st.expander(words.folder), st.form("folder", border=False, clear_on_submit=True):
        given = st.text_input(words.folder_help, key="folder-path", placeholder="~/")
        if not st.form_submit_button(words.folder_add) or not given.strip():
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
    st.rerun()


def _jobs(shared: state.Shared, words: Words, was_active: bool) -> None:
    """Draws all jobs, again every second while one is active."""
    active = shared.jobs.active
    if was_active and not active:
        st.rerun()  # the list of documents has changed
    for job in shared.jobs.all:
        _job(words, job)
    if not active:
        _retry(shared, words)
        _restore(shared, words)
        st.button(words.clear, key="clear-jobs", type="tertiary", on_click=shared.jobs.clear)
    elif any(job.stop.is_set() for job in shared.jobs.all if not job.finished):
        st.caption(words.stopping)
    else:
        st.button(words.stop, key="stop-jobs", on_click=shared.jobs.stop)


def _retry(shared: state.Shared, words: Words) -> None:
    """Draws a button that reads the failed files of all jobs again."""
    missed = [path for job in shared.jobs.all for path in job.missed()]
    if missed and st.button(words.job_retry, key="retry-jobs"):
        shared.jobs.submit(missed, retry=True)
        st.rerun()


def _restore(shared: state.Shared, words: Words) -> None:
    """Draws a button that brings back the files that stay removed, by naming them."""
    kept_out = [path for job in shared.jobs.all for path in job.kept_out()]
    label = words.job_restore.format(count=len(kept_out))
    if kept_out and st.button(label, key="restore-jobs"):
        shared.jobs.submit(kept_out)
        st.rerun()


def _job(words: Words, job: Job) -> None:
    if job.error is not None:
        chat.error(words, job.error)
    elif job.broken:
        st.warning(words.error_unknown)
    elif job.finished:
        st.caption(_summary(words, job))
    elif job.total:
        progress = words.progress.format(done=job.done, total=job.total)
        st.progress(min(1.0, job.done / job.total), text=_with_pace(words, progress, job))
    else:
        st.caption(words.starting if job.started else words.waiting)
    shown = list(job.rows.items())
    if job.finished and len(shown) > _ROWS:  # then what went wrong is what matters
        wrong = {*FAILURES, Outcome.STAYS_REMOVED}
        shown = [(path, row) for path, row in shown if row.outcome in wrong]
    rows = "".join(_row(words, path, row) for path, row in _latest(shown))
    if rows:
        st.html(f'<ul class="rows">{rows}</ul>')


def _latest(rows: list[tuple[str, Row]]) -> list[tuple[str, Row]]:
    """Returns as many rows as there is room for, those at work before the last ones decided."""
    at_work = [item for item in rows if item[1].stage in ("reading", "embedding")][:_ROWS]
    decided = [item for item in rows if item[1].outcome][-_ROWS:]
    queued = [item for item in rows if item[1].stage == "queued"]
    room = max(_ROWS - len(at_work) - min(len(queued), 2), 0)
    return [*decided[len(decided) - min(room, len(decided)) :], *at_work, *queued][:_ROWS]


def _with_pace(words: Words, progress: str, job: Job) -> str:
    if not (seconds := job.pace.seconds):
        return progress
    number = i18n.number(words, job.pace.passages / seconds)
    left = job.pace.seconds_left
    minutes = words.minutes_left.format(count=math.ceil(left / 60))
    return " · ".join(
        (progress, words.pace.format(rate=number), minutes if left > 60 else words.seconds_left)
    )


def _summary(words: Words, job: Job) -> str:
    ready = sum(
        row.outcome not in {None, *FAILURES, Outcome.STAYS_REMOVED} for row in job.rows.values()
    )
    parts = [words.job_done.format(count=ready)]
    if job.failed:
        parts.append(words.job_failed.format(count=len(job.failed)))
    if job.stopped:
        parts.append(words.job_stopped)
    if job.unread:
        parts.append(words.job_left.format(count=job.unread))
    if not job.purge.complete:
        parts.append(safe_text.label(_pending(words, job.purge), length=300))
    return " · ".join(parts)


def _row(words: Words, path: str, row: Row) -> str:
    label = words.outcomes[row.outcome] if row.outcome else words.stages[row.stage]
    if row.notes:
        kinds = i18n.note_summary(words, row.notes)
        label = f"{label} · {words.left_out.format(kinds=kinds)}"
    name = safe_text.plain(path.rsplit("/", 1)[-1])
    return f'<li class="{row.stage}"><span>{name}</span><span>{safe_text.plain(label)}</span></li>'


def _list(library: Library, words: Words, documents: list[DocumentInfo]) -> None:
    count = len(documents)
    st.caption(words.count_one if count == 1 else words.count_many.format(count=count))
    if count > _FILTER_FROM:
        wanted = st.text_input(
            words.filter, key="filter", placeholder=words.filter, label_visibility="collapsed"
        ).casefold()
        documents = [info for info in documents if wanted in f"{info.title} {info.path}".casefold()]
        if not documents:
            st.caption(words.no_match)
    listed = documents[:LISTED]
    left_out = library.notes(document.id for document in listed)
    for document in listed:
        _document(library, words, document, left_out.get(document.id, ()))
    if len(documents) > LISTED:
        st.caption(words.more.format(count=len(documents) - LISTED))


def _document(
    library: Library, words: Words, document: DocumentInfo, notes: Sequence[Note]
) -> None:
    facts = [document.language.upper(), document.path]
    if document.pages:
        many = words.pages_many.format(count=document.pages)
        facts.insert(1, words.pages_one if document.pages == 1 else many)
    lines = [" · ".join(facts)]
    if notes:
        lines.append(words.left_out.format(kinds=i18n.note_summary(words, notes)))
    under = "".join(f"<span>{safe_text.plain(line)}</span>" for line in lines)
    with st.container(
        horizontal=True,
        vertical_alignment="center",
        gap="xsmall",
        wrap=False,
        key=f"document-{document.id}",
    ):
        st.html(
            f'<div class="document"><span>{safe_text.plain(document.title)}</span>{under}</div>'
        )
        label = safe_text.label(words.read.format(title=document.title))
        icon, key = ":material/visibility:", f"read-{document.id}"
        if st.button(label, type="tertiary", icon=icon, key=key):
            reading.show(library, words, document)
        with st.popover(
            safe_text.label(words.remove.format(title=document.title)),
            type="tertiary",
            icon=":material/delete:",
            key=f"remove-{document.id}",
        ):
            _confirm(library, words, document)


def _confirm(library: Library, words: Words, document: DocumentInfo) -> None:
    st.write(words.remove_ask)
    source = Path(document.source)
    uploaded = source.is_relative_to(uploads.folder_of(library))
    stays = safe_text.label(words.remove_file_stays.format(path=document.source), length=300)
    st.caption(words.remove_upload if uploaded else stays)
    if not st.button(words.remove_yes, key=f"confirm-{document.id}", type="primary"):
        return
    try:
        purge = uploads.remove(library, document)
    except RagError as problem:
        chat.error(words, problem)
        return
    st.toast(safe_text.label(words.removed.format(title=document.title)))
    if not purge.complete:
        st.toast(safe_text.label(_pending(words, purge), length=300))
    st.rerun()


def _pending(words: Words, purge: Purge) -> str:
    """Returns who keeps removed text on the disk, and what ends that."""
    names = ", ".join(f"{holder.name} ({holder.pid})" for holder in purge.holders)
    return words.purge_read.format(who=names) if names else words.purge_pending
