"""Files on their way through the parsers, in order: read ahead, but only so far."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rag.config import Settings
from rag.indexing.near_duplicates import Sketches
from rag.indexing.progress import POLL_SECONDS, ProgressReporter
from rag.indexing.sources import Source
from rag.parsing.sandbox import ParserPool, Sandbox, Task
from rag.personal_data import redacted
from rag.protocols import Stop
from rag.schema import ParsedDocument
from rag.storage import FileRecord, Store

MOST_FILES = 64  # that are read ahead: parsers never wait for the embedder
MOST_BYTES = 64_000_000  # of the files that are read ahead: what bounds the memory


@dataclass(slots=True)
class Item:
    """A file in the window, with its reading to come; none for a twin of a file before it."""

    source: Source
    record: FileRecord
    task: Task | None
    reported: tuple[int, int] | None = None  # the page that was told last; None before its turn

    def parsed(self) -> ParsedDocument | None:
        """Returns what was read, without what is to be unreadable of it; None for a twin.

        Raises FileProblem.
        """
        if self.task is None:
            return None
        parsed = self.task.future.result()
        return replace(parsed, document=redacted(parsed.document, self.record.redacted))


class Window:
    """The files being read, oldest first."""

    def __init__(self, pool: ParserPool, reporter: ProgressReporter, stop: Stop) -> None:
        self._pool = pool
        self._reporter = reporter
        self._stop = stop
        self._items: deque[Item] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._items)

    @property
    def full(self) -> bool:
        """Tells whether the oldest file must leave before another one may come."""
        return len(self._items) >= MOST_FILES or self._bytes > MOST_BYTES

    @property
    def ready(self) -> bool:
        """Tells whether there is an oldest file, and it has been read."""
        task = self._items[0].task if self._items else None
        return bool(self._items) and (task is None or task.future.done())

    def read(self, source: Source, record: FileRecord) -> None:
        """Takes a file in; a parser will get to it."""
        self._add(Item(source, record, self._pool.submit(source.location)))

    def follow(self, source: Source, record: FileRecord) -> None:
        """Takes in a file with the bytes of one that is on its way."""
        self._add(Item(source, record, None))

    def next(self, models: Future[object] | None = None) -> Item | None:
        """Returns the oldest file once it has been read; None when asked to stop before that.

        A file that could be read waits for the models too, and raises what their loading raised.
        """
        item = self._items[0]
        if item.task is not None:
            if not self._wait_for(item.task.future):
                return None
            if models is not None and item.task.future.exception() is None:
                if not self._wait_for(models):
                    return None
                models.result()
        self._report_started()
        self._items.popleft()
        self._bytes -= item.source.size
        return item

    def _wait_for(self, future: Future[Any]) -> bool:
        """Waits, reporting what is read meanwhile. False when asked to stop before it was done."""
        while not future.done():
            self._report_started()
            if self._stop():
                return False
            wait([future], POLL_SECONDS)
        return True

    def _add(self, item: Item) -> None:
        self._items.append(item)
        self._bytes += item.source.size
        self._reporter.report_stage(item.source.path, "queued")
        self._report_started()

    def _report_started(self) -> None:
        for item in self._items:
            task = item.task
            if task is not None and task.started.is_set() and item.reported != task.page:
                item.reported = task.page
                self._reporter.report_stage(item.source.path, "reading", *item.reported)


@dataclass(slots=True)
class Kept:
    """What a worker keeps from one ingest to the next, while others write to the library too.

    `claim` takes the right to read the bytes with a hash; it says False where another worker has
    it, and the file is left for another time. `root` is that of the ingest at hand.
    """

    pool: ParserPool
    claim: Callable[[str], bool]
    root: Path = Path()
    sketches: Sketches = field(default_factory=lambda: Sketches([]))
    last: int = 0  # document, up to which its sketches are here

    def renew(self, store: Store, root: Path) -> None:
        """Learns of the documents that have come since, for an ingest below `root`."""
        self.root = root
        for key, sketch in store.documents.sketches(above=self.last):
            self.sketches.add(key, sketch)
            self.last = max(self.last, key)


def parser_pool(settings: Settings) -> ParserPool:
    """Returns as many parsers as there are cores for them."""
    return ParserPool(
        lambda: Sandbox(
            settings.read_timeout,
            settings.reader_memory_mb,
            hidden_sheets=settings.read_hidden_sheets,
        ),
        settings.threads or os.cpu_count() or 1,
    )
