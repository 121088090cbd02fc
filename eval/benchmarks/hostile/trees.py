"""A folder full of what is no document: links in circles, pipes, devices, files that are not there.

    python -m eval.benchmarks.hostile.trees [--files 200]

One ingest of the tree, in a process of its own that may not read what is forbidden (as root, that
takes Linux). While it runs, files vanish and grow: when it has begun, and in the moment in which
they are queued. It must end within a deadline, take every good file, and give a reason for each
other one that it saw. POSIX.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import json
import os
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from eval.benchmarks.helpers.failpoints import WordEmbedder
from eval.benchmarks.helpers.verdicts import judged
from rag.config import Settings
from rag.library import Library
from rag.schema import FAILURES, Progress
from rag.system import processes

DEADLINE = 120  # seconds
_DROP_BOUND = 24  # prctl: takes a right away from this process and all that it starts
_OVERRIDE, _SEARCH = 1, 2  # the rights of root to read whatever it likes


def main() -> int:
    """Exit code 1 when it hangs, loses a good file or gives no reason."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", type=int, default=200, help="good ones")
    parser.add_argument("--one", type=Path, help="only ingest this tree, and say what came of it")
    flags = parser.parse_args()
    if flags.one:
        print(json.dumps(ingested(flags.one)))
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / "tree"
        made = planted(root, flags.files)
        start = time.perf_counter()
        told = _in_a_process(root)
        seconds = time.perf_counter() - start
        for path in root.rglob("*"):  # so that the folder can be deleted
            if not path.is_symlink() and path.is_dir():
                path.chmod(0o700)
    if told is None:
        return judged({"hung": 1})
    good = sum(told.get(f"good/{number}.txt", ("", ""))[0] == "ok" for number in range(flags.files))
    others = {path: each for path, each in told.items() if not path.startswith("good/")}
    failed = {path: each for path, each in others.items() if each[0] in set(map(str, FAILURES))}
    kinds = Counter(outcome for outcome, _ in others.values())
    print(
        f"{flags.files} good files and {dict(made)}: {seconds:.1f} s, 0 hung; {good} good ones "
        f"indexed; of the others seen: {dict(kinds)}, "
        f"{sum(bool(failure[1]) for failure in failed.values())} of {len(failed)} failures "
        f"with a reason, for instance «{_instance(failed)}»"
    )
    secret = sum("outside" in path for path in told)
    return judged(
        {
            "good files lost": flags.files - good,
            "failures without a reason": sum(not reason for _, reason in failed.values()),
            "taken from outside": secret,
            "forbidden files that were read": sum(
                outcome == "ok" for path, (outcome, _) in others.items() if "forbidden" in path
            ),
        }
    )


def _instance(failed: dict[str, tuple[str, str]]) -> str:
    return next((reason for _, reason in failed.values()), "none")


def planted(root: Path, files: int) -> Counter[str]:
    """Makes the tree; how many of each kind."""
    made: Counter[str] = Counter()
    for name in ("good", "odd", "vanishing", "outside"):
        (root / name).mkdir(parents=True)
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / "outside.txt").write_text("Esto no se lee.")
    (root / "outside").rmdir()
    for number in range(files):
        (root / f"good/{number}.txt").write_text(f"Archivo bueno número {number}.")
    for number in range(20):
        (root / f"vanishing/{number}.txt").write_text(f"Archivo que se va, el {number}. " * 20)
        (root / f"vanishing/growing {number}.txt").write_text(f"Archivo que crece, el {number}. ")
    made["vanishing, growing"] = 40
    _links(root, outside, made)
    _specials(root, made)
    _names(root, made)
    for number in range(5):
        (root / f"odd/forbidden {number}.txt").write_text("No se puede leer.")
        (root / f"odd/forbidden {number}.txt").chmod(0)
    (root / "odd/forbidden folder").mkdir()
    (root / "odd/forbidden folder/forbidden.txt").write_text("Tampoco.")
    (root / "odd/forbidden folder").chmod(0)
    made["forbidden"] = 6
    return made


def _links(root: Path, outside: Path, made: Counter[str]) -> None:
    links = {
        "to the root": root,
        "to above": root.parent,
        "to itself": root / "odd/to itself",
        "to a circle": root / "odd/to a circle too",
        "to a circle too": root / "odd/to a circle",
        "to nothing": root / "nowhere",
        "to outside.txt": outside / "outside.txt",
        "to a folder outside": outside,
        "to a device": Path("/dev/zero"),
        "to processes": Path("/proc"),
    }
    for name, target in links.items():
        (root / f"odd/{name}").symlink_to(target)
    deep = root / "deep"
    for level in range(60):
        deep = deep / f"{level}"
        deep.mkdir(parents=True)
        (deep / "up").symlink_to(root)
    made["links"] = len(links) + 60


def _specials(root: Path, made: Counter[str]) -> None:
    for number in range(3):
        os.mkfifo(root / f"odd/pipe {number}.txt")
        made["pipes"] += 1
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(root / "odd/socket.txt"))
        made["sockets"] += 1
    for number, name in ((5, "zero"), (8, "random")):
        with contextlib.suppress(PermissionError):  # for root only
            os.mknod(root / f"odd/{name}.txt", 0o644 | stat.S_IFCHR, os.makedev(1, number))
            made["devices"] += 1


def _names(root: Path, made: Counter[str]) -> None:
    names = [
        b"x" * 251 + b".txt",
        b"caf\xe9.txt",
        b"a\nb.txt",
        b"-rf.txt",
        "a\u202etxt.exe".encode(),
    ]
    for name in names:
        with contextlib.suppress(OSError):
            (root / "odd" / os.fsdecode(name)).write_text("Un nombre raro.")
            made["odd names"] += 1


def _in_a_process(root: Path) -> dict[str, tuple[str, str]] | None:
    """What came of each file; None when it did not end."""
    command = processes.python("-m", "eval.benchmarks.hostile.trees", "--one", str(root))
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, timeout=DEADLINE, check=True, preexec_fn=_humble
        )
    except subprocess.TimeoutExpired:
        return None
    return {path: (outcome, reason) for path, outcome, reason in json.loads(done.stdout)}


def _humble() -> None:
    """Root reads what is forbidden: from here on it may not."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None)
        for right in (_OVERRIDE, _SEARCH):
            libc.prctl(_DROP_BOUND, right, 0, 0, 0)


def ingested(root: Path) -> list[tuple[str, str, str]]:
    """One ingest beside which files vanish and grow: path, outcome and reason of each."""
    begun: list[Progress] = []

    def beside(beat: Progress) -> None:
        if not begun:  # after the walk, before they are hashed
            begun.append(beat)
            for number in range(10):
                (root / f"vanishing/{number}.txt").unlink()
        path = root / beat.path
        if beat.stage == "queued" and beat.path.startswith("vanishing/"):
            if "growing" in beat.path:
                with path.open("a") as stream:
                    stream.write("Y crece. " * 2_000)
            else:
                path.unlink(missing_ok=True)

    with tempfile.TemporaryDirectory() as scratch:
        settings = Settings(library=Path(scratch), qa_model="off")
        with Library.open(settings=settings, embedder=WordEmbedder()) as library:
            report = library.ingest([root], progress=beside)
            problems = library.status().problems
    found = [(file.path, str(file.outcome), file.reason) for file in report.files]
    return [*found, *(("library", "inconsistent", problem) for problem in problems)]


if __name__ == "__main__":
    sys.exit(main())
