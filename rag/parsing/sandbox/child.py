"""The child side of the sandbox: `python -m rag.parsing.sandbox.child TASK MEMORY_MB SECONDS`.

Takes requests as JSON lines from stdin and answers on a private copy of stdout with frames.
Before the first request it takes away from itself what no task needs: memory beyond the limit, core
files, many open files, the network, other programs, files to write. It ends
when stdin does, in the middle of a request if need be.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any, BinaryIO

from rag.errors import FileProblem
from rag.parsing.sandbox import frames
from rag.schema import Outcome

TASKS = {"parse": "rag.parsing", "draw": "rag.parsing.page_images.task"}
"""The modules whose `work` answers; imported by the child alone, which is why they are names."""

WAITED_FOR = {"draw"}
"""Tasks for which a person waits; any other gives way to the questions that are asked meanwhile."""

BEAT_SECONDS = 0.2
OPEN_FILES = 64
_NICENESS = 5
_THREADS = max(1, min(4, os.cpu_count() or 1))  # that may use up the processor time of a request
_FORBIDDEN = (
    "socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system",
    "os.startfile", "os.kill", "os.remove", "os.rename", "os.rmdir", "os.mkdir", "pty.",
)  # fmt: skip
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

Request = dict[str, Any]
Beat = Callable[[int, int], None]
"""Tells the parent that the child is alive, at a page of so many; zeros where there is none."""

Work = Callable[[Request, Beat, float], dict[str, Any]]
"""Answers one request with what JSON can hold; the number is the seconds that it may take in all.
May raise FileProblem."""


def serve(work: Work, memory_mb: int, seconds: float, niceness: int = _NICENESS) -> None:
    """Answers requests until stdin ends. `seconds` of processor time are granted to each."""
    answers = _private_stdout()
    _limit(memory_mb, niceness)
    sys.addaudithook(_guard)
    requests: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()
    while True:
        request = json.loads(requests.get())
        _grant(seconds * _THREADS)
        answer = _answer(work, request, _beats(answers), seconds)
        frames.write_frame(answers, json.dumps(answer).encode())


def _answer(work: Work, request: Request, beat: Beat, seconds: float) -> dict[str, Any]:
    try:
        return {"result": work(request, beat, seconds)}
    except FileProblem as problem:
        return {"problem": [problem.outcome, problem.message, problem.next_command]}
    except MemoryError:
        return {"problem": [Outcome.MEMORY, "", ""]}


def _beats(answers: BinaryIO) -> Beat:
    last = time.monotonic()

    def beat(page: int = 0, pages: int = 0) -> None:
        nonlocal last
        if time.monotonic() - last >= BEAT_SECONDS:
            last = time.monotonic()
            frames.write_frame(answers, frames.beat(page, pages))

    return beat


def _private_stdout() -> BinaryIO:
    """The pipe to the parent. What libraries print goes to stderr instead."""
    private = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return private


def _listen(requests: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin:
        requests.put(line)
    os._exit(0)  # the parent is gone: do not finish the work for nobody


def _limit(memory_mb: int, niceness: int) -> None:
    if sys.platform == "win32":
        return
    import resource

    os.nice(niceness)
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
    """Entry point: the task's name, the memory limit in MB and the seconds of each request."""
    task, memory_mb, seconds = sys.argv[1:4]
    work: Work = import_module(TASKS[task]).work
    serve(work, int(memory_mb), float(seconds), 0 if task in WAITED_FOR else _NICENESS)


if __name__ == "__main__":
    main()
