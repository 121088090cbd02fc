"""Shared fixtures, and the profile under which random tests are the same on every run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from rag.store import Store
from tests.ingesting import Bench

pytest.register_assert_rewrite("tests.contracts")

settings.register_profile(
    "fuente",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("fuente")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty library."""
    opened = Store(tmp_path / "library")
    yield opened
    opened.close()


@pytest.fixture
def bench(store: Store, tmp_path: Path) -> Bench:
    """A library that is empty yet, and a folder of two documents."""
    bench = Bench(store, tmp_path / "docs")
    bench.write("a.md", "# Ascensor\n\nEl ascensor admite ocho personas.\n")
    bench.write("sub/b.txt", "The warranty lasts two years.\n")
    return bench
