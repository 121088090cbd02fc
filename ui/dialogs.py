"""Dialogs that stay open while the page behind them is drawn again.

Streamlit closes a dialog whenever the whole page is drawn without calling it: what a person was
choosing is lost, and so is a click that was on its way. The page is drawn again by itself when
suggestions have been found or files have been read, so the session remembers which one is open.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import streamlit as st

_OPEN = "open-dialog"


def open_for(name: str, *subjects: int) -> None:
    """Opens the dialog of this name at the next drawing; `subjects` are ids of what it is about."""
    st.session_state[_OPEN] = (name, subjects)


def subjects(name: str) -> tuple[int, ...] | None:
    """Returns what the dialog of this name is about; None while it is not open."""
    found = cast(tuple[str, tuple[int, ...]] | None, st.session_state.get(_OPEN))
    return found[1] if found is not None and found[0] == name else None


def close() -> None:
    """Closes the open dialog; the next drawing lacks it."""
    st.session_state[_OPEN] = None


def draw(name: str, title: str, body: Callable[..., None], *given: Any) -> None:
    """Draws the dialog of this name with `body(*given)` in it, if it is open."""
    if subjects(name) is not None:
        st.dialog(title, on_dismiss=close)(body)(*given)
