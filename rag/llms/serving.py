"""One model, many who ask: a bounded queue with early refusal, cancel and one deadline for all.

A `Writer` is what a backend brings: it writes an answer in the thread that calls it. `Served` makes
a `protocols.Generator` of it, to be read from any thread; who stops reading, or goes away, frees
the model within a token.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from typing import Protocol

from rag.errors import GeneratorBusy, GeneratorFailed, RagError, cause_of
from rag.protocols import LanguageModel, Stop
from rag.schema import Prompt

Emit = Callable[[str], None]
_POLL = 0.05  # seconds between two looks at whether to stop
_GOODBYE = 2.0  # seconds that a reader who stops waits for the model to have stopped


class Writer(LanguageModel, Protocol):
    """Writes answers, as many at a time as its `slots`."""

    @property
    def slots(self) -> int:
        """Returns how many answers it can write at a time."""

    def write(self, prompt: Prompt, emit: Emit, stop: Stop) -> None:
        """Hands the answer on piece by piece; returns soon after `stop()` is True."""


class Served:
    """A writer behind a queue. Raises GeneratorBusy and GeneratorFailed while it is read."""

    def __init__(self, writer: Writer, waiting: int = 4, seconds: float = 300.0) -> None:
        """`waiting`: questions that may wait. `seconds`: for waiting, reading and writing."""
        self._writer = writer
        self._line = Line(writer.slots, waiting)
        self._seconds = seconds

    @property
    def name(self) -> str:
        """Returns the model's name."""
        return self._writer.name

    @property
    def context_window(self) -> int:
        """Returns the number of tokens that prompt and answer may take together."""
        return self._writer.context_window

    def count_tokens(self, text: str) -> int:
        """Returns the length in the model's tokens."""
        return self._writer.count_tokens(text)

    def stream(self, prompt: Prompt, stop: Stop) -> Iterator[str]:
        """Yields text deltas. The model runs ahead of who reads them, no further than `stop`."""
        if stop():
            return
        job = _Job(self._seconds)
        ticket = self._line.join(self._seconds)
        thread = threading.Thread(target=self._work, args=(prompt, job, ticket), daemon=True)
        thread.start()
        try:
            yield from job.read(stop)
        finally:
            job.cancel()
            thread.join(_GOODBYE)

    def _work(self, prompt: Prompt, job: _Job, ticket: object) -> None:
        try:
            with self._line.turn(ticket, job.over) as called:
                if called:
                    self._writer.write(prompt, job.put, job.over)
            job.end(None)
        except RagError as error:
            job.end(error)
        except Exception as error:  # whatever a library raises, the one who waits must hear of it
            cause = f"{type(error).__name__}: {cause_of(error)}"
            job.end(GeneratorFailed(f"«{self.name}» failed: {cause}", "rag doctor"))


class Line:
    """First come, first served; those that would wait too long are told at once."""

    def __init__(self, slots: int, waiting: int) -> None:
        self._slots = slots
        self._most = slots + waiting
        self._tickets: deque[object] = deque()
        self._moved = threading.Condition()
        self._seconds = 0.0  # that an answer took of late

    def join(self, seconds: float) -> object:
        """Returns a ticket. Raises GeneratorBusy for a full line, or one longer than `seconds`."""
        with self._moved:
            before = len(self._tickets)
            expected = self._seconds * (1 + before // self._slots)
            if before >= self._most or (before >= self._slots and expected > seconds):
                raise GeneratorBusy(
                    f"{before} questions are with the model already"
                    + (f", an answer takes about {self._seconds:.0f} s" if self._seconds else ""),
                    "ask again in a moment",
                )
            ticket = object()
            self._tickets.append(ticket)
            return ticket

    @contextlib.contextmanager
    def turn(self, ticket: object, over: Stop) -> Iterator[bool]:
        """Waits until the ticket is among the first; yields False when it was `over` before."""
        try:
            called = self._wait(ticket, over)
            started = time.monotonic()
            yield called
            if called:
                took = time.monotonic() - started
                self._seconds = 0.7 * self._seconds + 0.3 * took if self._seconds else took
        finally:
            with self._moved:
                self._tickets.remove(ticket)
                self._moved.notify_all()

    def _wait(self, ticket: object, over: Stop) -> bool:
        with self._moved:
            while self._tickets.index(ticket) >= self._slots:
                if over():
                    return False
                self._moved.wait(_POLL)
        return not over()


class _Job:
    """One answer on its way from the thread that writes it to the one that reads it."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._cancelled = threading.Event()
        self._pieces: SimpleQueue[str | None] = SimpleQueue()  # None: that was all
        self._error: RagError | None = None
        self._unfinished = False

    def put(self, text: str) -> None:
        if text:
            self._pieces.put(text)

    def over(self) -> bool:
        """Tells whether to stop writing, for whatever reason."""
        return self._cancelled.is_set() or self._late()

    def cancel(self) -> None:
        self._cancelled.set()

    def end(self, error: RagError | None) -> None:
        self._error, self._unfinished = error, self._late()
        self._pieces.put(None)

    def read(self, stop: Stop) -> Iterator[str]:
        while not stop():
            try:
                piece = self._pieces.get(timeout=_POLL)
            except Empty:
                if self._late():  # and the one who writes has not noticed yet
                    self._unfinished = True
                    break
                continue
            if piece is None:
                if self._error is not None:
                    raise self._error
                break
            if not stop():
                yield piece
        if self._unfinished and not stop():
            raise GeneratorFailed(
                f"the answer was not finished within {self._seconds:g} s",
                "raise answer_timeout, lower max_tokens, or take a smaller model",
            )

    def _late(self) -> bool:
        return time.monotonic() > self._deadline
