"""The secret that lets a person into the web app, and what is derived from it.

It belongs to the person, not to a library: it is kept in their configuration folder, so that it
works for a library that cannot be written and does not travel with a copy of one. The browser holds
a cookie that is made from it, and void once the file is deleted.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import re
import secrets
import stat
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from rag.config import config_folder
from rag.system import private_files

FILE = "chat-secret"
"""Its name in the person's configuration folder (`rag.config`)."""

VARIABLE = "FUENTE_CHAT_SECRET"
"""Carries the secret to the server: a process's environment is its owner's to read alone."""

ORIGIN = "FUENTE_APP_ORIGIN"
"""Carries the address by which browsers reach the app, where people sign in."""

HEALTH = "/_stcore/health"
"""What the launcher asks, with a `nonce`, until the server is up."""

PROOF = "fuente-proof"
"""Header of the answer."""

_LOOK = re.compile(r"[\w-]{43}\Z", re.ASCII)  # 32 random bytes


@dataclass(frozen=True, slots=True)
class Secret:
    """`file` is None where it could not be kept: then it ends with this run."""

    value: str
    file: Path | None


def secret() -> Secret:
    """Returns this person's secret; made when there is none, or when others could read it."""
    folder = config_folder(os.environ)
    if folder is None:
        return Secret(secrets.token_urlsafe(32), None)
    path = folder / FILE
    try:
        private_files.make_folder(folder)
        found = _read(path)
        if found is None:
            path.unlink(missing_ok=True)
            with contextlib.suppress(FileExistsError), private_files.create(path) as stream:
                stream.write(secrets.token_urlsafe(32).encode())
            found = _read(path)
    except OSError:  # a home that cannot be written
        found = None
    return Secret(found, path) if found else Secret(secrets.token_urlsafe(32), None)


def cookie_name(port: int) -> str:
    """Returns the name of an app's cookie: browsers send a host's cookies to all its ports."""
    return f"fuente-{port}"


def cookie_value(value: str, port: int) -> str:
    """Returns what the browser holds in place of the secret."""
    return _derived(value, f"cookie {port}")


def sign_in_secret(value: str, port: int) -> str:
    """Returns what the cookies of those who have signed in are sealed with."""
    return _derived(value, f"sign-in {port}")


def proof(value: str, nonce: str) -> str:
    """Returns what shows the launcher that its own server answers, and not another user's."""
    return _derived(value, f"proof {nonce}")


def same(one: str, other: str) -> bool:
    """Compares in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def _derived(value: str, use: str) -> str:
    return hmac.new(value.encode(), use.encode(), sha256).hexdigest()


def _read(path: Path) -> str | None:
    """Returns the secret in a file; None where others than this user could have read it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | _UNBLOCKED)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as stream:
        facts = os.fstat(stream.fileno())
        if not stat.S_ISREG(facts.st_mode) or _others_can_read(facts):
            return None
        content = stream.read(100).decode("ascii", "replace")
    return content if _LOOK.match(content) else None


_UNBLOCKED = getattr(os, "O_NONBLOCK", 0)  # a pipe in its place would be waited for


def _others_can_read(facts: os.stat_result) -> bool:
    if os.name != "posix":
        return False
    return facts.st_uid != os.geteuid() or bool(facts.st_mode & 0o077)
