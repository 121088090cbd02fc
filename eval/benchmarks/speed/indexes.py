"""Kinds of FAISS indexes on the same vectors: recall, milliseconds, size, seconds to build."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
ASKED, K = 100, 20
LISTS = 4  # times the square root of the number of vectors, as FAISS's guidelines have it
LEARNT = 64  # vectors a list is learnt from


def table(rows: Floats) -> str:
    """Markdown; questions are rows moved a little, and exact search by NumPy is the truth."""
    asked = _questions(rows)
    truth = [set(np.argsort(-(rows @ each))[:K].tolist()) for each in asked]
    lines = ["| index | recall@20 | p50 ms | p95 ms | MB | built s |", "| --- | " + "--- | " * 5]
    for name, build in kinds(rows):
        start = time.perf_counter()
        index = build()
        built = time.perf_counter() - start
        found, taken = _search(index, asked)
        recall = np.mean([len(set(got) & want) / K for got, want in zip(found, truth, strict=True)])
        size = _megabytes(index)
        low, high = np.percentile(taken, 50), np.percentile(taken, 95)
        lines.append(
            f"| {name} | {recall:.4f} | {low:.1f} | {high:.1f} | {size:.0f} | {built:.1f} |"
        )
        print(lines[-1], flush=True)
    return "\n".join(lines)


def kinds(rows: Floats) -> Iterator[tuple[str, Callable[[], Any]]]:
    """(name, how to build it)."""
    import faiss

    lists = int(LISTS * len(rows) ** 0.5)
    for name in ("Flat", "SQfp16", "SQ8", "HNSW32,SQ8"):
        yield name, lambda name=name: _filled(name, rows)  # type: ignore[misc]
    inverted = _filled(f"IVF{lists},SQ8", rows)
    for probes in (8, 32, 64, 128):

        def probing(probes: int = probes) -> Any:
            faiss.extract_index_ivf(inverted).nprobe = probes
            return inverted

        yield f"IVF{lists},SQ8 probing {probes}", probing


def _filled(factory: str, rows: Floats) -> Any:
    import faiss

    index = faiss.index_factory(rows.shape[1], factory, faiss.METRIC_INNER_PRODUCT)
    learnt = rows[:: max(1, len(rows) // (LEARNT * int(LISTS * len(rows) ** 0.5)))]
    index.train(np.ascontiguousarray(learnt))
    index.add(rows)
    return index


def _questions(rows: Floats) -> Floats:
    draw = np.random.default_rng(3)
    chosen = rows[draw.choice(len(rows), ASKED, replace=False)]
    noise = draw.standard_normal(chosen.shape).astype(np.float32)
    moved = chosen + 0.8 * noise / np.linalg.norm(noise, axis=1, keepdims=True)
    return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), np.float32)


def _search(index: Any, asked: Floats) -> tuple[list[list[int]], list[float]]:
    found, taken = [], []
    for each in asked:
        start = time.perf_counter()
        _, ids = index.search(each[None], K)
        taken.append((time.perf_counter() - start) * 1000)
        found.append(ids[0].tolist())
    return found, taken


def _megabytes(index: Any) -> float:
    import faiss

    return float(len(faiss.serialize_index(index))) / 2**20
