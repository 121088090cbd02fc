"""The index follows the store: whatever happens to its file, the same neighbours come back."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

import rag.indexing.index_sync
import rag.storage.vector_index
from rag.indexing import reindex
from rag.indexing.index_sync import _build, open_index, publish
from rag.protocols import Vectors
from rag.storage import Store
from rag.storage.vector_index import FaissIndex
from tests.helpers.fakes import FakeEmbedder, make_entry
from tests.helpers.vectors import all_vectors, index_of
from tests.storage.test_vector_index import DAMAGE

QUERY = FakeEmbedder().encode_queries(["el ascensor"])[0]
TEXTS = ["el ascensor admite ocho", "la garantía", "el mantenimiento", "dos años"]

HOLD = """
import sys
from pathlib import Path
from rag.storage import Store
with Store(Path(sys.argv[1])).writing():
    print("held", flush=True)
    sys.stdin.read()
"""


@contextlib.contextmanager
def another_process_writing(store: Store) -> Iterator[None]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(store.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            yield
        finally:
            holder.kill()


@pytest.fixture
def filled(store: Store) -> Store:
    store.generations.set_embedder("fake:1")
    for number, text in enumerate(TEXTS):
        store.add(make_entry(f"/d/{number}.md", [text]))
    with store.writing():
        publish(store)
    return store


def file_of(store: Store) -> Path:
    generation = store.generations.current()
    assert generation is not None
    return store.folder / generation.file


def index_files(store: Store) -> list[Path]:
    return [*store.folder.glob("*.faiss"), *store.folder.glob(".*.tmp")]


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_file_is_rebuilt_with_the_same_neighbours(
    filled: Store, damage: Callable[[Path], object], caplog: pytest.LogCaptureFixture
) -> None:
    before = open_index(filled)[0].search(QUERY, 4)
    damage(file_of(filled))
    index, _ = open_index(filled)
    assert index.search(QUERY, 4) == before
    assert "rebuilt" in caplog.text
    caplog.clear()
    assert open_index(filled)[0].search(QUERY, 4) == before
    assert caplog.text == ""
    assert index_files(filled) == [file_of(filled)]


def test_the_file_of_an_older_generation_is_not_taken_for_the_new_one(filled: Store) -> None:
    old = file_of(filled).read_bytes()
    filled.forget(["/d/0.md"])
    filled.add(make_entry("/d/9.md", ["un texto nuevo"]))
    wanted = open_index(filled)[0].search(QUERY, 9)
    file_of(filled).write_bytes(old)
    assert open_index(filled)[0].search(QUERY, 9) == wanted


def test_a_current_file_is_read_not_written(filled: Store) -> None:
    before = file_of(filled).stat()
    generation = open_index(filled)[1]
    assert open_index(filled)[1] == generation != 0
    assert file_of(filled).stat().st_mtime_ns == before.st_mtime_ns


def test_leftovers_of_a_killed_writer_are_swept(filled: Store) -> None:
    (filled.folder / ".index.4711.tmp").write_bytes(b"half")
    (filled.folder / "index-dead.faiss").write_bytes(b"never current")
    filled.forget(["/d/0.md"])
    open_index(filled)
    assert index_files(filled) == [file_of(filled)]


def test_a_change_makes_a_new_generation(filled: Store) -> None:
    before, old = open_index(filled)
    filled.add(make_entry("/d/9.md", ["el ascensor"]))
    after, new = open_index(filled)
    assert new > old
    assert (before.count, after.count) == (4, 5)
    assert after.search(QUERY, 1)[0][1] == pytest.approx(1, abs=1e-5)


def neighbours(index: FaissIndex) -> dict[int, float]:
    return dict(index.search(QUERY, 99))


@pytest.mark.parametrize("large", [10_000, 3], ids=["exact", "half precision"])
def test_a_small_change_is_made_to_the_file_of_before(
    filled: Store, monkeypatch: pytest.MonkeyPatch, large: int
) -> None:
    monkeypatch.setattr(rag.storage.vector_index, "LARGE", large)
    with filled.writing():
        filled.generations.drop()
        publish(filled)
        filled.forget(["/d/1.md"])
        filled.add(make_entry("/d/new.md", ["otro ascensor", "y otro"]))
        expected, _ = _build(filled)
        with monkeypatch.context() as patch:
            patch.setattr(rag.indexing.index_sync, "_build", lambda *_: pytest.fail("built anew"))
            index, _ = publish(filled)
    ids = filled.documents.vector_ids().tolist()
    assert index.ids().tolist() == ids
    assert neighbours(index) == neighbours(expected) == neighbours(open_index(filled)[0])
    assert len(neighbours(index)) == len(ids) == 5


def test_when_much_has_gone_the_index_is_built_anew(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with filled.writing():
        filled.forget(["/d/1.md", "/d/2.md"])
        monkeypatch.setattr(FaissIndex, "remove", lambda *_: pytest.fail("moved in place"))
        assert publish(filled)[0].ids().tolist() == filled.documents.vector_ids().tolist()


def test_an_index_that_has_grown_large_changes_to_half_precision(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = file_of(filled).stat().st_size
    monkeypatch.setattr(rag.storage.vector_index, "LARGE", 5)
    filled.add(make_entry("/d/new.md", ["otro ascensor"]))
    with filled.writing():
        index, _ = publish(filled)
    assert index.count == 5
    assert file_of(filled).stat().st_size < before
    query = FakeEmbedder().encode_queries(["otro ascensor"])[0]
    assert index.search(query, 1)[0][1] == pytest.approx(1, abs=1e-3)


def test_the_same_ids_with_other_vectors_are_not_taken_over(filled: Store) -> None:
    class Turned(FakeEmbedder):
        def encode_documents(self, texts: Sequence[str]) -> Vectors:
            return -super().encode_documents(texts)

    before = neighbours(open_index(filled)[0])
    with filled.writing():
        reindex(filled, Turned(), lambda done, total: None, lambda: False)
        after = neighbours(publish(filled)[0])
    assert after == neighbours(index_of(*all_vectors(filled))) != before


def test_while_another_process_writes_the_stale_one_answers(filled: Store) -> None:
    before = open_index(filled)[0].search(QUERY, 9)
    filled.add(make_entry("/d/9.md", ["el ascensor"]))
    with another_process_writing(filled):
        index, generation = open_index(filled)
        assert index.search(QUERY, 9) == before
        assert generation != 0
    assert open_index(filled)[0].count == 5


def test_while_another_process_writes_a_damaged_one_is_made_in_memory(filled: Store) -> None:
    before = open_index(filled)[0].search(QUERY, 9)
    file_of(filled).write_bytes(b"")
    with another_process_writing(filled):
        index, generation = open_index(filled)
        assert (index.search(QUERY, 9), generation) == (before, 0)
        assert index_files(filled) == []
    assert open_index(filled)[0].search(QUERY, 9) == before


def test_vectors_of_another_model_never_answer(filled: Store) -> None:
    # another process has embedded all again and is about to publish
    wide = FakeEmbedder("fake:2", dimension=96)
    reindex(filled, wide, lambda done, total: None, lambda: False)
    with another_process_writing(filled):
        index, _ = open_index(filled)
        found = index.search(wide.encode_queries(["la garantía"])[0], 1)
    texts = {
        key: chunk.text for key, (chunk, _, _) in filled.documents.chunks([1, 2, 3, 4]).items()
    }
    assert texts[found[0][0]] == "la garantía"
    assert index.dimension == 96


def test_a_deleted_chunk_is_never_found_again(filled: Store) -> None:
    stale, _ = open_index(filled)
    gone = {key for key, _ in stale.search(QUERY, 4)}
    filled.forget([f"/d/{number}.md" for number in range(4)])
    filled.add(make_entry("/d/0.md", ["otra cosa", "el ascensor baja"]))
    index, _ = open_index(filled)
    ids = set(index.ids().tolist())
    assert not ids & gone
    # the stale index may name chunks that are gone, never a chunk that is another one now
    assert filled.documents.chunks(key for key, _ in stale.search(QUERY, 4)) == {}


def test_an_empty_library_has_an_empty_index(store: Store) -> None:
    index, generation = open_index(store)
    assert (index.count, index.search(QUERY, 5)) == (0, [])
    assert generation != 0
    store.generations.set_embedder("fake:1")
    store.add(make_entry("/d/a.md", ["uno"]))
    store.forget(["/d/a.md"])
    np.testing.assert_array_equal(open_index(store)[0].ids(), [])


def test_a_reindex_adds_the_terms_that_an_older_version_did_not_know(filled: Store) -> None:
    filled.add(make_entry("/d/code.md", ["incidencia PPR-9087"]))  # terms are plain words here
    assert not filled.keywords.frequencies(["ppr9087"])
    with filled.writing():
        reindex(filled, FakeEmbedder(), lambda done, total: None, lambda: False)
    assert filled.keywords.frequencies(["ppr9087"]) == {"ppr9087": 1}
    assert [key for key, _ in filled.keywords.search([["garant"]], 5)]
