"""The store against a plain dict, over a thousand random steps, and its edges one by one."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from rag.errors import LibraryBusy, LibraryDamaged, RagError, UsageError
from rag.generations import open_index
from rag.schema import Filters, Outcome
from rag.store import Store
from rag.store.database import FILE_NAME
from rag.vectors import FaissIndex
from tests.fakes import FakeEmbedder, make_entry, make_record

SOURCES = [f"/root/{name}.md" for name in ("a", "b", "c", "sub/d")]
WORDS = ["uno", "dos", "tres", "arb-77", "ñandú"]
texts = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join), max_size=3)
bodies = texts.filter(bool).map(tuple)
sources = st.sampled_from(SOURCES)


class StoreMachine(RuleBasedStateMachine):
    """Does to a store what an ingest does, and to `files` the same by hand."""

    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.store = Store(self.folder)
        self.store.generations.set_embedder("fake:1")
        self.files: dict[str, tuple[str, ...]] = {}
        self.seen: dict[int, tuple[int, str]] = {}  # chunk id -> (document id, text), for ever
        self.index: FaissIndex = open_index(self.store)[0]

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    @rule(source=sources, body=bodies)
    def add_or_change(self, source: str, body: tuple[str, ...]) -> None:
        entry = make_entry(source, body)
        with self.store.transaction():
            held = self.store.documents.find(entry.record.content_hash)
            if held is None:
                self.store.add(entry)
            else:
                self.store.record(entry.record, held)
        self.files[source] = body

    @rule(source=sources)
    def remove(self, source: str) -> None:
        self.store.forget([source])
        self.files.pop(source, None)

    @rule(old=sources, new=sources)
    def rename(self, old: str, new: str) -> None:
        known = self.store.ledger.get(old)
        if known is None or known.document_id is None or old == new:
            return
        with self.store.transaction():
            path = new.rsplit("/", 1)[-1]
            self.store.record(replace(known, source=new, path=path), known.document_id)
            self.store.ledger.forget([old])
        self.files[new] = self.files.pop(old)

    @rule(source=sources)
    def change_to_broken(self, source: str) -> None:
        self.store.record(make_record(source, "0", outcome=Outcome.CRASHED), None)
        self.files.pop(source, None)

    @rule(source=sources, body=bodies)
    def fail_in_the_middle(self, source: str, body: tuple[str, ...]) -> None:
        with contextlib.suppress(KeyboardInterrupt), self.store.transaction():
            self.store.forget(SOURCES)
            self.store.add(make_entry(source, (*body, "nunca")))
            raise KeyboardInterrupt

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = Store(self.folder)

    @rule()
    def renew_index(self) -> None:
        self.index = open_index(self.store)[0]
        assert self.index.ids().tolist() == sorted(self.store.documents.chunks(self.all_ids()))

    @rule(word=st.sampled_from(WORDS))
    def search_keywords(self, word: str) -> None:
        part = "arb" if word == "arb-77" else word
        found = self.store.keywords.search([(part,)], 1000)
        held = {text for body in self.files.values() for text in body if word in text.split()}
        chunks = self.store.documents.chunks(key for key, _ in found)
        assert len(chunks) == len(found)
        assert {chunk.text for chunk, _, _ in chunks.values()} == held
        assert all(score > 0 for _, score in found)

    @rule(body=bodies)
    def search_vectors(self, body: tuple[str, ...]) -> None:
        """With whatever generation was last opened, stale ones too."""
        query = FakeEmbedder().encode_queries(body[:1])[0]
        found = dict(self.index.search(query, 1000))
        for key, (chunk, _, path) in self.store.documents.chunks(found).items():
            assert self.seen[key] == (chunk.document_id, chunk.text)
            assert any(
                source.endswith(path) and chunk.text in self.files[source] for source in self.files
            )
            own = FakeEmbedder().encode_documents([chunk.text])[0]
            assert found[key] == pytest.approx(float(own @ query), abs=1e-5)

    @invariant()
    def holds_what_it_should(self) -> None:
        StoreMachine.steps += 1
        assert self.store.check() == []
        documents = {"\n".join(body): body for body in self.files.values()}
        chunks = sum(map(len, documents.values()))
        assert self.store.documents.counts() == (len(documents), chunks)
        for source, body in self.files.items():
            record = self.store.ledger.get(source)
            document = self.store.documents.get(record.document_id or 0) if record else None
            assert document is not None
            assert document.text == "\n".join(body)

    @invariant()
    def never_gives_an_id_twice(self) -> None:
        for key, (chunk, _, _) in self.store.documents.chunks(self.all_ids()).items():
            known = (chunk.document_id, chunk.text)
            if key not in self.seen:
                assert key > max(self.seen, default=0) - 10, "ids grow"
            assert self.seen.setdefault(key, known) == known

    def all_ids(self) -> list[int]:
        return self.store.documents.vectors()[0].tolist()


def test_a_thousand_random_steps() -> None:
    StoreMachine.steps = 0
    run_state_machine_as_test(
        StoreMachine, settings=settings(max_examples=30, stateful_step_count=45)
    )
    assert StoreMachine.steps >= 1000


# --- edges ---------------------------------------------------------------------------------------


def test_what_is_stored_comes_back(store: Store) -> None:
    entry = make_entry("/root/sub/a.md", ["uno dos", "ñandú 🙂"], path="sub/a.md")
    number = store.add(entry)
    document = store.documents.get(number)
    assert document == replace(entry.document, id=number)
    (info,) = store.documents.infos()
    assert (info.path, info.source, info.chunks, info.suffix) == (
        "sub/a.md",
        "/root/sub/a.md",
        2,
        ".md",
    )
    ids, vectors = store.documents.vectors()
    np.testing.assert_array_equal(vectors, entry.vectors)
    for key, original in zip(ids.tolist(), entry.chunks, strict=True):
        chunk, title, path = store.documents.chunks([key])[key]
        assert chunk == replace(original, id=key, document_id=number, language="es")
        assert (title, path) == (entry.document.title, "sub/a.md")


def test_chunks_of_many_ids_at_once(store: Store) -> None:
    store.add(make_entry("/a.md", [f"texto {i}" for i in range(1200)]))
    assert len(store.documents.chunks(range(5000))) == 1200


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        (Filters(paths=("docs",)), {"docs/a.md", "docs/sub/b.PDF"}),
        (Filters(paths=("docs/",)), {"docs/a.md", "docs/sub/b.PDF"}),
        (Filters(paths=("docs/sub",)), {"docs/sub/b.PDF"}),
        (Filters(paths=("docs/a.md", "100%.md")), {"docs/a.md", "100%.md"}),
        (Filters(paths=("1__%.md",)), set()),
        (Filters(paths=("doc",)), set()),
        (Filters(suffixes=(".pdf",)), {"docs/sub/b.PDF"}),
        (Filters(suffixes=(".pdf", ".md"), paths=("docs/sub",)), {"docs/sub/b.PDF"}),
        (Filters(languages=("es",)), {"docs/a.md", "docs/sub/b.PDF", "docs2/c.md", "100%.md"}),
        (Filters(languages=("en",)), set()),
        (Filters(paths=("x' OR '1'='1",)), set()),
    ],
)
def test_filters_act_inside_both_searches(store: Store, filters: Filters, wanted: set[str]) -> None:
    for number, path in enumerate(("docs/a.md", "docs/sub/b.PDF", "docs2/c.md", "100%.md")):
        store.add(make_entry(f"/root/{path}", [f"uno {number}"], path=path))
    allowed = store.documents.chunks(store.documents.allowed(filters))
    assert {path for _, _, path in allowed.values()} == wanted
    found = store.keywords.search([("uno",)], 9, filters)
    assert {key for key, _ in found} == set(allowed)


@pytest.mark.parametrize("term", ['"', "OR", "uno*", "NEAR(", "a:b", "-", "'", "^", "中", "🙂"])
def test_terms_are_never_operators(store: Store, term: str) -> None:
    store.add(make_entry("/a.md", ["uno dos"]))
    assert store.keywords.search([(term,), ("uno",)], 5) or term == "uno*"
    assert store.keywords.search([(term,)], 5) in ([], store.keywords.search([("uno",)], 5))


def test_frequencies(store: Store) -> None:
    store.add(make_entry("/a.md", ["uno dos", "uno uno"]))
    assert store.keywords.frequencies(["uno", "dos", "tres"]) == {"uno": 2, "dos": 1}
    assert store.keywords.frequencies([]) == {}


def test_a_name_is_never_a_pattern(store: Store) -> None:
    for source in ("/r/a_b/x.md", "/r/aXb/x.md", "/r/a_b.md"):
        store.add(make_entry(source, [source]))
    assert [record.source for record in store.ledger.below("/r/a_b")] == ["/r/a_b/x.md"]
    assert len(store.ledger.below("/")) == 3
    assert store.ledger.counts() == {Outcome.OK: 3}


def test_deleted_text_leaves_the_disk(store: Store) -> None:
    store.add(make_entry("/a.md", ["una palabra secreta"]))
    store.forget(["/a.md"])
    store.close()
    connection = sqlite3.connect(store.folder / FILE_NAME)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    assert b"palabra secreta" not in (store.folder / FILE_NAME).read_bytes()


def test_a_snapshot_does_not_move(store: Store) -> None:
    other = Store(store.folder)
    with store.snapshot():
        before = store.documents.counts()
        other.add(make_entry("/a.md", ["uno"]))
        assert store.documents.counts() == before
    assert store.documents.counts() == (1, 1)
    other.close()


def test_threads_that_are_gone_leave_no_connections(store: Store) -> None:
    listing = Path("/proc/self/fd")
    if not listing.is_dir():
        pytest.skip("counts open files the Linux way")

    def held() -> int:
        links = (str(link.readlink()) for link in listing.iterdir() if link.is_symlink())
        return sum(FILE_NAME in link for link in links)

    for _ in range(40):
        thread = threading.Thread(target=store.documents.counts)
        thread.start()
        thread.join()
    assert held() <= 10


def test_threads_read_and_write_together(store: Store) -> None:
    def work(name: int) -> None:
        try:
            for number in range(5):
                store.add(make_entry(f"/{name}-{number}.md", [f"uno {name} {number}"]))
                assert store.keywords.search([("uno",)], 50)
        except BaseException as error:
            failures.append(error)

    failures: list[BaseException] = []
    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert store.documents.counts() == (20, 20)
    assert store.check() == []


OPEN = """
import sys
from pathlib import Path
from rag.store import Store
sys.stdin.readline()
Store(Path(sys.argv[1])).close()
"""


def test_many_processes_create_one_library(tmp_path: Path) -> None:
    arguments = [sys.executable, "-c", OPEN, str(tmp_path / "new")]
    children = [
        subprocess.Popen(arguments, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for child in children:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    assert [child.communicate()[1] for child in children] == [""] * 4
    assert Store(tmp_path / "new").check() == []


def test_one_writer(store: Store) -> None:
    other = Store(store.folder)
    with store.writing():
        with store.writing():  # the holder may nest it
            pass
        with pytest.raises(LibraryBusy, match=str(os.getpid())), other.writing():
            pass
    with other.writing():
        pass
    other.close()


def test_a_full_disk_loses_nothing_that_was_there(store: Store) -> None:
    store.add(make_entry("/a.md", ["uno"]))
    with store.transaction() as _:
        pass
    connection = store._database.connection()
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        store.add(make_entry("/b.md", ["dos " * 50_000]))
    connection.execute("PRAGMA max_page_count = 1000000")
    assert store.documents.counts() == (1, 1)
    assert store.check() == []
    store.add(make_entry("/b.md", ["dos"]))


@pytest.mark.parametrize("content", [b"not a database at all, but long enough " * 50, b"\0" * 4096])
def test_a_file_that_is_no_library_is_damaged(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(LibraryDamaged, match=FILE_NAME) as caught:
        Store(tmp_path)
    assert caught.value.next_command
    assert (tmp_path / FILE_NAME).read_bytes() == content


def test_a_library_of_another_format_is_refused(store: Store) -> None:
    connection = sqlite3.connect(store.folder / FILE_NAME)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(RagError, match="format 99"):
        Store(store.folder)


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("x")
    with pytest.raises(UsageError, match="taken"):
        Store(tmp_path / "taken")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM vectors", "without a vector"),
        ("DELETE FROM keywords", "without search terms"),
        ("UPDATE chunks SET text = 'corto'", "differ from their document"),
        ("INSERT INTO keywords (rowid, terms) VALUES (99, 'x')", "without a chunk"),
        ("DELETE FROM files", "of no file"),
        ("DELETE FROM chunks", "without chunks"),
    ],
)
def test_check_tells_what_is_wrong(store: Store, statement: str, said: str) -> None:
    store.add(make_entry("/a.md", ["uno dos"]))
    connection = sqlite3.connect(store.folder / FILE_NAME)
    connection.execute(statement)
    connection.commit()
    connection.close()
    assert any(said in problem for problem in store.check())
