"""What only the engine in PostgreSQL has: its index, its BM25, its migrations, and its failures."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.conversations import Conversations
from rag.errors import LibraryDamaged, RagError
from rag.indexing.index_sync import settle, status_of
from rag.storage import Store
from tests.helpers.contracts import Filled, VectorIndexContract
from tests.helpers.fakes import FakeEmbedder, make_entry
from tests.helpers.postgres import Server

CUT = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name LIKE 'fuente %'"""
WORDS = [f"palabra{number}" for number in range(60)]


@pytest.fixture
def store(address: str, tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "folder", address)
    yield opened
    opened.close()


def fill(store: Store) -> Filled:
    texts = ["uno", "dos", "tres", "cuatro", "cinco"]
    store.add(make_entry("/gone.md", ["cero"]))
    store.add(make_entry("/a.md", texts))
    store.forget(["/gone.md"])
    assert store.index is not None
    return (
        store.index,
        store.documents.vector_ids().tolist(),
        FakeEmbedder().encode_documents(texts),
    )


class TestExactIndex(VectorIndexContract):
    @pytest.fixture
    def filled(self, store: Store) -> Filled:
        return fill(store)


class TestGraph(VectorIndexContract):
    @pytest.fixture
    def filled(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> Filled:
        monkeypatch.setattr("rag.storage.postgres.vector_index.LARGE", 3)
        filled = fill(store)
        assert store.index is not None
        store.index.renew()
        assert _plan(store, filled).count("vectors_hnsw") == 1
        store.index.renew()
        return filled


def test_a_graph_is_made_in_memory_and_without_shared_memory_where_there_is_none(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.storage.postgres.vector_index.LARGE", 2)
    monkeypatch.setattr("rag.storage.postgres.vector_index._NODE_BYTES", 100_000_000)
    fill(store)
    connection, seen = store.connection(), list[tuple[str, ...]]()
    names = ("maintenance_work_mem", "max_parallel_maintenance_workers")

    def native(sql: str, parameters: Any = ()) -> Any:
        if "CREATE INDEX" in sql:
            seen.append(tuple(run(f"SHOW {name}").fetchone()[0] for name in names))
            if len(seen) == 1:
                raise RagError("could not resize shared memory segment", "")
        return run(sql, parameters)

    run = connection.native  # type: ignore[attr-defined]
    before = tuple(run(f"SHOW {name}").fetchone()[0] for name in names)
    monkeypatch.setattr(connection, "native", native)
    assert store.index is not None
    store.index.renew()
    assert seen == [("488281kB", before[1]), ("488281kB", "0")]
    assert tuple(run(f"SHOW {name}").fetchone()[0] for name in names) == before
    assert "HNSW" in store.index.health()


def _plan(store: Store, filled: Filled) -> str:
    """What PostgreSQL would do for the query of the graph, were a scan not cheaper for so few."""
    connection: Any = store.connection()
    row = filled[2][0]
    connection.native("SET enable_seqscan = off")
    kind = f"halfvec({len(row)})"
    query = f"EXPLAIN SELECT * FROM vectors ORDER BY (vector::{kind}) <#> %s::{kind} LIMIT 3"
    return "\n".join(line[0] for line in connection.native(query, (row,)))


def test_words_rank_as_in_sqlite(store: Store, tmp_path: Path) -> None:
    dice = random.Random(7)
    other = Store(tmp_path / "file")
    weights = [1 / (rank + 1) for rank in range(len(WORDS))]
    for number in range(120):
        texts = [" ".join(dice.choices(WORDS, weights, k=dice.randint(1, 60))) for _ in range(2)]
        for library in (store, other):
            library.add(make_entry(f"/{number}.md", texts))
    for library in (store, other):
        library.forget(["/3.md", "/77.md"])
    ids = store.documents.vector_ids().tolist()
    assert ids == other.documents.vector_ids().tolist()
    for _ in range(40):
        groups = [dice.sample(WORDS, 2), dice.sample(WORDS, 1)]
        for allowed in (None, ids[::3]):
            found, expected = (
                dict(library.keywords.search(groups, 300, allowed)) for library in (store, other)
            )
            assert found == pytest.approx(expected, rel=1e-6)
        assert sorted(store.keywords.holding(WORDS[5:7])) == other.keywords.holding(WORDS[5:7])
    assert store.keywords.frequencies(WORDS) == other.keywords.frequencies(WORDS)
    assert store.keywords.similar("palabar") == other.keywords.similar("palabar")
    other.close()


def test_a_lost_connection_is_stated_and_made_anew(store: Store, postgres: Server) -> None:
    store.add(make_entry("/a.md", ["uno"]))
    postgres.run(CUT)
    with pytest.raises(RagError, match="does not answer") as caught:
        store.documents.counts()
    assert "start the server" in caught.value.next_command
    assert store.documents.counts() == (1, 1)
    assert store.check() == []


def test_a_transaction_that_is_cut_leaves_nothing(store: Store, postgres: Server) -> None:
    def cut() -> None:
        with store.transaction():
            store.add(make_entry("/a.md", ["uno"]))
            postgres.run(CUT)
            store.add(make_entry("/b.md", ["dos"]))

    with pytest.raises(RagError, match="does not answer"):
        cut()
    assert store.documents.counts() == (0, 0)
    assert store.check() == []


def test_changes_come_one_after_another(store: Store) -> None:
    other = Store(store.folder, store.address)
    began, seen = threading.Event(), []

    def wait() -> None:
        began.set()
        with other.transaction():
            seen.append(other.documents.counts())

    with store.transaction():
        thread = threading.Thread(target=wait)
        thread.start()
        assert began.wait(60)
        store.add(make_entry("/a.md", ["uno"]))
        assert seen == []
    thread.join(60)
    assert seen == [(1, 1)]
    other.close()


def test_another_format_is_refused_and_an_older_one_migrated(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.transaction() as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'format'")
    with pytest.raises(RagError, match="format 99"):
        Store(store.folder, store.address)
    with store.transaction() as connection:
        connection.execute("UPDATE meta SET value = '0' WHERE key = 'format'")
    steps = {0: "CREATE TABLE newer (id BIGINT); INSERT INTO newer VALUES (7);"}
    monkeypatch.setattr("rag.storage.postgres.tables._MIGRATIONS", steps)
    for _ in range(2):
        migrated = Store(store.folder, store.address)
        assert migrated.connection().execute("SELECT id FROM newer").fetchone()[0] == 7
        migrated.close()


@pytest.mark.parametrize(
    ("change", "cause", "advice"),
    [
        (("dbname=", "dbname=nowhere"), "no such database", "createdb"),
        (("host=/", "host=/nowhere/"), "does not answer", "start the server"),
    ],
)
def test_a_database_that_cannot_be_used_is_named(
    address: str, tmp_path: Path, change: tuple[str, str], cause: str, advice: str
) -> None:
    wrong = f"{address}&{change[1]}" if change[0] == "dbname=" else address.replace(*change)
    with pytest.raises(RagError, match=cause) as caught:
        Store(tmp_path / "folder", wrong)
    assert advice in caught.value.next_command
    assert "postgresql://" in caught.value.message


def test_the_engine_is_named_and_an_old_pgvector_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = status_of(store, "bundled", None)
    assert status.consistent
    versions, _, index = status.engine.partition("; ")
    assert re.fullmatch(r"PostgreSQL \d+\.\d+, pgvector \d+\.\d+\.\d+", versions)
    assert index == "0 vectors, compared exactly"
    monkeypatch.setattr("rag.storage.postgres.vector_index.LARGE", 2)
    fill(store)
    assert store.index is not None
    assert (
        store.index.health()
        == "5 vectors, compared exactly; the next ingest makes their HNSW graph"
    )
    store.index.renew()
    assert re.fullmatch(r"5 vectors in an HNSW graph of \d\.\d MB", store.index.health())
    monkeypatch.setattr("rag.storage.postgres.database.Database._pgvector", lambda _: "0.7.4")
    with pytest.raises(RagError, match=r"has pgvector 0\.7\.4") as caught:
        Store(store.folder, store.address)
    assert "ALTER EXTENSION" in caught.value.next_command


def test_a_table_that_is_gone_is_a_damage(store: Store) -> None:
    with store.transaction() as connection:
        connection.execute("DROP TABLE keyword_counts")
    with pytest.raises(LibraryDamaged, match="keyword_counts"):
        store.keywords.frequencies(["uno"])


def test_vectors_come_back_bit_for_bit(store: Store) -> None:
    entry = make_entry("/a.md", ["uno", "dos"])
    store.add(entry)
    ((ids, rows),) = store.documents.vector_blocks()
    np.testing.assert_array_equal(rows, entry.vectors)
    assert list(store.documents.vectors_of(ids.tolist())) == ids.tolist()


def test_nothing_of_a_removed_text_is_left_in_the_servers_files(
    store: Store, postgres: Server
) -> None:
    words = ("zarapito-trinador", "correlimos")
    store.add(make_entry("/r/zarapito-trinador.md", ["un zarapito-trinador y un correlimos"]))
    store.add(make_entry("/r/b.md", ["otro texto"]))
    kept = Conversations(store.folder, store.database)
    turn = kept.ask(kept.begin("¿Y el correlimos?").id, "¿Y el correlimos?")
    assert len(postgres.files_with(*words)) > 1
    kept.drop(turn)
    kept.delete([conversation.id for conversation in kept.all()])
    store.remove(["/r/zarapito-trinador.md"])
    assert store.purging.due
    with store.writing():
        assert settle(store)[1].complete
    assert not store.purging.due
    assert postgres.files_with(*words) == set()
    assert store.documents.counts() == (1, 1)
    assert store.check() == []


def test_a_server_that_keeps_its_log_is_told_of(store: Store, postgres: Server) -> None:
    store.add(make_entry("/r/a.md", ["uno"]))
    store.forget(["/r/a.md"])
    postgres.run("ALTER SYSTEM SET wal_recycle = on")
    postgres.run("SELECT pg_reload_conf()")
    try:
        purge = store.purging.run()
        while purge.complete:  # the setting has not arrived yet
            store.add(make_entry("/r/a.md", ["uno"]))
            store.forget(["/r/a.md"])
            purge = store.purging.run()
    finally:
        postgres.run("ALTER SYSTEM SET wal_recycle = off")
        postgres.run("SELECT pg_reload_conf()")
    assert "ALTER SYSTEM SET wal_recycle = off" in purge.reason
    assert store.purging.due
