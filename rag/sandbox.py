"""Runs the reader in a child process that can be killed: a bad file costs itself, not the app.

The child gets a path and answers with length-capped JSON; nothing it sends is unpickled or run.
Silence beyond the deadline, or ten deadlines in all, kill the whole process group, and the next
file gets a fresh child. Knows nothing about formats or the library.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, cast

from rag.errors import FileProblem
from rag.schema import Document, Outcome, Reading, Section

WORKER = ("-m", "rag.readers.worker")
TOTAL = 10  # deadlines that one file may take in all, however lively it is
MAX_ANSWER = 100_000_000  # bytes
FILES_A_CHILD = 200  # parsers leak; a fresh child is cheap
_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT")

_BEAT = b""
_Frame = bytes | Outcome
"""An answer, a beat, or why no answer will come."""


class Sandbox:
    """Reads files in a child process, started at the first file and kept for the next ones.

    `timeout`: seconds without a sign of life until a file is given up. `memory_mb`: address space
    of the child (not enforced by macOS and Windows). Use from one thread at a time.
    """

    def __init__(self, timeout: float, memory_mb: int, worker: Sequence[str] = WORKER) -> None:
        self._timeout = timeout
        self._memory_mb = memory_mb
        self._worker = tuple(worker)
        self._child: _Child | None = None

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def read(self, path: Path) -> Reading:
        """Read one file. Raises FileProblem with the typed outcome; the sandbox stays usable."""
        child = self._ready_child()
        try:
            child.ask(path.absolute())
            answer = self._wait(child)
        except BaseException:  # an interrupt too: a half-read answer must not meet the next file
            self.close()
            raise
        if isinstance(answer, Outcome):
            self.close()
            raise self._problem(answer, path.name, child)
        return self._open_answer(answer, path)

    def close(self) -> None:
        """End the child, at once and with all it started."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    def _ready_child(self) -> _Child:
        if self._child is not None and (self._child.files >= FILES_A_CHILD or self._child.dead):
            self.close()
        if self._child is None:
            limits = (str(self._memory_mb), str(self._timeout * TOTAL))
            self._child = _Child((*self._worker, *limits))
        return self._child

    def _wait(self, child: _Child) -> _Frame:
        end = time.monotonic() + self._timeout * TOTAL
        while True:
            left = min(self._timeout, end - time.monotonic())
            try:
                frame = child.frames.get(timeout=max(left, 0.0))
            except queue.Empty:
                return Outcome.TIMEOUT
            if frame != _BEAT:
                return frame

    def _open_answer(self, answer: bytes, path: Path) -> Reading:
        try:
            message = json.loads(answer)
            if "problem" not in message:
                return _reading(message["reading"])
            outcome, reason, advice = message["problem"]
            outcome = Outcome(outcome)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self.close()
            raise self._problem(Outcome.CRASHED, path.name, None) from error
        if outcome is Outcome.MEMORY:  # what is left of the child's memory is in pieces
            self.close()
            raise self._problem(outcome, path.name, None)
        raise FileProblem(outcome, str(reason), str(advice))

    def _problem(self, outcome: Outcome, name: str, child: _Child | None) -> FileProblem:
        if outcome is Outcome.CRASHED and child is not None and child.was_starved:
            outcome = Outcome.MEMORY
        reason, advice = {
            Outcome.TIMEOUT: (
                f"{name} gave no sign of life for {self._timeout:g} s",
                "split the file, or raise the setting read_timeout",
            ),
            Outcome.MEMORY: (
                f"{name} needs more than {self._memory_mb} MB to be read",
                "split the file, or raise the setting reader_memory_mb",
            ),
            Outcome.TOO_LARGE: (
                f"{name} holds more than {MAX_ANSWER // 1_000_000} MB of text",
                "split the file",
            ),
        }.get(
            outcome,
            (
                f"{name} crashed its reader",
                "open it in its own program, save it again and repeat the ingest",
            ),
        )
        return FileProblem(outcome, reason, advice)


class _Child:
    """One worker process and the thread that collects its frames."""

    def __init__(self, arguments: Sequence[str]) -> None:
        # -P: a file `docx.py` in the user's folder must not be imported in place of the library.
        self._process = subprocess.Popen(
            [sys.executable, "-P", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            start_new_session=True,
        )
        self._requests = cast(IO[bytes], self._process.stdin)
        self._answers = cast(IO[bytes], self._process.stdout)
        self.files = 0
        self.frames: queue.SimpleQueue[_Frame] = queue.SimpleQueue()
        self._collector = threading.Thread(target=self._collect, daemon=True)
        self._collector.start()

    @property
    def dead(self) -> bool:
        return self._process.poll() is not None

    @property
    def was_starved(self) -> bool:
        """Whether the system's out-of-memory killer ended it: nobody else sends that signal."""
        return os.name == "posix" and self._process.returncode == -signal.SIGKILL

    def ask(self, path: Path) -> None:
        self.files += 1
        with contextlib.suppress(BrokenPipeError):  # it died; the collector has said so
            self._requests.write(json.dumps({"path": str(path)}).encode() + b"\n")
            self._requests.flush()

    def kill(self) -> None:
        if not self.dead:
            if os.name == "posix":
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        self._process.wait()
        self._collector.join()
        for stream in (self._requests, self._answers):
            with contextlib.suppress(BrokenPipeError):
                stream.close()

    def _collect(self) -> None:
        while True:
            frame = _frame(self._answers)
            if frame is Outcome.CRASHED:
                self._process.wait()  # so that its signal is known when the news arrives
            self.frames.put(frame)
            if isinstance(frame, Outcome):
                return


def _frame(stream: IO[bytes]) -> _Frame:
    header = stream.read(4)
    if len(header) < 4:
        return Outcome.CRASHED
    length = struct.unpack(">I", header)[0]
    if length > MAX_ANSWER:
        return Outcome.TOO_LARGE
    payload = stream.read(length)
    return payload if len(payload) == length else Outcome.CRASHED


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    return {**kept, "PYTHONPATH": str(Path(__file__).resolve().parent.parent), "PYTHONUTF8": "1"}


def _reading(fields: dict[str, Any]) -> Reading:
    """The reading from its JSON form, every field brought to its kind and every offset checked."""
    document = fields["document"]
    sections = [
        Section(int(item["start"]), int(item["end"]), tuple(map(str, item["headings"])))
        for item in document["sections"]
    ]
    read = Document(
        path=str(document["path"]),
        title=str(document["title"]),
        text=str(document["text"]),
        pages=tuple(map(int, document["pages"])),
        sections=tuple(sections),
    )
    addresses = [
        *read.pages,
        *(edge for section in sections for edge in (section.start, section.end)),
    ]
    if any(not 0 <= offset <= len(read.text) for offset in addresses):
        raise ValueError("an offset lies outside the text")
    return Reading(read, Outcome(fields["outcome"]), str(fields["reason"]))
