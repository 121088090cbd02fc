"""How the reading of files goes: in short in the side panel, with a row a file on its page."""

from __future__ import annotations

import math

import streamlit as st

from rag.jobs import Job, Row
from rag.schema import FAILURES, Outcome, Purge
from ui import failures, i18n, pictures, safe_text, state
from ui.i18n.labels import Words

_ROWS = 12  # of a job that are drawn, the latest


def brief(shared: state.Shared, words: Words) -> None:
    """Draws one line a job, again every second while one is active."""
    every = 1.0 if shared.jobs.active else None
    st.fragment(_brief, run_every=every)(shared, words, shared.jobs.active)


def full(shared: state.Shared, words: Words) -> None:
    """Draws all jobs with their files, again every second while one is active."""
    every = 1.0 if shared.jobs.active else None
    st.fragment(_jobs, run_every=every)(shared, words, shared.jobs.active)


def _brief(shared: state.Shared, words: Words, was_active: bool) -> None:
    _follow(shared, was_active)
    for job in shared.jobs.all:
        _heading(words, job)
    if not shared.jobs.active:
        st.button(words.clear, key="clear-brief", type="tertiary", on_click=shared.jobs.clear)


def _jobs(shared: state.Shared, words: Words, was_active: bool) -> None:
    """Draws all jobs, again every second while one is active."""
    active = shared.jobs.active
    _follow(shared, was_active)
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


def _follow(shared: state.Shared, was_active: bool) -> None:
    """Draws the whole page anew where the list of documents has changed, or this list is gone."""
    if not shared.jobs.all or (was_active and not shared.jobs.active):
        st.rerun()


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
    _heading(words, job)
    shown = list(job.rows.items())
    if job.finished and len(shown) > _ROWS:  # then what went wrong is what matters
        wrong = {*FAILURES, Outcome.STAYS_REMOVED}
        shown = [(path, row) for path, row in shown if row.outcome in wrong]
    rows = "".join(_row(words, path, row) for path, row in _latest(shown))
    if rows:
        st.html(f'<ul class="rows">{rows}</ul>')


def _heading(words: Words, job: Job) -> None:
    if job.error is not None:
        failures.show(words, job.error)
    elif job.broken:
        st.warning(words.error_unknown)
    elif job.finished:
        st.caption(_summary(words, job))
    elif job.total:
        progress = words.progress.format(done=job.done, total=job.total)
        st.progress(min(1.0, job.done / job.total), text=_with_pace(words, progress, job))
    else:
        st.caption(words.starting if job.started else words.waiting)


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
        parts.append(safe_text.label(pending(words, job.purge), length=300))
    return " · ".join(parts)


def _row(words: Words, path: str, row: Row) -> str:
    label = words.outcomes[row.outcome] if row.outcome else words.stages[row.stage]
    if row.steps > 1 and row.stage in words.steps:
        label += " · " + words.steps[row.stage].format(step=row.step, steps=row.steps)
    if row.outcome in FAILURES:
        label = f"{label}. {pictures.next_step(words, row.outcome, row.reason)}"
    if row.notes:
        kinds = i18n.note_summary(words, row.notes)
        label = f"{label} · {words.left_out.format(kinds=kinds)}"
    name = safe_text.plain(path.rsplit("/", 1)[-1])
    return f'<li class="{row.stage}"><span>{name}</span><span>{safe_text.plain(label)}</span></li>'


def pending(words: Words, purge: Purge) -> str:
    """Returns who keeps removed text on the disk, and what ends that."""
    names = ", ".join(f"{holder.name} ({holder.pid})" for holder in purge.holders)
    return words.purge_read.format(who=names) if names else words.purge_pending
