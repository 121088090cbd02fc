"""What the disk, another version or a curious reader may do to a store: stated, and undone."""

from __future__ import annotations

import contextlib
import errno
import gzip
import os
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import rag.storage.database
from rag.errors import LibraryBusy, LibraryDamaged, RagError
from rag.schema import Outcome
from rag.storage import Store, tables
from rag.storage.database import FILE_NAME, Database
from rag.storage.documents import Documents
from rag.storage.sqlite_errors import of_sqlite, of_system
from tests.helpers.fakes import make_entry
from tests.helpers.vectors import all_vectors

DATA = Path(__file__).parents[1] / "data"
ROOT = Path(__file__).parents[2]
posix = pytest.mark.skipif(os.name != "posix", reason="limits of POSIX")

# --- other versions ------------------------------------------------------------------------------


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A library as version 1 wrote it."""
    packed = DATA / "library-format-1.sqlite.gz"
    (tmp_path / FILE_NAME).write_bytes(gzip.decompress(packed.read_bytes()))
    return tmp_path


def test_an_older_library_is_migrated_behind_a_backup(old: Path) -> None:
    store = Store(old)
    assert store.check() == []
    assert store.documents.counts() == (2, 3)
    assert [key for key, _ in store.keywords.search([("garantía",)], 5)] == [3]
    record = store.ledger.get("/d/x.pdf")
    assert record is not None
    assert (record.outcome, record.limits) == (Outcome.TIMEOUT, "")
    store.add(replace(make_entry("/d/c.md", ["nuevo"]), sketch=b"1234"))
    assert [sketch for _, sketch in store.documents.sketches()] == [b"1234"]
    store.close()
    backup = old / tables.BACKUP.format(1)
    with sqlite3.connect(backup) as kept:
        assert tables.format_of(kept) == 1
        assert kept.execute("SELECT count(*) FROM chunks").fetchone() == (3,)
    kept.close()
    for path in old.glob(f"{FILE_NAME}*"):
        path.unlink()
    backup.replace(old / FILE_NAME)  # the way back, and forth again
    again = Store(old)
    assert again.documents.counts() == (2, 3)
    again.close()


def test_a_migration_that_breaks_off_leaves_the_old_library(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = {1: tables._MIGRATIONS[1] + "SELECT nothing FROM nowhere;"}
    with monkeypatch.context() as patched:
        patched.setattr(tables, "_MIGRATIONS", broken)
        with pytest.raises(RagError):
            Store(old)
    with sqlite3.connect(old / FILE_NAME) as kept:
        assert tables.format_of(kept) == 1
    kept.close()
    store = Store(old)
    assert store.documents.counts() == (2, 3)
    store.close()


def test_nobody_migrates_under_a_writer(old: Path, tmp_path: Path) -> None:
    hold = f"""
        import sys
        from filelock import FileLock
        with FileLock({str(old / "write.lock")!r}):
            print("held", flush=True)
            sys.stdin.read()
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(hold)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(LibraryBusy):
            Store(old)
        holder.kill()
    assert not list(old.glob(tables.BACKUP.format("*")))


@pytest.mark.parametrize("version", [tables.FORMAT + 1, 99])
def test_a_newer_library_is_refused_untouched(old: Path, version: int) -> None:
    with sqlite3.connect(old / FILE_NAME) as newer:
        newer.execute(f"PRAGMA user_version = {version}")
    newer.close()
    before = (old / FILE_NAME).read_bytes()
    with pytest.raises(RagError, match=f"format {version}"):
        Store(old)
    assert (old / FILE_NAME).read_bytes() == before


# --- what was removed ----------------------------------------------------------------------------


def test_what_was_removed_is_nowhere_on_the_disk(store: Store) -> None:
    canaries = [f"canario{number}" for number in range(100)]
    for number, canary in enumerate(canaries):
        store.add(make_entry(f"/{number}.md", [f"texto {canary} vecino"]))
    store.add(make_entry("/stays.md", ["perenne"]))
    (store.folder / tables.BACKUP.format(1)).write_bytes(canaries[0].encode())
    with store.writing():
        store.forget([f"/{number}.md" for number in range(100)])
        store.purging.run()
    found = [
        (canary, path.name)
        for path in store.folder.iterdir()
        for content in [path.read_bytes()]
        for canary in canaries
        if canary.encode() in content
    ]
    assert found == []
    assert store.keywords.search([("perenne",)], 5)
    assert store.check() == []


# --- disks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EIO, "reports an error"),
        (errno.EACCES, "may not be written"),
        (errno.EROFS, "read-only"),
        (errno.EFBIG, "grow"),
        (errno.ENOENT, "is gone"),
    ],
)
def test_each_refusal_of_the_system_is_said(tmp_path: Path, code: int, expected: str) -> None:
    problem = of_system(tmp_path, OSError(code, os.strerror(code)))
    assert expected in problem.message
    assert str(tmp_path) in problem.message
    assert problem.next_command


@pytest.mark.parametrize(
    ("code", "kind", "expected"),
    [
        (sqlite3.SQLITE_FULL, RagError, "disk is full"),
        (sqlite3.SQLITE_IOERR_WRITE, RagError, "reports an error"),
        (sqlite3.SQLITE_READONLY, RagError, "may not be written"),
        (sqlite3.SQLITE_CORRUPT, LibraryDamaged, "damaged"),
        (sqlite3.SQLITE_BUSY, LibraryBusy, "another process"),
        (sqlite3.SQLITE_ERROR, None, ""),
    ],
)
def test_each_refusal_of_sqlite_is_said(
    tmp_path: Path, code: int, kind: type[RagError] | None, expected: str
) -> None:
    error = sqlite3.OperationalError("some words")
    error.sqlite_errorcode = code
    problem = of_sqlite(tmp_path / FILE_NAME, error)
    if kind is None:
        assert problem is None
    else:
        assert type(problem) is kind
        assert expected in str(problem)


def test_a_lost_column_is_a_damage(store: Store) -> None:
    with sqlite3.connect(store.folder / FILE_NAME) as other:
        other.execute("ALTER TABLE files RENAME COLUMN limits TO limitz")
    other.close()
    with pytest.raises(LibraryDamaged, match="limits"):
        store.ledger.get("/a.md")


def test_text_that_is_no_text_is_a_damage(store: Store) -> None:
    store.add(make_entry("/a.md", ["admite ocho personas"]))
    with sqlite3.connect(store.folder / FILE_NAME) as other:
        other.execute("UPDATE chunks SET text = CAST(x'61ff62' AS TEXT)")
    other.close()
    rows = Database(store.folder).connection().cursor()
    calls = (rows.fetchone, rows.fetchmany, rows.fetchall, lambda: next(rows), lambda: list(rows))
    for fetch in calls:
        rows.execute("SELECT text FROM chunks")
        with pytest.raises(LibraryDamaged, match="UTF-8 column 'text' →") as caught:
            fetch()
        assert "restore" in caught.value.next_command


@pytest.mark.parametrize(
    ("statement", "read", "what"),
    [
        (
            "UPDATE chunks SET headings = '['",
            lambda held: held.chunks([1]),
            "a passage of a.md cannot be read",
        ),
        (
            "UPDATE documents SET sections = '[[0]]'",
            lambda held: held.get(1),
            "the stored text of a.md cannot be read",
        ),
        ("DELETE FROM files", lambda held: held.infos(), "list entry of document 1 cannot"),
        ("UPDATE documents SET pages = '['", lambda held: held.infos(), "JSON"),
    ],
)
def test_a_row_of_which_nothing_can_be_made_is_a_damage(
    store: Store, statement: str, read: Callable[[Documents], object], what: str
) -> None:
    store.add(make_entry("/a.md", ["admite ocho personas"]))
    with sqlite3.connect(store.folder / FILE_NAME) as other:
        other.execute(statement)
    other.close()
    with pytest.raises(LibraryDamaged, match=what) as caught:
        read(store.documents)
    assert "restore" in caught.value.next_command


def test_a_name_that_is_not_the_file_s_is_told(store: Store) -> None:
    store.add(make_entry("/a.md", ["admite ocho personas"]))
    assert store.check() == []
    with sqlite3.connect(store.folder / FILE_NAME) as other:
        other.execute("UPDATE files SET path = 'b.md'")
    other.close()
    assert "1 files with another name than their path's" in store.check()


def test_a_schema_that_is_no_text_is_a_damage(store: Store) -> None:
    path = store.folder / FILE_NAME
    store.purging.run()
    store.close()
    content = path.read_bytes()
    assert b"CREATE TABLE files" in content
    path.write_bytes(content.replace(b"CREATE TABLE files", b"CREATE TABLE f\xeeles"))
    with pytest.raises(LibraryDamaged, match=FILE_NAME) as caught:
        Store(store.folder)
    assert "restore" in caught.value.next_command


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE documents SET text = replace(text, 'ocho', 'once')",
        "UPDATE chunks SET text = replace(text, 'ocho', 'once')",
        "UPDATE chunks SET page_first = 7",
        "UPDATE documents SET pages = '[0, 3]'",
        "UPDATE documents SET title = title || 'x'",
        "UPDATE documents SET language = 'fr'",
        "UPDATE files SET content_hash = 'f' || content_hash",
        "UPDATE files SET size = size + 1",
    ],
)
def test_other_words_than_were_stored_are_told(store: Store, statement: str) -> None:
    store.add(make_entry("/a.md", ["admite ocho personas"]))
    assert store.check() == []
    with sqlite3.connect(store.folder / FILE_NAME) as other:
        other.execute(statement)
    other.close()
    assert any("not what was stored" in problem for problem in store.check())


def test_an_index_without_its_library_is_no_new_library(store: Store) -> None:
    store.close()
    (store.folder / "index-1.faiss").write_bytes(b"index")
    (store.folder / FILE_NAME).write_bytes(b"")
    with pytest.raises(LibraryDamaged, match="gone or empty"):
        Store(store.folder)


def test_a_damaged_page_is_stated_when_it_is_met(store: Store) -> None:
    for number in range(200):
        store.add(make_entry(f"/{number}.md", [f"texto {number} " * 40]))
    store.purging.run()
    store.close()
    path = store.folder / FILE_NAME
    content = bytearray(path.read_bytes())
    for at in range(8 * 4096, len(content), 4096):
        content[at : at + 200] = bytes(200)
    path.write_bytes(content)
    with (
        pytest.raises(LibraryDamaged, match=FILE_NAME) as caught,
        contextlib.closing(Store(store.folder)) as damaged,  # the tables' names may be hit
    ):
        all_vectors(damaged)
    assert "restore" in caught.value.next_command


WRITE = """
    import resource, sys
    from pathlib import Path
    from rag.errors import RagError
    from rag.storage import Store
    from tests.helpers.fakes import make_entry
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
    try:
        store = Store(Path(sys.argv[1]))
        for number in range(4):
            store.add(make_entry(f"/new{number}.md", [f"nuevo {number} " * 200]))
        print("all")
    except RagError as error:
        print(error)
"""


@posix
def test_a_write_that_fails_at_any_place_keeps_what_was_there(tmp_path: Path) -> None:
    pages = [4, 6, 9, 14, 20, 40]
    store = Store(tmp_path)
    store.add(make_entry("/a.md", ["uno"]))
    store.purging.run()
    messages = []
    for number in pages:
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(WRITE), str(tmp_path), str(number * 4096 + 7)],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        )
        messages.append(done.stdout.strip())
        assert store.check() == []
        held = {info.path for info in store.documents.infos()}
        assert "a.md" in held
        assert len(held) == store.documents.counts()[0]
        with store.writing():
            store.forget([f"/new{number}.md" for number in range(4)])
            store.purging.run()
    store.close()
    assert all(FILE_NAME in words and "→" in words for words in messages if words != "all")
    assert messages[0] != "all"


def test_a_folder_that_takes_no_writes_still_answers(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add(make_entry("/a.md", ["uno dos"]))
    store.purging.run()
    store.close()
    before = {path.name: path.read_bytes() for path in store.folder.iterdir()}
    monkeypatch.setattr(rag.storage.database, "writable", lambda folder: False)
    reader = Store(store.folder)
    assert reader.documents.counts() == (1, 1)
    assert reader.keywords.search([("dos",)], 5)
    assert not reader.writable
    with pytest.raises(RagError, match="may not be written") as caught, reader.writing():
        pass
    assert "--library" in caught.value.next_command
    reader.close()
    assert {path.name: path.read_bytes() for path in store.folder.iterdir()} == before
