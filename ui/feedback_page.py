"""The page of judged answers: to read, to open, to turn into evaluation questions."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import streamlit as st

from rag.schema import KeptTurn
from ui import safe_text, state
from ui.i18n.labels import Words


def draw(shared: state.Shared, words: Words, asking: Any) -> None:
    """Draws the page."""
    said, rated = words.feedback, shared.library.conversations.rated()
    st.html(f"<h2>{safe_text.plain(said.title)}</h2>")
    if not rated:
        st.caption(said.none)
        return
    good = sum(bool(turn.feedback and turn.feedback.good) for turn in rated)
    st.caption(said.counts.format(good=good, bad=len(rated) - good))
    table = st.dataframe(
        _table(words, rated),
        hide_index=True,
        column_config={said.day: st.column_config.DateColumn(format="DD/MM/YYYY")},
        key=f"feedback-{len(rated)}",
        on_select="rerun",
        selection_mode="single-row",
        alt=said.alt,
    )
    for row in table.selection.rows[:1]:
        address = {state.ADDRESS: rated[row].conversation}
        st.page_link(asking, label=said.open, icon=":material/chat:", query_params=address)
    questions = shared.library.conversations.questions()
    st.caption(said.usable.format(count=len(questions)))
    if questions:
        st.download_button(
            said.download,
            "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in questions),
            file_name="feedback.jsonl",
            key="download-feedback",
            on_click="ignore",
        )
    st.caption(said.command)


def _table(words: Words, rated: list[KeptTurn]) -> dict[str, list[Any]]:
    said = words.feedback
    judged = [turn.feedback for turn in rated if turn.feedback is not None]
    return {
        said.judged: [said.good if item.good else said.bad for item in judged],
        said.question: [safe_text.flat(turn.question) for turn in rated],
        said.reason: [safe_text.flat(item.reason) for item in judged],
        said.right_answer: [safe_text.flat(item.right_answer) for item in judged],
        said.day: [datetime.fromtimestamp(item.at).date() for item in judged],
    }
