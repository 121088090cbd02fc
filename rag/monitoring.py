"""What a library's figures say: how slow, refused and bad its answers are, what room there is.

No word of a question is among the figures. What is beyond a threshold of the settings is a notice.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import psutil

from rag.config import Settings
from rag.library import Library
from rag.schema import FAILURES, FileInfo, Usage

ENOUGH = 10
"""Questions or judgements, below which a share says nothing."""

_DAY = 24 * 3600.0
_GB = 1e9
_SLOWEST = 0.95  # the share of answers that come sooner than the one that is looked at


class Measure(StrEnum):
    """What a threshold is set for."""

    SLOW = "slow_seconds"  # that the slowest twentieth of the answers take at least
    REFUSED = "refused_share"  # of the questions
    BAD = "bad_share"  # of the judgements
    MEMORY = "memory_gb"  # free on the machine
    DISK = "disk_gb"  # free beside the library
    FAILED = "failed_files"


@dataclass(frozen=True, slots=True)
class Notice:
    """A measure that is beyond its limit, in the unit of the measure's name."""

    measure: Measure
    value: float
    limit: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What a library and its machine are like. `memory` and `disk` are free GB."""

    usage: Sequence[Usage]
    judged: Sequence[bool]  # whether answers were found good
    files: Sequence[FileInfo]
    memory: float
    disk: float


def figures(library: Library, days: float) -> Figures:
    """Returns the figures of now; those of questions over the last so many days."""
    kept = library.conversations
    return Figures(
        kept.usage.since(time.time() - days * _DAY),
        kept.judged(),
        library.files(),
        psutil.virtual_memory().available / _GB,
        shutil.disk_usage(library.settings.library).free / _GB,
    )


def notices(found: Figures, settings: Settings) -> Iterator[Notice]:
    """Gives what is beyond the thresholds of the settings."""
    if len(found.usage) >= ENOUGH:
        slow = quantile([note.seconds.get("total", 0.0) for note in found.usage], _SLOWEST)
        if slow > settings.notice_slow_seconds:
            yield Notice(Measure.SLOW, slow, settings.notice_slow_seconds)
        refused = sum(not note.found for note in found.usage) / len(found.usage)
        if refused > settings.notice_refused_share:
            yield Notice(Measure.REFUSED, refused, settings.notice_refused_share)
    bad = found.judged.count(False) / max(len(found.judged), 1)
    if len(found.judged) >= ENOUGH and bad > settings.notice_bad_share:
        yield Notice(Measure.BAD, bad, settings.notice_bad_share)
    if found.memory < settings.notice_memory_gb:
        yield Notice(Measure.MEMORY, found.memory, settings.notice_memory_gb)
    if found.disk < settings.notice_disk_gb:
        yield Notice(Measure.DISK, found.disk, settings.notice_disk_gb)
    failed = sum(file.outcome in FAILURES for file in found.files)
    if failed > settings.notice_failed_files:
        yield Notice(Measure.FAILED, failed, settings.notice_failed_files)


def quantile(values: Sequence[float], share: float) -> float:
    """Returns the value below which that share of the values lies; 0 for none."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0
