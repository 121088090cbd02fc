"""The files that a mail carries: each is read as a file is, and stands under its name.

They go through the same parsers with the same checks, from memory: nothing is unpacked to the disk.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import PurePosixPath

from rag.errors import FileProblem
from rag.parsing import parse
from rag.parsing.archive import MAX_UNPACKED, open_archive, unpacked_size
from rag.parsing.builder import TextBuilder
from rag.parsing.characters import clean_line
from rag.parsing.file import Beat, File, InnerFile

MAX_DEPTH = 3
"""Mails inside mails that are opened."""

MAX_ATTACHMENTS = 200


def add_attachments(
    builder: TextBuilder, mail: File, attached: Sequence[tuple[str, bytes]], beat: Beat
) -> list[str]:
    """Appends each attachment (name, content) that can be read; returns what cannot, and why."""
    depth = mail.depth if isinstance(mail, InnerFile) else 0
    lacks: list[str] = []
    room = MAX_UNPACKED
    for name, data in islice(attached, MAX_ATTACHMENTS):
        beat()
        inner = InnerFile(name, data, depth + 1)
        if depth >= MAX_DEPTH:
            lacks.append(f"{name} lies too deep in other mails")
            continue
        try:
            room -= _size(inner)
            if room < 0:
                lacks.append(f"{name} and what follows is too much to unpack")
                break
            reading = parse(inner, lambda page, pages: beat(), beat.left, beat.hidden_sheets)
        except FileProblem as problem:
            lacks.append(problem.message)
            continue
        builder.heading(name, 1)
        builder.embed(reading.document, 2)
        lacks += [f"{name}: {reading.reason}"] if reading.reason else []
    if len(attached) > MAX_ATTACHMENTS:
        lacks.append(f"only the first {MAX_ATTACHMENTS} attachments are read")
    return lacks


def file_name(given: str) -> str:
    """Returns the last part of the name of an attachment; nothing is written under it."""
    return PurePosixPath(clean_line(given).replace("\\", "/")).name


def _size(inner: InnerFile) -> int:
    """Bytes when unpacked. Raises FileProblem where they are too many."""
    if not inner.data.startswith(b"PK\x03\x04"):
        return len(inner.data)
    with open_archive(inner) as archive:
        return unpacked_size(archive)
