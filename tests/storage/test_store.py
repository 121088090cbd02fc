"""The contract of the store on both engines: what comes back, what is refused, and threads."""

from __future__ import annotations

import os
import threading
from dataclasses import replace

import numpy as np
import pytest

import rag.storage.keywords
from rag.errors import LibraryBusy
from rag.schema import (
    Cell,
    DocumentBlock,
    DocumentBlockKind,
    Filters,
    Note,
    NoteKind,
    Outcome,
)
from rag.storage import Store
from tests.helpers.fakes import make_entry
from tests.helpers.vectors import all_vectors

pytestmark = pytest.mark.both_engines


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
    ids, vectors = all_vectors(store)
    np.testing.assert_array_equal(vectors, entry.vectors)
    for key, original in zip(ids.tolist(), entry.chunks, strict=True):
        chunk, title, path = store.documents.chunks([key])[key]
        assert chunk == replace(original, id=key, document_id=number, language="es")
        assert (title, path) == (entry.document.title, "sub/a.md")


def test_blocks_and_notes_come_back_and_a_flipped_bit_in_them_is_told(store: Store) -> None:
    entry = make_entry("/a.md", ["Plan: Básico"])
    blocks = (
        DocumentBlock(0, 12, DocumentBlockKind.ROW, cells=(Cell(6, 12, ((0, 4),)), Cell(6, 12))),
    )
    notes = (Note(NoteKind.HIDDEN_SHEET, "Hoja «ñ»", 2, "secreto"),)
    document = replace(entry.document, blocks=blocks, notes=notes)
    number = store.add(replace(entry, document=document))
    stored = store.documents.get(number)
    assert stored is not None
    assert (stored.blocks, stored.notes) == (blocks, notes)
    other = store.add(make_entry("/b.md", ["sin notas"]))
    assert store.documents.notes([number, other, 99]) == {number: notes}
    assert store.check() == []
    with store.transaction() as connection:
        connection.execute("UPDATE documents SET notes = replace(notes, 'secreto', 'secretp')")
    assert store.check() == ["1 documents that are not what was stored"]


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
    allowed = store.documents.allowed(filters)
    paths = {path for _, _, path in store.documents.chunks(allowed).values()}
    assert paths == wanted
    found = store.keywords.search([("uno",)], 9, allowed)
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


def test_in_a_large_library_common_words_weigh_and_do_not_choose(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["el motor", "el motor y la biela", "el motor de motor", "la biela y el eje", "el eje"]
    for number, text in enumerate(texts):
        store.add(make_entry(f"/d/{number}.md", [text]))
    asked = [("motor",), ("biela",), ("eje", "nunca")]
    everything = dict(store.keywords.search(asked, 9))
    assert len(everything) == 5
    monkeypatch.setattr(rag.storage.keywords, "SCORED", 4)
    found = store.keywords.search(asked, 9)
    # «biela» and «eje» are in two chunks each, «motor» in three more
    assert [key for key, _ in found] == [key for key in everything if key in (2, 4, 5)]
    assert dict(found) == pytest.approx({key: everything[key] for key in (2, 4, 5)})
    assert dict(store.keywords.search(asked, 9, [1, 3])) == pytest.approx(
        {key: everything[key] for key in (1, 3)}
    )
    monkeypatch.setattr(rag.storage.keywords, "SCORED", 1)
    assert {key for key, _ in store.keywords.search([("motor",), ("nunca",)], 9)} == {1, 2, 3}
    assert store.keywords.search([("nunca",)], 9) == []


def test_a_name_is_never_a_pattern(store: Store) -> None:
    for source in ("/r/a_b/x.md", "/r/aXb/x.md", "/r/a_b.md"):
        store.add(make_entry(source, [source]))
    assert [record.source for record in store.ledger.below("/r/a_b")] == ["/r/a_b/x.md"]
    assert len(store.ledger.below("/")) == 3
    assert store.ledger.counts() == {Outcome.OK: 3}


def test_a_snapshot_does_not_move(store: Store) -> None:
    other = Store(store.folder, store.address)
    with store.snapshot():
        before = store.documents.counts()
        other.add(make_entry("/a.md", ["uno"]))
        assert store.documents.counts() == before
    assert store.documents.counts() == (1, 1)
    other.close()


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


def test_one_writer(store: Store) -> None:
    other = Store(store.folder, store.address)
    with store.writing():
        with store.writing():  # the holder may nest it
            pass
        with pytest.raises(LibraryBusy, match=str(os.getpid())), other.writing():
            pass
    with other.writing():
        pass
    other.close()


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("DELETE FROM vectors", "without a vector"),
        ("DELETE FROM keywords", "without search terms"),
        ("UPDATE chunks SET text = 'corto'", "differ from their document"),
        ("INSERT INTO keywords (rowid, terms) VALUES (99, '\"x\"')", "without a chunk"),
        ("DELETE FROM files", "of no file"),
        ("DELETE FROM chunks", "without chunks"),
    ],
)
def test_check_tells_what_is_wrong(store: Store, statement: str, expected: str) -> None:
    store.add(make_entry("/a.md", ["uno dos"]))
    with store.transaction() as connection:
        connection.execute(statement)
    assert any(expected in problem for problem in store.check())
