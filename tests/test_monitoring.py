"""What is beyond the thresholds of the settings, and the figures that it is read from."""

from __future__ import annotations

from pathlib import Path

from rag.config import Settings, load
from rag.monitoring import Figures, Measure, figures, notices, quantile
from rag.schema import FileInfo, Outcome, Usage
from tests.helpers.answering import open_library, write_files


def usage(seconds: float, found: bool = True, count: int = 10) -> list[Usage]:
    return [Usage(0.0, found, "es", "m", {"total": seconds})] * count


def beyond(found: Figures, **settings: object) -> dict[Measure, float]:
    chosen = load(settings, {}, Path("/"))
    return {notice.measure: notice.value for notice in notices(found, chosen)}


def test_the_thresholds_are_those_of_the_settings() -> None:
    failed = [FileInfo("a.pdf", "/a.pdf", Outcome.ENCRYPTED, "", 0.0, None)]
    found = Figures(usage(4.0, found=False), [False] * 9 + [True], failed, 2.0, 30.0)
    assert beyond(found) == {Measure.REFUSED: 1.0, Measure.BAD: 0.9, Measure.FAILED: 1}
    others = {
        "notice_refused_share": 1.0, "notice_bad_share": 0.95, "notice_failed_files": 1,
        "notice_slow_seconds": 3.0, "notice_memory_gb": 4.0, "notice_disk_gb": 50.0,
    }  # fmt: skip
    assert beyond(found, **others) == {Measure.SLOW: 4.0, Measure.MEMORY: 2.0, Measure.DISK: 30.0}


def test_a_few_say_nothing() -> None:
    few = Figures(usage(99.0, found=False, count=9), [False] * 9, [], 8.0, 90.0)
    assert beyond(few) == {}


def test_the_figures_are_those_of_the_library(tmp_path: Path) -> None:
    docs = write_files(tmp_path / "docs", {"a.md": "La garantía dura dos años.\n", "b.xyz": "x"})
    with open_library(tmp_path / "library") as library:
        library.ingest([docs])
        library.conversations.usage.add(library.ask("¿Cuánto dura la garantía?").answer)
        found = figures(library, 1)
    assert len(found.usage) == 1
    assert {file.path for file in found.files} == {"a.md", "b.xyz"}
    assert min(found.memory, found.disk) > 0
    assert Settings().notice_url == ""


def test_the_slowest_twentieth() -> None:
    assert quantile([], 0.95) == 0
    assert quantile(range(100), 0.95) == 95
