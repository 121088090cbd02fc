"""What a person reads when something cannot be done."""

from __future__ import annotations

import streamlit as st

from rag.errors import RagError
from ui import safe_text
from ui.i18n.labels import Words


def show(words: Words, problem: RagError) -> None:
    """Says what happened and what to do, in the reader's language; the exact words below."""
    st.warning(words.errors.get(type(problem).__name__, words.error_unknown))
    st.caption(safe_text.label(words.detail.format(message=problem), length=400))
