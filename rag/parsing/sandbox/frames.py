"""Frames between the parent and its child: four bytes of length (big-endian), then that many bytes.

What a child sends is JSON; a frame of eight bytes is a beat: it is alive, and at that page of so
many, or at none.
"""

from __future__ import annotations

import struct
from typing import IO

from rag.schema import Outcome

Frame = bytes | Outcome
"""An answer, a beat, or why no answer will come."""

_BEAT = struct.Struct(">II")  # shorter than any answer


def beat(page: int, pages: int) -> bytes:
    """Returns the frame of a child that is alive, at `page` of `pages`; zeros where there is none.

    Numbers beyond four bytes are cut.
    """
    most = 2**32 - 1
    return _BEAT.pack(min(page, most), min(pages, most))


def page_of(frame: bytes) -> tuple[int, int] | None:
    """Returns the page and the number of pages of a beat; None for an answer."""
    return _BEAT.unpack(frame) if len(frame) == _BEAT.size else None


def write_frame(stream: IO[bytes], payload: bytes) -> None:
    """Sends one frame at once."""
    stream.write(struct.pack(">I", len(payload)) + payload)
    stream.flush()


def read_frame(stream: IO[bytes], most_bytes: int) -> Frame:
    """Waits for a frame; TOO_LARGE for more than `most_bytes`, CRASHED where the stream ends."""
    header = stream.read(4)
    if len(header) < 4:
        return Outcome.CRASHED
    length = struct.unpack(">I", header)[0]
    if length > most_bytes:
        return Outcome.TOO_LARGE
    payload = stream.read(length)
    return payload if len(payload) == length else Outcome.CRASHED
