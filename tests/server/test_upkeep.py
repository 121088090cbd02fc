"""A server tells what is beyond a threshold to who is named, and forgets what is old."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from rag.library import Library
from rag.server.api import create_app
from rag.server.audit import Audit
from rag.server.callers import Callers
from rag.server.upkeep import Upkeep
from rag.server.watching import Metrics
from tests.helpers.answering import open_library, write_files
from tests.server.conftest import Served

QUESTION = "¿Cuántas personas admite el ascensor?"
EVERYTHING = 1e9  # GB free that no machine has
DAY = 24 * 3600.0


@contextmanager
def listening(status: int = 200) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """An address, and what has been sent there."""
    sent: list[dict[str, Any]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hook", sent
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """A library that no server looks after."""
    docs = write_files(tmp_path / "docs", {"a.md": "El ascensor admite ocho personas.\n"})
    with open_library(tmp_path / "library") as opened:
        opened.ingest([docs])
        yield opened


def upkeep(library: Library, **settings: Any) -> Upkeep:
    chosen = {"notice_memory_gb": 0.0, "notice_disk_gb": 0.0, **settings}
    library.settings = replace(library.settings, **chosen)
    return Upkeep(library, None, Metrics(library))


def test_a_notice_is_sent_when_it_begins_and_when_it_is_over(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(12):
        library.conversations.usage.add(library.ask(QUESTION).answer)
    with listening() as (address, sent):
        kept = upkeep(library, notice_url=address, notice_disk_gb=EVERYTHING)
        kept.look()
        kept.look()
        assert [(row["notice"], row["state"]) for row in sent] == [("disk_gb", "begun")]
        assert sent[0]["value"] < sent[0]["limit"] == EVERYTHING
        library.settings = replace(library.settings, notice_disk_gb=0.0, notice_slow_seconds=0.0)
        kept.look()
        assert [(row["notice"], row["state"]) for row in sent[1:]] == [
            ("slow_seconds", "begun"),
            ("disk_gb", "over"),
        ]
    assert "ascensor" not in str(sent)
    assert "notice: disk_gb is" in caplog.text


def test_nothing_is_sent_where_no_address_is_set(
    library: Library, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(httpx, "post", lambda *_, **__: pytest.fail("something was sent"))
    upkeep(library, notice_disk_gb=EVERYTHING).look()
    assert "notice: disk_gb is" in caplog.text
    caplog.clear()
    upkeep(library, notice_disk_gb=EVERYTHING, notice_minutes=0.0).look()
    assert caplog.text == "", "nor said where nobody wants it"


def test_what_was_not_taken_is_sent_again(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    with listening(503) as (address, refused):
        kept = upkeep(library, notice_url=address, notice_disk_gb=EVERYTHING)
        kept.look()
        kept.look()
        assert len(refused) == 2
    with listening() as (address, sent):
        library.settings = replace(library.settings, notice_url=address)
        kept.look()
        kept.look()
        assert len(sent) == 1
    library.settings = replace(library.settings, notice_url="http://[")
    kept._told.clear()
    kept.look()
    assert "it is tried again" in caplog.text


def test_a_running_server_looks_by_itself(served: Served) -> None:
    library = served.library
    library.settings = replace(library.settings, notice_disk_gb=EVERYTHING)
    app = create_app(library, Callers(library.settings.library).find)
    with TestClient(app, "http://localhost", headers=dict(served.client().headers)) as client:
        for _ in range(600):
            page = client.get("/metrics").text
            if 'fuente_notice{measure="disk_gb"} 1.0' in page:
                break
            time.sleep(0.05)
        assert 'fuente_notice{measure="disk_gb"} 1.0' in page
        assert 'fuente_notice{measure="slow_seconds"} 0.0' in page


def test_what_is_older_than_is_kept_goes(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit = Audit(tmp_path / "library", tmp_path / "config")
    audit.start("ana")
    chats, now = library.conversations, time.time()
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: now - 10 * DAY)
        old = chats.begin("¿Qué se preguntó?", owner="luis")
        audit.note("luis", "POST /api/ask")
    new = chats.begin("¿Qué se pregunta?", owner="luis")
    audit.note("luis", "POST /api/ask")
    library.settings = replace(library.settings, keep_conversations_days=0, keep_audit_days=0)
    kept = Upkeep(library, audit, Metrics(library))
    kept.look()
    assert {item.id for item in chats.all(owner="luis")} == {old.id, new.id}, "for ever"
    library.settings = replace(library.settings, keep_conversations_days=5.0, keep_audit_days=11.0)
    kept = Upkeep(library, audit, Metrics(library))
    kept.look()
    assert [item.id for item in chats.all(owner="luis")] == [new.id]
    assert len(list(audit.entries())) == 3
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: now + 2 * DAY)
        Upkeep(library, audit, Metrics(library)).look()
    assert audit.verify() == ""


def test_an_audit_log_that_was_changed_is_left_alone_and_said(
    library: Library, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    audit = Audit(tmp_path / "library", tmp_path / "config")
    audit.start("ana")
    audit.note("eva", "POST /api/remove")
    audit.note("ana", "POST /api/ask")
    changed = audit.path.read_text().replace("eva", "luis")
    audit.path.write_text(changed)
    library.settings = replace(library.settings, keep_audit_days=1e-9)
    Upkeep(library, audit, Metrics(library)).look()
    assert audit.path.read_text() == changed
    assert "not as it was written" in caplog.text
