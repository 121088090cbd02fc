"""The page of monitoring: how much is asked, how long it takes, what the machine has left.

All of it is measured here and stays here; no word of a question is among it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import streamlit as st

from rag import monitoring
from rag.monitoring import Measure, Notice, quantile
from rag.schema import Outcome, Usage
from ui import i18n, safe_text, state, theme
from ui.i18n.labels import Words

DAYS = 30
_GB = 1e9
_TILE = 165  # pixels: two side by side on a telephone
_STAGES = ("total", "condense", "search", "evidence", "generate")


def draw(shared: state.Shared, words: Words) -> None:
    """Draws the page."""
    said, library = words.monitoring, shared.library
    st.html(f"<h2>{safe_text.plain(said.title)}</h2>")
    figures = monitoring.figures(library, DAYS)
    usage, folder = figures.usage, library.settings.library
    outcomes = Counter(file.outcome for file in figures.files)
    found = list(notices(words, monitoring.notices(figures, library.settings)))
    for notice in found:
        st.warning(notice)
    if not found:
        st.caption(said.well)
    _numbers(words, usage, figures.judged, folder)
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


def notices(words: Words, found: Iterable[Notice]) -> Iterator[str]:
    """Gives what a person should see to, with what to do."""
    said = words.monitoring
    texts = {
        Measure.SLOW: said.slow_notice,
        Measure.REFUSED: said.refusal_notice,
        Measure.BAD: said.feedback_notice,
        Measure.MEMORY: said.memory_notice,
        Measure.DISK: said.disk_notice,
        Measure.FAILED: said.failed_notice,
    }
    for notice in found:
        number = i18n.number(words, notice.value)
        share, count = round(100 * notice.value), round(notice.value)
        yield texts[notice.measure].format(seconds=number, free=number, share=share, count=count)


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
