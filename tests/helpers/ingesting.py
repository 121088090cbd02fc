"""A bench for tests of ingest: a library, a fake model that takes notes, a folder to fill."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from rag.config import Settings
from rag.indexing import Ingest
from rag.schema import IngestReport, Outcome, Progress
from rag.storage import Store
from tests.helpers.fakes import FakeEmbedder


class Bench:
    """A library, a model that notes what it embeds, and a folder of documents."""

    def __init__(self, store: Store, root: Path) -> None:
        self.store = store
        self.root = root
        self.embedder = FakeEmbedder()
        self.beats: list[Progress] = []

    def write(self, name: str, content: str | bytes, root: Path | None = None) -> Path:
        """A file whose date is long past, as most files' are."""
        path = (root or self.root) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        age(path)
        return path

    def ingest(
        self,
        *paths: Path,
        prune: bool = False,
        retry: bool = False,
        stop: Callable[[], bool] = lambda: False,
        **changes: int,
    ) -> IngestReport:
        settings = Settings(chunk_tokens=20, chunk_overlap=4, **changes)  # type: ignore[arg-type]
        self.embedder.documents.clear()
        self.beats.clear()
        run = Ingest(self.store, lambda: self.embedder, settings, self.beats.append, stop)
        with self.store.writing():
            report = run.run(paths or [self.root], prune, retry)
        assert self.store.check() == []
        return report

    @property
    def embedded(self) -> int:
        return len(self.embedder.documents)

    def finds(self, word: str) -> set[str]:
        keys = [key for key, _ in self.store.keywords.search([(word,)], 99)]
        return {path for _, _, path in self.store.documents.chunks(keys).values()}


def age(path: Path, by: int = 3600) -> None:
    then = path.stat().st_mtime_ns - by * 10**9
    os.utime(path, ns=(then, then))


def outcomes(report: IngestReport) -> dict[str, Outcome]:
    return {file.path: file.outcome for file in report.files}
