"""The edges of a store in a folder: older formats, processes, a full disk, a damaged file."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from rag.errors import LibraryDamaged, RagError, UsageError
from rag.storage import Store
from rag.storage.database import FILE_NAME
from rag.storage.integrity import digest
from tests.helpers.fakes import make_entry


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


def test_deleted_text_leaves_the_disk(store: Store) -> None:
    store.add(make_entry("/a.md", ["una palabra secreta"]))
    store.forget(["/a.md"])
    store.close()
    connection = sqlite3.connect(store.folder / FILE_NAME)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    assert b"palabra secreta" not in (store.folder / FILE_NAME).read_bytes()


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
