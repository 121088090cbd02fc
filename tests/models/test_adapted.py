"""A library's own model: its files, and a library that is searched through it and back."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from rag.errors import ModelMissing
from rag.indexing import reindex
from rag.indexing.index_sync import adopt, model_of, open_index
from rag.library import Library
from rag.models import Adaptation, load_adaptation
from rag.models.adapted import before, next_name, save_adaptation
from rag.models.batching import unit
from rag.storage import Generation, Store
from rag.storage.generations import Generations
from tests.helpers.answering import open_library, write_files
from tests.helpers.fakes import DIMENSION, FakeEmbedder

FILES = {
    "ascensor.md": "# Ascensor\n\nEl ascensor admite ocho personas. Se revisa cada mes.\n",
    "garantia.txt": "La garantía dura dos años. No cubre el mal uso.\n",
}
NEAR = 1e-5
"""Between a cosine and the same one added in another order: some rounding errors of 6e-8 each. Of
the cosine itself, which may be near zero: a share of it, pytest's default, would be less than one.
"""
WARRANTY = "¿Cuánto dura la garantía?"


def adaptation(name: str = "embedder-1", base: str = "fake:1", seed: int = 0) -> Adaptation:
    """A map near the identity that is none."""
    noise = np.random.default_rng(seed).normal(size=(DIMENSION, DIMENSION))
    matrix = (np.eye(DIMENSION) + 0.3 * noise / np.sqrt(DIMENSION)).astype(np.float32)
    return Adaptation(name, base, None, matrix, {"figures": {"gain": 0.1}})


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    folder = write_files(tmp_path / "docs", FILES)
    with open_library(tmp_path / "library") as opened:
        opened.ingest([folder])
        yield opened


@pytest.fixture
def store(library: Library) -> Iterator[Store]:
    """The library's store, as another process has it."""
    opened = Store(library.settings.library)
    yield opened
    opened.close()


def take(store: Store, own: Adaptation | None) -> None:
    if own is not None:
        save_adaptation(store.folder, own)
    with store.writing():
        adopt(store, own)


# --- files ---


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    own = adaptation()
    folder = save_adaptation(tmp_path, own)
    assert sorted(path.name for path in folder.iterdir()) == ["map.npy", "model.json"]
    assert [path.name for path in folder.parent.iterdir()] == ["embedder-1"]  # nothing half done
    found = load_adaptation(tmp_path, own.fingerprint)
    np.testing.assert_array_equal(found.matrix, own.matrix)
    assert (found.name, found.base, found.before) == (own.name, own.base, None)
    assert found.record == own.record
    assert found.fingerprint == own.fingerprint
    assert own.fingerprint.startswith("fake:1+embedder-1:")
    assert next_name(tmp_path) == "embedder-2"


def test_another_map_is_another_model() -> None:
    assert adaptation(seed=0).fingerprint != adaptation(seed=1).fingerprint


@pytest.mark.parametrize("damage", ["changed", "cut", "gone", "manifest", "pickled", "swapped"])
def test_a_damaged_model_is_refused_with_the_way_back(tmp_path: Path, damage: str) -> None:
    own = adaptation()
    folder = save_adaptation(tmp_path, own)
    content = (folder / "map.npy").read_bytes()
    if damage == "changed":
        (folder / "map.npy").write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    elif damage == "cut":
        (folder / "map.npy").write_bytes(content[:-4])
    elif damage == "gone":
        (folder / "map.npy").unlink()
    elif damage == "manifest":
        (folder / "model.json").write_text("{}", encoding="utf-8")
    elif damage == "pickled":  # with its hash in order
        buffer = io.BytesIO()
        np.save(buffer, np.array([{}]), allow_pickle=True)
        (folder / "map.npy").write_bytes(buffer.getvalue())
        manifest = json.loads((folder / "model.json").read_text("utf-8"))
        digest = hashlib.sha256(buffer.getvalue()).hexdigest()
        facts = {"bytes": len(buffer.getvalue()), "sha256": digest}
        manifest["files"]["map.npy"] = facts
        (folder / "model.json").write_text(json.dumps(manifest), encoding="utf-8")
    else:
        save_adaptation(tmp_path / "other", adaptation(seed=1))
        for path in (tmp_path / "other/models/embedder-1").iterdir():
            (folder / path.name).write_bytes(path.read_bytes())
    with pytest.raises(ModelMissing) as stated:
        load_adaptation(tmp_path, own.fingerprint)
    assert stated.value.next_command == "rag train rollback"


def test_what_came_before_is_known_only_over_the_same_embedder(tmp_path: Path) -> None:
    first = adaptation()
    second = Adaptation("embedder-2", "fake:1", first.fingerprint, first.matrix, {})
    other = Adaptation("embedder-3", "fake:2", first.fingerprint, first.matrix, {})
    for each in (second, other):
        save_adaptation(tmp_path, each)
    assert before(tmp_path, second.fingerprint) == first.fingerprint
    assert before(tmp_path, other.fingerprint) is None
    assert before(tmp_path, first.fingerprint) is None  # its folder is gone


# --- a library that is searched through it ---


def test_the_index_and_the_questions_are_mapped_and_the_store_is_not(
    library: Library, store: Store
) -> None:
    ids, rows = store.documents.vectors()
    plain = open_index(store)[0]
    own = adaptation()
    take(store, own)
    assert library.status().embedder == own.fingerprint == model_of(store)
    mapped, _ = open_index(store)
    query = FakeEmbedder().encode_queries([WARRANTY])[0]
    expected = unit(rows @ own.matrix.T) @ unit(query[None] @ own.matrix.T)[0]
    by_hand = dict(zip(ids, expected, strict=True))
    assert dict(mapped.search(query, 9)) == pytest.approx(by_hand, abs=NEAR)
    np.testing.assert_array_equal(store.documents.vectors()[1], rows)
    take(store, None)
    assert open_index(store)[0].search(query, 9) == plain.search(query, 9)
    assert library.status().embedder == "fake:1"


def test_a_library_that_is_open_takes_the_new_model_at_the_next_question(
    library: Library, store: Store
) -> None:
    def dense() -> float:
        return library.search(WARRANTY)[0].signals.dense

    plain = dense()
    take(store, adaptation())
    assert dense() != pytest.approx(plain, abs=1e-4)
    take(store, None)
    assert dense() == pytest.approx(plain, abs=NEAR)


def test_what_is_ingested_and_removed_later_is_mapped_too(
    library: Library, store: Store, tmp_path: Path
) -> None:
    own = adaptation()
    take(store, own)
    library.ingest([write_files(tmp_path / "more", {"norma.txt": "La norma siete es nueva.\n"})])
    status = library.status()
    assert (status.documents, status.consistent, status.embedder) == (3, True, own.fingerprint)
    said = FakeEmbedder().encode_queries(["La norma siete es nueva."])[0]
    assert open_index(store)[0].search(said, 1)[0][1] > 0.9
    library.remove([Path("norma.txt")])
    assert library.status().embedder == own.fingerprint


def test_killed_before_the_switch_all_is_as_it_was(
    library: Library, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_kill = library.search(WARRANTY)

    def killed(self: Generations, generation: Generation) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Generations, "switch", killed)
        with pytest.raises(KeyboardInterrupt):
            take(store, adaptation())
    assert model_of(store) == "fake:1"
    assert library.search(WARRANTY) == before_kill
    assert library.status().consistent


def test_another_embedder_leaves_the_map_behind(store: Store) -> None:
    take(store, adaptation())
    with store.writing():
        reindex(store, FakeEmbedder(fingerprint="fake:2"), lambda done, total: None, lambda: False)
    assert model_of(store) == "fake:2"
    assert open_index(store)[0].count == 2
    assert store.generations.adaptation() is None  # not even for an embedder that comes back


def test_a_damaged_model_is_said_and_never_passed_over(library: Library, store: Store) -> None:
    take(store, adaptation())
    (store.folder / "models/embedder-1/map.npy").unlink()
    with pytest.raises(ModelMissing, match=r"map\.npy"):
        library.search(WARRANTY)
    with store.writing():
        adopt(store, None)
    assert library.search(WARRANTY)
