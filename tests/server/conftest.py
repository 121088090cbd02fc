"""A small library behind the API, with a token of each scope."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from rag.library import Library
from rag.server.api import create_app
from rag.server.callers import Callers
from rag.server.tokens import Scope, Tokens
from tests.helpers.answering import open_library, write_files

FILES = {
    "es/ascensor.md": "# Ascensor\n\nEl ascensor admite ocho personas. Se revisa cada mes.\n",
    "en/lift.md": "# Lift\n\nThe lift holds eight persons. It is checked every month.\n",
    "es/garantia.txt": "La garantía dura dos años. No cubre el mal uso.\n",
}


@dataclass(frozen=True)
class Served:
    library: Library
    app: FastAPI
    tokens: Tokens
    values: dict[Scope, str]

    def client(self, scope: Scope = Scope.READ) -> TestClient:
        headers = {"authorization": f"Bearer {self.values[scope]}"}
        return TestClient(self.app, "http://localhost", headers=headers)

    def stranger(self, host: str = "localhost") -> TestClient:
        return TestClient(self.app, f"http://{host}", raise_server_exceptions=False)


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    documents = write_files(folder / "documents", FILES)
    tokens = Tokens(folder / "library")
    with open_library(folder / "library") as library:
        library.ingest([documents])
        values = {scope: tokens.create(f"test-{scope}", scope) for scope in Scope}
        hosts = frozenset({"localhost"})
        app = create_app(library, Callers(folder / "library").find, hosts)
        with TestClient(app):  # which starts the server, and ends its jobs
            yield Served(library, app, tokens, values)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path) as made:
        yield made
