"""A server in a thread on loopback, and libraries that are used over it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from rag.config import Settings
from rag.library import Library
from rag.protocols import Generator
from rag.remote import RemoteLibrary
from rag.server.access import Access
from rag.server.api import create_app
from rag.server.callers import Callers
from rag.server.tokens import Scope, Tokens
from tests.helpers.answering import open_library, write_files
from tests.helpers.browser import free_port
from tests.server.conftest import FILES


@dataclass(frozen=True)
class Held:
    """A library in a folder, its server's address, and how to use it from elsewhere."""

    library: Library
    address: str
    tokens: Tokens
    access: Access
    opened: list[RemoteLibrary] = field(default_factory=list)

    def by(self, token: str) -> RemoteLibrary:
        self.opened.append(RemoteLibrary(Settings(server=self.address), token))
        return self.opened[-1]

    def user(self, name: str, scope: Scope = Scope.READ) -> RemoteLibrary:
        return self.by(self.tokens.create(name, scope))


@contextmanager
def holding(folder: Path, generator: Generator | None = None, **settings: Any) -> Iterator[Held]:
    documents = write_files(folder / "documents", FILES)
    with open_library(folder / "library", generator) as library:
        library.ingest([documents])
        library.settings = replace(library.settings, **settings)
        app = create_app(library, Callers(folder / "library").find)
        port = free_port()
        config = uvicorn.Config(app, port=port, log_level="error", timeout_graceful_shutdown=5)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.01)
            kept = folder / "library"
            held = Held(library, f"http://127.0.0.1:{port}", Tokens(kept), Access(kept))
            yield held
            for far in held.opened:
                far.close()
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    with holding(tmp_path_factory.mktemp("held")) as made:
        yield made
