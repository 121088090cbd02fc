"""The edges of the store: what comes back, what is refused, threads, processes and a full disk."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import rag.storage.keywords
from rag.errors import LibraryBusy, LibraryDamaged, RagError, UsageError
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
from rag.storage.database import FILE_NAME
from rag.storage.integrity import digest
from tests.helpers.fakes import make_entry
from tests.helpers.vectors import all_vectors


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
    with sqlite3.connect(store.folder / FILE_NAME) as connection:
        connection.execute("UPDATE documents SET notes = replace(notes, 'secreto', 'secretp')")
    connection.close()
    assert store.check() == ["1 documents that are not what was stored"]


def _chunk_columns(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    query = 'SELECT start, "end", text, page_first, page_last, headings FROM chunks ORDER BY id'
    return list(connection.execute(query))


def test_a_library_without_blocks_is_migrated_and_is_sound(tmp_path: Path) -> None:
    store = Store(tmp_path)
    number = store.add(make_entry("/a.md", ["uno dos"]))
    store.close()
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:  # as format 2 wrote it
        query = "SELECT text, pages, sections FROM documents"
        written = digest(connection.execute(query).fetchone(), _chunk_columns(connection))
        connection.execute("UPDATE documents SET digest = ?", (written,))
        connection.execute("ALTER TABLE documents DROP COLUMN blocks")
        connection.execute("ALTER TABLE documents DROP COLUMN notes")
        connection.execute("ALTER TABLE documents DROP COLUMN row_digest")
        connection.execute("ALTER TABLE files DROP COLUMN row_digest")
        connection.execute("DROP TABLE collected")
        connection.execute("DROP TABLE collections")
        connection.execute("PRAGMA user_version = 2")
    connection.close()
    store = Store(tmp_path)
    document = store.documents.get(number)
    assert document is not None
    assert (document.blocks, document.notes) == ((), ())
    assert store.check() == []
    store.close()


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
from rag.storage import Store
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
    connection = store.connection()
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(RagError, match=r"library.sqlite .*the disk is full") as caught:
        store.add(make_entry("/b.md", ["dos " * 50_000]))
    assert "free some room" in caught.value.next_command
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
    ("statement", "expected"),
    [
        ("DELETE FROM vectors", "without a vector"),
        ("DELETE FROM keywords", "without search terms"),
        ("UPDATE chunks SET text = 'corto'", "differ from their document"),
        ("INSERT INTO keywords (rowid, terms) VALUES (99, 'x')", "without a chunk"),
        ("DELETE FROM files", "of no file"),
        ("DELETE FROM chunks", "without chunks"),
    ],
)
def test_check_tells_what_is_wrong(store: Store, statement: str, expected: str) -> None:
    store.add(make_entry("/a.md", ["uno dos"]))
    connection = sqlite3.connect(store.folder / FILE_NAME)
    connection.execute(statement)
    connection.commit()
    connection.close()
    assert any(expected in problem for problem in store.check())
