"""A server on this machine that speaks the OpenAI protocol; the name of the model says how well."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.helpers.background import in_background

ANSWER = "La garantía cubre dos años 🙂, también las piezas. [1]"
_PATIENCE = 20.0  # seconds after which a test that hangs is let go


class ChatServer(ThreadingHTTPServer):
    """Keeps what it was asked; `left` is set when someone went away in the middle of an answer."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.models: list[Any] = [{"id": "plain", "max_model_len": 400}]
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.left = threading.Event()
        self.said = ANSWER  # by «given»
        self.redirect = ""  # where «moved» and the list of models send on to
        self.refusals = 0  # that are still to come from «busy»
        self.over = threading.Event()
        self.pair = threading.Barrier(2, timeout=_PATIENCE)  # of «together»

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


@contextmanager
def serving() -> Iterator[ChatServer]:
    with in_background(ChatServer()) as server:
        try:
            yield server
        finally:
            server.over.set()


class _Handler(BaseHTTPRequestHandler):
    server: ChatServer

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.server.headers.append(dict(self.headers))
        if self.server.redirect:
            self._moved()
            return
        self._send(200, json.dumps({"object": "list", "data": self.server.models}).encode())

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(length))
        self.server.bodies.append(body)
        self.server.headers.append(dict(self.headers))
        try:
            getattr(self, f"_{body['model']}")()
        except OSError:
            self.server.left.set()

    def _plain(self) -> None:
        self._begin()
        for word in ANSWER.split(" "):
            self._event(delta(word + " "))
        self._event({"choices": [{"delta": {}, "finish_reason": "stop"}]})
        self._event({"choices": [], "usage": {"total_tokens": 9}})
        self._write(b": a comment\n\ndata: [DONE]\n\n")

    def _together(self) -> None:
        """Answers only once two questions are there."""
        self.server.pair.wait()
        self._plain()

    def _given(self) -> None:
        """What the test wants said, as fast as a small model on two cores."""
        self._begin()
        for word in self.server.said.split(" "):
            self._event(delta(word + " "))
            self.server.over.wait(0.05)
        self._write(b"data: [DONE]\n\n")

    def _split(self) -> None:
        """Cuts the bytes wherever it hurts; JSON with a line separator in it."""
        self._begin()
        event = json.dumps(delta(ANSWER + "\u2028."), ensure_ascii=False).encode()
        whole = b"data: " + event + b"\r\n\r\ndata: [DONE]\r\n\r\n"
        for index in range(len(whole)):
            self._write(whole[index : index + 1])

    def _slow(self) -> None:
        """A word now and then, for ever."""
        self._begin()
        while not self.server.over.wait(0.01):
            self._event(delta("palabra "))

    def _silent(self) -> None:
        """Says nothing, and looks whether anyone is still there."""
        self.connection.settimeout(_PATIENCE)
        if self.connection.recv(1) == b"":
            self.server.left.set()

    def _broken(self) -> None:
        self._begin()
        self._event(delta("La garantía "))

    def _failing(self) -> None:
        self._begin()
        self._event({"error": {"message": "out of\x1b[31m memory"}})

    def _foreign(self) -> None:
        self._begin()
        self._write(b"data: <html>\n\n")

    def _page(self) -> None:
        """Answers every address with 200, as a web site may."""
        self._send(200, b"{}")

    def _busy(self) -> None:
        if self.server.refusals <= 0:
            self._plain()
            return
        self.server.refusals -= 1
        body = json.dumps({"error": {"message": "full"}}).encode()
        self._send(503, body, {"Retry-After": "0"})

    def _moved(self) -> None:
        self._send(307, b"", {"Location": f"{self.server.redirect}{self.path[3:]}"})

    def _locked(self) -> None:
        self._send(401, b'{"error": {"message": "no key"}}')

    def _unknown(self) -> None:
        self._send(404, b'{"error": "model not found"}')

    def _short(self) -> None:
        self._send(400, b'{"error": {"message": "context length exceeded"}}')

    def _begin(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()

    def _event(self, row: dict[str, Any]) -> None:
        self._write(f"data: {json.dumps(row)}\n\n".encode())

    def _write(self, content: bytes) -> None:
        self.wfile.write(content)
        self.wfile.flush()

    def _send(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self._write(content)


def delta(text: str) -> dict[str, Any]:
    return {"choices": [{"delta": {"content": text}, "finish_reason": None}]}
