"""What is read of files, without a library: for a person who wants to check it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from rag import personal_data
from rag.config import Settings
from rag.errors import FileProblem
from rag.indexing.read_ahead import parser_pool
from rag.indexing.sources import discover
from rag.parsing.sandbox import Task
from rag.schema import FileReport, Outcome, ParsedDocument

AHEAD = 8
"""Files that are parsed before the first of them has been shown."""

Preview = tuple[FileReport, ParsedDocument | None]
"""What became of a file, and what was read of it; nothing of one that cannot be read."""


def preview(paths: Sequence[Path], settings: Settings) -> Iterator[Preview]:
    """Parses files and folders in their order, and stores nothing.

    Raises UsageError for a path that is not there.
    """
    kinds = personal_data.chosen(settings.redact)
    found = discover(paths, settings.library)
    yield from ((report, None) for report in found.left_out)
    with parser_pool(settings) as pool:
        tasks: deque[tuple[str, Task]] = deque()
        for source in found.sources:
            tasks.append((source.path, pool.submit(source.location)))
            if len(tasks) > AHEAD:
                yield _result(*tasks.popleft(), kinds)
        while tasks:
            yield _result(*tasks.popleft(), kinds)


def _result(path: str, task: Task, kinds: tuple[str, ...]) -> Preview:
    try:
        parsed = task.future.result()
    except FileProblem as problem:
        return FileReport(path, Outcome(problem.outcome), str(problem)), None
    parsed = replace(parsed, document=personal_data.redacted(parsed.document, kinds))
    pages, notes = len(parsed.document.pages), parsed.document.notes
    return FileReport(path, parsed.outcome, parsed.reason, 0, pages, notes), parsed
