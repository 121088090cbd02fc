"""`rag worker` and `rag ingest --queue`."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from rag.indexing.queued import Portion, queue_of
from rag.storage import Store
from tests.helpers.answering import write_files
from tests.helpers.commandline import FILES, Rag, command_line, stated
from tests.helpers.embedding_server import embedding
from tests.helpers.fakes import FakeEmbedder
from tests.helpers.ingesting import age
from tests.helpers.postgres import Server


@pytest.fixture
def rag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Rag:
    return command_line(tmp_path, monkeypatch, capsys)


def test_a_folder_has_no_queue(rag: Rag, tmp_path: Path) -> None:
    write_files(tmp_path / "docs", FILES)
    for command in (["worker"], ["ingest", "docs", "--queue"]):
        stated(rag(*command), 2, "is a folder", "rag copy")


def test_a_worker_reads_what_is_queued(rag: Rag, tmp_path: Path, postgres: Server) -> None:
    write_files(tmp_path / "docs", FILES)
    for name in FILES:
        age(tmp_path / "docs" / name)
    with postgres.library() as address:
        store = Store(tmp_path / ".rag", address)
        names = tuple(map(Path, FILES))
        queue_of(store).put([Portion(tmp_path / "docs", names, False, False, "").values()])
        assert rag("worker", "--once", "--library", address).code == 0
        assert store.documents.counts()[0] == len(FILES)
        assert queue_of(store).waiting() == 0
        store.close()
        known = rag("ingest", "docs", "--queue", "--json", "--library", address)
        assert known.json["files"] == {"unchanged": 2}  # nothing is left for a worker
        checks = rag("doctor", "--json", "--library", address).json["checks"]
    engine, library = ({c["check"]: c for c in checks}[name] for name in ("database", "library"))
    assert "pgvector" in engine["detail"]
    assert library["ok"]


def test_a_worker_takes_its_vectors_from_a_server(
    rag: Rag, tmp_path: Path, postgres: Server
) -> None:
    write_files(tmp_path / "docs", FILES)
    wrong = FakeEmbedder(dimension=9)
    with (
        postgres.library() as address,
        closing(Store(tmp_path / ".rag", address)) as store,
        embedding(FakeEmbedder()) as server,
        embedding(wrong) as other,
    ):
        names = tuple(map(Path, FILES))
        queue_of(store).put([Portion(tmp_path / "docs", names, False, False, "").values()])
        place = ("--once", "--library", address)
        stated(rag("worker", "--embed-at", other.url, *place), 1, "another model", "embed_at")
        assert queue_of(store).waiting() == 1  # who could not embed takes no job
        assert rag("worker", "--embed-at", server.url, *place).code == 0
        assert store.documents.counts()[0] == len(FILES)
    first, *rest = server.bodies  # the test passage, and then those of the files behind it
    assert len(first["input"]) == 1
    assert sum(len(body["input"]) - 1 for body in rest) == len(FILES)
