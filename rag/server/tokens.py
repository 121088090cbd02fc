"""The tokens of a library: who may ask it over HTTP, and how far that goes.

Kept as SHA-256 sums in a file of the library that its owner alone can read. A token holds 32 random
bytes, so a sum without salt gives nothing away.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

from filelock import FileLock

from rag.errors import LibraryDamaged, UsageError
from rag.system import private_files

FILE = "tokens.json"
PREFIX = "fuente-"
_NAME = re.compile(r"[\w.-]{1,64}")
_LIST = "rag tokens list"


class Scope(StrEnum):
    """What a token allows; each includes those before it."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"

    def includes(self, other: Scope) -> bool:
        """Tells whether what needs `other` is allowed."""
        order = list(Scope)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a token. `created`: seconds since 1970."""

    name: str
    scope: Scope
    sha256: str
    created: float


class Tokens:
    """The tokens of the library in a folder, read anew at each look: a revoked one ends at once."""

    def __init__(self, library: Path) -> None:
        self._path = library / FILE

    def all(self) -> list[Token]:
        """Returns all tokens. Raises LibraryDamaged for a file of another form."""
        try:
            rows = json.loads(self._path.read_bytes())
            return [Token(**{**row, "scope": Scope(row["scope"])}) for row in rows]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise LibraryDamaged(
                f"{self._path} cannot be read: {error}", f"delete it and make tokens anew: {_LIST}"
            ) from error

    def create(self, name: str, scope: Scope) -> str:
        """Makes a token and returns it, for the only time. Raises UsageError for a bad name."""
        if not _NAME.fullmatch(name):
            raise UsageError(f"«{name}» is no name for a token", "take letters, digits, . _ and -")
        value = PREFIX + secrets.token_urlsafe(32)
        with self._changing() as kept:
            if any(token.name == name for token in kept):
                raise UsageError(f"there is a token «{name}» already", f"rag tokens revoke {name}")
            kept.append(Token(name, scope, _sum(value), time.time()))
        return value

    def revoke(self, name: str) -> None:
        """Ends a token. Raises UsageError for one that is not there."""
        with self._changing() as kept:
            left = [token for token in kept if token.name != name]
            if len(left) == len(kept):
                raise UsageError(f"there is no token «{name}»", _LIST)
            kept[:] = left

    def find(self, value: str) -> Token | None:
        """Returns the token of a value; None for one that is unknown or revoked."""
        found = None
        for token in self.all():  # all of them: how long it takes says nothing
            if hmac.compare_digest(token.sha256, _sum(value)):
                found = token
        return found

    @contextmanager
    def _changing(self) -> Iterator[list[Token]]:
        private_files.make_folder(self._path.parent)
        lock = self._path.with_name(f".{FILE}.lock")
        with FileLock(lock, mode=private_files.FILE_MODE):
            kept = self.all()
            yield kept
            rows: list[dict[str, Any]] = [asdict(token) for token in kept]
            private_files.write(self._path, json.dumps(rows, indent=1).encode())


def _sum(value: str) -> str:
    return sha256(value.encode("utf-8", "surrogateescape")).hexdigest()
