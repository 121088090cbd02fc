"""What was removed is gone from the disk, old formats open, models never mix.

    python -m eval.benchmarks.crash.recovery [--canaries 100] [--searches 200]

**Removed**: documents with a canary word each go in, are searched, and are removed; before and
after, each byte of each file of the folder is searched for them. **Formats**: every data directory
that is stored with the tests opens and migrates; the same with a newer number is refused and left
as it was. **Models**: a library is opened with another model, of the same dimension and of another:
nothing is found or added before a reindex, which runs while the old model goes on searching.
"""

from __future__ import annotations

import argparse
import gzip
import sqlite3
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

import numpy as np

from eval.benchmarks.helpers.failpoints import WordEmbedder, opened
from eval.benchmarks.helpers.verdicts import judged
from rag.config import Settings
from rag.errors import ModelMismatch, RagError
from rag.library import Library
from rag.protocols import Vectors
from rag.storage import Store, tables
from rag.storage.database import FILE_NAME

STORED = Path(__file__).parents[3] / "tests/data"
QUESTION = "la frase de la obra"


class NarrowEmbedder(WordEmbedder):
    """Half as many dimensions."""

    dimension = 16

    def encode_documents(self, texts: list[str]) -> Vectors:  # type: ignore[override]
        """Returns shape (n, 16), unit length."""
        rows = super().encode_documents(texts)[:, :16]
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def main() -> int:
    """Returns exit code 1 for a canary found, a format that ends otherwise, or a mixed search."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--canaries", type=int, default=100)
    parser.add_argument("--searches", type=int, default=200, help="with each wrong model")
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        left = removed(folder / "removed", flags.canaries)
        wrong = formats(folder)
        mixed = models(folder / "models", flags.searches)
    return judged({"canaries left": left, "formats": wrong, "mixed searches": mixed})


# --- removed -------------------------------------------------------------------------------------


def removed(folder: Path, count: int) -> int:
    """Canaries on the disk after their documents were removed."""
    docs, library = folder / "docs", folder / "library"
    docs.mkdir(parents=True)
    words = [f"canarioquenadiedebever{number:04d}" for number in range(count)]
    for number, word in enumerate(words):
        text = f"Informe {number}. La palabra es {word}, y la frase sigue. " * 5
        (docs / f"informe {number}.txt").write_text(text)
    (docs / "perenne.txt").write_text("Esto se queda en la biblioteca.")
    with opened(library) as held:
        held.ingest([docs])
        for word in words[:5]:
            held.search(word)
        before = _hits(library, words)
        start = time.perf_counter()
        held.remove(sorted(docs.glob("informe *.txt")))
        seconds = time.perf_counter() - start
        open_ = _hits(library, words)
        assert held.search("biblioteca"), "the other document is gone too"
    after = _hits(library, words)
    print(
        f"removed: {count} canaries; hits before {sum(before.values())} ({_by_file(before)}), "
        f"after {sum(open_.values())} while open, {sum(after.values())} closed; {seconds:.2f} s"
    )
    return sum(open_.values()) + sum(after.values())


def _hits(library: Path, words: list[str]) -> dict[str, int]:
    """Canaries by file, each counted once a file, in UTF-8 and in UTF-16, whatever their case."""
    found = {}
    for path in sorted(library.rglob("*")):
        data = path.read_bytes().lower() if path.is_file() else b""
        forms = ([word.encode(), word.encode("utf-16-le")] for word in words)
        found[path.name] = sum(any(form in data for form in canary) for canary in forms)
    return found


def _by_file(hits: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in hits.items() if count)


# --- formats -------------------------------------------------------------------------------------


def formats(folder: Path) -> int:
    """Returns stored directories and newer ones that ended otherwise than they should."""
    wrong, messages = 0, []
    for packed in sorted(STORED.glob("*.sqlite.gz")):
        data = gzip.decompress(packed.read_bytes())
        version, ended = _migrated(folder / packed.stem, data)
        messages.append(f"{version} {ended}")
        wrong += ended != "migrated"
        for newer in (tables.FORMAT + 1, 99):
            ended = _refused(folder / f"{packed.stem} as {newer}", data, newer)
            messages.append(f"{newer} {ended}")
            wrong += ended != "refused, untouched"
    print(f"formats, this version's is {tables.FORMAT}: {'; '.join(messages)}")
    return wrong + (not messages)


def _migrated(folder: Path, data: bytes) -> tuple[int, str]:
    """Opens it twice and changes it: its format, and how that ended."""
    _put(folder, data)
    with closing(sqlite3.connect(folder / FILE_NAME)) as old:
        version = tables.format_of(old)
        held = [tuple(row) for row in old.execute("SELECT id, text FROM chunks ORDER BY id")]
    for _ in range(2):
        with closing(Store(folder)) as store:
            problems = store.check()
            chunks = store.documents.chunks(key for key, _ in held)
            kept = [(key, chunks[key][0].text) for key, _ in held if key in chunks]
    with closing(sqlite3.connect(folder / FILE_NAME)) as new:
        arrived = tables.format_of(new) == tables.FORMAT
    backup = (folder / tables.BACKUP.format(version)).exists()
    good = arrived and backup and kept == held and not problems
    return version, "migrated" if good else f"not migrated: {problems or kept}"


def _refused(folder: Path, data: bytes, version: int) -> str:
    _put(folder, data)
    with closing(sqlite3.connect(folder / FILE_NAME)) as newer:
        newer.execute(f"PRAGMA user_version = {version}")
    before = (folder / FILE_NAME).read_bytes()
    try:
        Store(folder).close()
    except RagError:
        same = (folder / FILE_NAME).read_bytes() == before
        return "refused, untouched" if same else "refused, but changed"
    return "opened"


def _put(folder: Path, data: bytes) -> None:
    folder.mkdir()
    (folder / FILE_NAME).write_bytes(data)


# --- models --------------------------------------------------------------------------------------


def models(folder: Path, searches: int) -> int:
    """Searches of one model's question among another's vectors, or that ended without a word."""
    docs = folder / "docs"
    docs.mkdir(parents=True)
    for number in range(60):
        (docs / f"{number}.txt").write_text(f"Frase {number} de la obra, y otra {number * 7}. " * 9)
    first, second, narrow = WordEmbedder("words:1"), WordEmbedder("words:2"), NarrowEmbedder("n:1")
    with _with(folder, first) as library:
        library.ingest([docs])
    refused = mixed = 0
    for other in (second, narrow):
        answers = [_try(folder, docs, other) for _ in range(searches)]
        refused += sum(answers)
        mixed += len(answers) - sum(answers)
    during = 0
    for before, after in ((first, second), (second, narrow), (narrow, first)):
        counts = _while_reindexed(folder, before, after)
        during += sum(counts)
        mixed += counts[0] + _mixed(folder, after)
    print(
        f"models: {refused} of {4 * searches // 2} searches and ingests with another model refused;"
        f" 3 reindexes, {during} searches by the old model meanwhile; {mixed} mixed searches"
    )
    return mixed


def _with(folder: Path, embedder: WordEmbedder) -> Library:
    settings = Settings(chunk_tokens=30, chunk_overlap=5, qa_model="off")
    return Library.open(folder / "library", settings, embedder=embedder)


def _try(folder: Path, docs: Path, embedder: WordEmbedder) -> bool:
    """Tells whether both a search and an ingest were refused with the command that helps."""
    with _with(folder, embedder) as library:
        for attempt in (lambda: library.search(QUESTION), lambda: library.ingest([docs])):
            try:
                attempt()
            except ModelMismatch as refusal:
                if "reindex" in refusal.next_command:
                    continue
            return False
    return True


def _mixed(folder: Path, embedder: WordEmbedder) -> int:
    with _with(folder, embedder) as library:
        return _wrong(library, embedder)


def _wrong(library: Library, embedder: WordEmbedder) -> int:
    """Returns 1 if a score is not the cosine that one model gives to both question and passage."""
    query = embedder.encode_queries([QUESTION])[0]
    found = library.search(QUESTION)
    vectors = embedder.encode_documents(
        [passage.chunk.for_embedding(passage.title) for passage in found]
    )
    scores = np.array([passage.signals.dense for passage in found])
    found_by_words = scores == 0.0  # not among the nearest
    return int(not np.all(found_by_words | np.isclose(scores, vectors @ query, atol=1e-4)))


def _while_reindexed(
    folder: Path, before: WordEmbedder, after: WordEmbedder
) -> tuple[int, int, int]:
    """Returns mixed, right and refused searches by the old model while the new one takes over."""
    over, mixed, right, refused = threading.Event(), 0, 0, 0

    def renew() -> None:
        with _with(folder, after) as library:
            library.reindex()
        over.set()

    worker = threading.Thread(target=renew)
    with _with(folder, before) as library:
        library.search(QUESTION)
        worker.start()
        while not over.is_set():
            try:
                wrong = _wrong(library, before)
            except ModelMismatch:
                refused += 1
                continue
            mixed, right = mixed + wrong, right + (not wrong)
        for _ in range(5):  # with the library still open, after the other model has taken over
            try:
                mixed += _wrong(library, before)
            except RagError:
                refused += 1
    worker.join()
    return mixed, right, refused


if __name__ == "__main__":
    sys.exit(main())
