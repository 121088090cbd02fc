"""What a parser is given: a file on the disk, or one that came inside another file.

`Path` has all that `File` asks for. Knows nothing about formats.
"""

from __future__ import annotations

import io
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Literal, Protocol


class Format(StrEnum):
    """What can be read."""

    PDF = "pdf"
    DOCX = "docx"
    PPTX = "pptx"
    XLSX = "xlsx"
    ODT = "odt"
    ODS = "ods"
    ODP = "odp"
    EPUB = "epub"
    EMAIL = "email"
    HTML = "html"
    MARKDOWN = "markdown"
    CSV = "csv"
    JSON = "json"
    TEXT = "text"
    IMAGE = "image"
    RTF = "rtf"
    XLS = "xls"
    MSG = "msg"


class Beat:
    """Called at every step of a long file, to tell whoever waits that the parser is alive.

    `seconds`: after that long the beat is `late`, and what can be left out of the file should be.
    """

    def __init__(self, tell: Callable[[], None] = lambda: None, seconds: float = math.inf) -> None:
        self._tell = tell
        self._end = time.monotonic() + seconds

    def __call__(self) -> None:
        """Tell."""
        self._tell()

    @property
    def left(self) -> float:
        """Seconds until it is late; negative afterwards."""
        return self._end - time.monotonic()

    @property
    def late(self) -> bool:
        """Whether the file has had its time."""
        return self.left < 0


class File(Protocol):
    """The part of `pathlib.Path` that parsers use."""

    @property
    def name(self) -> str:
        """With its suffix, without folders."""

    @property
    def stem(self) -> str:
        """The name without its suffix."""

    @property
    def suffix(self) -> str:
        """With its dot; "" where there is none."""

    def is_file(self) -> bool:
        """False for what cannot be read to an end: folders, pipes, devices."""

    def open(self, mode: Literal["rb"]) -> BinaryIO:
        """A stream of its bytes, to be closed by the caller."""

    def read_bytes(self) -> bytes:
        """All of it."""


@dataclass(frozen=True, slots=True)
class InnerFile:
    """A file inside another, in memory. Its name is a label: nothing is ever written under it."""

    name: str
    data: bytes
    depth: int = 1  # files that it lies in

    @property
    def stem(self) -> str:
        """The name without its suffix."""
        return PurePosixPath(self.name).stem

    @property
    def suffix(self) -> str:
        """With its dot; "" where there is none."""
        return PurePosixPath(self.name).suffix

    def is_file(self) -> bool:
        """Always: it is here."""
        return True

    def open(self, mode: Literal["rb"]) -> BinaryIO:
        """A stream of its bytes."""
        return io.BytesIO(self.data)

    def read_bytes(self) -> bytes:
        """All of it."""
        return self.data


def openable(file: File) -> Path | io.BytesIO:
    """What libraries open and close by themselves: a path, or a stream in memory."""
    return file if isinstance(file, Path) else io.BytesIO(file.read_bytes())
