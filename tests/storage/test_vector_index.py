"""The FAISS file: right neighbours, whole or not at all, and never read unless it is the one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rag.errors import LibraryDamaged
from rag.storage import Generation
from rag.storage.vector_index import FaissIndex, set_aside, sweep
from tests.helpers.contracts import Filled, VectorIndexContract
from tests.helpers.fakes import FakeEmbedder
from tests.helpers.vectors import index_of

IDS = [3, 4, 9, 40, 41, 2**40]
WORDS = ["uno", "dos", "tres", "cuatro", "cinco", "seis"]


def build(words: list[str] = WORDS, ids: list[int] = IDS) -> FaissIndex:
    return index_of(np.array(ids, np.int64), FakeEmbedder().encode_documents(words))


class TestFaissIndex(VectorIndexContract):
    @pytest.fixture
    def filled(self) -> Filled:
        return build(), IDS, FakeEmbedder().encode_documents(WORDS)


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    empty = index_of(np.empty(0, np.int64), np.empty((0, 0), np.float32))
    assert empty.search(np.ones(64, np.float32), 5) == []
    again = FaissIndex.read(tmp_path, empty.write(tmp_path, "index"))
    assert again.count == 0


def test_what_is_written_is_read(tmp_path: Path) -> None:
    index = build()
    facts = index.write(tmp_path, "index")
    assert [path.name for path in tmp_path.iterdir()] == [facts.file]
    assert (facts.count, facts.dimension, facts.first_id, facts.last_id) == (6, 64, 3, 2**40)
    again = FaissIndex.read(tmp_path, facts)
    query = FakeEmbedder().encode_queries(["dos"])[0]
    assert again.search(query, 6) == index.search(query, 6)
    assert again.ids().tolist() == IDS


def other(path: Path) -> None:
    facts = build(WORDS[::-1]).write(path.parent, "other")
    (path.parent / facts.file).replace(path)


def to_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "deleted": lambda path: path.unlink(),
    "a folder": to_folder,
    "emptied": lambda path: path.write_bytes(b""),
    "zeroed": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "halved": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"\0"),
    "a bit flipped": flip,
    "another": other,
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_damage_is_seen_before_faiss_reads(
    tmp_path: Path, damage: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    import faiss

    facts = build().write(tmp_path, "index")
    damage(tmp_path / facts.file)
    reached: list[str] = []
    monkeypatch.setattr(faiss, "read_index", reached.append)
    with pytest.raises(LibraryDamaged, match=facts.file):
        FaissIndex.read(tmp_path, facts)
    assert reached == []


@pytest.mark.parametrize(
    "change", [{"count": 5}, {"dimension": 32}, {"first_id": 1}, {"last_id": 41}]
)
def test_a_record_that_disagrees_is_refused(tmp_path: Path, change: dict[str, int]) -> None:
    facts: Generation = replace(build().write(tmp_path, "index"), **change)  # type: ignore[arg-type]
    with pytest.raises(LibraryDamaged, match="record"):
        FaissIndex.read(tmp_path, facts)


def test_a_file_that_this_faiss_does_not_read_is_refused(tmp_path: Path) -> None:
    written = build().write(tmp_path, "index")
    path = tmp_path / written.file
    content = b"what?" + path.read_bytes()[5:]
    path.write_bytes(content)
    with pytest.raises(LibraryDamaged, match="cannot be read"):
        FaissIndex.read(tmp_path, replace(written, sha256=hashlib.sha256(content).hexdigest()))


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(hashlib, "file_digest", full)
    with pytest.raises(OSError, match="no space"):
        build().write(tmp_path, "index")
    assert list(tmp_path.iterdir()) == []


def test_sweep_keeps_one_and_set_aside_renames(tmp_path: Path) -> None:
    for name in ("index-a.faiss", "index-b.faiss", ".index.99.tmp", "library.sqlite"):
        (tmp_path / name).write_bytes(b"x")
    sweep(tmp_path, keep="index-b.faiss")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["index-b.faiss", "library.sqlite"]
    set_aside(tmp_path, "index-b.faiss")
    set_aside(tmp_path, "never-there.faiss")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["index-b.corrupt", "library.sqlite"]
