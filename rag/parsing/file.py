"""What a parser is given: a file on the disk, or one that came inside another file.

`Path` has all that `File` asks for.
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
    """The formats that are read."""

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
    `hidden_sheets` tells whether those of workbooks are to be read.
    """

    def __init__(
        self,
        tell: Callable[[int, int], None] = lambda page, pages: None,
        seconds: float = math.inf,
        hidden_sheets: bool = False,
    ) -> None:
        self.hidden_sheets = hidden_sheets
        self._tell = tell
        self._end = time.monotonic() + seconds
        self._page = (0, 0)

    def __call__(self) -> None:
        """Tells whoever waits."""
        self._tell(*self._page)

    def page(self, number: int, count: int) -> None:
        """Tells whoever waits that page `number` of `count` is begun."""
        self._page = (number, count)
        self()

    @property
    def left(self) -> float:
        """Returns the seconds until it is late; negative afterwards."""
        return self._end - time.monotonic()

    @property
    def late(self) -> bool:
        """Tells whether the file has had its time."""
        return self.left < 0


class File(Protocol):
    """The part of `pathlib.Path` that parsers use."""

    @property
    def name(self) -> str:
        """Returns the name with its suffix, without folders."""

    @property
    def stem(self) -> str:
        """Returns the name without its suffix."""

    @property
    def suffix(self) -> str:
        """Returns the suffix with its dot; "" where there is none."""

    def is_file(self) -> bool:
        """Tells whether it can be read to an end, as folders, pipes and devices cannot."""

    def open(self, mode: Literal["rb"]) -> BinaryIO:
        """Returns a stream of its bytes, to be closed by the caller."""

    def read_bytes(self) -> bytes:
        """Returns all its bytes."""


@dataclass(frozen=True, slots=True)
class InnerFile:
    """A file inside another, in memory. Its name is a label: nothing is ever written under it."""

    name: str
    data: bytes
    depth: int = 1  # files that it lies in

    @property
    def stem(self) -> str:
        """Returns the name without its suffix."""
        return PurePosixPath(self.name).stem

    @property
    def suffix(self) -> str:
        """Returns the suffix with its dot; "" where there is none."""
        return PurePosixPath(self.name).suffix

    def is_file(self) -> bool:
        """Returns True: it is here."""
        return True

    def open(self, mode: Literal["rb"]) -> BinaryIO:
        """Returns a stream of its bytes."""
        return io.BytesIO(self.data)

    def read_bytes(self) -> bytes:
        """Returns all its bytes."""
        return self.data


def openable(file: File) -> Path | io.BytesIO:
    """Returns what libraries open and close by themselves: a path, or a stream in memory."""
    return file if isinstance(file, Path) else io.BytesIO(file.read_bytes())
