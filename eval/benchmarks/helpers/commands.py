"""The real command `rag` in a process of its own, as the crash benchmarks start it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from rag.system import processes

RAG = processes.python("-c", "from rag.cli import main; main()")
BATCH = {"RAG_BATCH_CHUNKS": "8"}  # small, so that a kill falls between two commits


def command(
    name: str, library: Path, *arguments: str, small_batches: bool = True
) -> dict[str, Any] | None:
    """Returns the JSON object that the command prints; None when it fails.

    `small_batches` makes many commits, each of which takes time.
    """
    done = subprocess.run(
        [*RAG, name, *arguments, "--library", str(library), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **(BATCH if small_batches else {})},
        check=False,
    )
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return None
    return found
