"""Kills, starves and damages a library at every step of a change, and looks at what is left.

Three changes (an ingest with new, changed, renamed and removed files; a removal; a reindex) are run
in forked children. Each step that reaches the disk (an SQL statement, a file opened to write,
renamed, removed or synced) is a failpoint: the child is killed there with SIGKILL, or from there on
no file may grow. After each the library must be whole, hold of every file what it was before or
after, keep what had been told, hold no word of what it no longer holds once it has been opened, and
come to the same end when the change is repeated.

    python -m eval.benchmarks.crash.faults [--every N] [--seed N]

POSIX only.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import re
import resource
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from eval.benchmarks.helpers.failpoints import (
    CHANGES,
    Steps,
    Tell,
    contents,
    in_child,
    look,
    lost,
    opened,
    prepare,
    read_in_this_process,
)

PAGE = 4096
_NUMBER = re.compile(r"\d{14,}")
DAMAGES = ("deleted", "emptied", "zeroed", "halved", "a bit flipped", "another's")


class Case:
    """One change of one library: its steps, its end, and what must hold in the middle."""

    def __init__(self, name: str, folder: Path, docs: Path, base: Path) -> None:
        self.name, self._docs, self._base = name, docs, base
        self._folder = folder
        self._change = CHANGES[name]
        self._library = folder / "library"
        self.before = look(base)[0]
        self.steps: list[str] = self._count()
        self.after, problems = look(self._library)
        assert not problems, problems

    def killed_at(self, number: int) -> list[str]:
        """Problems after a SIGKILL at a step, and after the change is repeated."""

        def at(count: int, name: str) -> None:
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)

        lines, code = in_child(self._work(self._fresh(), at))
        found = [] if code == -signal.SIGKILL else [f"it ended with {code}: {lines[-1:]}"]
        return [*found, *self._judge(lines), *self._left(), *self._repeat(), *self._left()]

    def starved_from(self, size: int) -> tuple[str, list[str]]:
        """Returns the last words where no file might grow beyond `size` bytes, and the problems."""
        library = self._fresh()

        def work(tell: Tell) -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
            self._change(library, self._docs, tell)

        lines, code = in_child(work)
        last_line = lines[-1] if code and lines else ""
        found = [] if code in (0, 1) else [f"not stated: {last_line or code}"]
        left = [path.name for path in library.glob(".*.tmp")]
        found += [f"{name} is left behind" for name in left]
        return last_line, [
            *found,
            *self._judge(lines),
            *self._left(),
            *self._repeat(),
            *self._left(),
        ]

    def _count(self) -> list[str]:
        """Returns the names of the steps of an undisturbed change."""
        library, names = self._fresh(), self._folder / "steps"

        def at(count: int, name: str) -> None:
            with names.open("a") as stream:
                stream.write(f"{name}\n")

        lines, code = in_child(self._work(library, at))
        assert code == 0, lines
        found = names.read_text().splitlines()
        names.unlink()
        return found

    def _work(self, library: Path, at: Callable[[int, str], None]) -> Callable[[Tell], None]:
        def work(tell: Tell) -> None:
            Steps(library, at)
            self._change(library, self._docs, tell)

        return work

    def _fresh(self) -> Path:
        shutil.rmtree(self._library, ignore_errors=True)
        shutil.copytree(self._base, self._library)
        return self._library

    def _judge(self, lines: list[str]) -> list[str]:
        """Returns files that are neither as before nor as after, or as before where it was done."""
        held, problems = look(self._library)
        return problems + lost(held, self.before, self.after, lines)

    def _left(self) -> list[str]:
        return traces(self._library, [*self.before.values(), *self.after.values()])

    def _repeat(self) -> list[str]:
        lines, code = in_child(lambda tell: self._change(self._library, self._docs, tell))
        held, problems = look(self._library)
        if code or held != self.after:
            problems.append(f"the repetition ends otherwise: {code} {lines[-1:]}")
        return problems


def traces(library: Path, texts: Iterable[str]) -> list[str]:
    """Returns the words of these texts that stand in the files of a library without them.

    It is opened before: what a killed change had not taken off the disk goes then. The numbers in
    `write` are long enough for their ends to be found where an index shares beginnings.
    """

    def work(tell: Tell) -> None:
        with opened(library):
            tell(json.dumps(contents(library)))

    lines, code = in_child(work)
    if code:
        return [f"it does not open: {lines}"]
    held = set(json.loads(lines[0]).values())
    gone = {word[-12:] for text in texts if text not in held for word in _NUMBER.findall(text)}
    files = {path: path.read_bytes() for path in library.rglob("*") if path.is_file()}
    return [
        f"{word} is left in {path.name}"
        for path, content in files.items()
        for word in gone
        if word.encode() in content
    ]


# --- damages -------------------------------------------------------------------------------------


def damage(path: Path, kind: str, dice: random.Random) -> None:
    """Does one of Lucene's damages to a file."""
    content = bytearray(path.read_bytes())
    if kind == "deleted":
        path.unlink()
        return
    if kind == "a bit flipped":
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    changed: dict[str, bytes | bytearray] = {
        "emptied": b"",
        "zeroed": bytes(len(content)),
        "halved": content[: len(content) // 2],
        "another's": dice.randbytes(len(content)),
    }
    path.write_bytes(changed.get(kind, content))


def damaged(base: Path, scratch: Path, name: str, kind: str, seed: int) -> str:
    """Returns what comes of a damage: `same` answers, `refused` or `told` in words, or `silent`."""
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(base, scratch)
    whole, _ = look(scratch)
    damage(scratch / name, kind, random.Random(seed))
    held, problems = look(scratch)
    if any(problem.startswith("it does not open") for problem in problems):
        return "refused" if "error: " in problems[0] else f"fault {problems[0]}"
    if problems:
        return "told"
    return "same" if held == whole else "silent"


# --- all of it -----------------------------------------------------------------------------------


def main() -> int:
    """Returns exit code 0 without problems."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--every", type=int, default=1, help="only each n-th step")
    parser.add_argument("--seeds", type=int, default=50, help="bits flipped in each file")
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    seed = random.randrange(10**6) if options.seed is None else options.seed
    logging.disable(logging.WARNING)  # of each index that is rebuilt
    read_in_this_process()
    with tempfile.TemporaryDirectory() as scratch:
        problems = run(Path(scratch), options.every, options.seeds, seed)
    for problem in problems:
        print(f"PROBLEM {problem}")
    print(f"seed {seed}: {len(problems)} problems")
    return 1 if problems else 0


def run(scratch: Path, every: int, seeds: int, seed: int) -> list[str]:
    """Kills and starves all changes, damages all files; returns the problems in words."""
    docs, base = prepare(scratch, seed)
    problems: list[str] = []
    for name in CHANGES:
        case = Case(name, scratch, docs, base)
        numbers = range(1 + seed % every, len(case.steps) + 1, every)
        for number in numbers:
            found = case.killed_at(number)
            problems += [f"{name} at {case.steps[number - 1]}: {problem}" for problem in found]
        sizes = [PAGE * number + 100 for number in range(1, 60, every)]
        outcomes: Counter[str] = Counter()
        for size in sizes:
            words, found = case.starved_from(size)
            outcomes["done" if not words.startswith("error") else "stated"] += 1
            problems += [f"{name} within {size} bytes: {problem}" for problem in found]
        print(
            f"{name}: {len(numbers)} of {len(case.steps)} steps killed, {dict(outcomes)}",
            flush=True,
        )
    return problems + _damages(base, scratch / "damaged", seeds, seed)


def _damages(base: Path, scratch: Path, seeds: int, seed: int) -> list[str]:
    problems = []
    for path in sorted(base.glob("*.sqlite")) + sorted(base.glob("*.faiss")):
        for kind in DAMAGES:
            rounds = seeds if kind == "a bit flipped" else 1
            ends = Counter(damaged(base, scratch, path.name, kind, seed + n) for n in range(rounds))
            print(f"{path.suffix} {kind}: {dict(ends)}", flush=True)
            wrong = [end for end in ends if end == "silent" or end.startswith("fault")]
            problems += [f"{path.name} {kind}: {end}" for end in wrong]
    return problems


if __name__ == "__main__":
    sys.exit(main())
