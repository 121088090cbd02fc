"""A model hub on this machine: enough of its protocol to download from, with breaks if wanted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.helpers.background import in_background

_WEIGHTS = (".safetensors", ".gguf")
COMMIT = "0123456789abcdef0123456789abcdef01234567"


class HubServer(ThreadingHTTPServer):
    """One model, «acme/pluma»; `asked` holds what was requested, with the range of bytes."""

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = files
        self.asked: list[str] = []
        self.break_after: int | None = None  # bytes of the weights, once
        self.wrong_sum = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def sum_of(self, name: str) -> str:
        content = self.files[name] + (b"!" if self.wrong_sum else b"")
        return hashlib.sha256(content).hexdigest()


@contextmanager
def hub(files: dict[str, bytes]) -> Iterator[HubServer]:
    with in_background(HubServer(files)) as server:
        yield server


class _Handler(BaseHTTPRequestHandler):
    server: HubServer

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.server.asked.append(f"{self.command} {path} {self.headers.get('Range', '')}".strip())
        if path.startswith("/api/models/acme/pluma"):
            self._send(json.dumps(self._listing() if "/tree/" in path else self._model()).encode())
        elif path.startswith(f"/acme/pluma/resolve/{COMMIT}/"):
            self._file(path.rsplit("/", 1)[1])
        else:
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()

    def _model(self) -> dict[str, object]:
        siblings = [
            {"rfilename": entry["path"], "size": entry["size"], "lfs": entry.get("lfs")}
            for entry in self._listing()
        ]
        return {
            "id": "acme/pluma",
            "sha": COMMIT,
            "private": False,
            "siblings": siblings,
            "cardData": {"license": "apache-2.0"},
        }

    def _listing(self) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = []
        for name, content in self.server.files.items():
            row: dict[str, object] = {
                "type": "file",
                "path": name,
                "size": len(content),
                "oid": name,
            }
            if name.endswith(_WEIGHTS):
                digest = self.server.sum_of(name)
                row["lfs"] = {
                    "sha256": digest,
                    "oid": digest,
                    "size": len(content),
                    "pointerSize": 130,
                }
            rows.append(row)
        return rows

    def _file(self, name: str) -> None:
        content = self.server.files[name]
        wanted = self.headers.get("Range")
        start = int(wanted.removeprefix("bytes=").split("-")[0]) if wanted else 0
        self.send_response(206 if wanted else 200)
        self.send_header("ETag", f'"{hashlib.sha1(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Accept-Ranges", "bytes")
        if wanted:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        if self.command == "HEAD":
            return
        end = len(content)
        if name.endswith(_WEIGHTS) and self.server.break_after is not None:
            end, self.server.break_after = self.server.break_after, None
        self.wfile.write(content[start:end])

    def _send(self, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
