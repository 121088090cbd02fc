"""How much faster two workers of one thread each are than one, over a library in PostgreSQL.

    python -m eval.benchmarks.speed.workers [--passages 320] [--rounds 3] [--asleep .15]

A server out of its wheel; in turns one worker and two read the same number of new passages, each
into a library of its own. The workers are warm: they have read some files before. Said are passages
a second, and the processors' seconds a passage, which other work on the machine changes less. With
--asleep a model that sleeps so many seconds a passage is in the place of the real one: what is left
is what workers cost one another, whatever else the machine does.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import psutil

from eval.benchmarks.helpers.cluster import Cluster, running, write_files
from rag.config import Settings
from rag.indexing import Queued, Worker
from rag.indexing.queued import queue_of
from rag.protocols import Vectors
from rag.storage import Store

_WARM = 8  # passages a worker, before


class Asleep:
    """A model that takes its time and no processor: every text has the same vector."""

    fingerprint, dimension = "asleep:1", 8

    def __init__(self, seconds: float) -> None:
        """`seconds`: a passage."""
        self._seconds = seconds

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Returns unit vectors (texts, dimension)."""
        time.sleep(self._seconds * len(texts))
        return np.eye(1, self.dimension, dtype=np.float32).repeat(len(texts), axis=0)

    encode_queries = encode_documents

    def count_tokens(self, text: str) -> int:
        """Returns the number of words."""
        return len(text.split())


def main() -> int:
    """Prints a line a round, and the ratio of the medians."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--passages", type=int, default=320)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--asleep", type=float, default=0.0)
    parser.add_argument("--child", nargs=2, metavar=("FOLDER", "ADDRESS"))
    flags = parser.parse_args()
    if flags.child:
        store = Store(Path(flags.child[0]), flags.child[1])
        asleep, never = Asleep(flags.asleep), threading.Event()
        Worker(store, lambda: asleep, Settings(threads=1), lambda _: None, never.is_set).run(False)
        return 0
    rates: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory(prefix="fw-") as scratch, running(Path(scratch)) as cluster:
        for turn in range(flags.rounds):
            for number in (1, 2) if turn % 2 else (2, 1):
                name = f"r{turn}w{number}"
                rates[number].append(_round(cluster, name, number, flags.passages, flags.asleep))
    one, two = (statistics.median(rates[number]) for number in (1, 2))
    print(f"two workers {two / one:.2f} times one ({two:.2f} and {one:.2f} passages a second)")
    return 0


def _round(cluster: Cluster, name: str, number: int, passages: int, asleep: float) -> float:
    """Returns passages a second of so many workers."""
    dice = random.Random(name)
    warm, docs = cluster.folder / f"{name} warm", cluster.folder / f"{name} docs"
    warm_up = [warm / str(part) for part in range(number)]  # a job each: roots are not mixed
    for part in warm_up:
        write_files(part, _WARM, dice, most=1)
    write_files(docs, passages, dice, most=1)
    place = Path(cluster.environment(name)["RAG_LIBRARY"])
    sleeper = [sys.executable, "-m", "eval.benchmarks.speed.workers", "--asleep", str(asleep)]
    sleeper += ["--child", str(place), cluster.address(name)]
    workers = [
        subprocess.Popen(sleeper) if asleep else cluster.start(name, "worker", threads=1)
        for _ in range(number)
    ]
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
                worker.kill()
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
