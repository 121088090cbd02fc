"""Two processes that write and twenty that read one library, for as long as you like.

    python -m eval.benchmarks.speed.concurrency [--seconds 120] [--readers 20]

Every file says its name and its version in each sentence. The writers write new versions, take
files away and ingest, in turns as the lock lets them. The readers search: all passages of a file
must be of one version, stand where their record says, and be no older than what the reader found
before. Readers first run alone, then beside the writers: that is the slowdown. The clock starts
when each has searched or ingested once, for imports take seconds of a processor.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from eval.benchmarks.helpers.failpoints import opened, read_in_this_process
from rag.errors import LibraryBusy
from rag.library import Library
from rag.schema import Passage

FILES, SENTENCES = 30, 12
_SAID = re.compile(r"Archivo (\d+), versión (\d+)")

Counts = dict[str, Any]

_all_ready: Any = None  # a barrier between the processes


def main() -> int:
    """Returns exit code 0 when no reader saw anything wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--readers", type=int, default=20)
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        docs, library = Path(folder) / "docs", Path(folder) / "library"
        docs.mkdir()
        for number in range(FILES):
            write(docs, number, 0)
        with opened(library) as made:
            made.ingest([docs])
        alone = together(library, docs, flags.readers, 0, flags.seconds / 4)
        beside = together(library, docs, flags.readers, 2, flags.seconds)
    for name, counts in (("alone", alone), ("beside two writers", beside)):
        taken = np.array(counts.pop("taken"))
        low, high = np.percentile(taken, 50) * 1000, np.percentile(taken, 95) * 1000
        print(f"{name}: {len(taken)} searches, p50 {low:.0f} ms, p95 {high:.0f} ms, {counts}")
    return (
        1 if any(beside[key] or alone[key] for key in ("mixed", "wrong", "older", "errors")) else 0
    )


def together(library: Path, docs: Path, readers: int, writers: int, seconds: float) -> Counts:
    """Lets them work at once; what all of them counted, added up."""
    jobs = [(writing, library, docs, seed, seconds) for seed in range(writers)]
    jobs += [(reading, library, docs, 100 + seed, seconds) for seed in range(readers)]
    processes = multiprocessing.get_context("spawn")
    barrier = processes.Barrier(len(jobs))
    with processes.Pool(len(jobs), _wait_at, [barrier]) as pool:
        found = [result.get() for result in [pool.apply_async(job[0], job[1:]) for job in jobs]]
    total: Counts = {}
    for counts in found:
        for key, value in counts.items():
            total[key] = total[key] + value if key in total else value
    return total


def _wait_at(barrier: Any) -> None:
    global _all_ready
    _all_ready = barrier


def write(docs: Path, number: int, version: int) -> None:
    """Writes a file whose every sentence says its version; it is there at once or not at all."""
    sentence = f"Archivo {number}, versión {version}: frase"
    half = docs / f".{number}-{os.getpid()}"
    half.write_text("\n\n".join(f"{sentence} {index}." for index in range(SENTENCES)))
    half.replace(docs / f"{number}.txt")


def writing(library: Path, docs: Path, seed: int, seconds: float) -> Counts:
    """Changes files and ingests until the time is up."""
    read_in_this_process()
    dice, version = random.Random(seed), 0
    counts = {"ingests": 0, "busy": 0, "changes": 0}
    with tempfile.TemporaryDirectory() as elsewhere, opened(Path(elsewhere)) as other:
        other.ingest([docs])
    with opened(library) as writer:
        _all_ready.wait(timeout=600)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            version += 1
            for number in dice.sample(range(seed, FILES, 2), 3):  # each writer its own files
                write(docs, number, version)
            if dice.random() < 0.3:
                (docs / f"{dice.randrange(seed, FILES, 2)}.txt").unlink(missing_ok=True)
            done = ingested(writer, docs)
            counts["ingests" if done else "busy"] += 1
            counts["changes"] += 3
            if not done:
                time.sleep(dice.random() / 5)
    return counts


def ingested(library: Library, docs: Path) -> bool:
    """Tells whether it was ingested, and no other writer was at it."""
    try:
        library.ingest([docs], prune=True)
    except LibraryBusy:
        return False
    return True


def reading(library: Path, docs: Path, seed: int, seconds: float) -> Counts:
    """Searches until the time is up, and looks at what was found."""
    dice = random.Random(seed)
    counts: Counts = {"mixed": 0, "wrong": 0, "older": 0, "errors": 0, "taken": []}
    newest: dict[str, int] = {}
    with opened(library) as reader:
        reader.search("frase")
        _all_ready.wait(timeout=600)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            question = f"Archivo {dice.randrange(FILES)}, frase {dice.randrange(SENTENCES)}"
            start = time.perf_counter()
            try:
                found = reader.search(question)
            except Exception:  # whatever it is, a reader should not see it
                counts["errors"] += 1
                continue
            counts["taken"].append(time.perf_counter() - start)
            for kind, bad in judged(reader, found, newest).items():
                counts[kind] += bad
            time.sleep(0.05)
    return counts


def judged(library: Library, found: Sequence[Passage], newest: dict[str, int]) -> dict[str, int]:
    """Returns how many files came in two versions, in words not their own, or older than before."""
    versions: dict[str, set[int]] = {}
    wrong = 0
    for passage in found:
        pairs = {(int(name), int(version)) for name, version in _SAID.findall(passage.chunk.text)}
        wrong += any(f"{name}.txt" != passage.path for name, _ in pairs)
        chunk = passage.chunk
        document = library.document(chunk.document_id)
        wrong += document is not None and document.text[chunk.start : chunk.end] != chunk.text
        versions.setdefault(passage.path, set()).update(version for _, version in pairs)
    older = sum(min(seen) < newest.get(path, 0) for path, seen in versions.items() if seen)
    newest.update({path: max(seen) for path, seen in versions.items() if seen})
    mixed = sum(len(seen) > 1 for seen in versions.values())
    return {"mixed": mixed, "wrong": wrong, "older": older}


if __name__ == "__main__":
    sys.exit(main())
