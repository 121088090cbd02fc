"""How long a short question takes to encode in torch: median and worst of 30, machine as it is.

OMP_WAIT_POLICY=ACTIVE python -m eval.benchmarks.speed.query
OMP_WAIT_POLICY=PASSIVE python -m eval.benchmarks.speed.query
"""

from __future__ import annotations

import statistics
import time

from rag.models.huggingface import HuggingFaceEmbedder

RUNS = 30
QUESTION = "¿Cuándo nació Tesla en Smiljan?"


def main() -> None:
    """Prints one line."""
    embedder = HuggingFaceEmbedder("all-MiniLM-L6-v2")
    embedder.encode_queries([QUESTION])
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        embedder.encode_queries([QUESTION])
        seconds.append(time.perf_counter() - start)
    print(f"median {statistics.median(seconds) * 1000:.0f} ms, worst {max(seconds) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
