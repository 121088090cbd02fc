"""`rag serve`: where the server may listen, whom it lets in, and its process.

On this machine alone it makes a token for the run where the library has none. Any other address
needs tokens, or a provider of identities at which people sign in, and either a certificate or a
trusted proxy in front.
"""

from __future__ import annotations

import logging
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path

from rag.config import Settings
from rag.errors import UsageError, needing
from rag.library import Library
from rag.server.audit import Audit
from rag.server.tokens import PREFIX, Tokens
from rag.system import addresses

_GRACE = 30  # seconds in which what is in hand is finished after a signal
_TOKENS = "rag tokens create NAME, or set oidc_issuer"


@dataclass(frozen=True, slots=True)
class Listening:
    """Where the server listens and how it is reached."""

    host: str = "127.0.0.1"
    port: int = 8502
    certificate: Path | None = None
    key: Path | None = None
    behind_proxy: bool = False

    @property
    def local(self) -> bool:
        """Tells whether only this machine can reach it."""
        return self.host in addresses.LOCAL

    @property
    def encrypted(self) -> bool:
        """Tells whether browsers reach it by https alone."""
        return bool(self.certificate or self.behind_proxy)

    @property
    def address(self) -> str:
        """Returns the address to ask."""
        scheme = "https" if self.certificate else "http"
        return f"{scheme}://{self.host}:{self.port}"


def access(tokens: Tokens, listening: Listening, signing_in: bool = False) -> str:
    """Returns a token for this run where one is made; "" where the library's own count.

    Raises UsageError for an address that others reach without access or without encryption.
    """
    lasting = [token for token in tokens.all() if not token.signed_in]
    if listening.local:
        return "" if lasting else PREFIX + secrets.token_urlsafe(32)
    if not (lasting or signing_in):
        raise UsageError(f"others reach {listening.host}, and there are no tokens", _TOKENS)
    if not listening.encrypted:
        raise UsageError(
            f"tokens would go to {listening.host} unencrypted",
            "--certificate FILE --key FILE, or --behind-proxy where a proxy encrypts",
        )
    return ""


def run(settings: Settings, listening: Listening, made: str) -> None:
    """Serves until it is told to stop; what is in hand is finished. Raises UsageError."""
    with needing("server", "`rag serve`"):
        import uvicorn

        from rag.server.api import create_app
        from rag.server.callers import Callers
    callers = Callers(settings.library, made)
    # elsewhere it has names that it does not know, and no page of a browser holds its tokens
    hosts = frozenset({listening.host, "localhost"}) if listening.local else frozenset[str]()
    with Library.open(settings=settings) as library:
        config = uvicorn.Config(
            create_app(library, callers.find, hosts, Audit(settings.library), listening.encrypted),
            host=listening.host,
            port=listening.port,
            ssl_certfile=listening.certificate,
            ssl_keyfile=listening.key,
            proxy_headers=listening.behind_proxy,
            server_header=False,
            access_log=False,
            log_level=logging.WARNING,
            timeout_graceful_shutdown=_GRACE,
        )
        uvicorn.Server(config).run(sockets=[_bound(listening)])


def _bound(listening: Listening) -> socket.socket:
    """Returns the socket, bound before anything is loaded. Raises UsageError where it is taken."""
    family = socket.AF_INET6 if ":" in listening.host else socket.AF_INET
    bound = socket.socket(family)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((listening.host, listening.port))
    except OSError as error:
        bound.close()
        raise UsageError(
            f"{listening.address} cannot be listened at: {error.strerror}", "take another --port"
        ) from error
    return bound
