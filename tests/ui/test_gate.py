"""Nobody comes into the web app but the person who started it: the gate, its secret, the server."""

from __future__ import annotations

import contextlib
import http.client
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.helpers.browser import serving
from ui import access, launch
from ui.gate import Gate

SECRET = "s" * 43
PORT = 8501
HOST = f"127.0.0.1:{PORT}"
COOKIE = f"{access.cookie_name(PORT)}={access.cookie_value(SECRET, PORT)}"
STREAM = "/_stcore/stream"
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
PATHS = (
    "/",
    "/static/js/index.js",
    "/_stcore/host-config",
    "/_stcore/metrics",
    "/_stcore/upload_file/session/file",
    "/_stcore/agent/openapi.json",
    "/media/picture.png",
    "/component/x/index.html",
    "/?token=",
    "/static/?token=" + SECRET,  # the secret is taken in one place
    "//_stcore/health",
)


async def _page(request: Request) -> PlainTextResponse:
    return PlainTextResponse("private")


async def _socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("private")
    await socket.close()


def client(port: int = PORT, origin: str = "") -> TestClient:
    methods = ["GET", "HEAD", "POST", "PUT", "DELETE"]
    routes = [
        WebSocketRoute(STREAM, _socket),
        Route("/{path:path}", _page, methods=methods),
    ]
    served = Gate(Starlette(routes=routes), SECRET, port, origin)
    return TestClient(served, origin or f"http://127.0.0.1:{port}", follow_redirects=False)


def heard(headers: dict[str, str]) -> str:
    """What the socket says; "" where the connection is refused."""
    try:
        with client().websocket_connect(STREAM, headers={"host": HOST, **headers}) as on:
            return on.receive_text()
    except WebSocketDisconnect:
        return ""


# --- where people sign in ---

TEAM = "https://fuente.example"


def test_where_people_sign_in_the_app_asks_them_and_cookies_come_by_https_alone() -> None:
    team = client(origin=TEAM)
    assert team.get("/").text == "private"
    assert team.get("/", headers={"origin": TEAM}).text == "private"
    for origin in ("http://fuente.example", "https://evil.example", "https://fuente.example:8443"):
        assert team.get("/", headers={"origin": origin}).status_code == 403
    assert team.get("/", headers={"host": "evil.example"}).status_code == 403
    assert "set-cookie" not in team.get("/", params={"token": SECRET}).headers
    probe = team.get(access.HEALTH, params={"nonce": "n"})
    assert access.same(probe.headers[access.PROOF], access.proof(SECRET, "n"))
    assert team.get(access.HEALTH).text == "private", "Streamlit's own, with what it keeps"

    async def page(request: Request) -> PlainTextResponse:
        answer = PlainTextResponse("")
        answer.set_cookie("a", "b")
        return answer

    for origin, secure in ((TEAM, True), ("http://127.0.0.1:8501", False)):
        served = Gate(Starlette(routes=[Route("/", page)]), SECRET, PORT, origin)
        cookie = TestClient(served, origin).get("/").headers["set-cookie"]
        assert ("; Secure" in cookie) is secure


# --- the cookie ---


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", PATHS)
def test_without_the_cookie_nothing_is_told(method: str, path: str) -> None:
    answer = client().request(method, path)
    assert answer.status_code == 403
    assert "private" not in answer.text
    assert "set-cookie" not in answer.headers
    assert method == "HEAD" or ("rag chat" in answer.text and 'lang="en"' in answer.text)


@pytest.mark.parametrize(
    "cookie",
    [
        "",
        f"{access.cookie_name(PORT)}={SECRET}",
        f"{access.cookie_name(PORT)}=",
        f"{access.cookie_name(PORT)}=é",
        COOKIE[:-1],
        COOKIE.replace(str(PORT), "8502"),
        f"{access.cookie_name(PORT)}={access.cookie_value(SECRET, 8502)}",
        f"{access.cookie_name(PORT)}={access.cookie_value('t' * 43, PORT)}",
    ],
)
def test_another_cookie_is_none(cookie: str) -> None:
    request_headers = [(b"cookie", cookie.encode("latin-1"))]
    assert client().get("/", headers=request_headers).status_code == 403
    assert not heard({"cookie": cookie} if cookie.isascii() else {})


def test_the_cookie_opens_pages_and_the_socket() -> None:
    answer = client().get("/", headers={"cookie": f"other=1; {COOKIE}"})
    assert (answer.status_code, answer.text) == (200, "private")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert heard({"cookie": COOKIE}) == "private"
    assert heard({"cookie": COOKIE, "origin": f"http://{HOST}"}) == "private"


@pytest.mark.parametrize(
    "given", ["", "t" * 43, SECRET[:-1], "é", access.cookie_value(SECRET, PORT)]
)
def test_a_wrong_secret_gets_no_cookie(given: str) -> None:
    for headers in ({}, {"cookie": COOKIE}):
        answer = client().get("/", params={"token": given}, headers=headers)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


def test_the_secret_is_exchanged_for_a_cookie_and_leaves_the_address() -> None:
    answer = client().get("/", params={"token": SECRET, "debug": "1", "q": "a b&c"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/?debug=1&q=a+b%26c"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    given, *facts = answer.headers["set-cookie"].split("; ")
    assert given == COOKIE
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(facts)
    assert SECRET not in given
    assert client().get("/", params={"token": SECRET}).headers["location"] == "/"


def test_a_browser_that_comes_from_a_page_on_the_disk_is_sent_on_by_our_own_page() -> None:
    hostile = {"token": SECRET, "x": '"><script>'}
    answer = client().get("/", params=hostile, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 200
    assert answer.headers["set-cookie"].startswith(COOKIE)
    assert "url=/?x=%22%3E%3Cscript%3E" in answer.text
    assert SECRET not in answer.text


def test_the_health_of_the_server_is_told_without_a_word() -> None:
    answer = client().get("/_stcore/health")
    assert (answer.status_code, answer.content) == (200, b"")
    assert access.PROOF not in answer.headers
    proven = client().get("/_stcore/health", params={"nonce": "n"})
    assert proven.headers[access.PROOF] == access.proof(SECRET, "n")
    assert client().post("/_stcore/health").status_code == 403
    assert client().get("/_stcore/health", headers={"cookie": COOKIE}).text == "private"


# --- where a request comes from and goes to ---


@pytest.mark.parametrize(
    ("host", "origin", "well"),
    [
        (HOST, "", True),
        (HOST, f"http://{HOST}", True),
        (f"localhost:{PORT}", f"http://localhost:{PORT}", True),
        (f"LocalHost:{PORT}", f"http://localhost:{PORT}", True),
        (HOST, f"http://localhost:{PORT}", False),
        (HOST, "http://127.0.0.1:8502", False),
        (HOST, "http://127.0.0.1", False),
        (HOST, f"https://{HOST}", False),
        (HOST, f"http://{HOST}.evil.example", False),
        (HOST, f"http://{HOST}/", False),
        (HOST, "null", False),
        (HOST, "http://evil.example", False),
        ("127.0.0.1", "", False),
        ("127.0.0.1:8502", "", False),
        (f"evil.example:{PORT}", "", False),
        (f"evil.example:{PORT}", f"http://evil.example:{PORT}", False),
        (f"127.0.0.1.evil.example:{PORT}", "", False),
        (f"user@{HOST}", "", False),
        ("", "", False),
    ],
)
def test_host_and_origin_are_the_apps_own_with_their_port(
    host: str, origin: str, well: bool
) -> None:
    headers = {"host": host, "cookie": COOKIE} | ({"origin": origin} if origin else {})
    for method in ("GET", "PUT", "DELETE"):
        answer = client().request(method, "/_stcore/upload_file/a/b", headers=headers)
        assert answer.status_code == (200 if well else 403)
    assert bool(heard(headers)) is well
    if not well:  # nor is the secret taken, or the health told
        del headers["cookie"]
        for path in (f"/?token={SECRET}", "/_stcore/health"):
            assert client().get(path, headers=headers).status_code == 403


def test_the_port_of_the_web_may_go_unsaid() -> None:
    request_headers = {"cookie": f"{access.cookie_name(80)}={access.cookie_value(SECRET, 80)}"}
    assert client(80).get("/", headers=request_headers).status_code == 200


# --- the secret ---


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    before = os.umask(0)
    yield tmp_path / "home"
    os.umask(before)


def test_the_secret_is_kept_for_its_owner_alone(home: Path) -> None:
    made = access.secret()
    assert made.file == home / ".config" / "fuente" / "chat-secret"
    assert access.secret() == made
    assert len(made.value) == 43
    assert stat.S_IMODE(made.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.file.parent.stat().st_mode) == 0o700
    made.file.unlink()
    assert access.secret().value != made.value


@pytest.mark.parametrize("trouble", ["open", "short", "empty", "link", "binary"])
def test_a_secret_that_others_could_know_is_made_anew(home: Path, trouble: str) -> None:
    made = access.secret()
    assert made.file is not None
    if trouble == "open":
        made.file.chmod(0o644)
    elif trouble == "link":
        made.file.rename(home / "elsewhere")
        made.file.symlink_to(home / "elsewhere")
    else:
        made.file.write_bytes({"short": b"abc", "empty": b"", "binary": b"\xff" * 43}[trouble])
    again = access.secret()
    assert again.value != made.value
    assert again.file == made.file
    assert again == access.secret()
    assert stat.S_IMODE(made.file.lstat().st_mode) == 0o600


def test_without_a_home_the_secret_ends_with_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("USERPROFILE", raising=False)
    for home in (str(tmp_path / "file"), ""):
        monkeypatch.setenv("HOME", home)
        made = access.secret()
        assert made.file is None
        assert len(made.value) == 43
        assert access.secret().value != made.value


# --- the browser is opened, the server runs ---


def test_the_secret_reaches_the_browser_by_a_private_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the arguments of a program every user of the machine could read it."""
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    page = home / "library" / "open-8501.html"
    launch._open(page, f"http://{HOST}/?token={SECRET}", "es")
    assert opened == [page.as_uri()]
    assert f"url=http://{HOST}/?token={SECRET}" in page.read_text("utf-8")
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert stat.S_IMODE(page.parent.stat().st_mode) == 0o700


def test_another_server_on_the_port_is_not_ours() -> None:
    """It could only repeat what it is asked, for it does not know the secret."""
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Mimic(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header(access.PROOF, self.path.partition("nonce=")[2])
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Mimic) as mimic:
        threading.Thread(target=mimic.serve_forever, kwargs={"poll_interval": 0.01}).start()
        assert not launch._answers(mimic.server_address[1], SECRET)
        mimic.shutdown()


@pytest.mark.slow
def test_the_real_server_is_behind_the_gate_and_knows_its_own_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")  # which the launcher must not ask
    library = tmp_path / "library"
    with serving(library) as address:
        parts = urlsplit(address)
        port = int(parts.port or 0)
        status, headers, _ = asked(port, f"/?{parts.query}")
        assert status == 303
        cookie_header = {"Cookie": headers["set-cookie"].partition(";")[0]}
        for path in PATHS:
            assert asked(port, path)[0] == 403, path
        assert asked(port, STREAM)[0] == 403
        assert asked(port, "/_stcore/health")[2] == b""
        assert b"<script" in asked(port, "/", **cookie_header)[2]
        assert asked(port, STREAM, **cookie_header)[0] == 101
        body = asked(port, "/_stcore/upload_file/a/b", "PUT", **cookie_header)[2]
        assert b"rag chat" not in body, "the gate is open, and Streamlit wants its own token"
    with serving(library, port) as again:
        assert again == address
        assert asked(port, "/", **cookie_header)[0] == 200
        assert asked(port, STREAM, **cookie_header)[0] == 101


def asked(
    port: int, path: str, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an answer of a real server."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection):
        upgrade = UPGRADE if path == STREAM else {}
        connection.request(method, path, headers=upgrade | headers)
        with connection.getresponse() as answer:
            body = b"" if answer.status == 101 else answer.read()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body
