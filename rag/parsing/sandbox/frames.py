"""Frames between the parent and its child: four bytes of length (big-endian), then that many bytes.

What a child sends is JSON; an empty frame is a beat: it is alive.
"""

from __future__ import annotations

import struct
from typing import IO

from rag.schema import Outcome

BEAT = b""
Frame = bytes | Outcome
"""An answer, a beat, or why no answer will come."""


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
