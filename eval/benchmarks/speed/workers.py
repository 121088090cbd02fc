"""How much faster two workers of one thread each are than one, over a library in PostgreSQL.

    python -m eval.benchmarks.speed.workers [--passages 320] [--rounds 3]

A server out of its wheel; in turns one worker and two read the same number of new passages, each
into a library of its own. The workers are warm: they have read some files before. Said are passages
a second, and the processors' seconds a passage, which other work on the machine changes less.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path

import psutil

from eval.benchmarks.helpers.cluster import Cluster, running, write_files
from rag.config import Settings
from rag.indexing import Queued
from rag.indexing.queued import queue_of
from rag.storage import Store

_WARM = 8  # passages a worker, before


def main() -> int:
    """Prints a line a round, and the ratio of the medians."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--passages", type=int, default=320)
    parser.add_argument("--rounds", type=int, default=3)
    flags = parser.parse_args()
    rates: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory(prefix="fw-") as scratch, running(Path(scratch)) as cluster:
        for turn in range(flags.rounds):
            for number in (1, 2) if turn % 2 else (2, 1):
                rates[number].append(_round(cluster, f"r{turn}w{number}", number, flags.passages))
    one, two = (statistics.median(rates[number]) for number in (1, 2))
    print(f"two workers {two / one:.2f} times one ({two:.2f} and {one:.2f} passages a second)")
    return 0


def _round(cluster: Cluster, name: str, number: int, passages: int) -> float:
    """Returns passages a second of so many workers."""
    dice = random.Random(name)
    warm, docs = cluster.folder / f"{name} warm", cluster.folder / f"{name} docs"
    warm_up = [warm / str(part) for part in range(number)]  # a job each: roots are not mixed
    for part in warm_up:
        write_files(part, _WARM, dice, most=1)
    write_files(docs, passages, dice, most=1)
    workers = [cluster.start(name, "worker", threads=1) for _ in range(number)]
    place = Path(cluster.environment(name)["RAG_LIBRARY"])
    with closing(Store(place, cluster.address(name))) as store:
        try:
            while queue_of(store).workers() < number:
                time.sleep(0.1)
            Queued(store, Settings()).run(warm_up)
            before, start, used = _stored(store), time.monotonic(), _used(workers)
            report = Queued(store, Settings()).run([docs])
            seconds, done = time.monotonic() - start, _stored(store) - before
            used = _used(workers) - used
        finally:
            for worker in workers:
                worker.terminate()
                worker.wait()
    assert not report.failed
    print(
        f"{number} workers: {done} passages in {seconds:.1f} s, {done / seconds:.2f} a second, "
        f"{used / done:.3f} processor seconds each; load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    return done / seconds


def _stored(store: Store) -> int:
    return store.documents.counts()[1]


def _used(workers: list[subprocess.Popen[bytes]]) -> float:
    """Returns the seconds of processors that workers and their parsers have had."""
    times = [
        process.cpu_times()
        for worker in workers
        for process in [psutil.Process(worker.pid), *psutil.Process(worker.pid).children(True)]
    ]
    return float(sum(spent.user + spent.system for spent in times))


if __name__ == "__main__":
    raise SystemExit(main())
