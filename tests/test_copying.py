"""A library goes into a database and back, whole, and a copy that was stopped goes on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.conversations import Conversations
from rag.copying import copy
from rag.errors import LibraryDamaged, UsageError
from rag.protocols import Vectors
from rag.schema import UPLOADS, Feedback, Filters, Outcome
from rag.storage import Store
from rag.storage.documents import Documents
from tests.helpers.fakes import make_entry, make_record
from tests.helpers.fakes_ui import answer, passage
from tests.helpers.vectors import all_vectors

TABLES = "documents chunks vectors files collections collected".split()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A library with all that a library has, and ids that have been given and are gone."""
    folder = tmp_path / "source"
    store = Store(folder)
    store.generations.set_embedder("fake:1")
    for name in "abcd":
        entry = make_entry(f"/r/{name}.md", [f"texto {name} uno", f"Ñandú {name} dos dos"])
        store.add(replace(entry, sketch=name.encode() * 8))
    store.record(make_record("/r/twin.md", "0"), store.ledger.get("/r/a.md").document_id)  # type: ignore[union-attr]
    store.record(make_record("/r/broken.pdf", "1", outcome=Outcome.CRASHED), None)
    store.collections.add("Obras", [1, 2])
    store.remove(["/r/d.md"])
    store.close()
    kept = Conversations(folder)
    turn = kept.ask(kept.begin("¿Y eso?", Filters(paths=("r",))).id, "¿Y eso?")
    kept.answer(turn, answer("¿Y eso?", "texto a uno [1]", passage("texto a uno")))
    kept.rate(turn, Feedback(True))
    (folder / UPLOADS).mkdir()
    (folder / UPLOADS / "own.txt").write_text("suyo")
    return folder


def moved(source: object, target: object, folder: Path, after: int = 10**9) -> bool:
    """Copies, and stops after some documents; tells whether it came to the end."""
    done: list[int] = []
    copied = copy(
        str(source), str(target), folder, lambda *_: done.append(1), lambda: len(done) >= after
    )
    return copied.finished


def content(store: Store) -> dict[str, Any]:
    """All that a library says, by table; terms as often as they occur, in any order."""
    found: dict[str, Any] = {}
    for table in TABLES:
        if table != "vectors":
            rows = store.connection().execute(f"SELECT * FROM {table}")
            found[table] = sorted(tuple(dict(row).items()) for row in rows)
    ids, vectors = all_vectors(store)
    found["vectors"] = (ids.tolist(), vectors.tobytes())
    terms = store.keywords.terms(ids.tolist())
    found["keywords"] = {key: sorted(words) for key, words in terms.items()}
    found["embedder"] = store.generations.embedder()
    return found


def test_there_and_back_again(source: Path, address: str, tmp_path: Path) -> None:
    beside, back = tmp_path / "beside", tmp_path / "back"
    assert moved(source, address, beside)
    assert moved(address, back, beside)
    stores = [Store(source), Store(beside, address), Store(back)]
    first, *others = map(content, stores)
    for store, other in zip(stores[1:], others, strict=True):
        assert store.check() == []
        assert other == first
        kept = Conversations(store.folder, store.database)
        (conversation,) = kept.all("texto")
        (turn,) = kept.turns(conversation.id)
        assert turn.feedback is not None
        assert kept.ask(conversation.id, "¿Otra?") > turn.id
        assert (store.folder / UPLOADS / "own.txt").read_text() == "suyo"
        new = store.add(make_entry("/r/new.md", ["nuevo"]))
        assert new == 5, "the id of what was removed is not given again"
        query = np.asarray(make_entry("/x", ["nuevo"]).vectors[0])
        assert max(store.documents.vector_ids()) == 9
        assert len(query)
    for store in stores:
        store.close()


@pytest.mark.parametrize("backwards", [False, True])
def test_a_stopped_copy_says_so_and_goes_on(
    source: Path, address: str, tmp_path: Path, backwards: bool
) -> None:
    beside, target = tmp_path / "beside", address
    if backwards:
        moved(source, address, beside)
        places = (address, str(tmp_path / "back"))
    else:
        places = (str(source), target)
    assert not moved(*places, beside, after=1)
    half = Store(beside, address) if not backwards else Store(tmp_path / "back")
    assert [problem for problem in half.check() if "rag copy" in problem] == half.check() != []
    assert half.documents.counts()[0] == 1
    half.close()
    changed = Store(source) if not backwards else Store(beside, address)
    changed.add(make_entry("/r/a.md", ["otro texto"]))  # another document than the copied one
    changed.forget(["/r/twin.md"])
    assert moved(*places, beside)
    whole = Store(beside, address) if not backwards else Store(tmp_path / "back")
    assert whole.check() == []
    assert content(whole) == content(changed)
    whole.close()
    changed.close()


def test_a_library_that_is_there_is_left_alone(source: Path, address: str, tmp_path: Path) -> None:
    there = Store(tmp_path, address)
    there.add(make_entry("/other.md", ["otro"]))
    with pytest.raises(UsageError, match="holds a library already"):
        moved(source, address, tmp_path)
    assert there.documents.counts() == (1, 1)
    there.close()
    with pytest.raises(UsageError, match="holds no library"):
        moved(tmp_path / "nowhere", address, tmp_path)
    assert not (tmp_path / "nowhere").exists()


def test_what_does_not_come_back_is_not_kept(
    source: Path, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, plain = Store(tmp_path, address), Documents.vectors_of

    def faulty(documents: Documents, ids: Iterable[int]) -> dict[int, Vectors]:
        """One engine gives back vectors that are a little off."""
        found = plain(documents, ids)
        there = documents._database.name == target.engine.name
        return {key: row * 1.001 if there else row for key, row in found.items()}

    monkeypatch.setattr(Documents, "vectors_of", faulty)
    with pytest.raises(LibraryDamaged, match="did not come back"):
        moved(source, address, tmp_path)
    assert target.documents.counts() == (0, 0)
    target.close()
