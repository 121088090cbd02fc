"""Parsers that hang, swell, crash, flood or fork on command: is each one ended, and the next read?

    python -m eval.benchmarks.hostile.parser_faults [--runs 10] [--timeout 6]

A worker of the sandbox's own kind reads files whose names say what to do. Said are the time from
the moment a fault can be known (for one that hangs: its deadline) until the call has returned and
the reader with all it forked is gone; processes that were left, dead or alive; and whether the good
file after each fault was read. Linux.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from eval.benchmarks.helpers.verdicts import children, judged
from rag.errors import FileProblem
from rag.parsing.sandbox import Sandbox
from rag.schema import Outcome

WORKER = """
import ctypes, os, struct, sys, time
from dataclasses import asdict
from pathlib import Path
from rag.parsing import parse
from rag.parsing.sandbox.child import serve
from rag.schema import Document, ParsedDocument

libc, line = ctypes.CDLL(None), os.dup(1)

def frame(data, length=None):
    os.write(line, struct.pack(">I", len(data) if length is None else length) + data)

def silent(beat):
    time.sleep(600)

def busy(beat):
    while True:
        pass

def memory(beat):
    return ParsedDocument(Document(path="x", title="x", text="x" * (8 << 30)))

def native_memory(beat):
    libc.malloc.restype = ctypes.c_void_p
    while place := libc.malloc(ctypes.c_size_t(1 << 26)):
        ctypes.memset(place, 1, 1 << 26)
    os.abort()

def segfault(beat):
    ctypes.string_at(0)

def abort(beat):
    os.abort()

def leave(beat):
    os._exit(0)

def flood(beat):
    frame(b"", 0xFFFFFFFF)
    time.sleep(600)

def huge(beat):
    return ParsedDocument(Document(path="x", title="x", text="y" * 120_000_000))

def pickled(beat):
    import pickle
    frame(pickle.dumps(ParsedDocument(Document(path="x", title="x", text="y"))))
    time.sleep(600)

def garbage(beat):
    frame(b"{'not': json}")
    time.sleep(600)

def offsets(beat):
    return ParsedDocument(Document(path="x", title="x", text="ab", pages=(0, 99)))

def half(beat):
    os.write(line, struct.pack(">I", 1 << 20) + b"half of it")
    os._exit(3)

def fork(beat):  # past every audit hook; the child holds the pipe
    if libc.fork() == 0:
        time.sleep(600)
    os._exit(3)

def fork_and_hang(beat):
    for _ in range(5):
        if libc.fork() == 0:
            time.sleep(600)
    time.sleep(600)

def planted(path, beat):
    fault = globals().get(path.stem)
    return fault(beat) if fault else parse(path, beat)

def work(request, beat, seconds):
    return asdict(planted(Path(request["path"]), beat))

serve(work, int(sys.argv[1]), float(sys.argv[2]))
"""

TIMEOUT, MEMORY, CRASHED, LARGE = map(
    str, (Outcome.TIMEOUT, Outcome.MEMORY, Outcome.CRASHED, Outcome.TOO_LARGE)
)
FAULTS = {
    "silent": (TIMEOUT,),
    "busy": (TIMEOUT,),
    "memory": (MEMORY,),
    "native_memory": (CRASHED, MEMORY),
    "segfault": (CRASHED,),
    "abort": (CRASHED,),
    "leave": (CRASHED,),
    "flood": (LARGE,),
    "huge": (LARGE,),
    "pickled": (CRASHED,),
    "garbage": (CRASHED,),
    "offsets": (CRASHED,),
    "half": (CRASHED,),
    "fork": (CRASHED,),
    "fork_and_hang": (TIMEOUT,),
}
"""What may come of each."""


@dataclass
class Tally:
    """What came of all runs."""

    outcomes: Counter[str] = field(default_factory=Counter)
    latencies: dict[str, list[float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    next_ok: int = 0
    left: int = 0


def main() -> int:
    """Exit code 1 for a wrong outcome, a process left, or a good file that was not read."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=10, help="of each fault")
    parser.add_argument("--timeout", type=float, default=6.0, help="seconds of silence granted")
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        tally = run(Path(scratch), flags.runs, flags.timeout)
    count = flags.runs * len(FAULTS)
    every = [seconds for times in tally.latencies.values() for seconds in times]
    worst = max(tally.latencies, key=lambda name: max(tally.latencies[name]))
    print(
        f"{count} faults of {len(FAULTS)} kinds: {dict(tally.outcomes.most_common())}; gone after "
        f"p50 {np.percentile(every, 50) * 1000:.0f}, p99 {np.percentile(every, 99) * 1000:.0f} ms "
        f"(longest {max(every) * 1000:.0f} ms, {worst}); {tally.left} processes left; "
        f"next file read {tally.next_ok / count:.0%}"
    )
    for name in tally.wrong:
        print(f"PROBLEM {name}")
    violations = {"processes left": tally.left, "next files lost": count - tally.next_ok}
    return judged(violations) or bool(tally.wrong)


def run(folder: Path, runs: int, timeout: float) -> Tally:
    """Each fault so many times, a good file after each."""
    worker, good, tally = folder / "worker.py", folder / "good.txt", Tally()
    worker.write_text(WORKER)
    good.write_text("bien")
    with Sandbox(timeout, 1024, worker=[str(worker)]) as box:
        box.parse(good)
        for name in list(FAULTS) * runs:
            _plant(box, folder / f"{name}.pdf", timeout, tally)
            tally.next_ok += box.parse(good).document.text == "bien"
    tally.left += len(children())
    return tally


def _plant(box: Sandbox, path: Path, timeout: float, tally: Tally) -> None:
    group = children()[0]
    start = time.perf_counter()
    try:
        box.parse(path)
        outcome = "ok"
    except FileProblem as problem:
        outcome = str(problem.outcome)
    while members(group):
        if time.perf_counter() - start > 30:
            tally.left += len(members(group))
            break
        time.sleep(0.001)
    taken = time.perf_counter() - start
    hangs = outcome == TIMEOUT
    tally.latencies.setdefault(path.stem, []).append(taken - timeout if hangs else taken)
    tally.outcomes[outcome] += 1
    if outcome not in FAULTS[path.stem]:
        tally.wrong.append(f"{path.stem} ended as {outcome}")


def members(group: int) -> list[int]:
    """Processes of a group, zombies too; one whose parent is init waits for init and is gone."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            facts = (entry / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        state, parent, its_group = facts[0], int(facts[1]), int(facts[2])
        if its_group == group and not (state == "Z" and parent != os.getpid()):
            found.append(int(entry.name))
    return found


if __name__ == "__main__":
    sys.exit(main())
