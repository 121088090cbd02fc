"""Lets nobody into the web app but the person who started it: every page, file and socket.

An ASGI middleware around all of Streamlit. A request must name this app's own host and port, come
from its own pages, and carry its cookie; the cookie is given for the secret in the address that
`rag chat` prints (`ui.access`). SameSite=Strict keeps other sites from using it; the checks of
Origin keep other ports of this computer from it, which count as the same site.
"""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui import access, i18n

_DAYS = 30 * 24 * 3600  # seconds that the cookie lasts
_HEADERS = {
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "cross-origin-resource-policy": "same-origin",
}
_PAGE = """<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Fuente</title><body style="font:1rem/1.5 system-ui;max-width:36rem;margin:15vh auto;\
padding:0 1rem;color-scheme:light dark"><h1>Fuente</h1>{said}"""
_ONWARD = """<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={to}">
<title>Fuente</title>"""


class Gate:
    """Wraps an ASGI app that is served as `http://127.0.0.1:PORT` and `http://localhost:PORT`.

    With an `origin`, by which a team's browsers reach it, people sign in inside of the app
    (`ui.signing_in`): the gate then holds them to that address, and nobody to the secret.
    """

    def __init__(self, app: ASGIApp, secret: str, port: int, origin: str = "") -> None:
        self._app = app
        self._secret = secret
        self._cookie = (access.cookie_name(port), access.cookie_value(secret, port))
        hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}
        self._hosts = hosts | ({"127.0.0.1", "localhost"} if port == 80 else set())
        self._origin = urlsplit(origin)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on what may come in, and answers the rest itself."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        answer = self._answer(HTTPConnection(scope))
        if answer is None:
            await self._app(scope, receive, _guarded(send, self._origin.scheme == "https"))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await answer(scope, receive, _guarded(send))

    def _answer(self, request: HTTPConnection) -> Response | None:
        """Returns what the app itself must not answer; None where it may."""
        if not self._is_own(request.headers):
            return _refusal()
        simple = request.scope.get("method") in ("GET", "HEAD")
        path, given = request.scope["path"], request.query_params.get("token")
        if simple and path == "/" and given is not None and not self._origin.netloc:
            return self._exchange(request) if access.same(given, self._secret) else _refusal()
        probed = simple and path == access.HEALTH and "nonce" in request.query_params
        if self._origin.netloc and not probed:
            return None
        name, value = self._cookie
        if access.same(request.cookies.get(name, ""), value):
            return None
        if simple and path == access.HEALTH:
            return self._probed(request.query_params.get("nonce", ""))
        return _refusal()

    def _is_own(self, headers: Headers) -> bool:
        """Tells whether it is addressed to this app, and sent by a page of it or by none."""
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1:
            return False
        if self._origin.netloc and hosts[0].lower() == self._origin.netloc.lower():
            return all(origin.lower() == self._origin.geturl().lower() for origin in origins)
        if hosts[0].lower() not in self._hosts:
            return False
        return all(origin.lower() == f"http://{hosts[0].lower()}" for origin in origins)

    def _exchange(self, request: HTTPConnection) -> Response:
        """Gives the cookie, and sends the browser on to the address without the secret."""
        kept = [pair for pair in request.query_params.multi_items() if pair[0] != "token"]
        to = f"/?{urlencode(kept)}" if kept else "/"
        answer: Response = RedirectResponse(to, 303)
        if request.headers.get("sec-fetch-site") == "cross-site":
            # Asked for by the page on the disk that opens the browser: a redirect would still count
            # as coming from there, without the cookie. What our own page asks for has it.
            answer = HTMLResponse(_ONWARD.format(to=to.replace("&", "&amp;")))
        answer.set_cookie(*self._cookie, max_age=_DAYS, httponly=True, samesite="strict")
        answer.headers["cache-control"] = "no-store"
        return answer

    def _probed(self, nonce: str) -> Response:
        """Tells the launcher, which has no cookie, that the server is up, and nothing more."""
        headers = {access.PROOF: access.proof(self._secret, nonce)} if nonce else {}
        return Response(status_code=200, headers={**headers, "cache-control": "no-store"})


def _refusal() -> Response:
    page_text = "".join(
        f'<p lang="{language}">{i18n.words(language).locked}</p>' for language in i18n.LANGUAGES
    )
    headers = {
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; \
style-src 'unsafe-inline'",
    }
    return HTMLResponse(_PAGE.format(said=page_text), 403, headers)


def _guarded(send: Send, encrypted: bool = False) -> Send:
    """Returns `send` with the headers that keep the address and the answers from other pages.

    `encrypted`: browsers come by https alone, so that cookies are sent by nothing else.
    """

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            if encrypted:
                message["headers"] = [
                    (name, value + b"; Secure" if name == b"set-cookie" else value)
                    for name, value in message["headers"]
                ]
        await send(message)

    return sent
