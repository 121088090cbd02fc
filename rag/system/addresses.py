"""Addresses of servers without the name and password that may stand in them.

Nothing that is shown, logged or asked for again holds `user:password@` or a query.
"""

from __future__ import annotations

import re

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts that are this machine."""

DATABASES = ("postgresql://", "postgres://")
"""How the address of a database begins."""

_PARTS = re.compile(r"(?P<scheme>[^/?#\\]*//)(?P<host>[^/?#\\]*)(?P<path>[^?#]*)(?P<rest>.*)", re.S)


def is_database(location: object) -> bool:
    """Tells whether a library's place is the address of a database and not a folder."""
    return str(location).startswith(DATABASES)


def shown(address: str) -> str:
    """Returns the address as a person may see it: `https://…@host/v1`, on one printable line.

    Text that is no address comes back as it is, but for what cannot be printed.
    """
    found = _PARTS.fullmatch(address)
    if found is None:
        return printable(f"…@{address.rpartition('@')[2]}" if "@" in address else address)
    _, at, host = found["host"].rpartition("@")
    path = found["path"]
    if "@" in path and not at:  # perhaps an unescaped «/» in a password
        host, path = ("", "…") if ":" in host else (host, "/…")
    rest = f"{found['rest'][:1]}…" if found["rest"] else ""
    return printable(f"{found['scheme']}{'…@' if at else ''}{host}{path}{rest}")


def printable(text: str, longest: int = 300) -> str:
    """Returns the text on one line, with control characters written out, and cut short."""
    line = "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
    return line if len(line) <= longest else f"{line[:longest]}…"
