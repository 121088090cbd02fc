"""Keeps one child going for one kind of task and types whatever goes wrong with it.

Silence beyond the deadline, or a request that takes too long in all, kills the whole process group,
and the next request gets a fresh child. Knows nothing about what is asked or answered.
"""

from __future__ import annotations

import json
import queue
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Self, TypeVar

from rag.errors import FileProblem
from rag.sandbox.child import BEAT, Child, Frame
from rag.schema import Outcome

FILES_A_CHILD = 100  # parsers leak; a fresh child is cheap
GLANCE = 1.0  # seconds between two looks at the memory of a child that is at work
KEPT_MB = 400.0  # a child that still holds more than this after a request is not kept
_NO_ANSWER = (
    ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError,
)  # fmt: skip

Result = TypeVar("Result")


class TaskSandbox(ABC):
    """A child process, started at the first request and kept for the next ones.

    `timeout`: seconds without a sign of life until a request is given up. `memory_mb`: address
    space of the child (not enforced by macOS and Windows). `worker`: the arguments of the child's
    Python. Use from one thread at a time, but for `interrupt`.
    """

    max_answer: ClassVar[int] = 100_000_000
    """Bytes of an answer."""

    def __init__(self, timeout: float, memory_mb: int, worker: Sequence[str]) -> None:
        self._timeout = timeout
        self._memory_mb = memory_mb
        self._worker = tuple(worker)
        self._child: Child | None = None
        self._interrupted = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def interrupt(self) -> None:
        """Ends the request at hand, and each later one, as if its child had crashed. Any thread."""
        self._interrupted = True
        child = self._child
        if child is not None:
            child.strike()

    def close(self) -> None:
        """End the child, at once and with all it started."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    @property
    def _total(self) -> float:
        """Seconds that one request may take in all, however lively its child is."""
        return self._timeout

    @abstractmethod
    def _words(self, outcome: Outcome, name: str) -> tuple[str, str]:
        """What went wrong with the request called `name`, and what to do about it."""

    def _ask(
        self,
        request: Mapping[str, object],
        name: str,
        opened: Callable[[Any], Result],
        seconds: float | None = None,
    ) -> Result:
        """What `opened` makes of the answer's JSON; whatever that raises is the child's fault.

        `seconds`: what is left of the time in all, where it is less. Raises FileProblem with the
        typed outcome; the sandbox stays usable.
        """
        child = self._ready_child()
        try:
            child.ask(request)
            if self._interrupted:  # before there was a child to end
                child.strike()
            answer = self._wait(child, self._total if seconds is None else seconds)
        except BaseException:  # an interrupt too: a half-read answer must not meet the next request
            self.close()
            raise
        if isinstance(answer, Outcome):
            self.close()
            raise self._problem(self._cause(answer, child), name)
        return self._open_answer(answer, name, opened)

    def _ready_child(self) -> Child:
        child = self._child
        if child is not None and (
            child.dead or child.requests >= FILES_A_CHILD or child.memory_mb > KEPT_MB
        ):
            self.close()
        if self._child is None:
            limits = (str(self._memory_mb), str(self._total))
            self._child = Child((*self._worker, *limits), self.max_answer)
        return self._child

    def _wait(self, child: Child, seconds: float) -> Frame:
        end = time.monotonic() + seconds
        quiet = time.monotonic()
        while (now := time.monotonic()) < min(quiet + self._timeout, end):
            left = min(quiet + self._timeout, end) - now
            was_dead = child.dead
            try:
                frame = child.frames.get(timeout=min(left, GLANCE))
            except queue.Empty:
                if was_dead:  # and what it forked holds the pipe open
                    return Outcome.CRASHED
                if child.memory_mb > self._memory_mb:  # where the system does not see to it
                    return Outcome.MEMORY
                continue
            if frame != BEAT:
                return frame
            quiet = time.monotonic()
        return Outcome.CRASHED if child.dead else Outcome.TIMEOUT

    def _cause(self, outcome: Outcome, child: Child) -> Outcome:
        starved = outcome is Outcome.CRASHED and child.was_starved
        return Outcome.MEMORY if starved else outcome

    def _open_answer(self, answer: bytes, name: str, opened: Callable[[Any], Result]) -> Result:
        try:
            message = json.loads(answer)
            if "problem" not in message:
                return opened(message["result"])
            outcome, reason, advice = message["problem"]
            outcome = Outcome(outcome)
        except _NO_ANSWER as error:
            self.close()
            raise self._problem(Outcome.CRASHED, name) from error
        if outcome is Outcome.MEMORY:  # what is left of the child's memory is in pieces
            self.close()
            raise self._problem(outcome, name)
        raise FileProblem(outcome, str(reason), str(advice))

    def _problem(self, outcome: Outcome, name: str) -> FileProblem:
        return FileProblem(outcome, *self._words(outcome, name))
