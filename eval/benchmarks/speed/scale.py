"""A library of 100,000 or 1,000,000 passages: to open, to search, to add to; memory and disk.

    python -m eval.benchmarks.speed.scale LIBRARY --work DIR --chunks 100000 [--questions 60]

LIBRARY is a library with real documents. The large one below DIR is made once, of copies of its
documents: their text as it is, their vectors moved by noise, so that no two are the same. The
questions are the first sentences of its own passages and are asked in one warm process.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.answering import QuestionAnalyzer
from rag.config import Settings
from rag.factory import make_embedder
from rag.indexing.batch_writer import chunk_terms
from rag.indexing.index_sync import open_index, publish
from rag.library import Library
from rag.schema import Chunk, Document
from rag.storage import Entry, FileRecord, Store
from rag.text import split_sentences

Floats = NDArray[np.float32]
NOISE = 0.5  # length of what is added to a unit vector: a cosine of .89 to the original
COMMIT = 5_000  # passages a transaction


@dataclass(frozen=True, slots=True)
class Original:
    """A document with all that is stored of it."""

    document: Document
    chunks: list[Chunk]
    vectors: Floats
    terms: list[list[str]]


def main() -> int:
    """Prints a line a figure; exit code 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("library", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=60)
    flags = parser.parse_args()
    large = flags.work / f"{flags.chunks}.library"
    with closing(Store(large)) as store:
        if store.documents.counts()[1] < flags.chunks:
            grow(store, originals(flags.library), flags.chunks)
    opened(large)
    searched(large, flags.library, flags.questions)
    added(large)
    print_figure("memory peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MB")
    return 0


# --- making it -----------------------------------------------------------------------------------


def originals(folder: Path) -> list[Original]:
    """Returns the documents of a library that have chunks."""
    store = Store(folder)
    vector = {
        key: row
        for ids, rows in store.documents.vector_blocks()
        for key, row in zip(ids.tolist(), rows, strict=True)
    }
    found = []
    for info in store.documents.infos():
        document = store.documents.get(info.id)
        chunks = store.documents.chunks(store.documents.chunk_ids(info.id))
        if document is None or not chunks:
            continue
        kept = [chunk for chunk, _, _ in chunks.values()]
        terms = [chunk_terms(chunk, document.title, document.language) for chunk in kept]
        found.append(Original(document, kept, np.array([vector[key] for key in chunks]), terms))
    store.close()
    return found


def grow(store: Store, rows: list[Original], wanted: int) -> None:
    """Copies until there are that many passages, then publishes; tells how long each took."""
    start, noise = time.perf_counter(), np.random.default_rng(1)
    copies = ((number, row) for number in count() for row in rows)
    with store.writing():
        store.generations.set_embedder(_fingerprint())
        there = store.documents.counts()[1]
        while there < wanted:
            goal = min(wanted, there + COMMIT)
            with store.transaction():
                while there < goal:
                    number, original = next(copies)
                    store.add(_copy(original, number, noise))
                    there += len(original.chunks)
        print_figure("stored", time.perf_counter() - start, "s")
        start = time.perf_counter()
        publish(store)
        print_figure("index published", time.perf_counter() - start, "s")


def _copy(original: Original, number: int, noise: np.random.Generator) -> Entry:
    moved = original.vectors + NOISE * _unit(
        noise.standard_normal(original.vectors.shape, np.float32)
    )
    name = f"{number:05d}/{original.document.id}/{original.document.path}"
    document = replace(
        original.document, path=name, content_hash=f"{number}-{original.document.content_hash}"
    )
    record = FileRecord(f"/copies/{name}", name, 1, 1, 1, document.content_hash, "ok")
    return Entry(document, record, original.chunks, _unit(moved), original.terms)


def _unit(rows: Floats) -> Floats:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def _fingerprint() -> str:
    with tempfile.TemporaryDirectory() as empty, Library.open(Path(empty)) as library:
        return library.embedder.fingerprint


# --- measuring it --------------------------------------------------------------------------------


def opened(folder: Path) -> None:
    """Measures opening from a cold process but a warm file cache, and what lies on the disk."""
    start = time.perf_counter()
    store = Store(folder)
    index, _ = open_index(store)
    print_figure("opened", time.perf_counter() - start, "s")
    print_figure("passages", index.count, "")
    store.close()
    for path in sorted(folder.iterdir()):
        print_figure(f"disk {path.suffix or path.name}", path.stat().st_size / 2**20, "MB")


def searched(folder: Path, source: Path, number: int) -> None:
    """Milliseconds of a warm `search`, without and with the QA model, and of its two searches."""
    asked = list(questions(source, number))
    with Library.open(settings=replace(Settings(), library=folder)) as library:
        library.search(asked[0])
        timed("search", asked, lambda text: library.search(text, 10))
    with Library.open(settings=replace(Settings(), library=folder, qa_model="off")) as library:
        library.search(asked[0])
        timed("search without QA model", asked, lambda text: library.search(text, 10))
    with closing(Store(folder)) as store:  # its two searches
        embedder, depth = make_embedder(Settings()), Settings().candidates
        index, _ = open_index(store)
        analyzer = QuestionAnalyzer(store, "en")
        timed(
            "dense alone",
            asked,
            lambda text: index.search(embedder.encode_queries([text])[0], depth),
        )
        timed(
            "keyword alone",
            asked,
            lambda text: store.keywords.search(analyzer.analyze(text).terms.groups, depth),
        )


def questions(source: Path, number: int) -> Iterator[str]:
    """Gives first sentences of passages spread over the library."""
    store = Store(source)
    chosen = np.random.default_rng(2).choice(store.documents.vector_ids(), number, replace=False)
    for chunk, _, _ in store.documents.chunks(chosen.tolist()).values():
        spans = split_sentences(chunk.text)
        yield " ".join(chunk.text[slice(*spans[0])].split()[:14]) if spans else chunk.text[:80]
    store.close()


def added(folder: Path) -> None:
    """Measures the seconds until one more small file can be searched."""
    with tempfile.TemporaryDirectory() as scratch, Library.open(folder) as library:
        path = Path(scratch) / "more.txt"
        path.write_text(f"The meeting of {time.time_ns()} was held in Smiljan.", encoding="utf-8")
        library.search("warm")
        start = time.perf_counter()
        library.ingest([path])
        print_figure("one file more", time.perf_counter() - start, "s")
        library.remove([path])


def timed(name: str, asked: list[str], work: Callable[[str], object]) -> None:
    """Prints p50 and p95 in milliseconds."""
    taken = []
    for question in asked:
        start = time.perf_counter()
        work(question)
        taken.append((time.perf_counter() - start) * 1000)
    print_figure(f"{name}, p50", float(np.percentile(taken, 50)), "ms")
    print_figure(f"{name}, p95", float(np.percentile(taken, 95)), "ms")


def print_figure(name: str, value: float, unit: str) -> None:
    """Prints one line."""
    print(
        f"{name}: {value:,.3g} {unit}" if value < 1000 else f"{name}: {value:,.0f} {unit}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
