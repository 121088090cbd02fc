"""Traces go to the address that is set, and hold nothing of what is asked or who asks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.testclient import TestClient

from rag.server.api import create_app
from rag.server.callers import Callers
from rag.server.tokens import Scope, Tokens
from tests.helpers.answering import open_library, write_files
from tests.server.conftest import FILES


class Collector(ThreadingHTTPServer):
    bodies: list[bytes]


@pytest.fixture
def collector() -> Iterator[Collector]:
    class Keep(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    made = Collector(("127.0.0.1", 0), Keep)
    made.bodies = []
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def ask(folder: Path, traces_url: str) -> None:
    """Asks one question of a server, which ends then."""
    value = Tokens(folder / "library").create("ana", Scope.READ)
    with open_library(folder / "library") as library:
        library.ingest([write_files(folder / "documents", FILES)])
        library.settings = replace(library.settings, traces_url=traces_url)
        app = create_app(library, Callers(folder / "library").find)
        with TestClient(app, "http://localhost") as client:
            headers = {"authorization": f"Bearer {value}"}
            asked = client.post("/api/ask", json={"question": "¿Y la garantía?"}, headers=headers)
            assert asked.status_code == 200
            assert client.get("/api/status").status_code == 401


def test_a_request_is_a_span_without_a_word_of_it(tmp_path: Path, collector: Collector) -> None:
    ask(tmp_path, f"http://127.0.0.1:{collector.server_port}/v1/traces")
    spans = [
        span
        for body in collector.bodies
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    assert sorted(span.name for span in spans) == ["GET other", "POST /api/ask"]
    codes = {
        span.name: item.value.int_value
        for span in spans
        for item in span.attributes
        if item.key == "http.response.status_code"
    }
    assert codes == {"GET other": 401, "POST /api/ask": 200}
    told = b"".join(collector.bodies)
    assert not [word for word in ("garant", "ana", "fuente-") if word.encode() in told]


def test_without_an_address_nothing_is_sent(tmp_path: Path, collector: Collector) -> None:
    ask(tmp_path, "")
    assert collector.bodies == []
