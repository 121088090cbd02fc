"""The tokens of a library: who may ask it over HTTP, and how far that goes.

Kept as SHA-256 sums in a file of the library that its owner alone can read. A token holds 32 random
bytes, so a sum without salt gives nothing away.
"""

from __future__ import annotations

import hmac
import re
import secrets
import time
from dataclasses import asdict, dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

from rag.errors import UsageError
from rag.server.kept import KeptJson

FILE = "tokens.json"
PREFIX = "fuente-"
NAME = re.compile(r"[\w.+-][\w.@+-]{0,99}")
"""The form of the names of tokens, users and groups; a user may be named by an e-mail address."""


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
    user: str = ""  # whose rights it has; "": a user of the token's name
    expires: float = 0.0  # of who has signed in, in seconds since 1970; 0: it lasts
    groups: tuple[str, ...] = ()  # that the provider of identities has them in

    @property
    def holder(self) -> str:
        """Returns the user who acts by it."""
        return self.user or self.name

    @property
    def signed_in(self) -> bool:
        """Tells whether it is the session of a person who has signed in."""
        return self.expires > 0

    @property
    def over(self) -> bool:
        """Tells whether the session has ended."""
        return self.signed_in and self.expires < time.time()


class Tokens:
    """The tokens of the library in a folder, read anew at each look: a revoked one ends at once."""

    def __init__(self, library: Path) -> None:
        self._file = KeptJson(library / FILE)

    def all(self) -> list[Token]:
        """Returns all tokens. Raises LibraryDamaged for a file of another form."""
        try:
            rows = self._file.read() or []
            return [_token(row) for row in rows]
        except (ValueError, TypeError, KeyError) as error:
            raise self._file.damaged(error) from error

    def create(self, name: str, scope: Scope, user: str = "") -> str:
        """Makes a token and returns it, for the only time. Raises UsageError for a bad name."""
        for given in (name, user or name):
            if not NAME.fullmatch(given):
                raise UsageError(f"«{given}» is no name", "take letters, digits, . _ and -")
        value = PREFIX + secrets.token_urlsafe(32)
        with self._file.locked():
            kept = self.all()
            if any(token.name == name for token in kept):
                raise UsageError(f"there is a token «{name}» already", f"rag tokens revoke {name}")
            self._write([*kept, Token(name, scope, _sum(value), time.time(), user)])
        return value

    def begin_session(
        self, user: str, groups: tuple[str, ...], seconds: float
    ) -> tuple[str, Token]:
        """Makes the token of a person who has signed in; forgets the sessions that are over.

        Returns its value, for the only time, with what is kept of it. Raises UsageError for a name
        of another form.
        """
        if not NAME.fullmatch(user):
            raise UsageError(f"«{user}» is no user's name", "rag config --json: oidc_user")
        value, now = PREFIX + secrets.token_urlsafe(32), time.time()
        known = tuple(group for group in groups if NAME.fullmatch(group))
        name = f"session-{secrets.token_hex(6)}"
        made = Token(name, Scope.READ, _sum(value), now, user, now + seconds, known)
        with self._file.locked():
            self._write([*(token for token in self.all() if not token.over), made])
        return value, made

    def revoke(self, name: str) -> None:
        """Ends a token. Raises UsageError for one that is not there."""
        with self._file.locked():
            kept = self.all()
            left = [token for token in kept if token.name != name]
            if len(left) == len(kept):
                raise UsageError(f"there is no token «{name}»", "rag tokens list")
            self._write(left)

    def find(self, value: str) -> Token | None:
        """Returns the token of a value; None for one that is unknown, revoked or over."""
        found = None
        for token in self.all():  # all of them: how long it takes says nothing
            if hmac.compare_digest(token.sha256, _sum(value)):
                found = token
        return None if found is None or found.over else found

    def _write(self, kept: list[Token]) -> None:
        self._file.write([asdict(token) for token in kept])


def _token(row: dict[str, Any]) -> Token:
    groups = tuple(map(str, row.get("groups", ())))
    return Token(**{**row, "scope": Scope(row["scope"]), "groups": groups})


def _sum(value: str) -> str:
    return sha256(value.encode("utf-8", "surrogateescape")).hexdigest()
