"""Files that mean harm, given to the readers: what came of each, in how long and in how much room.

For `archives`, `markup`, `pdf_attacks` and `bad_files`. `verdicts` reads one file after another in
one sandbox, `batch` ingests a whole folder as `rag ingest` would, but with a model that only hashes
words. Memory and children are looked up in `/proc`: Linux.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.benchmarks.helpers.failpoints import WordEmbedder
from rag.config import Settings
from rag.errors import FileProblem
from rag.library import Library
from rag.parsing.sandbox import Sandbox
from rag.schema import Document, FileReport, Outcome

GLANCE = 0.01  # seconds between two looks at the memory of a reader


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one file in the sandbox. `megabytes`: the most that its reader held.

    `busy` are seconds of processor time, which other work on the machine does not lengthen.
    """

    name: str
    outcome: str
    reason: str
    seconds: float
    megabytes: float
    busy: float
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What came of a folder: of each file by its path, and what it took of this process."""

    files: dict[str, FileReport]
    decided: int
    seconds: float
    grown: float
    """MB, at the highest, above what this process held before."""

    left: int
    """Children that were there afterwards."""


def flags_of(doc: str | None) -> argparse.ArgumentParser:
    """Returns a parser of the flags that these benches share."""
    parser = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    parser.add_argument("--verbose", action="store_true", help="a line a file")
    parser.add_argument("--keep", type=Path, help="write the files here, and leave them")
    return parser


def written(files: dict[str, bytes], folder: Path) -> list[Path]:
    """Returns the files, on the disk."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in files]


def verdicts(files: Sequence[Path], verbose: bool = False) -> list[Verdict]:
    """Reads each file as an ingest does; before each a good one, so that a reader is there."""
    settings = Settings()
    found = []
    with tempfile.TemporaryDirectory() as folder:
        good = Path(folder) / "good.txt"
        good.write_text("Todo sigue bien después del archivo anterior.", encoding="utf-8")
        with Sandbox(settings.read_timeout, settings.reader_memory_mb) as box:
            for path in files:
                box.parse(good)  # raises, and ends the bench, where the file before broke the box
                found.append(_verdict(box, path))
                if verbose:
                    print_verdict(found[-1])
            box.parse(good)
    return found


def print_verdict(verdict: Verdict) -> None:
    """Prints a line for one file."""
    print(
        f"  {verdict.name}: {verdict.outcome}, {verdict.seconds:.2f} s ({verdict.busy:.2f} of a "
        f"processor), "
        f"{verdict.megabytes:.0f} MB; {verdict.reason[:110]}",
        flush=True,
    )


def _verdict(box: Sandbox, path: Path) -> Verdict:
    done, peaks = threading.Event(), [0.0]
    for pid in children():
        fresh_peak(pid)
    watcher = threading.Thread(target=_watch, args=(done, peaks))
    watcher.start()
    start, used = time.perf_counter(), processor_time()
    document, outcome, reason = None, "", ""
    try:
        reading = box.parse(path)
        document, outcome, reason = reading.document, str(reading.outcome), reading.reason
    except FileProblem as problem:
        outcome, reason = problem.outcome, problem.message
    seconds, busy = time.perf_counter() - start, processor_time() - used
    done.set()
    watcher.join()
    peaks.extend(memory(pid, "VmHWM") for pid in children())
    return Verdict(path.name, outcome, reason, seconds, max(peaks), busy, document)


def _watch(done: threading.Event, peaks: list[float]) -> None:
    while not done.wait(GLANCE):
        peaks.extend(memory(pid, "VmHWM") for pid in children())


def batch(folder: Path) -> Batch:
    """Ingests a folder into a library of its own, after one that has loaded what ingests load."""
    with tempfile.TemporaryDirectory() as scratch:
        small = written({"uno.txt": b"Una frase. " * 40}, Path(scratch) / "small")[0].parent
        with _library(Path(scratch) / "first") as library:
            library.ingest([small])
        with _library(Path(scratch) / "library") as library:
            fresh_peak()
            before, start = memory("self", "VmRSS"), time.perf_counter()
            report = library.ingest([folder])
            seconds = time.perf_counter() - start
            grown = memory("self", "VmHWM") - before
    time.sleep(0.5)  # the last readers end
    files = {file.path: file for file in report.files}
    return Batch(files, len(report.files), seconds, grown, len(children()))


def _library(folder: Path) -> Library:
    """Opens a library with the limits that ship, and a model that costs nothing."""
    return Library.open(folder, Settings(), embedder=WordEmbedder())


def children() -> list[int]:
    """Processes whose parent this one is, zombies too."""
    found: list[int] = []
    for path in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(FileNotFoundError):  # a thread that has just ended
            found += map(int, path.read_text().split())
    return found


def processor_time() -> float:
    """Seconds of processor time of all children, those that have ended included."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    ticks = 0
    for pid in children():
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
    return ended.ru_utime + ended.ru_stime + ticks / os.sysconf("SC_CLK_TCK")


def memory(pid: int | str, field: str) -> float:
    """Returns a process's MB by its status file: VmRSS now, VmHWM at its highest, 0 once gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(field)), 0.0)


def fresh_peak(pid: int | str = "self") -> None:
    """Lets the highest memory of a process begin anew."""
    try:
        Path(f"/proc/{pid}/clear_refs").write_text("5")
    except OSError:  # it has just ended
        return


def untyped(outcomes: Sequence[str]) -> int:
    """Returns how many are no outcome that an ingest knows."""
    known = set(map(str, Outcome))
    return sum(outcome not in known for outcome in outcomes)


def counted(outcomes: Sequence[str]) -> str:
    """Returns a text such as «3 bomb, 1 ok»."""
    return ", ".join(f"{count} {name}" for name, count in Counter(outcomes).most_common())


def judged(violations: dict[str, int]) -> int:
    """Prints what was wrong; the exit code."""
    for name, count in violations.items():
        if count:
            print(f"PROBLEM {name}: {count}")
    return 1 if any(violations.values()) else 0


def each_with(
    bases: dict[str, dict[str, bytes]], attacks: dict[str, Callable[[dict[str, bytes]], bytes]]
) -> Iterator[tuple[str, bytes]]:
    """Gives every attack on every kind of package: file name and content."""
    for kind, members in bases.items():
        for name, attack in attacks.items():
            yield f"{name}.{kind}", attack(members)
