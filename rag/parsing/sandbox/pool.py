"""Several sandboxes side by side: `Pool` lends them out, `ParserPool` parses files with them.

Threads only wait for children, so they cost nothing. Knows nothing about what is asked or why.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from rag.parsing.sandbox.parent import TaskSandbox
from rag.parsing.sandbox.sandbox import Sandbox
from rag.schema import ParsedDocument

MOST = 8
"""Parsers beyond this many wait for the disk, not for a core."""

Box = TypeVar("Box", bound=TaskSandbox)


class Pool(Generic[Box]):
    """Up to `most` sandboxes made by `make`, each when it is first needed.

    The children of `warm` of them are kept going while nobody needs them.
    """

    def __init__(self, make: Callable[[], Box], most: int, warm: int) -> None:
        self._make = make
        self._most, self._warm = most, warm
        self._free = threading.BoundedSemaphore(most)
        self._idle: list[Box] = []
        self._all: list[Box] = []
        self._guard = threading.Lock()
        self._interrupted = False

    @contextlib.contextmanager
    def lent(self, seconds: float | None = None) -> Iterator[Box]:
        """A sandbox for the `with` block. Raises TimeoutError when none is free for `seconds`."""
        if not self._free.acquire(timeout=seconds):
            raise TimeoutError(f"all {self._most} sandboxes are at work")
        try:
            box = self._take()
            try:
                yield box
            finally:
                self._give_back(box)
        finally:
            self._free.release()

    def interrupt(self) -> None:
        """Ends what is at work, and each later request, as if the child had crashed."""
        with self._guard:
            self._interrupted = True
            for box in self._all:
                box.interrupt()

    def close(self) -> None:
        """Ends all children at once, in the middle of a request too."""
        self.interrupt()
        for _ in range(self._most):  # until nobody is in the middle of one
            self._free.acquire()
        for box in self._all:
            box.close()
        self._free.release(self._most)

    def _take(self) -> Box:
        with self._guard:
            if self._idle:
                return self._idle.pop()  # the last one back: the others may go to sleep
            box = self._make()
            self._all.append(box)
            if self._interrupted:
                box.interrupt()
            return box

    def _give_back(self, box: Box) -> None:
        with self._guard:
            surplus = len(self._idle) >= self._warm
            if not surplus:
                self._idle.append(box)
        if surplus:
            box.close()
            with self._guard:
                self._all.remove(box)


@dataclass(slots=True)
class Task:
    """A file that is to be parsed: its result once there is one, and whether a parser has it.

    `page`: the page that the parser is at and their number; zeros where it does not say.
    """

    future: Future[ParsedDocument] = field(init=False)
    started: threading.Event = field(default_factory=threading.Event)
    page: tuple[int, int] = (0, 0)

    def tell(self, page: int, pages: int) -> None:
        """Notes the page that the parser is at."""
        self.page = page, pages


class ParserPool:
    """Up to `parsers` sandboxes made by `make`, first come first served."""

    def __init__(self, make: Callable[[], Sandbox], parsers: int) -> None:
        parsers = min(max(parsers, 1), MOST)
        self._threads = ThreadPoolExecutor(parsers, "parser")
        self._pool = Pool(make, parsers, warm=parsers)

    def __enter__(self) -> ParserPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def submit(self, path: Path) -> Task:
        """Queues a file. The task's result is a ParsedDocument, or raises FileProblem."""
        task = Task()
        task.future = self._threads.submit(self._parse, path, task)
        return task

    def close(self) -> None:
        """Ends all parsers at once, in the middle of a file too; queued files are not parsed."""
        self._pool.interrupt()
        self._threads.shutdown(wait=True, cancel_futures=True)
        self._pool.close()

    def _parse(self, path: Path, task: Task) -> ParsedDocument:
        with self._pool.lent() as sandbox:
            task.started.set()
            return sandbox.parse(path, task.tell)
