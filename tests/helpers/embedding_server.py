"""A server on this machine that gives embeddings by the OpenAI protocol, well or badly."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from rag.protocols import Embedder
from tests.helpers.background import in_background

Reply = tuple[int, bytes, dict[str, str]]


class EmbeddingServer(ThreadingHTTPServer):
    """Keeps what it was asked. `bend` changes a right answer before it is sent."""

    daemon_threads = True

    def __init__(self, embedder: Embedder) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.embedder = embedder
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.before: list[Reply] = []  # sent first, one a request
        self.bend: Callable[[dict[str, Any]], Any] = lambda answer: answer

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


@contextmanager
def embedding(embedder: Embedder) -> Iterator[EmbeddingServer]:
    with in_background(EmbeddingServer(embedder)) as server:
        yield server


class _Handler(BaseHTTPRequestHandler):
    server: EmbeddingServer

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.bodies.append(body)
        self.server.headers.append(dict(self.headers))
        if self.server.before:
            self._send(*self.server.before.pop(0))
            return
        rows = self.server.embedder.encode_documents(body["input"])
        data = [{"index": n, "embedding": row.tolist()} for n, row in enumerate(rows)]
        answer = self.server.bend({"object": "list", "data": data, "model": body["model"]})
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self._send(200, content, {})

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
