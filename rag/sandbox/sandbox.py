"""Reads files in a child process and checks what it answers. Knows nothing about formats."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.sandbox.base import TaskSandbox
from rag.schema import Document, Outcome, Reading, Section

WORKER = ("-m", "rag.sandbox.worker", "read")
TOTAL = 10  # deadlines that one file may take in all, however lively it is


class Sandbox(TaskSandbox):
    """Reads files, one after the other."""

    def __init__(self, timeout: float, memory_mb: int, worker: Sequence[str] = WORKER) -> None:
        super().__init__(timeout, memory_mb, worker)

    def read(self, path: Path) -> Reading:
        """Read one file. Raises FileProblem with the typed outcome; the sandbox stays usable."""
        return self._ask({"path": str(path.absolute())}, path.name, _reading)

    @property
    def _total(self) -> float:
        return self._timeout * TOTAL

    def _words(self, outcome: Outcome, name: str) -> tuple[str, str]:
        said = {
            Outcome.TIMEOUT: (
                f"{name} gave no sign of life for {self._timeout:g} s",
                "split the file, or raise the setting read_timeout",
            ),
            Outcome.MEMORY: (
                f"{name} needs more than {self._memory_mb} MB to be read",
                "split the file, or raise the setting reader_memory_mb",
            ),
            Outcome.TOO_LARGE: (
                f"{name} holds more than {self.max_answer // 1_000_000} MB of text",
                "split the file",
            ),
        }
        crashed = (
            f"{name} crashed its reader",
            "open it in its own program, save it again and repeat the ingest",
        )
        return said.get(outcome, crashed)


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
