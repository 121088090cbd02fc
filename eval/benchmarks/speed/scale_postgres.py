"""A library copied into PostgreSQL: seconds, tables on the disk, memory, search and one file more.

    python -m eval.benchmarks.speed.scale_postgres LIBRARY [--questions 60]

LIBRARY is a folder, such as `speed.scale` makes of 10,000 or 100,000 passages. A server is started
for it. The questions are first sentences of its own passages; the search by both engines answers
them in one warm process, SQLite and FAISS first.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg

from eval.benchmarks.helpers.cluster import running
from eval.benchmarks.speed.scale import print_figure, questions, timed
from rag.answering import QuestionAnalyzer
from rag.config import Settings
from rag.copying import copy
from rag.factory import make_embedder
from rag.library import Library
from rag.storage import Store

_TABLES = """SELECT relname, pg_total_relation_size(c.oid) / 1e6 FROM pg_class c
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    AND pg_total_relation_size(c.oid) > 1e6 ORDER BY 2 DESC"""
_INDEXES = """SELECT indexrelid::regclass::text, pg_relation_size(indexrelid) / 1e6 FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = 'public'::regnamespace
    AND pg_relation_size(indexrelid) > 1e6 ORDER BY 2 DESC"""


def main() -> int:
    """Prints a line a figure; exit code 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("library", type=Path)
    parser.add_argument("--questions", type=int, default=60)
    flags = parser.parse_args()
    asked = list(questions(flags.library, flags.questions))
    with tempfile.TemporaryDirectory(prefix="sp-") as scratch, running(Path(scratch)) as cluster:
        address, beside = cluster.address("scale"), Path(scratch) / "beside"
        start = time.perf_counter()
        copied = copy(str(flags.library), address, beside, lambda done, total: None)
        print_figure("copied, with its graph", time.perf_counter() - start, "s")
        print_figure("documents", copied.total, "")
        with psycopg.connect(address) as connection:
            for query in (_TABLES, _INDEXES):
                for name, size in connection.execute(query.encode()):
                    print_figure(f"disk {name}", float(size), "MB")
        for name, place in (("SQLite, FAISS", ""), ("PostgreSQL", address)):
            folder = beside if place else flags.library
            _searched(name, replace(Settings(), library=folder, database=place), asked)
        print_figure("one file more", _one_more(beside, address), "s")
    return 0


def _searched(name: str, settings: Settings, asked: list[str]) -> None:
    """Prints the milliseconds of a warm search, and of its two halves."""
    with Library.open(settings=settings) as library:
        library.search(asked[0])
        timed(f"{name}: search", asked, lambda text: library.search(text, 10))
    with closing(Store(settings.library, settings.database)) as store:
        embedder, depth = make_embedder(settings), settings.candidates
        analyzer = QuestionAnalyzer(store, "en")
        if store.index is not None:
            index = store.index
            rows = {text: embedder.encode_queries([text])[0] for text in asked}
            timed(f"{name}: dense alone", asked, lambda text: index.search(rows[text], depth))
        groups = {text: analyzer.analyze(text).terms.groups for text in asked}
        timed(
            f"{name}: keyword alone",
            asked,
            lambda text: store.keywords.search(groups[text], depth),
        )


def _one_more(folder: Path, address: str) -> float:
    """Returns the seconds until one more small file can be searched."""
    settings = replace(Settings(), library=folder, database=address)
    with tempfile.TemporaryDirectory() as scratch, Library.open(settings=settings) as library:
        path = Path(scratch) / "more.txt"
        path.write_text(f"The meeting of {time.time_ns()} was held in Smiljan.", encoding="utf-8")
        library.search("warm")
        start = time.perf_counter()
        library.ingest([path])
        return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
