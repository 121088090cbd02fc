"""An ingest killed at random moments: what it had told stays, what it had not comes next time.

`eval/benchmarks/crash/crash.py` does the same to the real command, as often as you like.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rag.indexing.index_sync import open_index
from rag.parsing.titles import title_from_name
from rag.storage import Store
from tests.helpers.fakes import FakeEmbedder
from tests.helpers.vectors import all_vectors

ROOT = Path(__file__).parents[2]
KILLS = 8
FILES = 40
WORDS = "ascensor garantía warranty lift años ocho dos personas mantenimiento euros".split()

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")


class Folder:
    """Documents that change between two runs: `texts` they hold now, by their names.

    `history` has every text ever held, and the names that it had: a document that is renamed gets
    a new title, while its vectors keep the one they were made under.
    """

    def __init__(self, root: Path, dice: random.Random) -> None:
        self.root = root
        self.dice = dice
        self.texts: dict[str, str] = {}
        self.history: dict[str, list[str]] = {}
        root.mkdir()
        for number in range(FILES):
            self.write(f"{number:02}.txt")

    def write(self, name: str) -> None:
        """New text, unlike any other's, of one to about ten chunks."""
        count = self.dice.randint(1, 40)
        words = " ".join(self.dice.choices(WORDS, k=5))
        lines = [f"Frase {self.dice.getrandbits(40)} {words}." for _ in range(count)]
        self.texts[name] = " ".join(lines)
        self.history[self.texts[name]] = [name]
        (self.root / name).write_text("\n\n".join(lines))

    def change(self) -> None:
        """Some files change, some go, some come, one is renamed."""
        for name in self.dice.sample(sorted(self.texts), 12):
            self.write(name)
        for name in self.dice.sample(sorted(self.texts), 3):
            (self.root / name).unlink()
            del self.texts[name]
        renamed = self.dice.choice(sorted(self.texts))
        fresh = f"{self.dice.getrandbits(32)}.txt"
        (self.root / renamed).rename(self.root / fresh)
        self.texts[fresh] = self.texts.pop(renamed)
        self.history[self.texts[fresh]].append(fresh)
        for _ in range(3):
            self.write(f"{self.dice.getrandbits(32)}.txt")


@contextmanager
def child(library: Path, folder: Path) -> Iterator[subprocess.Popen[str]]:
    arguments = [sys.executable, "-m", "tests.helpers.crash_child", str(library), str(folder)]
    with subprocess.Popen(
        arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def killed_run(library: Path, folder: Folder) -> list[list[str]]:
    """What a run told before it was killed, somewhere between its begin and its end."""
    with child(library, folder.root) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline()) == "begin"
        delay = folder.dice.uniform(0, 1.5)
        killer = threading.Timer(delay, os.killpg, (process.pid, signal.SIGKILL))
        killer.start()
        lines = [json.loads(line) for line in process.stdout if line.endswith("\n")]
        killer.join()
        process.wait()
    return [line for line in lines if line != "done"]


def finished_run(library: Path, folder: Folder) -> list[list[str]]:
    with child(library, folder.root) as process:
        lines = process.communicate()[0].splitlines()
    assert process.returncode == 0
    assert json.loads(lines[-1]) == "done"
    return [json.loads(line) for line in lines[1:-1]]


def check(library: Path, folder: Folder, lines: list[list[str]]) -> None:
    """The library is whole, and holds what was told, once, as it stood in the file."""
    store = Store(library)
    assert store.check() == []
    infos = store.documents.infos()
    held = {info.path: text_of(store, info.id) for info in infos}
    assert len(held) == len(infos), "a path has two documents"
    for path, outcome in lines:
        assert held.get(path) == (None if outcome == "removed" else folder.texts[path]), path
    for path, text in held.items():
        assert text in folder.history, f"{path} is half changed"
    check_index(store, folder)
    store.close()


def text_of(store: Store, document_id: int) -> str:
    document = store.documents.get(document_id)
    assert document is not None
    return " ".join(document.text.split())


def check_index(store: Store, folder: Folder) -> None:
    """The index holds the stored passages, each by the vector of its text under a name it had."""
    index, _ = open_index(store)
    ids, vectors = all_vectors(store)
    assert index.ids().tolist() == ids.tolist()
    for key, (chunk, _, _) in store.documents.chunks(ids.tolist()[::25]).items():
        names = folder.history[text_of(store, chunk.document_id)]
        texts = [chunk.for_embedding(title_from_name(name)) for name in names]
        nearest = [index.search(row, 3) for row in FakeEmbedder().encode_documents(texts)]
        assert key in [found for hits in nearest for found, score in hits if score > 0.999]
    assert len(vectors) == index.count


def test_kills_lose_nothing_that_was_told(tmp_path: Path) -> None:
    seed = int(os.environ.get("CRASH_SEED") or time.time_ns() % 10**6)
    print(f"CRASH_SEED={seed}")
    folder = Folder(tmp_path / "docs", random.Random(seed))
    library = tmp_path / "library"
    interrupted = 0
    for _ in range(KILLS):
        lines = killed_run(library, folder)
        interrupted += len(lines) < len(folder.texts)
        check(library, folder, lines)
        folder.change()
    lines = finished_run(library, folder)
    check(library, folder, lines)
    assert {path for path, outcome in lines if outcome != "removed"} == set(folder.texts)
    last = finished_run(library, folder)
    assert {outcome for _, outcome in last} == {"unchanged"}
    assert interrupted >= KILLS // 4, "most runs ended before they were killed"
