"""Cuts the power at every sync of a change, and fails every write of it, and looks at what is left.

The changes of `eval.benchmarks.helpers.failpoints` run once under strace, which records each write.
Then, for each sync of the record, the disk is put together as it may look after a power cut at that
moment: with nothing that was not synced, and with random parts of it. The library must open, be
whole, hold of every file what it was before or after, and keep what had been told. After that each
write, sync and rename fails once, with EIO and with ENOSPC: the change must say so and leave the
library whole.

    python -m eval.benchmarks.crash.power [--every N] [--seed N]

Linux, with strace installed.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from eval.benchmarks.helpers.disk import Disk
from eval.benchmarks.helpers.failpoints import CHANGES, look, lost, prepare, read_in_this_process
from eval.benchmarks.helpers.traces import FAILING, Call, failing, record
from rag.errors import RagError
from rag.system import processes

DICE = 4  # worlds drawn at each cut, beside the one in which nothing survives
SYNCS = ("fsync", "fdatasync")
ERRORS = ("EIO", "ENOSPC")


def main() -> int:
    """Returns exit code 0 without problems."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--every", type=int, default=1, help="only each n-th cut and failure")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--child", nargs=3, metavar=("CHANGE", "LIBRARY", "DOCS"))
    options = parser.parse_args()
    if options.child:
        return child(*options.child)
    if shutil.which("strace") is None:
        sys.exit("strace is not installed: apt-get install strace")
    seed = random.randrange(10**6) if options.seed is None else options.seed
    logging.disable(logging.WARNING)  # of each index that is rebuilt
    read_in_this_process()
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        docs, base = prepare(Path(scratch), seed)
        for name in CHANGES:
            case = Case(name, Path(scratch), docs, base)
            problems += case.cut(options.every, seed) + case.fail(options.every, seed)
    for problem in problems:
        print(f"PROBLEM {problem}")
    print(f"seed {seed}: {len(problems)} problems")
    return 1 if problems else 0


def child(name: str, library: str, docs: str) -> int:
    """Makes one change, and tells on standard output by a call that nothing is put into."""
    read_in_this_process()

    def tell(line: str) -> None:
        os.writev(1, [f"{json.dumps(line)}\n".encode()])

    try:
        CHANGES[name](Path(library), Path(docs), tell)
    except RagError as error:
        tell(f"error: {error}")
        return 1
    except BaseException as error:  # a failure that is not stated is what we look for
        tell(f"fault: {error!r}")
        return 70
    return 0


class Case:
    """One change of one library, recorded once."""

    def __init__(self, name: str, scratch: Path, docs: Path, base: Path) -> None:
        self._name, self._docs, self._base = name, docs, base
        self._library = scratch / "library"
        self._before = look(base)[0]
        self._fresh()
        self._calls, code = record(self._command, scratch / "calls.log")
        assert code == 0, f"{name} ended with {code}"
        self._after, problems = look(self._library)
        assert not problems, problems

    def cut(self, every: int, seed: int) -> list[str]:
        """Problems after power cuts, before and after each n-th sync."""
        problems, worlds = [], 0
        for number, disk, commits in self._cuts(every):
            for dice in [None, *(random.Random(f"{seed}/{number}/{n}") for n in range(DICE))]:
                self._put(disk.after_cut(dice))
                problems += [
                    f"{self._name}, cut {number}: {problem}" for problem in self._judge(commits)
                ]
                worlds += 1
        print(f"{self._name}: {worlds} disks after a power cut", flush=True)
        return problems

    def fail(self, every: int, seed: int) -> list[str]:
        """Problems after each n-th write, sync or rename has failed once."""
        problems: list[str] = []
        ends: Counter[str] = Counter()
        number_of_calls = sum(call.name in FAILING.split(",") for call in self._calls)
        for error in ERRORS:
            for number in range(1 + seed % every, number_of_calls + 1, every):
                self._fresh()
                lines, code = failing(self._command, error, number)
                commits = [json.loads(line) for line in lines]
                ends["done" if code == 0 else "stated" if code == 1 else "fault"] += 1
                found = [] if code in (0, 1) else [f"not stated: {commits[-1:] or code}"]
                found += [f"{path.name} is left" for path in self._library.glob(".*.tmp")]
                found += self._judge(commits)
                problems += [f"{self._name}, {error} at {number}: {problem}" for problem in found]
        print(f"{self._name}: each of {number_of_calls} calls failed, {dict(ends)}", flush=True)
        return problems

    @property
    def _command(self) -> list[str]:
        change = [self._name, str(self._library), str(self._docs)]
        return processes.python("-B", "-m", "eval.benchmarks.crash.power", "--child", *change)

    def _fresh(self) -> None:
        shutil.rmtree(self._library, ignore_errors=True)
        shutil.copytree(self._base, self._library)

    def _put(self, files: Iterable[tuple[str, bytes]]) -> None:
        shutil.rmtree(self._library, ignore_errors=True)
        self._library.mkdir()
        for name, content in files:
            (self._library / name).write_bytes(content)

    def _cuts(self, every: int) -> Iterator[tuple[int, Disk, list[str]]]:
        """Gives the disk, and what had been told, before each n-th sync and at the end."""
        disk, commits, syncs = Disk(self._base), list[str](), 0
        for call in self._calls:
            if call.name in SYNCS and call.paths[0].is_relative_to(self._library):
                syncs += 1
                if syncs % every == 0:
                    yield syncs, disk, commits
            if call.name == "writev" and call.descriptor == 1:
                commits += [json.loads(line) for line in call.data.splitlines()]
            else:
                replay(disk, self._library, call)
        yield syncs + 1, disk, commits

    def _judge(self, commits: list[str]) -> list[str]:
        held, problems = look(self._library)
        return problems + lost(held, self._before, self._after, commits)


def replay(disk: Disk, folder: Path, call: Call) -> None:
    """Does to a disk what a call did to the files of `folder`."""
    paths = [path.name for path in call.paths if path.parent == folder]
    if call.name in SYNCS and call.paths[0] == folder:
        disk.sync_folder()
    elif len(paths) != len(call.paths):
        return  # elsewhere
    elif call.name == "openat" and ("O_WRONLY" in call.flags or "O_RDWR" in call.flags):
        disk.open(paths[0], "O_CREAT" in call.flags, "O_TRUNC" in call.flags)
    elif call.name in ("write", "pwrite64"):
        disk.write(paths[0], call.offset, call.data)
    elif call.name == "ftruncate":
        disk.truncate(paths[0], call.offset)
    elif call.name in SYNCS:
        disk.sync(paths[0])
    elif call.name == "rename":
        disk.rename(*paths)
    elif call.name in ("unlink", "unlinkat"):
        disk.unlink(paths[0])


if __name__ == "__main__":
    sys.exit(main())
