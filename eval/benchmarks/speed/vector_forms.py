"""Indexes of pgvector beside one another: build, size, memory, milliseconds, recall against exact.

    python -m eval.benchmarks.speed.vector_forms LIBRARY [--vectors 10000] [--questions 200]
        [--forms hnsw,hnsw-wide,binary,ivf]

A server is started for it. The vectors are those of LIBRARY, a folder, moved by noise (as in
`speed.scale`) until there are enough; questions are vectors of the same making that are not among
them. Recall is the share of the ten nearest by exact comparison that a form finds. Every form gives
candidates that are compared exactly in the same statement. Memory is the largest of the process
that built it, with what it shares with its helpers. A form is dropped before the next one is made.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from pgvector.psycopg import register_vector

from eval.benchmarks.helpers.cluster import running
from eval.benchmarks.speed.scale import NOISE
from rag.storage import Store

Floats = NDArray[np.float32]
_K = 10
_BLOCK = 20_000
_WARM = 20  # questions that are asked before the clock runs


@dataclass(frozen=True, slots=True)
class Form:
    """An index: how it is made, what its candidates are ordered by, and what it is searched with.

    `{d}` stands for the dimension and `{lists}` for the root of the number of vectors; `knobs` are
    (setting, values, candidates that are compared exactly).
    """

    create: str
    order: str
    knob: str
    values: tuple[int, ...]
    candidates: int


FORMS = {
    "exact": Form("", "vector <#> %s", "hnsw.ef_search", (40,), _K),
    "hnsw": Form(
        "hnsw ((vector::halfvec({d})) halfvec_ip_ops)",
        "vector::halfvec({d}) <#> %s::halfvec({d})",
        "hnsw.ef_search",
        (40, 100, 200, 400),
        40,
    ),
    "hnsw-wide": Form(
        "hnsw ((vector::halfvec({d})) halfvec_ip_ops) WITH (m = 24, ef_construction = 128)",
        "vector::halfvec({d}) <#> %s::halfvec({d})",
        "hnsw.ef_search",
        (40, 100, 200),
        40,
    ),
    "binary": Form(
        "hnsw ((binary_quantize(vector)::bit({d})) bit_hamming_ops)",
        "binary_quantize(vector)::bit({d}) <~> binary_quantize(%s)::bit({d})",
        "hnsw.ef_search",
        (200, 400, 1000),
        200,
    ),
    "ivf": Form(
        "ivfflat ((vector::halfvec({d})) halfvec_ip_ops) WITH (lists = {lists})",
        "vector::halfvec({d}) <#> %s::halfvec({d})",
        "ivfflat.probes",
        (10, 30, 100),
        40,
    ),
}


def main() -> int:
    """Prints a row a form and setting; exit code 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("library", type=Path)
    parser.add_argument("--vectors", type=int, default=10_000)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--forms", default="exact,hnsw,binary,ivf")
    flags = parser.parse_args()
    real, noise = _vectors_of(flags.library), np.random.default_rng(1)
    asked = _moved(real, flags.questions, noise)
    with tempfile.TemporaryDirectory(prefix="vf-") as scratch, running(Path(scratch)) as cluster:
        with psycopg.connect(cluster.address("forms"), autocommit=True) as connection:
            started = time.perf_counter()
            nearest = _filled(connection, _blocks(real, flags.vectors, noise), asked)
            size = _size(connection, "vectors")
            print(f"{flags.vectors:,} vectors in {time.perf_counter() - started:.0f} s, {size}")
        print(
            "| form | build s | index MB | build memory MB | setting | p50 ms | p95 ms | recall |"
        )
        print("| --- " * 8 + "|", flush=True)
        for name in flags.forms.split(","):
            with psycopg.connect(cluster.address("forms"), autocommit=True) as connection:
                register_vector(connection)
                _measured(connection, name, flags.vectors, asked, nearest)
    return 0


def _vectors_of(folder: Path) -> Floats:
    with closing(Store(folder)) as store:
        return np.concatenate([rows for _, rows in store.documents.vector_blocks()])


def _moved(real: Floats, number: int, noise: np.random.Generator) -> Floats:
    """Returns vectors (number, dimension) of unit length, each one of the real ones and noise."""
    rows = real[noise.integers(len(real), size=number)]
    moved = rows + NOISE * _unit(noise.standard_normal(rows.shape, np.float32))
    return _unit(moved)


def _unit(rows: Floats) -> Floats:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def _blocks(real: Floats, number: int, noise: np.random.Generator) -> Iterator[Floats]:
    for start in range(0, number, _BLOCK):
        yield _moved(real, min(_BLOCK, number - start), noise)


def _filled(connection: Any, blocks: Iterator[Floats], asked: Floats) -> list[set[int]]:
    """Stores the vectors; returns the ids of the ten nearest of each question."""
    connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
    connection.execute(
        """CREATE TABLE vectors (chunk_id BIGINT PRIMARY KEY, vector vector NOT NULL)
        WITH (toast_tuple_target = 8160)"""  # as a library has them
    )
    register_vector(connection)
    best: list[list[tuple[float, int]]] = [[] for _ in asked]
    first = 1
    for rows in blocks:
        copy = "COPY vectors FROM STDIN WITH (FORMAT BINARY)"
        with connection.cursor().copy(copy) as into:
            into.set_types(["int8", "vector"])
            for number, row in enumerate(rows, first):
                into.write_row((number, row))
        scores = asked @ rows.T
        for kept, line in zip(best, scores, strict=True):
            top = np.argpartition(-line, _K)[:_K]
            kept[:] = sorted([*kept, *((float(line[i]), first + int(i)) for i in top)])[-_K:]
        first += len(rows)
    connection.execute("VACUUM ANALYZE vectors")
    return [{key for _, key in kept} for kept in best]


def _measured(
    connection: Any, name: str, number: int, asked: Floats, nearest: list[set[int]]
) -> None:
    """Makes a form, prints a row for each of its settings, and drops it."""
    form, dimension = FORMS[name], asked.shape[1]
    names = {"d": dimension, "lists": round(number**0.5)}
    started = time.perf_counter()
    if form.create:
        connection.execute(f"SET maintenance_work_mem = '{number * (2 * dimension + 900) >> 10}kB'")
        connection.execute(f"CREATE INDEX form ON vectors USING {form.create.format(**names)}")
    else:
        connection.execute("SET enable_indexscan = off")
    built = time.perf_counter() - started
    pid = connection.info.backend_pid
    size = _size(connection, "form") if form.create else "0"
    query = f"""SELECT chunk_id FROM (SELECT * FROM vectors
        ORDER BY {form.order.format(**names)} LIMIT {form.candidates}) AS near
        ORDER BY vector <#> %s LIMIT {_K}"""
    memory = _largest(pid)
    for value in form.values:
        connection.execute(f"SET {form.knob} = {value}")
        taken, found = [], 0
        for turn, row in enumerate([*asked[:_WARM], *asked]):
            started = time.perf_counter()
            rows = connection.execute(query, (row, row), binary=True).fetchall()
            if turn >= _WARM:
                taken.append((time.perf_counter() - started) * 1000)
                found += len(nearest[turn - _WARM] & {key for (key,) in rows})
        low, high = np.percentile(taken, (50, 95))
        recall = found / (_K * len(asked))
        setting = f"{form.knob} = {value}" if form.create else "none"
        print(
            f"| {name} | {built:.0f} | {size} | {memory} | {setting} | {low:.1f} | {high:.1f} | "
            f"{recall:.3f} |",
            flush=True,
        )
    connection.execute("DROP INDEX IF EXISTS form")


def _size(connection: Any, table: str) -> str:
    query = "SELECT pg_total_relation_size(%s::regclass) / 1e6"
    return f"{float(connection.execute(query, (table,)).fetchone()[0]):,.0f} MB"


def _largest(pid: int) -> str:
    """Returns the most memory that a process of this machine has had, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(f"{int(line.split()[1]) / 1000:.0f}" for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    sys.exit(main())
