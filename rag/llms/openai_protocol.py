"""What an OpenAI-compatible server says: its event streams, its errors, its list of models.

Knows nothing about connections.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_LONGEST = 300  # characters of what a server says that are passed on
_WINDOWS = ("max_model_len", "context_length", "context_window", "n_ctx")


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model of the server; `window` is 0 where it does not say."""

    name: str
    window: int = 0


def offered(rows: Iterable[Any]) -> list[ServedModel]:
    """The models of a list; what is no model is left out."""
    return [ServedModel(str(row["id"]), _window(row)) for row in rows if "id" in (row or ())]


async def events(pieces: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """The data of server-sent events, however the bytes were cut on their way.

    Lines end at line feeds only: JSON may hold U+2028, where `str.splitlines` would cut it.
    """
    rest = b""
    async for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                yield line[5:].strip().decode("utf-8", "replace")
    if rest.startswith(b"data:"):
        yield rest[5:].strip().decode("utf-8", "replace")


def message_of(said: str) -> str:
    """The message in the body of an error, whatever its form."""
    try:
        row = json.loads(said)
    except ValueError:
        return plain(said)
    return plain(row.get("error", row) if isinstance(row, dict) else row)


def plain(value: Any) -> str:
    """On one line, cut short, without characters that hide."""
    if isinstance(value, dict):
        value = value.get("message") or value
    line = " ".join("".join(char if char.isprintable() else " " for char in str(value)).split())
    return line[:_LONGEST] or "without a word"


def _window(row: Mapping[str, Any]) -> int:
    places: Sequence[Mapping[str, Any]] = (row, row.get("meta") or {})
    for place in places:
        for name in _WINDOWS:
            if isinstance(place.get(name), int) and place[name] > 0:
                return int(place[name])
    return 0
