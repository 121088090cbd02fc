"""The page of settings: a change is tried before it is kept in the person's own configuration."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st

from rag.config import CONFIG_FILE, config_folder, load, save
from rag.errors import RagError
from ui import failures, models_view, safe_text, state
from ui.i18n.labels import Words

_PASSAGES = (3, 20)  # fewer find too little, more take too long
NAMES = (
    "generator",
    "generator_model",
    "base_url",
    "temperature",
    "max_tokens",
    "written_answers",
    "passages",
    "short_answers",
    "language",
    "theme",
)
"""The settings that the page changes."""


def draw(shared: state.Shared, words: Words) -> None:
    """Draws the page."""
    said, settings = words.settings, shared.library.settings
    fixed = _fixed()
    st.html(f"<h2>{safe_text.plain(said.title)}</h2>")
    st.html(f"<h3>{safe_text.plain(said.answers)}</h3>")
    chosen = models_view.draw(shared, words, fixed)
    always = st.toggle(
        said.always,
        settings.written_answers == "always",
        help=said.always_help,
        disabled="written_answers" in fixed,
        key="set-always",
    )
    chosen["written_answers"] = "always" if always else "auto"
    chosen["passages"] = st.slider(
        said.passages,
        *_PASSAGES,
        min(max(settings.passages, _PASSAGES[0]), _PASSAGES[1]),
        help=said.passages_help,
        disabled="passages" in fixed,
        key="set-passages",
    )
    chosen["short_answers"] = st.toggle(
        said.short,
        settings.short_answers,
        help=said.short_help,
        disabled="short_answers" in fixed,
        key="set-short",
    )
    st.html(f"<h3>{safe_text.plain(said.interface)}</h3>")
    chosen["language"] = st.selectbox(
        said.language,
        list(said.languages),
        list(said.languages).index(settings.language),
        format_func=lambda code: said.languages[code],
        disabled="language" in fixed,
        key="set-language",
    )
    chosen["theme"] = st.segmented_control(
        said.theme,
        list(said.themes),
        default=settings.theme,
        format_func=lambda name: said.themes[name],
        disabled="theme" in fixed,
        required=True,
        key="set-theme",
    )
    for origin in dict.fromkeys(fixed.values()):
        st.caption(safe_text.label(said.fixed.format(origin=origin), 200))
    if st.button(said.save, key="save-settings", type="primary"):
        changed = {key: value for key, value in chosen.items() if value != getattr(settings, key)}
        _save(shared, words, {key: value for key, value in changed.items() if key not in fixed})
    st.caption(safe_text.label(said.kept_in.format(path=_file()), 200))


def _save(shared: state.Shared, words: Words, chosen: dict[str, Any]) -> None:
    said = words.settings
    if shared.jobs.active:
        st.warning(said.busy)
        return
    try:
        with st.spinner(said.trying):
            shared.library.configure(replace(shared.library.settings, **chosen))
            save(chosen)
    except RagError as problem:
        failures.show(words, problem)
        return
    st.success(safe_text.label(said.saved.format(path=_file()), 200))


def _fixed() -> dict[str, str]:
    """Returns what sets the settings that a file cannot change: a variable or a flag."""
    origins = load().origins
    mine = {"default", str(_file())}
    return {name: origins[name] for name in NAMES if origins.get(name, "default") not in mine}


def _file() -> Path:
    folder = config_folder(os.environ)
    return (folder or Path()) / CONFIG_FILE
