"""A few of the kills, full disks and damages of `crash.faults`; `make crash` does them all."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from eval.benchmarks.crash import faults

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs fork and SIGKILL")


def test_kills_and_full_disks_at_some_steps_leave_no_problem(tmp_path: Path) -> None:
    seed = int(os.environ.get("CRASH_SEED", "11"))  # the same each time; `make crash` draws others
    print(f"CRASH_SEED={seed}")
    # in a process without threads, for it forks
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "eval.benchmarks.crash.faults",
            *f"--every 45 --seeds 2 --seed {seed}".split(),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert [line.split(":")[0] for line in lines[:3]] == ["ingest", "remove", "reindex"]
    assert all(" 0 of " not in line for line in lines[:3])
    assert "stated" in lines[0]
    assert sum(line.startswith((".sqlite", ".faiss")) for line in lines) == 12


@pytest.mark.parametrize("kind", faults.DAMAGES)
def test_each_damage_damages(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content" * 99)
    faults.damage(path, kind, random.Random(1))
    assert not path.exists() or path.read_bytes() != b"content" * 99
