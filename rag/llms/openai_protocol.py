"""What an OpenAI-compatible server says: its errors and its list of models."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
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
    """Returns the models of a list; what is no model is left out."""
    return [ServedModel(str(row["id"]), _window(row)) for row in rows if "id" in (row or ())]


def message_of(body: str) -> str:
    """Returns the message in the body of an error, whatever its form."""
    try:
        row = json.loads(body)
    except ValueError:
        return plain(body)
    return plain(row.get("error", row) if isinstance(row, dict) else row)


def plain(value: Any) -> str:
    """Returns a message on one line, cut short, without characters that hide."""
    if isinstance(value, dict):
        value = value.get("message") or value
    line = " ".join("".join(char if char.isprintable() else " " for char in str(value)).split())
    return line[:_LONGEST] or "without a word"


def _window(row: Mapping[str, Any]) -> int:
    values = (table.get(name) for table in (row, row.get("meta") or {}) for name in _WINDOWS)
    return next((value for value in values if isinstance(value, int) and value > 0), 0)
