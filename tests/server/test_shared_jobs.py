"""Two servers of one library in PostgreSQL: each knows the jobs of the other."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from rag.config import Settings
from rag.library import Library
from rag.server.api import create_app
from rag.server.callers import Callers
from rag.server.tokens import Scope, Tokens
from rag.storage import Store
from tests.helpers.fakes import FakeEmbedder
from tests.server.test_uploads import ended, held_ingest, send

HIDDEN = '<p>El pozo se limpia en mayo.</p><p style="display:none">El pozo está seco.</p>'


@dataclass(frozen=True)
class Place:
    folder: Path
    address: str
    token: str

    @contextmanager
    def server(self) -> Iterator[TestClient]:
        settings = Settings(library=self.folder, database=self.address, qa_model="off")
        with Library.open(settings=settings, embedder=FakeEmbedder()) as library:
            app = create_app(library, Callers(self.folder).find)
            headers = {"authorization": f"Bearer {self.token}"}
            with TestClient(app, "http://localhost", headers=headers) as client:
                yield client


@pytest.fixture
def place(tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setattr("rag.server.jobs._BEAT_SECONDS", 0.05)
    folder = tmp_path / "library"
    return Place(folder, address, Tokens(folder).create("writer", Scope.WRITE))


def test_any_server_says_how_far_a_job_is(place: Place) -> None:
    with place.server() as other:
        with place.server() as first:
            job = send(first, pozo_html=HIDDEN.encode(), roto_docx=b"PK\x03\x04").json()["id"]
            row = ended(first, job)
            assert ended(other, job) == row
            assert any(file["notes"] for file in row["files"])
            assert other.get("/api/jobs").json() == first.get("/api/jobs").json() == {"jobs": [row]}
        assert other.get(f"/api/jobs/{job}").json() == row  # when its server has gone away
        assert other.get("/api/jobs/none").status_code == 404
        assert other.delete("/api/jobs/none").status_code == 404
    with closing(Store(place.folder, place.address)) as store:
        (kept,) = store.connection().execute("SELECT row FROM server_jobs")
        assert "seco" not in kept[0], "what was left out is text, and stays where documents are"


def test_any_server_ends_a_job(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, free = held_ingest(monkeypatch)
    with place.server() as other, place.server() as first:
        running, waiting = (send(first, **{name: b"Algo."}).json()["id"] for name in "ab")
        assert begun.wait(60)
        assert other.delete(f"/api/jobs/{waiting}").json()["state"] == "stopping"
        while first.get(f"/api/jobs/{waiting}").json()["state"] != "stopping":
            time.sleep(0.05)
        free.set()
        assert ended(other, running)["state"] == "finished"
        assert ended(other, waiting)["state"] == "stopped"


def test_a_job_whose_server_has_died_is_said_to_have_failed(place: Place) -> None:
    with place.server() as other:
        store = Store(place.folder, place.address)
        shared = store.shared_jobs()
        assert shared is not None
        row = (
            '{"id": "lost", "state": "running", "done": 0, "total": 1, "files": [], "error": null}'
        )
        shared.put("lost", row, ended=False)
        assert other.get("/api/jobs/lost").json()["state"] == "running"
        query = "UPDATE server_jobs SET changed = now() - ? * interval '1 second'"
        store.connection().execute(query, (60,))
        found = other.get("/api/jobs/lost").json()
        assert (found["state"], found["error"]["status"]) == ("failed", 503)
        store.connection().execute(query, (100_000,))
        shared.forget_old()
        assert other.get("/api/jobs/lost").status_code == 404
        store.close()


def test_a_folder_keeps_no_jobs_for_others(tmp_path: Path) -> None:
    store = Store(tmp_path / "library")
    assert store.shared_jobs() is None
    store.close()
