"""Does a killed ingest lose anything? Kills the real command at random moments and looks.

A clean run gives the documents to expect and the time a run takes. Then `rag ingest` is started on
a library of its own and killed with its whole process group at a random moment, again and again;
once a library is complete the next one starts from nothing. Just before each kill the library is
read: what a reader could see then must be there ever after, once.

    python -m eval.benchmarks.crash.crash FOLDER --kills 100 [--seed N]
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from eval.benchmarks.helpers.commands import BATCH, RAG, command
from rag.errors import RagError
from rag.storage import Store

Seen = dict[str, int]
"""Number of chunks by path."""


@dataclass
class Tally:
    """What came of the kills."""

    kills: int = 0
    late: int = 0
    """Runs that had ended before they were killed."""
    libraries: int = 0
    problems: list[str] = field(default_factory=list)
    held: Counter[str] = field(default_factory=Counter)
    """How often a kill found the library `empty`, `partial` or `complete`."""


def main() -> int:
    """Returns exit code 0 when nothing was lost, doubled or left inconsistent."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--within", type=float, default=None, help="seconds, the latest kill")
    options = parser.parse_args()
    seed = random.randrange(10**6) if options.seed is None else options.seed
    with tempfile.TemporaryDirectory() as scratch:
        tally = run(options.folder, Path(scratch), options.kills, seed, options.within)
    for problem in tally.problems:
        print(f"PROBLEM {problem}")
    found = ", ".join(f"{count} {name}" for name, count in sorted(tally.held.items()))
    print(
        f"{tally.kills} kills over {tally.libraries} libraries (seed {seed}; {tally.late} came "
        f"after the end; found {found}): {len(tally.problems)} problems"
    )
    return 1 if tally.problems else 0


def run(folder: Path, scratch: Path, kills: int, seed: int, within: float | None = None) -> Tally:
    """Kills so many runs in libraries below `scratch`, `within` seconds of each start."""
    dice = random.Random(seed)
    start = time.monotonic()
    finish(folder, scratch / "clean")
    span = time.monotonic() - start
    expected = contents(scratch / "clean")
    latest = min(span, within or span)
    print(f"a clean run: {len(expected)} documents in {span:.1f} s, seed {seed}", flush=True)
    tally = Tally()
    while tally.kills < kills:
        library = scratch / f"library-{tally.libraries}"
        tally.libraries += 1
        _wear_down(folder, library, expected, latest, kills, dice, tally)
        tally.problems += compare(f"{library.name}, rerun", finish(folder, library), expected)
    return tally


def _wear_down(
    folder: Path,
    library: Path,
    expected: Seen,
    latest: float,
    kills: int,
    dice: random.Random,
    tally: Tally,
) -> None:
    """Kills ingests into one library until it is complete or there were enough kills."""
    seen: Seen = {}
    while tally.kills < kills and seen != expected:
        tally.kills += 1
        name = f"kill {tally.kills}"
        before, ended = kill_one(folder, library, dice.uniform(0, latest))
        tally.late += ended
        after = check(name, library, tally)
        for path, chunks in {**seen, **before}.items():
            if after.get(path) != chunks:
                tally.problems.append(f"{name}: {path} was there and is lost or changed")
        seen = after
        state = "complete" if after == expected else "partial" if after else "empty"
        tally.held[state] += 1
        print(f"{name}: {len(after)} of {len(expected)} documents", flush=True)


def kill_one(folder: Path, library: Path, delay: float) -> tuple[Seen, bool]:
    """Returns what a reader saw just before the kill, and whether the run had ended by then."""
    with subprocess.Popen(
        [*RAG, "ingest", str(folder), "--library", str(library), "--json"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **BATCH},
        start_new_session=True,
    ) as process:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(delay)
        before = contents(library) if (library / "library.sqlite").exists() else {}
        ended = process.poll() is not None
        if not ended:
            os.killpg(process.pid, signal.SIGKILL)
    return before, ended


def check(name: str, library: Path, tally: Tally) -> Seen:
    """Asks the command itself about the library, then reads what it holds."""
    if not (library / "library.sqlite").exists():
        return {}
    status = command("status", library)
    if status is None or not status["consistent"]:
        tally.problems.append(f"{name}: status says {status and status['problems']}")
        return {}
    held = contents(library)
    if (status["documents"], status["chunks"]) != (len(held), sum(held.values())):
        tally.problems.append(f"{name}: {status['documents']} documents, {len(held)} paths")
    return held


def finish(folder: Path, library: Path) -> Seen:
    """Runs an ingest to its end; what the library then holds."""
    command("ingest", library, str(folder))
    return contents(library)


def compare(name: str, held: Seen, expected: Seen) -> list[str]:
    """Returns what differs from the clean run, in words."""
    return [
        f"{name}: {path} has {held.get(path)} chunks, not {expected.get(path)}"
        for path in sorted(held.keys() | expected.keys())
        if held.get(path) != expected.get(path)
    ]


def contents(library: Path) -> Seen:
    """Returns the number of chunks of each document, read as any other process would."""
    try:
        store = Store(library)
    except RagError:
        return {}
    with contextlib.closing(store):
        return {info.path: info.chunks for info in store.documents.infos()}


if __name__ == "__main__":
    sys.exit(main())
