"""The command line in a folder of its own, for all tests of the commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.commandline import Rag, command_line, fill


@pytest.fixture
def rag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Rag:
    """Runs `rag`, with an empty library."""
    return command_line(tmp_path, monkeypatch, capsys)


@pytest.fixture
def filled(rag: Rag, tmp_path: Path) -> Rag:
    """Runs `rag`, with a library of some files."""
    return fill(rag, tmp_path)
