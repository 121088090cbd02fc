"""The command `rag` run in this process on a fake embedder, and what it must look like to fail."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rag.cli import main
from rag.library import Library
from tests.helpers.answering import write_files
from tests.helpers.fakes import FakeEmbedder

FILES = {
    "ascensor.md": "# Ascensor\n\nEl ascensor admite ocho personas. Se revisa cada mes.\n",
    "garantia.txt": "La garantía dura dos años. No cubre el mal uso.\n",
}
LIFT = "¿Cuántas personas admite el ascensor?"


class Outcome(SimpleNamespace):
    """What a run left behind: `code`, `out`, `err`."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Rag = Callable[..., Outcome]


def command_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Rag:
    """Runs the entry point in this process, in `folder`, on a fake embedder."""
    monkeypatch.chdir(folder)
    for name in list(os.environ):
        if name.startswith("RAG_"):
            monkeypatch.delenv(name)
    monkeypatch.setattr(Library, "open", partial(Library.open, embedder=FakeEmbedder()))

    def run(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["rag", *map(str, arguments)])
        capsys.readouterr()
        try:
            main()
            code: object = 0
        except SystemExit as exit_:
            code = exit_.code or 0
        captured = capsys.readouterr()
        return Outcome(code=code, out=captured.out, err=captured.err)

    return run


def fill(rag: Rag, folder: Path) -> Rag:
    """`rag` in a folder with two documents and the library made of them."""
    write_files(folder / "docs", FILES)
    assert rag("ingest", "docs").code == 0
    return rag


def stated(outcome: Outcome, code: int, *words: str) -> None:
    """A failure as a person should meet it: on stderr, with what to do next, and no traceback."""
    assert outcome.code == code, outcome
    assert outcome.out == ""
    assert "Traceback" not in outcome.err
    message = outcome.err[outcome.err.index("error: ") :]  # a bar may stand before it
    assert "→" in message
    for word in words:
        assert word in message
