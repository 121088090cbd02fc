"""What an OpenAI-compatible server says: its errors and its list of models; and its address."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from rag.errors import UsageError
from rag.system import addresses

BUSY = (408, 429, 500, 502, 503, 504)
"""States of an answer after which the same may be asked once more."""

_PAUSE, _LONGEST_PAUSE = 0.5, 10.0
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


def parse_address(address: str, setting: str) -> tuple[str, tuple[str, str] | None, str]:
    """Returns the address without its login, which no message and no log must show; login; host.

    Raises UsageError, which names the setting, for what is no address.
    """
    with contextlib.suppress(httpx.InvalidURL):
        url = httpx.URL(address)
        if url.scheme in ("http", "https") and url.host and "%" not in url.host:
            login = (url.username, url.password) if url.userinfo else None
            return str(url.copy_with(userinfo=b"")).rstrip("/"), login, url.host
    raise UsageError(
        f"{setting} is «{addresses.shown(address)}», expected one like http://127.0.0.1:11434/v1",
        f"correct {setting}",
    )


def pause(answer: httpx.Response, attempt: int) -> float:
    """Returns the seconds until a busy server is asked again: those it names, up to some."""
    try:
        wanted = float(answer.headers.get("retry-after", ""))
    except ValueError:
        wanted = _PAUSE * 2**attempt
    return min(max(wanted, 0.0), _LONGEST_PAUSE)
