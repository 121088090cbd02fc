"""How long a question takes while the same library ingests a folder, against an idle one.

    python -m eval.benchmarks.speed.latency_during_ingest FOLDER [--seconds 60] [--inside]

The library holds the sample documents. The same questions are asked in one warm process, at first
with nothing else going on, then while `rag ingest FOLDER` runs in a process of its own, until that
ends or the time is up (it is stopped then, which keeps what it has). With --inside the ingest runs
in a thread of the process that asks, as it does in the web app.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import numpy as np

from eval.benchmarks.helpers.commands import RAG
from rag.jobs import Jobs
from rag.library import Library

SAMPLES = Path(__file__).parents[3] / "corpus/documents"
QUESTIONS = (
    "¿Qué significa LoRA?",
    "¿Cuánta memoria pide un 70B?",
    "What is recall at k?",
    "How is hallucination measured?",
    "¿Quién ganó el mundial de 2010?",
)
PAUSE = 0.5  # seconds between two questions: a person reads


def main() -> int:
    """Prints both medians and 95th percentiles; exit code 1 where the ingest ended too soon."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--inside", action="store_true", help="in the same process")
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, Library.open(Path(scratch)) as library:
        library.ingest([SAMPLES])
        answered(library, QUESTIONS[0])
        end = time.monotonic() + flags.seconds / 4
        idle = asked(library, lambda: time.monotonic() < end)
        busy, output = (inside if flags.inside else beside)(library, flags.folder, flags.seconds)
    if not busy:
        print(f"the ingest ended before a question was asked, take a larger folder: {output}")
        return 1
    for name, taken in (("idle", idle), ("during an ingest", busy)):
        low, high = np.percentile(taken, 50) * 1000, np.percentile(taken, 95) * 1000
        print(f"{name}: {len(taken)} questions, p50 {low:.0f} ms, p95 {high:.0f} ms")
    print(f"ratio of the medians: {np.median(busy) / np.median(idle):.2f}")
    print(output)
    return 0


def beside(library: Library, folder: Path, seconds: float) -> tuple[list[float], str]:
    """Returns the seconds of each question beside an ingesting process, and what that said."""
    command = [*RAG, "ingest", str(folder), "--library", str(library.settings.library)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as ingest:
        time.sleep(3)  # it starts, loads its model, reads the first files
        end = time.monotonic() + seconds
        taken = asked(library, lambda: ingest.poll() is None and time.monotonic() < end)
        ingest.send_signal(signal.SIGINT)
        lines = ingest.communicate()[0].decode().strip().splitlines()
    return taken, lines[-1] if lines else ""


def inside(library: Library, folder: Path, seconds: float) -> tuple[list[float], str]:
    """Returns the same with the ingest in this process."""
    jobs = Jobs(library)
    job = jobs.submit([folder])
    time.sleep(3)
    end = time.monotonic() + seconds
    taken = asked(library, lambda: not job.finished and time.monotonic() < end)
    jobs.stop()
    while not job.finished:
        time.sleep(0.1)
    return taken, f"{job.pace.passages} passages in {job.done} files"


def asked(library: Library, go_on: Callable[[], bool]) -> list[float]:
    """Returns the seconds of each question, one after the other."""
    taken: list[float] = []
    for question in cycle(QUESTIONS):
        if not go_on():
            return taken
        start = time.perf_counter()
        answered(library, question)
        taken.append(time.perf_counter() - start)
        time.sleep(PAUSE)
    return taken


def answered(library: Library, question: str) -> str:
    """Returns the text, read to its end."""
    return library.ask(question).answer.text


if __name__ == "__main__":
    sys.exit(main())
