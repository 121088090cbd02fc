"""Shared fixtures, and the profile under which random tests are the same on every run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from rag.storage import Store
from tests.helpers.browser import FLAGS, chromium
from tests.helpers.ingesting import Bench
from tests.helpers.postgres import Server, running

pytest.register_assert_rewrite("tests.helpers.contracts")

settings.register_profile(
    "fuente",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
# For looking around: `make explore`, HYPOTHESIS_PROFILE=explore or --hypothesis-profile=explore.
settings.register_profile(
    "explore",
    settings.get_profile("fuente"),
    derandomize=False,
    max_examples=5000,
    print_blob=True,
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fuente"))

_find_constants = providers._get_local_constants


def _constants() -> Constants:
    """None where random tests are to be the same on every run.

    One draw in twenty is a literal out of whatever modules of ours are loaded by then: without
    this any edit of any of them, or another order of the tests, gives other examples.
    """
    return Constants() if settings().derandomize else _find_constants()


providers._get_local_constants = _constants


@pytest.fixture(scope="session", autouse=True)
def _nobodys_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An empty configuration folder in place of the one of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        yield


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs the tests that are marked so on a library of each engine."""
    if metafunc.definition.get_closest_marker("both_engines") and "store" in metafunc.fixturenames:
        metafunc.parametrize("store", ["sqlite", "postgres"], indirect=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A server that starts when the first test wants it."""
    with running() as server:
        yield server


@pytest.fixture
def address(postgres: Server) -> Iterator[str]:
    """The address of a new library in the database."""
    with postgres.library() as address:
        yield address


@pytest.fixture
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty library: a folder, or a database where the test asks for it."""
    with ExitStack() as stack:
        address = ""
        if getattr(request, "param", "sqlite") == "postgres":
            address = stack.enter_context(request.getfixturevalue("postgres").library())
        opened = Store(tmp_path / "library", address)
        yield opened
        opened.close()


@pytest.fixture
def bench(store: Store, tmp_path: Path) -> Bench:
    """A library that is empty yet, and a folder of two documents."""
    bench = Bench(store, tmp_path / "docs")
    bench.write("a.md", "# Ascensor\n\nEl ascensor admite ocho personas.\n")
    bench.write("sub/b.txt", "The warranty lasts two years.\n")
    return bench


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium; one a file, for its event loop must not outlive browser tests."""
    path = chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()
