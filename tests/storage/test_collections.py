"""Collections hang on files: edited and renamed ones keep them, removed ones leave no trace."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rag.errors import UsageError
from rag.schema import Filters
from rag.storage import Store
from rag.storage.collections import LONGEST
from tests.helpers.fakes import make_entry
from tests.helpers.ingesting import Bench

pytestmark = pytest.mark.both_engines


@pytest.fixture
def ids(store: Store) -> list[int]:
    return [store.add(make_entry(f"/r/{name}.md", [f"texto {name}"])) for name in "abc"]


def held(store: Store, *names: str) -> list[str]:
    return [info.path for info in store.documents.infos(Filters(collections=names))]


def test_a_document_may_be_in_several_and_each_limits_the_search(
    store: Store, ids: list[int]
) -> None:
    store.collections.add("Obras", ids[:2])
    store.collections.add("obras", ids[1:2])
    store.collections.add("2025", ids[1:])
    store.collections.add("vacía")
    assert store.collections.names() == {"2025": 2, "Obras": 2, "vacía": 0}
    assert store.collections.of_documents()[ids[1]] == ("2025", "Obras")
    assert held(store, "OBRAS") == ["a.md", "b.md"]
    assert held(store, "Obras", "2025") == ["a.md", "b.md", "c.md"]
    assert held(store, "vacía") == held(store, "nada") == []
    assert len(store.documents.allowed(Filters(collections=("2025",)))) == 2
    store.collections.take_out("Obras", ids)
    assert held(store, "Obras") == []


def test_renamed_and_deleted_ones_are_known_by_their_new_name_or_not_at_all(
    store: Store, ids: list[int]
) -> None:
    store.collections.add("Obras", ids[:1])
    store.collections.add("otra")
    store.collections.rename("obras", "Contratos")
    assert held(store, "Contratos") == ["a.md"]
    with pytest.raises(UsageError, match="already"):
        store.collections.rename("otra", "contratos")
    store.collections.delete("Contratos")
    assert store.collections.names() == {"otra": 0}
    assert len(store.documents.infos()) == 3
    for change in (store.collections.named, store.collections.delete):
        with pytest.raises(UsageError, match="no collection"):
            change("Contratos")


@pytest.mark.parametrize("name", ["", "  ", "x" * (LONGEST + 1)])
def test_a_name_is_short_and_not_empty(store: Store, name: str) -> None:
    with pytest.raises(UsageError, match="no name"):
        store.collections.add(name)


def test_an_edited_file_stays_in_and_a_removed_one_leaves_no_trace(
    store: Store, ids: list[int]
) -> None:
    store.collections.add("Obras", ids[:2])
    entry = make_entry("/r/a.md", ["otro texto"])
    store.add(replace(entry, record=replace(entry.record, modified_ns=9)))
    assert held(store, "Obras") == ["a.md", "b.md"]
    store.remove(["/r/a.md", "/r/b.md"])
    assert store.collections.names() == {"Obras": 0}
    left = store.connection().execute("SELECT count(*) FROM collected").fetchone()[0]
    assert left == 0
    store.add(entry)
    assert held(store, "Obras") == []


def test_a_renamed_file_keeps_its_collections(bench: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "obras"
    folder.mkdir()
    (folder / "a.md").write_text("# Obra\n\nEl contrato se firmó en mayo.\n")
    bench.ingest(folder)
    bench.store.collections.add("Obras", [info.id for info in bench.store.documents.infos()])
    (folder / "a.md").rename(folder / "b.md")
    bench.ingest(folder)
    assert held(bench.store, "Obras") == ["b.md"]
