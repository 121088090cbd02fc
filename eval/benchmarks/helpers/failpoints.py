"""Changes of a small library, run in forks, with a hook at each step that reaches the disk.

For `eval.benchmarks.crash`. The model is a hash of words and files are read in this process: what
is tested is what is stored. POSIX only.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

import rag.indexing.ingest
import rag.storage.database
from rag.config import Settings
from rag.errors import RagError
from rag.indexing.index_sync import open_index
from rag.library import Library
from rag.parsing import parse
from rag.parsing.sandbox import Task
from rag.protocols import Vectors
from rag.schema import UPLOADS
from rag.storage import Store, sqlite_errors

SETTINGS = {"chunk_tokens": 30, "chunk_overlap": 5, "batch_chunks": 4, "qa_model": "off"}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

Tell = Callable[[str], None]
Texts = dict[str, str]
"""Text by path."""


class WordEmbedder:
    """Sums of directions drawn from the words' hashes: quick, and the same in every process."""

    dimension = 32

    def __init__(self, name: str = "words:1") -> None:
        self.fingerprint = name

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Returns shape (n, 32), unit length."""
        return self.encode_documents(texts)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Returns shape (n, 32), unit length."""
        rows = np.stack([self._row(text) for text in texts])
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)

    def count_tokens(self, text: str) -> int:
        """Returns the number of words."""
        return len(text.split())

    def _row(self, text: str) -> Vectors:
        seeds = [zlib.crc32(f"{self.fingerprint} {word}".encode()) for word in text.split()]
        draws = [np.random.default_rng(seed).standard_normal(32) for seed in seeds or [0]]
        return np.asarray(np.sum(draws, axis=0), dtype=np.float32)


class _Pool:
    """Reads in this process: a fork of readers would only take time."""

    def __enter__(self) -> _Pool:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def submit(self, path: Path) -> Task:
        task = Task()
        task.future = Future()
        task.started.set()
        try:
            task.future.set_result(parse(path))
        except RagError as problem:
            task.future.set_exception(problem)
        return task


def read_in_this_process() -> None:
    """Spares the ingests of this process and its forks children of their own."""
    setattr(rag.indexing.ingest, "parser_pool", lambda settings: _Pool())  # noqa: B010 - mypy


# --- the changes ---------------------------------------------------------------------------------


def prepare(folder: Path, seed: int) -> tuple[Path, Path]:
    """Returns a library of some documents, and their folder after it has changed since."""
    dice = random.Random(seed)
    docs, library = folder / "docs", folder / "base"
    docs.mkdir()
    for number in range(6):
        write(docs / f"{number}.txt", dice)
    write(library / UPLOADS / "own.txt", dice)
    with opened(library) as before:
        before.ingest([docs, library / UPLOADS / "own.txt"])
    write(docs / "0.txt", dice)
    (docs / "1.txt").unlink()
    (docs / "2.txt").rename(docs / "renamed.txt")
    shutil.copy(docs / "3.txt", docs / "copy.txt")
    (docs / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    for number in (7, 8):
        write(docs / f"{number}.txt", dice)
    return docs, library


def write(path: Path, dice: random.Random) -> None:
    """Writes a text unlike any other, of some chunks."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"Frase {dice.getrandbits(60)} de la obra." for _ in range(dice.randint(4, 16))]
    path.write_text("\n\n".join(lines))
    os.utime(path, (10**9, 10**9))


@contextmanager
def opened(folder: Path, model: str = "words:1") -> Iterator[Library]:
    """Returns a library on the small model."""
    settings = Settings(library=folder, **SETTINGS)  # type: ignore[arg-type]
    with Library.open(settings=settings, embedder=WordEmbedder(model)) as library:
        yield library


def ingest(library: Path, docs: Path, tell: Tell) -> None:
    """Ingests with everything in it."""
    with opened(library) as changing:
        changing.ingest([docs], True, lambda beat: tell(beat.path) if beat.report else None)


def remove(library: Path, docs: Path, tell: Tell) -> None:
    """Removes two documents and an upload."""
    with opened(library) as changing:
        for name in _removed(changing, docs) if known(library) else ():
            tell(name)


def _removed(library: Library, docs: Path) -> tuple[str, ...]:
    return library.remove([docs / "4.txt", docs / "5.txt", Path("own.txt")]).paths


def reindex(library: Path, docs: Path, tell: Tell) -> None:
    """Makes all vectors anew, by another model."""
    with opened(library, "words:2") as changing:
        changing.reindex()


def known(library: Path) -> bool:
    """Tells whether the documents that `remove` takes out are still there."""
    return {"4.txt", "5.txt", "own.txt"} <= set(contents(library))


CHANGES = {"ingest": ingest, "remove": remove, "reindex": reindex}


# --- steps ---------------------------------------------------------------------------------------


class Steps:
    """Calls `at(number, name)` before each step of this process that reaches the library's disk."""

    def __init__(self, library: Path, at: Callable[[int, str], None]) -> None:
        self._folder = str(library)
        self._at = at
        self._count = 0
        sys.addaudithook(self._heard)
        sync, statement = os.fsync, self._statement

        class Traced(sqlite_errors.Connection):
            def __init__(self, *arguments: Any, **options: Any) -> None:
                super().__init__(*arguments, **options)
                self.set_trace_callback(statement)

        def synced(descriptor: Any) -> None:
            self._step("fsync")
            sync(descriptor)

        setattr(rag.storage.database, "Connection", Traced)  # noqa: B010 - mypy
        setattr(os, "fsync", synced)  # noqa: B010

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[2], int) and not arguments[2] & _WRITING:
            return
        if event in ("open", "os.rename", "os.remove", "os.truncate"):
            path = arguments[0]
            if isinstance(path, str) and path.startswith(self._folder):
                self._step(f"{event} {Path(path).suffix}")

    def _statement(self, statement: str) -> None:
        if not statement.startswith(("SELECT", "--", "PRAGMA")):
            self._step(" ".join(statement.split()[:3]))

    def _step(self, name: str) -> None:
        self._count += 1
        self._at(self._count, name)


def in_child(work: Callable[[Tell], None]) -> tuple[list[str], int]:
    """Runs `work(tell)` in a fork: what it told, and its exit code or minus its signal."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(out)
        code = 70
        try:
            work(lambda line: void(os.write(into, json.dumps(line).encode() + b"\n")))
            code = 0
        except RagError as error:
            os.write(into, json.dumps(f"error: {error}").encode() + b"\n")
            code = 1
        except BaseException as error:  # a failure that is not stated is what we look for
            os.write(into, json.dumps(f"fault: {error!r}").encode() + b"\n")
        finally:
            os._exit(code)
    os.close(into)
    with os.fdopen(out, "rb") as stream:
        lines = [json.loads(line) for line in stream if line.endswith(b"\n")]
    return lines, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def void(_: object) -> None:
    """Drops a result."""


# --- looking -------------------------------------------------------------------------------------


def contents(library: Path) -> Texts:
    """Returns what the library holds, by path; every path of every document."""
    with closing(Store(library)) as store:
        return {
            record.path: document.text
            for info in store.documents.infos()
            for record in store.ledger.of_document(info.id)
            if (document := store.documents.get(info.id))
        }


def look(library: Path) -> tuple[Texts, list[str]]:
    """Contents and problems, seen from a process of its own."""

    def work(tell: Tell) -> None:
        with closing(Store(library)) as store:
            problems = store.check()
            index, _ = open_index(store)
            if index.ids().tolist() != store.documents.vector_ids().tolist():
                problems.append("the index holds other chunks")
        tell(json.dumps([contents(library), problems]))

    lines, code = in_child(work)
    if code:
        return {}, [f"it does not open: {lines}"]
    texts, problems = json.loads(lines[0])
    return texts, problems


def lost(held: Texts, before: Texts, after: Texts, lines: list[str]) -> list[str]:
    """Returns files that are neither as before nor as after, or as before where it was done."""
    problems = []
    for path in sorted(before.keys() | after.keys() | held.keys()):
        now = held.get(path)
        if now not in (before.get(path), after.get(path)):
            problems.append(f"{path} is neither as before nor as after")
        elif path in lines and now != after.get(path):
            problems.append(f"{path} was told and is lost")
    return problems
