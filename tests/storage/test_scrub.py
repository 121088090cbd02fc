"""Bytes of a SQLite file that belong to no row, the note of the purge, and who reads the file."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from rag.storage import Store, purging, scrub
from tests.storage.test_purge import bytes_of

pytestmark = pytest.mark.skipif(os.name != "posix", reason="locks and files of POSIX")


LEFT = b"lo que quedaba"


def worn(path: Path) -> None:
    """A database with trees of two storeys; words of rows that are gone lie in all their pages.

    SQLite leaves some in one page of a thousand; that would be a test of chance.
    """
    dice = random.Random(5)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT)")
    connection.execute("CREATE TABLE files (id INTEGER PRIMARY KEY, source TEXT UNIQUE)")
    rows = [("".join(dice.choices("abcdefgh", k=dice.randint(24, 600))),) for _ in range(900)]
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO files (source) VALUES (?)", rows)
    connection.execute("DELETE FROM files WHERE id % 5 = 0")
    connection.execute("COMMIT")
    roots = [row[0] for row in connection.execute("SELECT rootpage FROM sqlite_schema")]
    connection.close()
    descriptor = os.open(path, os.O_RDWR)
    kinds = set()
    for number, page in list(scrub._pages(descriptor, roots, 4096)):
        start, end = scrub._gap(page, 0)
        if end - start >= len(LEFT):
            os.pwrite(descriptor, LEFT, (number - 1) * 4096 + end - len(LEFT))
            kinds.add(page[0])
    os.close(descriptor)
    assert kinds == {2, 5, 10, 13}  # inner pages and leaves, of indexes and tables


def scrubbed(path: Path) -> bool:
    done = subprocess.run([sys.executable, "-I", scrub.__file__, path], check=False)
    assert done.returncode in (0, scrub.BUSY)
    return done.returncode == 0


def test_what_sqlite_leaves_in_its_pages_is_zeroed(tmp_path: Path) -> None:
    path = tmp_path / "worn.sqlite"
    worn(path)
    assert path.read_bytes().count(LEFT) > 50
    other = sqlite3.connect(path, isolation_level=None)  # remembers the pages as they were
    before = other.execute("SELECT * FROM files ORDER BY id").fetchall()
    assert scrubbed(path)
    assert other.execute("SELECT * FROM files ORDER BY id").fetchall() == before
    assert other.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    other.execute("PRAGMA secure_delete=ON")
    other.execute("UPDATE files SET source = source || 'x'")  # writes every page again
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()
    assert LEFT not in path.read_bytes()


def test_nothing_is_zeroed_beside_a_writer_or_while_the_log_holds_something(
    tmp_path: Path,
) -> None:
    path = tmp_path / "worn.sqlite"
    worn(path)
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    assert not scrubbed(path)
    writer.execute("ROLLBACK")
    writer.execute("INSERT INTO meta VALUES ('purge', '{}')")
    assert not scrubbed(path)
    assert LEFT in bytes_of(path)
    writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert scrubbed(path)
    assert writer.execute("SELECT * FROM meta").fetchall() == []
    writer.close()


def test_nobody_writes_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "worn.sqlite"
    worn(path)
    results = []

    def zero(descriptor: int, roots: list[int]) -> None:
        writer = sqlite3.connect(path, timeout=0, isolation_level=None)
        try:
            writer.execute("DELETE FROM files")
        except sqlite3.OperationalError as error:
            results.append(str(error))
        writer.close()

    monkeypatch.setattr(scrub, "_zero", zero)
    assert scrub.scrub(str(path))
    assert results == ["database is locked"]


def test_only_locks_on_the_marks_of_readers_count() -> None:
    lines = {
        "1: POSIX  ADVISORY  READ 4711 fe:00:99 124 124": 4711,
        "2: POSIX  ADVISORY  READ 4711 fe:00:99 127 128": 4711,  # neighbours become one
        "3: POSIX  ADVISORY  READ 4711 fe:00:99 128 128": 0,  # every connection holds it
        "4: POSIX  ADVISORY  WRITE 4711 fe:00:99 120 122": 0,
        "5: POSIX  ADVISORY  READ 4711 fe:00:98 124 124": 0,
        "6: FLOCK  ADVISORY  WRITE 4711 fe:00:99 0 EOF": 0,
        "6: -> POSIX  ADVISORY  WRITE 4712 fe:00:99 124 124": 0,
        "7: POSIX  ADVISORY  READ -1 fe:00:99 124 124": 0,  # of another container
    }
    assert {line: purging._reader(line, 99) for line in lines} == lines


def test_a_note_that_is_no_note_asks_for_everything(store: Store) -> None:
    with store.transaction():
        connection = store.connection()
        connection.execute("INSERT INTO meta VALUES ('purge', '{')")
    assert store.purging.due
    with store.writing():
        assert store.purging.run().complete
    assert not store.purging.due
