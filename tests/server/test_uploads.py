"""Uploads as jobs: kept at once, read in the background, each file with its outcome."""

from __future__ import annotations

import io
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from rag import uploads
from rag.library import Library
from rag.server import guard
from rag.server.api import create_app
from rag.server.callers import Callers
from rag.server.tokens import Scope
from tests.server.conftest import Served


def send(client: TestClient, **files: bytes) -> Any:
    parts = [("files", (name.replace("_", "."), content)) for name, content in files.items()]
    return client.post("/api/documents", files=parts)


def held_ingest(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, threading.Event]:
    """Every ingest says that it has begun, and waits until it is set free."""
    begun, free = threading.Event(), threading.Event()
    ingest = Library.ingest

    def slow(library: Library, *arguments: Any, **named: Any) -> Any:
        begun.set()
        assert free.wait(60)
        return ingest(library, *arguments, **named)

    monkeypatch.setattr(Library, "ingest", slow)
    return begun, free


def ended(client: TestClient, job: str) -> Any:
    for _ in range(1200):
        row = client.get(f"/api/jobs/{job}").json()
        if row["state"] not in ("waiting", "running", "stopping"):
            return row
        time.sleep(0.1)
    raise AssertionError(row)


def test_what_is_uploaded_is_read_and_found_each_file_with_its_outcome(served: Served) -> None:
    client = served.client(Scope.WRITE)
    answer = send(
        client, pozo_md=b"# Pozo\n\nEl pozo se limpia en mayo.\n", roto_docx=b"PK\x03\x04"
    )
    assert answer.status_code == 202
    row = ended(client, answer.json()["id"])
    assert (row["state"], row["done"], row["total"]) == ("finished", 2, 2)
    outcomes = {file["path"]: file["outcome"] for file in row["files"]}
    assert outcomes == {"pozo.md": "ok", "roto.docx": "unreadable"}
    assert next(file["reason"] for file in row["files"] if file["outcome"] == "unreadable")
    found = client.post("/api/search", json={"query": "pozo"}).json()["passages"]
    assert found[0]["path"] == "pozo.md"
    assert client.get("/api/jobs").json()["jobs"] == [row]
    kept = uploads.folder_of(served.library)
    assert [path.name for path in kept.iterdir()] == ["pozo.md"], "what gives nothing is not kept"


def test_the_files_of_an_archive_are_read(served: Served) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("carpeta/noria.md", "La noria tiene doce cangilones.")
        archive.writestr("pozo.md", "El pozo se limpia en mayo.")
    client = served.client(Scope.WRITE)
    row = ended(client, send(client, todo_zip=packed.getvalue()).json()["id"])
    assert {file["path"]: file["outcome"] for file in row["files"]} == {
        "noria.md": "ok",
        "pozo.md": "ok",
    }


def test_what_stands_before_a_file_that_cannot_be_kept_is_read(served: Served) -> None:
    client = served.client(Scope.WRITE)
    parts = [("files", ("pozo.md", b"El pozo se limpia en mayo.")), ("files", ("...", b"a"))]
    assert client.post("/api/documents", files=parts).status_code == 422
    (job,) = client.get("/api/jobs").json()["jobs"]
    assert ended(client, job["id"])["files"][0]["outcome"] == "ok"


def test_uploading_needs_a_token_that_may_write(served: Served) -> None:
    reader = served.client()
    assert send(reader, a_md=b"a").status_code == 403
    assert reader.get("/api/jobs").status_code == 403
    assert served.client(Scope.WRITE).get("/api/jobs/none").status_code == 404


@pytest.mark.parametrize("name", ["../../outside.md", "/etc/outside.md", "..\\outside.md"])
def test_a_name_leads_nowhere(served: Served, name: str) -> None:
    client = served.client(Scope.WRITE)
    answer = client.post("/api/documents", files=[("files", (name, b"Algo que se lee."))])
    ended(client, answer.json()["id"])
    assert [path.name for path in uploads.folder_of(served.library).iterdir()] == ["outside.md"]


def test_a_name_that_is_none_is_a_stated_problem(served: Served) -> None:
    answer = served.client(Scope.WRITE).post("/api/documents", files=[("files", ("...", b"a"))])
    assert answer.status_code == 422, answer.text


def test_only_uploads_may_be_large(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "MOST_BODY", 2000)
    client = served.client(Scope.WRITE)
    assert client.post("/api/ask", json={"question": "a" * 3000}).status_code == 413
    answer = send(client, largo_txt=b"Una frase que se repite. " * 200)
    assert ended(client, answer.json()["id"])["files"][0]["outcome"] == "ok"


def test_a_job_is_cancelled(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, free = held_ingest(monkeypatch)
    client = served.client(Scope.WRITE)
    first, second = (send(client, a_md=b"Uno."), send(client, b_md=b"Dos."))
    assert begun.wait(60)
    waiting = client.delete(f"/api/jobs/{second.json()['id']}").json()
    assert waiting["state"] == "stopping"
    free.set()
    assert ended(client, first.json()["id"])["state"] == "finished"
    assert ended(client, second.json()["id"])["state"] == "stopped"
    paths = [row["path"] for row in client.get("/api/documents").json()["documents"]]
    assert "a.md" in paths
    assert "b.md" not in paths


def test_what_was_uploaded_before_a_crash_is_read_at_the_next_start(served: Served) -> None:
    uploads.save(served.library, "tarde.md", b"El granero se cierra a las nueve.")
    folder = served.library.settings.library
    with TestClient(create_app(served.library, Callers(folder).find), "http://localhost") as client:
        client.headers["authorization"] = f"Bearer {served.values[Scope.WRITE]}"
        (job,) = client.get("/api/jobs").json()["jobs"]
        assert ended(client, job["id"])["files"][0]["outcome"] == "ok"


def test_who_sends_a_body_drop_by_drop_is_not_waited_for(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.0)
    answer = served.client().post("/api/search", json={"query": "pozo"})
    assert answer.status_code == 400
    assert Path(served.library.settings.library).exists()
