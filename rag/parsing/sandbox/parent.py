"""The parent's side of the sandbox: a child that is given nothing to give away, heard, measured and
killed, and whatever goes wrong with it typed.

Silence beyond the deadline, or a request that takes too long in all, kills the whole process group,
and the next request gets a fresh child.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, ClassVar, Self, TypeVar, cast

from rag.errors import FileProblem
from rag.parsing.sandbox.frames import Frame, page_of, read_frame
from rag.schema import Outcome
from rag.system import processes

FILES_A_CHILD = 100  # parsers leak; a fresh child is cheap
GLANCE = 0.25  # seconds between two looks at the memory of a child that is at work
KEPT_MB = 400.0  # a child that still holds more than this after a request is not kept
_GIVEN_UP = {-signal.SIGABRT, -signal.SIGILL, -signal.SIGTRAP} if os.name == "posix" else set()
_MUCH_MEMORY = 0.4  # of what a child may take: doubling what it holds would be too much
_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT")
_NO_ANSWER = (
    ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError,
)  # fmt: skip

Result = TypeVar("Result")


class ChildProcess:
    """One child and the thread that collects its frames, of `most_bytes` at the most."""

    def __init__(self, arguments: Sequence[str], most_bytes: int) -> None:
        self._process = subprocess.Popen(
            processes.python(*arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            start_new_session=True,
        )
        self._stdin = cast(IO[bytes], self._process.stdin)
        self._answers = cast(IO[bytes], self._process.stdout)
        self._most_bytes = most_bytes
        self.requests = 0
        self._most_mb = 0.0
        self.frames: queue.SimpleQueue[Frame] = queue.SimpleQueue()
        self._collector = threading.Thread(target=self._collect, daemon=True)
        self._collector.start()

    @property
    def dead(self) -> bool:
        """Whether the process has ended."""
        return self._process.poll() is not None

    def was_starved(self, limit_mb: float) -> bool:
        """Tells whether it ended for want of memory, of which it may take `limit_mb`.

        The system's out-of-memory killer ended it, as nobody else does with that signal; or it
        ended itself, as libraries do that are refused memory, when it held much of what it may.
        """
        if os.name != "posix":
            return False
        code = self._process.returncode
        return code == -signal.SIGKILL or (
            code in _GIVEN_UP and self._most_mb > _MUCH_MEMORY * limit_mb
        )

    @property
    def memory_mb(self) -> float:
        """Memory that it holds now; 0 where the system does not say."""
        return resident_mb(self._process.pid)

    def look(self) -> None:
        """Takes note of how much address space it has; asked now and then while it works."""
        self._most_mb = max(self._most_mb, address_space_mb(self._process.pid))

    def ask(self, request: Mapping[str, object]) -> None:
        """Sends a request; what comes of it arrives in `frames`."""
        self.requests += 1
        with contextlib.suppress(BrokenPipeError):  # it died; the collector has said so
            self._stdin.write(json.dumps(request).encode() + b"\n")
            self._stdin.flush()

    def strike(self) -> None:
        """Kills the process with all it started, and waits for nothing. From any thread."""
        if self.dead:
            return
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()

    def kill(self) -> None:
        """Kills it with all it started, also what outlived it, and clears up. Blocks."""
        self.strike()
        self._process.wait()
        if os.name == "posix":  # what it forked before it died is still in its group
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._collector.join()
        for stream in (self._stdin, self._answers):
            with contextlib.suppress(BrokenPipeError):
                stream.close()

    def _collect(self) -> None:
        while True:
            frame = read_frame(self._answers, self._most_bytes)
            if frame is Outcome.CRASHED:
                self._process.wait()  # so that its signal is known when the news arrives
            self.frames.put(frame)
            if isinstance(frame, Outcome):
                return


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
        self._child: ChildProcess | None = None
        self._tell: Callable[[int, int], None] = lambda page, pages: None
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

    def _ready_child(self) -> ChildProcess:
        child = self._child
        if child is not None and (
            child.dead or child.requests >= FILES_A_CHILD or child.memory_mb > KEPT_MB
        ):
            self.close()
        if self._child is None:
            limits = (str(self._memory_mb), str(self._total))
            self._child = ChildProcess((*self._worker, *limits), self.max_answer)
        return self._child

    def _wait(self, child: ChildProcess, seconds: float) -> Frame:
        end = time.monotonic() + seconds
        quiet = time.monotonic()
        while (now := time.monotonic()) < min(quiet + self._timeout, end):
            left = min(quiet + self._timeout, end) - now
            was_dead = child.dead
            child.look()
            try:
                frame = child.frames.get(timeout=min(left, GLANCE))
            except queue.Empty:
                if was_dead:  # and what it forked holds the pipe open
                    return Outcome.CRASHED
                if child.memory_mb > self._memory_mb:  # where the system does not see to it
                    return Outcome.MEMORY
                continue
            page = page_of(frame) if isinstance(frame, bytes) else None
            if page is None:
                return frame
            self._tell(*page)
            quiet = time.monotonic()
        return Outcome.CRASHED if child.dead else Outcome.TIMEOUT

    def _cause(self, outcome: Outcome, child: ChildProcess) -> Outcome:
        starved = outcome is Outcome.CRASHED and child.was_starved(self._memory_mb)
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


def resident_mb(pid: int) -> float:
    """Resident memory of a process in MB; 0 where the system does not say, as Windows."""
    try:
        if sys.platform == "darwin":
            told = subprocess.run(
                ["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=False
            )
            return int(told.stdout) * 1024 / 1_000_000
    except (OSError, ValueError):
        return 0.0
    return _pages_mb(pid, 1)


def address_space_mb(pid: int) -> float:
    """Address space of a process in MB; 0 where the system does not say, as macOS and Windows."""
    return _pages_mb(pid, 0)


def _pages_mb(pid: int, field: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[field])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000
    except (OSError, ValueError, IndexError, AttributeError):
        return 0.0


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    return {**processes.environment(kept), "PYTHONUTF8": "1"}
