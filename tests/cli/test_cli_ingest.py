"""`rag ingest` and its bar: rates, failures, near-duplicates, --watch until it is stopped."""

from __future__ import annotations

import io
import json
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from rag.cli.progress import file_bar, rate
from rag.indexing import watch
from rag.library import Library, Pace
from rag.schema import FileReport, IngestReport, Outcome, Progress
from tests.helpers.answering import write_files
from tests.helpers.commandline import FILES, Rag


def decided(path: str, outcome: Outcome = Outcome.OK, chunks: int = 0, pages: int = 0) -> Progress:
    report = FileReport(path, outcome, "because", chunks, pages)
    return Progress(1, 3, path, "ready", report)


def test_rates_count_from_the_first_new_file() -> None:
    now = iter([10.0, 12.0, 14.0])
    pace = Pace(lambda: next(now))
    pace.take(decided("old.md", Outcome.UNCHANGED))
    assert rate(pace) == ""
    pace.take(Progress(1, 3, "a.pdf", "reading"))
    pace.take(decided("a.pdf", chunks=30, pages=4))
    assert rate(pace) == "2.0 pages/s · 15.0 passages/s"
    pace.take(decided("b.md", chunks=10))
    assert rate(pace) == "1.0 pages/s · 10.0 passages/s"


def shown(*beats: Progress, rest: str = "", terminal: bool = True) -> str:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=terminal, width=120, color_system=None)
    with file_bar(console, rest) as show:
        for beat in beats:
            show(beat)
    return stream.getvalue()


def test_the_bar_names_the_file_in_hand_and_prints_failures() -> None:
    text = shown(
        Progress(0, 3, "informe [1].pdf", "reading"),
        decided("[bold]roto.pdf", Outcome.CRASHED),
        Progress(1, 3, "otro.md", "embedding"),
    )
    assert "crashed [bold]roto.pdf: because" in text
    assert "1/3" in text
    assert "embedding otro.md" in text


def test_the_bar_says_how_far_a_long_file_is() -> None:
    text = shown(Progress(0, 1, "largo.pdf", "reading", step=40, steps=212))
    assert "reading largo.pdf · page 40 of 212" in text


def test_without_a_terminal_failures_alone_are_said() -> None:
    text = shown(Progress(0, 3, "a.md", "reading"), decided("b.pdf", Outcome.BOMB), terminal=False)
    assert text.strip().splitlines()[0] == "bomb b.pdf: because"


def test_a_watch_at_rest_says_so() -> None:
    done = Progress(3, 3, "a.md", "ready", FileReport("a.md", Outcome.UNCHANGED))
    assert "watching" in shown(done, rest="watching")


def test_nearly_equal_texts_are_named(rag: Rag, tmp_path: Path) -> None:
    text = " ".join(f"La cláusula {number} obliga a {number * 3} pagos." for number in range(50))
    write_files(tmp_path / "docs", {"a.txt": text, "b.txt": f"{text} Firmado."})
    assert "b.txt: nearly the same as a.txt (" in rag("ingest", "docs").out


def test_watch_takes_up_changes_until_it_is_stopped(
    rag: Rag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = write_files(tmp_path / "docs", FILES)
    looks: list[int] = []

    def look(paths: Sequence[Path], leave_out: Path) -> int:
        looks.append(1)
        if len(looks) == 4:
            (docs / "ascensor.md").unlink()
            write_files(docs, {"nuevo.md": "Un texto nuevo."})
        return len(looks) // 3

    @contextmanager
    def stop_on_interrupt() -> Iterator[threading.Event]:
        yield stop

    stop = threading.Event()
    real = Library.ingest
    reports: list[IngestReport] = []

    def ingest(self: Library, *arguments: Any, **options: Any) -> IngestReport:
        reports.append(real(self, *arguments, **options))
        if len(reports) == 2:
            stop.set()
        return reports[-1]

    monkeypatch.setattr("rag.cli.ingesting.stop_on_interrupt", stop_on_interrupt)
    monkeypatch.setattr(sys.modules["rag.indexing.watch"], "look", look)
    monkeypatch.setattr(watch, "__defaults__", (0.0, lambda seconds: None))
    monkeypatch.setattr(Library, "ingest", ingest)
    outcome = rag("ingest", "docs", "--watch", "--json")
    assert outcome.code == 0
    first, second = map(json.loads, outcome.out.splitlines())
    assert first["files"] == {"ok": 2}
    assert second["files"] == {"ok": 1, "removed": 1, "unchanged": 1}
