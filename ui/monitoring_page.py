"""The page of monitoring: how much is asked, how long it takes, what the machine has left.

All of it is measured here and stays here; no word of a question is among it.
"""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import streamlit as st

from rag.schema import FAILURES, Outcome, Usage
from ui import i18n, safe_text, state, theme
from ui.i18n.labels import Words

DAYS = 30
SLOW = 5.0  # seconds of the slowest twentieth, from which on people stop waiting
MANY_REFUSALS = 0.5  # of the questions
MANY_BAD = 0.4  # of the judgements
ENOUGH = 10  # questions or judgements, below which a share says nothing
LITTLE_MEMORY, LITTLE_DISK = 0.5, 1.0  # GB
_GB = 1e9
_TILE = 165  # pixels: two side by side on a telephone
_STAGES = ("total", "condense", "search", "evidence", "generate")


def draw(shared: state.Shared, words: Words) -> None:
    """Draws the page."""
    said, library = words.monitoring, shared.library
    usage = library.conversations.usage.since(time.time() - DAYS * 86400)
    judged = [turn.feedback.good for turn in library.conversations.rated() if turn.feedback]
    outcomes = Counter(file.outcome for file in library.files())
    folder = library.settings.library
    st.html(f"<h2>{safe_text.plain(said.title)}</h2>")
    found = list(notices(words, usage, judged, outcomes, *_free(folder)))
    for notice in found:
        st.warning(notice)
    if not found:
        st.caption(said.well)
    _numbers(words, usage, judged, folder)
    if usage:
        _charts(words, usage)
    else:
        st.caption(said.none)
    if outcomes:
        st.html(f"<h3>{safe_text.plain(said.files)}</h3>")
        names = {name: words.outcomes[Outcome(name)] for name in outcomes}
        rows = [(names[name], number) for name, number in outcomes.most_common()]
        st.html(_as_table((said.result, said.count), rows))
    st.caption(said.private)


def notices(
    words: Words,
    usage: Sequence[Usage],
    judged: Sequence[bool],
    outcomes: Counter[str],
    memory: float,
    disk: float,
) -> Iterator[str]:
    """Gives what a person should see to, with what to do; `memory` and `disk` are free GB."""
    said = words.monitoring
    slow = quantile([note.seconds.get("total", 0.0) for note in usage], 0.95)
    if len(usage) >= ENOUGH and slow > SLOW:
        yield said.slow_notice.format(seconds=i18n.number(words, slow))
    refused = sum(not note.found for note in usage) / max(len(usage), 1)
    if len(usage) >= ENOUGH and refused > MANY_REFUSALS:
        yield said.refusal_notice.format(share=round(100 * refused))
    bad = judged.count(False) / max(len(judged), 1)
    if len(judged) >= ENOUGH and bad > MANY_BAD:
        yield said.feedback_notice.format(share=round(100 * bad))
    if memory < LITTLE_MEMORY:
        yield said.memory_notice.format(free=i18n.number(words, memory))
    if disk < LITTLE_DISK:
        yield said.disk_notice.format(free=i18n.number(words, disk))
    failed = sum(number for name, number in outcomes.items() if name in FAILURES)
    if failed:
        yield said.failed_notice.format(count=failed)


def quantile(values: Sequence[float], share: float) -> float:
    """Returns the value below which that share of the values lies; 0 for none."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


def _free(folder: Path) -> tuple[float, float]:
    return psutil.virtual_memory().available / _GB, shutil.disk_usage(folder).free / _GB


def _numbers(words: Words, usage: Sequence[Usage], judged: Sequence[bool], folder: Path) -> None:
    said = words.monitoring
    refused = sum(not note.found for note in usage)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    memory = psutil.Process().memory_info().rss / _GB
    values = {
        said.questions: str(len(usage)),
        said.refusals: f"{round(100 * refused / len(usage))} %" if usage else "–",
        said.praised: f"{round(100 * sum(judged) / len(judged))} %" if judged else "–",
        said.memory: f"{i18n.number(words, memory)} GB",
        said.processor: f"{round(psutil.cpu_percent(interval=0.1))} %",
        said.index: f"{i18n.number(words, size / 1e6)} MB",
    }
    with st.container(horizontal=True, gap="small", key="numbers"):
        for label, value in values.items():
            st.metric(label, value, border=True, width=_TILE)


def _charts(words: Words, usage: Sequence[Usage]) -> None:
    said = words.monitoring
    st.html(f"<h3>{safe_text.plain(said.per_day)}</h3>")
    days = Counter(datetime.fromtimestamp(note.at).date().isoformat() for note in usage)
    refused = Counter(
        datetime.fromtimestamp(note.at).date().isoformat() for note in usage if not note.found
    )
    rows = {
        said.per_day: list(days),
        said.answered: [days[day] - refused[day] for day in days],
        said.refusals: [refused[day] for day in days],
    }
    st.bar_chart(
        rows,
        x=said.per_day,
        y=[said.answered, said.refusals],
        x_label="",
        y_label="",
        color=list(theme.SERIES),
        height=280,
        alt=said.per_day_alt,
    )
    st.html(f"<h3>{safe_text.plain(said.stages)}</h3>")
    st.html(_as_table((said.stage, said.typical, said.slow), list(_stages(words, usage))))


def _stages(words: Words, usage: Sequence[Usage]) -> Iterator[tuple[str, str, str]]:
    for stage in _STAGES:
        values = [note.seconds[stage] for note in usage if stage in note.seconds]
        if values:
            name = words.monitoring.stage_names[stage]
            typical, slow = quantile(values, 0.5), quantile(values, 0.95)
            yield name, f"{i18n.number(words, typical)} s", f"{i18n.number(words, slow)} s"


def _as_table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    top = "".join(f'<th scope="col">{safe_text.plain(name)}</th>' for name in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{safe_text.plain(str(cell))}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return f'<table class="plain"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'
