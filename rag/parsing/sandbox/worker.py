"""The child side of the sandbox: `python -m rag.parsing.sandbox.worker`.

Reads requests as JSON lines from stdin and answers on a private copy of stdout with frames: four
bytes of length (big-endian), then that many bytes of JSON; an empty frame is a beat («alive»).
Before the first file it takes away from itself what parsers do not need: memory beyond the limit,
core files, many open files, the network, other programs, files to write. It knows nothing about
the library, and ends when stdin does, in the middle of a file if need be.
"""

from __future__ import annotations

import json
import os
import queue
import struct
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from rag.errors import FileProblem
from rag.parsing import ocr, read
from rag.schema import Outcome, Reading

BEAT_SECONDS = 0.2
OCR_SHARE = 0.8  # of a file's time: what is recognised until then is kept
OPEN_FILES = 64
_FORBIDDEN = (
    "socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system",
    "os.startfile", "os.kill", "os.remove", "os.rename", "os.rmdir", "os.mkdir", "pty.",
)  # fmt: skip
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

Read = Callable[[Path, Callable[[], None]], Reading]


def serve(read_file: Read, memory_mb: int, seconds: float) -> None:
    """Answer requests until stdin ends. `seconds` of processor time are granted to each file."""
    answers = _private_stdout()
    _limit(memory_mb)
    sys.addaudithook(_guard)
    requests: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()
    while True:
        path = Path(json.loads(requests.get())["path"])
        _grant(seconds * ocr.THREADS)
        _send(answers, json.dumps(_answer(read_file, path, _beats(answers))).encode())


def _answer(read_file: Read, path: Path, beat: Callable[[], None]) -> dict[str, Any]:
    try:
        return {"reading": asdict(read_file(path, beat))}
    except FileProblem as problem:
        return {"problem": [problem.outcome, problem.message, problem.next_command]}
    except MemoryError:
        return {"problem": [Outcome.MEMORY, "", ""]}


def _beats(answers: BinaryIO) -> Callable[[], None]:
    last = time.monotonic()

    def beat() -> None:
        nonlocal last
        if time.monotonic() - last >= BEAT_SECONDS:
            last = time.monotonic()
            _send(answers, b"")

    return beat


def _send(answers: BinaryIO, payload: bytes) -> None:
    answers.write(struct.pack(">I", len(payload)) + payload)
    answers.flush()


def _private_stdout() -> BinaryIO:
    """The pipe to the parent. What parsers print goes to stderr instead."""
    private = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return private


def _listen(requests: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin:
        requests.put(line)
    os._exit(0)  # the parent is gone: do not finish the file for nobody


def _limit(memory_mb: int) -> None:
    if sys.platform == "win32":
        return
    import resource

    os.nice(5)  # a question asked meanwhile goes first
    for kind, limit in (
        (resource.RLIMIT_AS, memory_mb * 1024 * 1024),  # macOS accepts it and does not enforce it
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),  # pipes are no files: answers still go through
        (resource.RLIMIT_NOFILE, OPEN_FILES),
    ):
        _lower(resource, kind, limit)


def _grant(seconds: float) -> None:
    """Move the processor limit on: it ends a child whose parent can no longer do so."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime + seconds) + 2
    _lower(resource, resource.RLIMIT_CPU, limit, soft_only=True)


def _lower(resource: Any, kind: int, limit: int, soft_only: bool = False) -> None:
    """Set a limit, but never above the one this process was given."""
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    try:
        resource.setrlimit(kind, (limit, hard if soft_only else limit))
    except (ValueError, OSError):  # platforms refuse some of them; the parent's deadline stays
        return


def _guard(event: str, arguments: tuple[Any, ...]) -> None:
    """Audit hook, which cannot be removed: no network, no programs, no files written."""
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"{event} is not allowed while reading a document")
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING:
        raise PermissionError("files may not be written while reading a document")


def main() -> None:
    """Entry point: memory limit in MB and processor seconds a file as arguments."""
    seconds = float(sys.argv[2])
    serve(partial(read, seconds=OCR_SHARE * seconds), int(sys.argv[1]), seconds)


if __name__ == "__main__":
    main()
