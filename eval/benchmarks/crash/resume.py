"""An ingest that is killed while it reads a thousand files: what does the next one do again?

    python -m eval.benchmarks.crash.resume [--files 1000] [--kills 5] [--seed N]

The real command is killed with its whole process group at a random moment between its first file
and its last, and run again to its end. Every file whose reading has begun is noted by a line that
the sandbox's caller writes. Said are the files that were read twice, and the time of both runs
against one that nobody disturbed. At the end each file must be there once, none may be missing.
POSIX.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from eval.benchmarks.helpers.commands import command
from eval.benchmarks.helpers.verdicts import judged
from rag.parsing.sandbox import Sandbox
from rag.schema import ParsedDocument
from rag.storage import Store
from rag.system import processes

LOG = "FUENTE_BENCH_READ"


@dataclass(frozen=True, slots=True)
class Round:
    """One kill and the run after it."""

    held: int
    """Documents that the kill left."""

    read: int
    """Files whose reading had begun before it."""

    twice: int
    seconds: float
    problems: list[str]


def main() -> int:
    """Returns exit code 1 when a file is missing, there twice, or stuck."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", type=int, default=1_000)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--child", nargs=2, metavar=("DOCS", "LIBRARY"), type=Path)
    flags = parser.parse_args()
    if flags.child:
        child(*flags.child)
        return 0
    seed = random.randrange(10**6) if flags.seed is None else flags.seed
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory() as scratch:
        docs = Path(scratch) / "docs"
        write(docs, flags.files)
        rounds: list[Round] = []
        clean: list[float] = []  # one beside each, for the machine may have other work
        while len(rounds) < flags.kills:
            library = Path(scratch) / f"library {len(rounds)}"
            clean.append(undisturbed(docs, Path(scratch) / f"clean {len(rounds)}"))
            rounds.append(one(docs, library, dice.uniform(0.02, 0.98), flags.files))
    problems = [problem for part in rounds for problem in part.problems]
    for problem in problems:
        print(f"PROBLEM {problem}")
    extra = [part.seconds / alone - 1 for part, alone in zip(rounds, clean, strict=True)]
    print(
        f"{len(rounds)} kills of an ingest of {flags.files} files (seed {seed}), undisturbed "
        f"{statistics.median(clean):.1f} s; {[run.read for run in rounds]} files read before, "
        f"{[run.held for run in rounds]} documents held; read twice "
        f"{[run.twice for run in rounds]}; extra time median {statistics.median(extra):.0%}, "
        f"at most {max(extra):.0%}; {len(problems)} doubled, missing or stuck"
    )
    return judged({"problems": len(problems)})


def child(docs: Path, library: Path) -> None:
    """Runs `rag ingest`, with a line in a log for each file that a parser begins."""
    from rag.cli import main as rag

    parse = Sandbox.parse
    log = os.open(os.environ[LOG], os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def noted(box: Sandbox, path: Path) -> ParsedDocument:
        os.write(log, f"{path.name}\n".encode())
        return parse(box, path)

    setattr(Sandbox, "parse", noted)  # noqa: B010 - mypy
    sys.argv = ["rag", "ingest", str(docs), "--library", str(library), "--json"]
    rag()


def write(docs: Path, files: int) -> None:
    """Writes small texts, none like another."""
    docs.mkdir()
    for number in range(files):
        text = f"Informe {number}. El pozo {number * 7} se limpia en mayo y da {number} litros.\n"
        (docs / f"{number:05d}.txt").write_text(text * 3)


def undisturbed(docs: Path, library: Path) -> float:
    """Returns the seconds of a whole run."""
    start = time.perf_counter()
    with _started(docs, library, library.with_suffix(".log")) as process:
        process.wait()
    return time.perf_counter() - start


def one(docs: Path, library: Path, share: float, files: int) -> Round:
    """Kills a run when this share of the files has been begun, then runs it to its end."""
    log, start = library.with_suffix(".log"), time.perf_counter()
    with _started(docs, library, log) as process:
        while process.poll() is None and len(_lines(log)) < share * files:
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGKILL)
    before, held = len(set(_lines(log))), _documents(library)
    with _started(docs, library, log) as process:
        process.wait()
    seconds = time.perf_counter() - start
    twice = sum(count > 1 for count in Counter(_lines(log)).values())
    return Round(len(held), before, twice, seconds, _problems(library, docs))


def _started(docs: Path, library: Path, log: Path) -> subprocess.Popen[bytes]:
    arguments = processes.python(
        "-m", "eval.benchmarks.crash.resume", "--child", str(docs), str(library)
    )
    return subprocess.Popen(
        arguments,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, LOG: str(log)},
        start_new_session=True,
    )


def _lines(log: Path) -> list[str]:
    return log.read_text().splitlines() if log.exists() else []


def _documents(library: Path) -> list[str]:
    if not (library / "library.sqlite").exists():
        return []
    with closing(Store(library)) as store:
        return [info.path for info in store.documents.infos()]


def _problems(library: Path, docs: Path) -> list[str]:
    """Returns what is missing, there twice, or not as the command's own check wants it."""
    held = Counter(_documents(library))
    found = [f"{path} is there {count} times" for path, count in held.items() if count > 1]
    found += [f"{path.name} is missing" for path in docs.iterdir() if path.name not in held]
    with closing(Store(library)) as store:
        stuck = {name: count for name, count in store.ledger.counts().items() if name != "ok"}
    found += [f"{count} files are {name}" for name, count in stuck.items()]
    status = command("status", library)
    return found if status and status["consistent"] else [*found, "status: inconsistent"]


if __name__ == "__main__":
    sys.exit(main())
