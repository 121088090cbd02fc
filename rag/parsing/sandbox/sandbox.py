"""Keeps one reader process going and types whatever goes wrong with it.

Silence beyond the deadline, or ten deadlines in all, kill the whole process group, and the next
file gets a fresh child. Knows nothing about formats or the library.
"""

from __future__ import annotations

import json
import queue
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.errors import FileProblem
from rag.parsing.sandbox.child import BEAT, MAX_ANSWER, Child, Frame
from rag.schema import Document, Outcome, Reading, Section

WORKER = ("-m", "rag.parsing.sandbox.worker")
TOTAL = 10  # deadlines that one file may take in all, however lively it is
FILES_A_CHILD = 100  # parsers leak; a fresh child is cheap
GLANCE = 1.0  # seconds between two looks at the memory of a child that is at work
KEPT_MB = 400.0  # a child that still holds more than this after a file is not kept


class Sandbox:
    """Reads files in a child process, started at the first file and kept for the next ones.

    `timeout`: seconds without a sign of life until a file is given up. `memory_mb`: address space
    of the child (not enforced by macOS and Windows). Use from one thread at a time, but for
    `interrupt`.
    """

    def __init__(self, timeout: float, memory_mb: int, worker: Sequence[str] = WORKER) -> None:
        self._timeout = timeout
        self._memory_mb = memory_mb
        self._worker = tuple(worker)
        self._child: Child | None = None
        self._interrupted = False

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, path: Path) -> Reading:
        """Read one file. Raises FileProblem with the typed outcome; the sandbox stays usable."""
        child = self._ready_child()
        try:
            child.ask(path.absolute())
            if self._interrupted:  # before there was a child to end
                child.strike()
            answer = self._wait(child)
        except BaseException:  # an interrupt too: a half-read answer must not meet the next file
            self.close()
            raise
        if isinstance(answer, Outcome):
            self.close()
            raise self._problem(answer, path.name, child)
        return self._open_answer(answer, path)

    def interrupt(self) -> None:
        """Ends the file at hand, and each later one, as if its reader had crashed. Any thread."""
        self._interrupted = True
        child = self._child
        if child is not None:
            child.strike()

    def close(self) -> None:
        """End the child, at once and with all it started."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    def _ready_child(self) -> Child:
        child = self._child
        if child is not None and (
            child.dead or child.files >= FILES_A_CHILD or child.memory_mb > KEPT_MB
        ):
            self.close()
        if self._child is None:
            limits = (str(self._memory_mb), str(self._timeout * TOTAL))
            self._child = Child((*self._worker, *limits))
        return self._child

    def _wait(self, child: Child) -> Frame:
        end = time.monotonic() + self._timeout * TOTAL
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

    def _problem(self, outcome: Outcome, name: str, child: Child | None) -> FileProblem:
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
