"""One child process: started with nothing it could give away, heard, measured and killed.

Frames are four bytes of length (big-endian), then that many bytes. Knows nothing about what the
frames mean.
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
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, cast

from rag import children
from rag.schema import Outcome

_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT")

BEAT = b""
Frame = bytes | Outcome
"""An answer, a beat, or why no answer will come."""


class Child:
    """One worker process and the thread that collects its frames, of `most_bytes` at the most."""

    def __init__(self, arguments: Sequence[str], most_bytes: int) -> None:
        self._process = subprocess.Popen(
            children.python(*arguments),
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
        self.frames: queue.SimpleQueue[Frame] = queue.SimpleQueue()
        self._collector = threading.Thread(target=self._collect, daemon=True)
        self._collector.start()

    @property
    def dead(self) -> bool:
        """Whether the process has ended."""
        return self._process.poll() is not None

    @property
    def was_starved(self) -> bool:
        """Whether the system's out-of-memory killer ended it: nobody else sends that signal."""
        return os.name == "posix" and self._process.returncode == -signal.SIGKILL

    @property
    def memory_mb(self) -> float:
        """Memory that it holds now; 0 where the system does not say."""
        return resident_mb(self._process.pid)

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
            frame = _frame(self._answers, self._most_bytes)
            if frame is Outcome.CRASHED:
                self._process.wait()  # so that its signal is known when the news arrives
            self.frames.put(frame)
            if isinstance(frame, Outcome):
                return


def resident_mb(pid: int) -> float:
    """Resident memory of a process in MB; 0 where the system does not say, as Windows."""
    try:
        if sys.platform == "darwin":
            told = subprocess.run(
                ["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=False
            )
            return int(told.stdout) * 1024 / 1_000_000
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000
    except (OSError, ValueError, IndexError, AttributeError):
        return 0.0


def _frame(stream: IO[bytes], most_bytes: int) -> Frame:
    header = stream.read(4)
    if len(header) < 4:
        return Outcome.CRASHED
    length = struct.unpack(">I", header)[0]
    if length > most_bytes:
        return Outcome.TOO_LARGE
    payload = stream.read(length)
    return payload if len(payload) == length else Outcome.CRASHED


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    return {**children.environment(kept), "PYTHONUTF8": "1"}
