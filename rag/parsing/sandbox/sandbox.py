"""Reads files in a child process and checks what it answers. Knows nothing about formats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from rag.parsing.sandbox.parent import TaskSandbox
from rag.schema import (
    Cell,
    Document,
    DocumentBlock,
    DocumentBlockKind,
    Note,
    NoteKind,
    Outcome,
    ParsedDocument,
    Section,
)

WORKER = ("-m", "rag.parsing.sandbox.child", "parse")
TOTAL = 10  # deadlines that one file may take in all, however lively it is


class Sandbox(TaskSandbox):
    """Reads files, one after the other; hidden sheets of workbooks only if told to."""

    def __init__(
        self,
        timeout: float,
        memory_mb: int,
        worker: Sequence[str] = WORKER,
        hidden_sheets: bool = False,
    ) -> None:
        super().__init__(timeout, memory_mb, worker)
        self._hidden_sheets = hidden_sheets

    def parse(
        self, path: Path, tell: Callable[[int, int], None] = lambda page, pages: None
    ) -> ParsedDocument:
        """Parses one file. Raises FileProblem with the typed outcome; the sandbox stays usable.

        `tell` gets the page that the child is at and the number of pages, zeros where it has none.
        """
        self._tell = tell
        request = {"path": str(path.absolute()), "hidden_sheets": self._hidden_sheets}
        return self._ask(request, path.name, _reading)

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
            f"{name} crashed the process that parsed it",
            "open it in its own program, save it again and repeat the ingest",
        )
        return said.get(outcome, crashed)


def _reading(fields: dict[str, Any]) -> ParsedDocument:
    """The reading from its JSON form, every field brought to its kind and every offset checked."""
    document = fields["document"]
    sections = [
        Section(int(item["start"]), int(item["end"]), tuple(map(str, item["headings"])))
        for item in document["sections"]
    ]
    blocks = [_block(item) for item in document["blocks"]]
    notes = [
        Note(NoteKind(item["kind"]), str(item["where"]), int(item["count"]), str(item["text"]))
        for item in document["notes"]
    ]
    read = Document(
        path=str(document["path"]),
        title=str(document["title"]),
        text=str(document["text"]),
        pages=tuple(map(int, document["pages"])),
        sections=tuple(sections),
        blocks=tuple(blocks),
        notes=tuple(notes),
    )
    stretches = [(section.start, section.end) for section in sections]
    stretches += [(block.start, block.end) for block in blocks]
    for cell in (cell for block in blocks for cell in block.cells):
        stretches += [(cell.start, cell.end), *cell.headers]
    offsets = (*read.pages, *(edge for stretch in stretches for edge in stretch))
    if any(not 0 <= offset <= len(read.text) for offset in offsets):
        raise ValueError("an offset lies outside the text")
    if any(block.end > following.start for block, following in pairwise(blocks)):
        raise ValueError("two blocks overlap")
    return ParsedDocument(read, Outcome(fields["outcome"]), str(fields["reason"]))


def _block(item: dict[str, Any]) -> DocumentBlock:
    cells = [
        Cell(
            int(cell["start"]),
            int(cell["end"]),
            tuple((int(start), int(end)) for start, end in cell["headers"]),
        )
        for cell in item["cells"]
    ]
    return DocumentBlock(
        int(item["start"]),
        int(item["end"]),
        DocumentBlockKind(item["kind"]),
        int(item["level"]),
        tuple(cells),
    )
