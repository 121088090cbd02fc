"""Kills of an ingest at random for as long as you like, while questions are asked without a pause.

    python -m eval.benchmarks.crash.crasher --minutes 60 [--seed N]

Every two seconds, with a chance of three in ten, the running `rag ingest` is killed with its whole
process group and started again; whenever one ends, files are changed, removed and added before the
next. Each file says its number and its version in every sentence, so that a reader knows what may
stand in it. Asked is the library as an app holds
it, open all the time, with the models that ship but for the QA model. Said are the kills, documents
that were seen before a kill and not after it (or older), passages that say what their file never
did, and the time from a kill until a library opened anew has answered.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from eval.benchmarks.helpers.commands import BATCH, RAG, command
from rag.config import Settings
from rag.errors import EmptyLibrary, RagError
from rag.library import Library
from rag.protocols import Embedder
from rag.schema import Passage
from rag.storage import Store

FILES, SENTENCES, CHANGED = 300, 30, 60
EVERY, CHANCE = 2.0, 0.3
_SAID = re.compile(r"Archivo (\d+), versión (\d+): frase (\d+)\.")

Versions = dict[str, int]
"""The version of each file, by path; below 0: it had that one, and is gone."""


@dataclass
class Outcome:
    """What came of it all."""

    kills: int = 0
    ended: int = 0
    """Ingests that came to their end."""

    searches: int = 0
    lost: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    recovered: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        middle = np.median(self.recovered) if self.recovered else 0.0
        return (
            f"{self.kills} kills, {self.ended} ingests that ended, {self.searches} searches: "
            f"{len(self.lost)} lost acknowledged documents, {len(self.wrong)} wrong-text answers, "
            f"{len(self.errors)} errors; an answer again after {middle:.2f} s (median), "
            f"{max(self.recovered, default=0.0):.2f} s (longest)"
        )


def long_run(scratch: Path, minutes: float, seed: int) -> Outcome:
    """Kills and asks for so long, lets the last ingest end, and looks whether all is there."""
    docs, library, dice = scratch / "docs", scratch / "library", random.Random(seed)
    docs.mkdir()
    versions = {f"{number}.txt": 1 for number in range(FILES)}
    for name in versions:
        write(docs, name, 1)
    command("ingest", library, str(docs))
    outcome, over = Outcome(), threading.Event()
    with Library.open(library, Settings(qa_model="off")) as held:
        asker = threading.Thread(target=_ask, args=(held, over, outcome))
        asker.start()
        try:
            _kill_and_change(docs, library, held.embedder, minutes, dice, outcome, versions)
        finally:
            over.set()
            asker.join()
    command("ingest", library, str(docs), "--prune")
    _compare(contents(library), versions, outcome)
    return outcome


def _kill_and_change(
    docs: Path,
    library: Path,
    embedder: Embedder,
    minutes: float,
    dice: random.Random,
    outcome: Outcome,
    versions: Versions,
) -> None:
    _change(docs, versions, dice)
    running = _start(docs, library)
    end = time.monotonic() + 60 * minutes
    while time.monotonic() < end:
        time.sleep(EVERY)
        if running.poll() is not None:
            outcome.ended += 1
            _compare(contents(library), versions, outcome)
            _change(docs, versions, dice)
            running = _start(docs, library)
        elif dice.random() < CHANCE:
            before = contents(library)
            _kill(running)
            outcome.kills += 1
            outcome.recovered.append(_recover(library, embedder, outcome))
            _older(before, contents(library), docs, outcome)
            running = _start(docs, library)
    _kill(running)


def _kill(running: subprocess.Popen[bytes]) -> None:
    if running.poll() is None:
        os.killpg(running.pid, signal.SIGKILL)
    running.wait()


def _start(docs: Path, library: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*RAG, "ingest", str(docs), "--prune", "--library", str(library), "--json"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **BATCH},
        start_new_session=True,
    )


def write(docs: Path, name: str, version: int) -> None:
    """Writes a file that says in every sentence what it is; it is there at once or not at all."""
    sentence = f"Archivo {Path(name).stem}, versión {version}: frase"
    half = docs / f".{name}"
    half.write_text("\n\n".join(f"{sentence} {index}." for index in range(SENTENCES)))
    half.replace(docs / name)


def _change(docs: Path, versions: Versions, dice: random.Random) -> None:
    """Writes new versions of some files; some go, and come back in a later one."""
    for number in dice.sample(range(FILES), CHANGED):
        name = f"{number}.txt"
        versions[name] = abs(versions[name]) + 1
        write(docs, name, versions[name])
    for number in dice.sample(range(FILES), CHANGED // 6):
        name = f"{number}.txt"
        (docs / name).unlink(missing_ok=True)
        versions[name] = -abs(versions[name])


def contents(library: Path) -> Versions:
    """Returns the version of each document, read as any other process would."""
    if not (library / "library.sqlite").exists():
        return {}
    with closing(Store(library)) as store:
        texts = {info.path: store.documents.get(info.id) for info in store.documents.infos()}
    return {
        path: int(found[2])
        for path, document in texts.items()
        if document and (found := _SAID.search(document.text))
    }


def _older(before: Versions, after: Versions, docs: Path, outcome: Outcome) -> None:
    """Checks that what was seen before the kill is there, in that version or in a newer one."""
    for path, version in before.items():
        if (docs / path).exists() and after.get(path, -1) < version:
            outcome.lost.append(f"{path}: version {version} was there, now {after.get(path)}")


def _compare(held: Versions, versions: Versions, outcome: Outcome) -> None:
    """Checks that after an ingest that ended the library holds what the folder does."""
    for path, version in versions.items():
        wanted = version if version >= 0 else None
        if held.get(path) != wanted:
            outcome.lost.append(f"{path} is {held.get(path)}, not {wanted}, at the end")


def _recover(library: Path, embedder: Embedder, outcome: Outcome) -> float:
    """Returns the seconds until a library that is opened anew has answered."""
    start = time.perf_counter()
    try:
        with Library.open(library, Settings(qa_model="off"), embedder=embedder) as fresh:
            _judge(fresh, fresh.search("Archivo 7, frase 7"), outcome)
    except EmptyLibrary:  # it was killed before its first commit
        pass
    except RagError as error:
        outcome.errors.append(f"after a kill: {error}")
    return time.perf_counter() - start


def _ask(held: Library, over: threading.Event, outcome: Outcome) -> None:
    dice = random.Random(1)
    while not over.is_set():
        question = f"Archivo {dice.randrange(FILES)}, frase {dice.randrange(SENTENCES)}"
        try:
            found = held.search(question)
        except EmptyLibrary:
            time.sleep(0.1)
            continue
        except Exception as error:  # whatever it is, nobody who asks should see it
            outcome.errors.append(f"{type(error).__name__}: {error}")
            continue
        outcome.searches += 1
        _judge(held, found, outcome)
        time.sleep(0.05)


def _judge(library: Library, found: Sequence[Passage], outcome: Outcome) -> None:
    """Checks that each passage is a slice of its document, and says only what that file says."""
    seen: dict[str, set[str]] = {}
    for passage in found:
        chunk = passage.chunk
        document = library.document(chunk.document_id)  # None: replaced meanwhile
        if document and document.text[chunk.start : chunk.end] != chunk.text:
            outcome.wrong.append(f"{passage.path}: no slice of its document")
        found_versions = _SAID.findall(chunk.text)
        if any(f"{number}.txt" != passage.path for number, _, _ in found_versions):
            outcome.wrong.append(f"{passage.path} says {found_versions[:2]}")
        seen.setdefault(passage.path, set()).update(version for _, version, _ in found_versions)
    outcome.wrong += [
        f"{path} in versions {versions_seen}"
        for path, versions_seen in seen.items()
        if len(versions_seen) > 1
    ]


def main() -> int:
    """Returns exit code 0 when nothing was lost and nobody was told anything wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    seed = random.randrange(10**6) if options.seed is None else options.seed
    with tempfile.TemporaryDirectory() as scratch:
        outcome = long_run(Path(scratch), options.minutes, seed)
    problems = [*outcome.lost, *outcome.wrong, *outcome.errors]
    for problem in problems[:50]:
        print(f"PROBLEM {problem}")
    print(f"{options.minutes:g} minutes (seed {seed}): {outcome}")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
