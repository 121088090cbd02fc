"""Memory and time for one huge file: a PDF of 10,000 pages, and a text of one line of 200 MB.

    python -m eval.benchmarks.speed.large [--pages 10000] [--megabytes 200]

Each file is made, then ingested by a process of its own with a model that only hashes words: what
is measured is reading, cutting, storing and indexing. Peaks are those of that process and of its
reader. A tenth of the size is ingested as well, to see what grows with it.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from eval.benchmarks.helpers.failpoints import WordEmbedder
from rag.config import Settings
from rag.library import Library
from rag.system import processes

WORDS = "el modelo responde con la fuente de cada frase que cita en su página".split()
MEGABYTE = 2**20


def main() -> int:
    """Prints a row a file; exit code 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--one", type=Path, help="only ingest this file, and say what it took")
    flags = parser.parse_args()
    if flags.one:
        print(json.dumps(ingested(flags.one)))
        return 0
    print(
        "| file | outcome | chunks | s | MB | its reader MB | library MB |",
        "| --- " * 7 + "|",
        sep="\n",
    )
    with tempfile.TemporaryDirectory() as folder:
        for size in (flags.pages // 10, flags.pages):
            row(pdf(Path(folder) / f"{size} pages.pdf", size))
        for size in (flags.megabytes // 10, flags.megabytes):
            row(line(Path(folder) / f"one line of {size} MB.txt", size))
    return 0


def pdf(path: Path, pages: int) -> Path:
    """Writes a PDF of thirty lines a page."""
    from reportlab.pdfgen.canvas import Canvas

    dice, canvas = random.Random(1), Canvas(str(path))
    for number in range(pages):
        for index in range(30):
            canvas.drawString(72, 780 - 22 * index, words(dice, 11))
        canvas.drawString(72, 60, f"Página {number + 1}")
        canvas.showPage()
    canvas.save()
    return path


def line(path: Path, megabytes: int) -> Path:
    """Writes sentences without one end of line."""
    dice = random.Random(2)
    block = "".join(f"{words(dice, 12)}. " for _ in range(MEGABYTE // 80))
    with path.open("w", encoding="utf-8") as stream:
        for number in range(megabytes * MEGABYTE // len(block.encode())):
            stream.write(f"Parte {number}: {block}")
    return path


def words(dice: random.Random, count: int) -> str:
    """Returns some words with a number among them, so that no two lines are the same."""
    return " ".join([*dice.choices(WORDS, k=count - 1), str(dice.randrange(10**6))])


def row(path: Path) -> None:
    """Ingests a file in a process of its own."""
    command = processes.python("-m", "eval.benchmarks.speed.large", "--one", str(path))
    figures = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    print(
        f"| {path.stem} | " + " | ".join(str(value) for value in figures.values()) + " |",
        flush=True,
    )


def ingested(path: Path) -> dict[str, object]:
    """Returns outcome, chunks, seconds, peaks in MB, size of the library in MB."""
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(Settings(), library=Path(folder), max_file_mb=1_000)
        with Library.open(settings=settings, embedder=WordEmbedder()) as library:
            start = time.perf_counter()
            report = library.ingest([path])
            seconds = time.perf_counter() - start
        size = sum(entry.stat().st_size for entry in Path(folder).iterdir())
    return {
        "outcome": report.files[0].outcome.value,
        "chunks": report.files[0].chunks,
        "seconds": round(seconds, 1),
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "reader": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
        "library": size // MEGABYTE,
    }


if __name__ == "__main__":
    sys.exit(main())
