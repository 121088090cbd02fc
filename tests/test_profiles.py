"""Random tests are the same on every run, whatever else is loaded: see `conftest`."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st


def drawn() -> list[list[str]]:
    seen: list[list[str]] = []

    @settings(derandomize=True, database=None, max_examples=300)
    @given(st.lists(st.text()))
    def draw(words: list[str]) -> None:
        seen.append(words)

    draw()
    return seen


def test_what_is_drawn_does_not_depend_on_what_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = drawn()
    words = [f"palabra{number}" for number in range(400)]
    (tmp_path / "many_literals.py").write_text(f"WORDS = {words}", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("many_literals")
    assert drawn() == before
