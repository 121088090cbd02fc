"""Several sandboxes that read at once, each file in one of them, first come first served.

Threads only wait for children, so they cost nothing. Knows nothing about what is read or why.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from rag.parsing.sandbox.sandbox import Sandbox
from rag.schema import Reading

MOST = 8
"""Readers beyond this many wait for the disk, not for a core."""


@dataclass(frozen=True, slots=True)
class Task:
    """A file that is to be read: its result once there is one, and whether a reader has it."""

    future: Future[Reading]
    started: threading.Event = field(default_factory=threading.Event)


class ReaderPool:
    """Up to `readers` sandboxes made by `make`, each when it is first needed."""

    def __init__(self, make: Callable[[], Sandbox], readers: int) -> None:
        self._threads = ThreadPoolExecutor(min(max(readers, 1), MOST), "reader")
        self._make = make
        self._idle: queue.SimpleQueue[Sandbox] = queue.SimpleQueue()
        self._all: list[Sandbox] = []
        self._guard = threading.Lock()
        self._closed = False

    def __enter__(self) -> ReaderPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def submit(self, path: Path) -> Task:
        """Queues a file. The task's result is a Reading, or raises FileProblem."""
        started = threading.Event()
        return Task(self._threads.submit(self._read, path, started), started)

    def close(self) -> None:
        """Ends all readers at once, in the middle of a file too; queued files are not read."""
        with self._guard:
            self._closed = True
            for sandbox in self._all:
                sandbox.interrupt()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for sandbox in self._all:
            sandbox.close()

    def _read(self, path: Path, started: threading.Event) -> Reading:
        sandbox = self._take()
        started.set()
        try:
            return sandbox.read(path)
        finally:
            self._idle.put(sandbox)

    def _take(self) -> Sandbox:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            sandbox = self._make()
        with self._guard:
            self._all.append(sandbox)
            if self._closed:
                sandbox.interrupt()
        return sandbox
