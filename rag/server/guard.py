"""What stands before every request: its size, its host, its token, and how many at once.

Plain ASGI, so that it costs a stream nothing. What is refused here has read no body.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.errors import RagError
from rag.server.audit import Audit
from rag.server.callers import Caller
from rag.server.problems import problem

FindCaller = Callable[[str], Caller | None]
OPEN = frozenset({"/healthz", "/readyz"})
"""Routes for whoever watches the server: they say that it is up and nothing of the library."""

SIGNING_IN = frozenset({"/auth/login", "/auth/callback", "/auth/token"})
"""Routes for who has no token yet, where people sign in at a provider of identities."""

UPLOADS = ("POST", "/api/documents")
"""The one request whose body may be large, and that may take long to send it."""

MOST_BODY = 1_000_000  # bytes: a question with its chat has thousands
BODY_SECONDS = 60.0  # in which a body has to be there
SLOWEST_UPLOAD = 50_000.0  # bytes a second that give an upload more time than that
MOST_AT_ONCE = 8  # requests that search at a time
MOST_UPLOADS = 4  # that are sent at a time: they take no turn from questions
MOST_WAITING = 32
WAIT_SECONDS = 60.0
_FAILURES, _MINUTE = 20, 60.0  # wrong tokens of one address a minute
_MOST_ADDRESSES = 10_000  # that are remembered at a time


class Guard:
    """Refuses before the application sees the request."""

    def __init__(
        self,
        app: ASGIApp,
        find_caller: FindCaller,
        hosts: frozenset[str] = frozenset(),
        most_upload: int = MOST_BODY,
        audit: Audit | None = None,
    ) -> None:
        """`hosts`: names by which the server may be called; empty: any (behind a proxy).

        `most_upload`: bytes of a request that uploads. `audit`: where each request is noted, by
        who sends it and its address, before anything is done about it.
        """
        self._app = app
        self._find = find_caller
        self._most_upload, self._audit = most_upload, audit
        self._hosts = hosts
        self._room = asyncio.Semaphore(MOST_AT_ONCE)
        self._uploads = asyncio.Semaphore(MOST_UPLOADS)
        self._waiting = 0
        self._failures: dict[str, deque[float]] = defaultdict(deque)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on what may pass."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refused = self._refusal(scope, headers)
        if refused is not None:
            await refused(scope, receive, send)
        elif scope["path"] in OPEN | SIGNING_IN:
            await self._app(scope, _limited(receive, self._most(scope), 0.0), send)
        else:
            await self._in_turn(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers) -> ASGIApp | None:
        if self._hosts and _name(headers.get("host", "")) not in self._hosts:
            return problem(HTTPStatus.MISDIRECTED_REQUEST, "this server has another name")
        try:
            stated = int(headers.get("content-length", "0"))
        except ValueError:
            return problem(HTTPStatus.BAD_REQUEST, "content-length is no number")
        if stated > self._most(scope):
            limit = f"such a request has {self._most(scope) // 1000} kB at most"
            return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, limit)
        if scope["path"] in OPEN | SIGNING_IN:
            return None
        return self._identify(scope, headers)

    def _identify(self, scope: Scope, headers: Headers) -> ASGIApp | None:
        address = str((scope.get("client") or ("",))[0])
        kind, _, value = headers.get("authorization", "").partition(" ")
        caller = self._find(value.strip()) if kind.lower() == "bearer" and value else None
        if caller is None:
            return self._stranger(address)
        self._failures.pop(address, None)
        scope["state"] = {**scope.get("state", {}), "caller": caller}
        return None

    def _stranger(self, address: str) -> ASGIApp:
        """Returns the refusal of a wrong token, and of too many from one address."""
        if len(self._failures) > _MOST_ADDRESSES:
            self._failures.clear()
        failures, now = self._failures[address], time.monotonic()
        while failures and now - failures[0] > _MINUTE:
            failures.popleft()
        if len(failures) >= _FAILURES:
            return problem(HTTPStatus.TOO_MANY_REQUESTS, "too many wrong tokens; wait a minute")
        failures.append(now)
        answer = problem(
            HTTPStatus.UNAUTHORIZED,
            "a token is missing or unknown: Authorization: Bearer TOKEN",
            "rag tokens create NAME",
        )
        answer.headers["www-authenticate"] = "Bearer"
        return answer

    async def _in_turn(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._waiting >= MOST_WAITING:
            await _busy(scope, receive, send)
            return
        self._waiting += 1
        room = self._uploads if _uploads(scope) else self._room
        try:
            await asyncio.wait_for(room.acquire(), WAIT_SECONDS)
        except TimeoutError:
            await _busy(scope, receive, send)
            return
        finally:
            self._waiting -= 1
        try:
            await self._noted(scope)
        except (RagError, OSError) as error:  # what cannot be noted is not done
            room.release()
            detail = f"the audit log cannot be written: {error}"
            await problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, "rag audit verify")(
                scope, receive, send
            )
            return
        slowest = SLOWEST_UPLOAD if _uploads(scope) else 0.0
        try:
            await self._app(scope, _limited(receive, self._most(scope), slowest), send)
        finally:
            room.release()

    async def _noted(self, scope: Scope) -> None:
        if self._audit is not None and self._audit.on:
            who = scope["state"]["caller"].user
            what = f"{scope['method']} {scope['path']}"
            await run_in_threadpool(self._audit.note, who, what)

    def _most(self, scope: Scope) -> int:
        return self._most_upload if _uploads(scope) else MOST_BODY


def _uploads(scope: Scope) -> bool:
    return (scope["method"], scope["path"]) == UPLOADS


def _busy(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
    answer = problem(HTTPStatus.SERVICE_UNAVAILABLE, "too many questions at once", "ask again")
    return answer(scope, receive, send)


def _limited(receive: Receive, most: int, slowest: float) -> Receive:
    """Returns a `receive` that ends the request whose body is longer or takes longer than may be.

    `slowest`: bytes a second that lengthen its time; 0: nothing does. Who sends a body drop by drop
    would else keep the others from their turn.
    """
    read, whole, until = 0, False, time.monotonic() + BODY_SECONDS

    async def counted() -> Message:
        nonlocal read, whole
        more = read / slowest if slowest else 0.0
        left = None if whole else max(0.0, until + more - time.monotonic())
        try:
            message = await asyncio.wait_for(receive(), left)
        except TimeoutError:
            return {"type": "http.disconnect"}
        read, whole = read + len(message.get("body", b"")), not message.get("more_body", False)
        return {"type": "http.disconnect"} if read > most else message

    return counted


def _name(host: str) -> str:
    """Returns a host without its port, in small letters."""
    if host.startswith("["):
        return host.partition("]")[0].removeprefix("[").lower()
    return host.rpartition(":")[0].lower() if ":" in host else host.lower()
