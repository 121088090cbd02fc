"""Removed means gone: no byte of what was removed or edited stays in the library's folder."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from rag.library import Library
from rag.schema import PURGED, UPLOADS
from rag.storage import purging, tables
from rag.storage.database import FILE_NAME
from tests.helpers.answering import open_library, write_files
from tests.helpers.commandline import Rag, command_line
from tests.helpers.fakes import FakeEmbedder

pytestmark = pytest.mark.skipif(os.name != "posix", reason="locks and files of POSIX")
linux = pytest.mark.skipif(not purging.LOCKS.exists(), reason="the system does not list its locks")

WORDS = 40  # of each text that no other has


def secret(name: str) -> list[str]:
    """Words that only this document has, long enough to be found without their beginning."""
    dice = random.Random(name)
    return ["".join(dice.choices("bcdfghjklmnpqrtvwx", k=16)) for _ in range(WORDS)]


def text_of(name: str) -> str:
    return (
        f"# {' '.join(secret(name)[:2])}\n\nLa garantía de {' '.join(secret(name))} dura un año.\n"
    )


def uploads_of(library: Library) -> Path:
    return library.settings.library / UPLOADS


def vector_of(library: Library, path: str) -> bytes:
    """The bytes of the vector of a document's first passage."""
    (info,) = [document for document in library.documents() if document.path == path]
    ids = library._store.documents.chunk_ids(info.id)
    return np.asarray(library._store.documents.vectors_of(ids)[ids[0]]).tobytes()


def bytes_of(path: Path) -> bytes:
    """Read by a process of its own: this one would lose SQLite's locks on the file by it."""
    return subprocess.run(["cat", path], capture_output=True, check=True).stdout


def traces(folder: Path, *texts: str, paths: str = "", vector: bytes = b"") -> list[str]:
    """What of these is found anywhere below a folder, byte by byte.

    A term index keeps of a word what it does not share with the one before it, and no endings.
    """
    words = [word[4:12] for text in texts for word in secret(text)]
    wanted = {word.encode(code): word for word in words for code in ("utf-8", "utf-16-le")}
    wanted |= {paths.encode(): paths} if paths else {}
    wanted |= {vector: "vector"} if vector else {}
    return [
        f"{what} in {path.name}"
        for path in folder.rglob("*")
        for content in [path.name.encode() + (bytes_of(path) if path.is_file() else b"")]
        for needle, what in wanted.items()
        if needle in content
    ]


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    return write_files(
        tmp_path / "docs", {path_of(letter): text_of(letter) for letter in "abcdefgh"}
    )


def path_of(name: str) -> str:
    return f"{secret(f'path of {name}')[0]}.md"


@pytest.fixture
def library(tmp_path: Path, docs: Path) -> Iterator[Library]:
    with open_library(tmp_path / "library") as opened:
        opened.ingest([docs])
        yield opened


@contextmanager
def reader(database: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process in the middle of a read."""
    code = """if True:
        import sqlite3, sys
        connection = sqlite3.connect(sys.argv[1], isolation_level=None)
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM documents").fetchone()
        print("reads", flush=True)
        sys.stdin.read()
    """
    command = [sys.executable, "-c", code, str(database)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "reads\n"
        try:
            yield process
        finally:
            process.kill()


# --- nothing is left -----------------------------------------------------------------------------


def test_the_search_for_traces_finds_what_is_there(library: Library) -> None:
    folder = library.settings.library
    assert len(traces(folder, "a")) >= WORDS
    assert traces(folder, paths=path_of("a"))
    assert len(traces(folder, vector=vector_of(library, path_of("a")))) == 2  # and in the index


def test_nothing_is_left_of_a_removed_document(library: Library) -> None:
    folder, vector = library.settings.library, vector_of(library, path_of("a"))
    removal = library.remove([Path(path_of("a"))])
    assert (removal.paths, removal.copies, removal.purge) == ((path_of("a"),), (), PURGED)
    assert traces(folder, "a", paths=path_of("a"), vector=vector) == []
    assert traces(folder, "b")
    assert library.status().consistent
    assert not library._store.purging.due


def test_nothing_is_left_of_what_a_file_said_before(library: Library, docs: Path) -> None:
    folder, vector = library.settings.library, vector_of(library, path_of("a"))
    (docs / path_of("a")).write_text(text_of("new"))
    report = library.ingest([docs])
    assert report.counts() == {"ok": 1, "unchanged": 7}
    assert report.purge == PURGED
    assert traces(folder, "a", vector=vector) == []
    assert traces(folder, "new")


def test_nothing_is_left_of_what_was_pruned_or_renamed(library: Library, docs: Path) -> None:
    folder = library.settings.library
    (docs / path_of("a")).unlink()
    (docs / path_of("b")).rename(docs / "otro.md")
    assert library.ingest([docs], prune=True).purge == PURGED
    assert traces(folder, "a", paths=path_of("a")) == []
    assert traces(folder, paths=path_of("b")) == []
    assert traces(folder, "b")


def test_nothing_is_left_after_a_reindex(library: Library, tmp_path: Path) -> None:
    folder, vector = library.settings.library, vector_of(library, path_of("a"))
    library.remove([Path(path_of("a"))])
    library.close()
    with open_library(folder, embedder=FakeEmbedder("other:1", 32)) as other:
        other.reindex()
        assert traces(folder, "a", paths=path_of("a")) == []
        assert traces(folder, vector=vector) == []
        assert other.status().consistent


def test_nothing_is_left_of_many_changes(library: Library, docs: Path) -> None:
    dice, held, gone = random.Random(5), list("abcdefgh"), []
    for number in range(5):
        changed = dice.sample(held, 3)
        for name in changed:
            held.remove(name)
            gone.append(name)
            (docs / path_of(name)).unlink()
        for fresh in range(3):
            held.append(f"{number} {fresh}")
            write_files(docs, {path_of(held[-1]): text_of(held[-1])})
        assert library.ingest([docs], prune=True).purge == PURGED
        assert traces(library.settings.library, *gone) == []
    assert library.status().consistent


# --- files beside the database -------------------------------------------------------------------


def test_files_that_held_it_go_with_it(library: Library) -> None:
    folder = library.settings.library
    (folder / "uploads").mkdir()
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = [
        "index-000000000000.corrupt",
        "index-000000000000.faiss",
        ".index.1.tmp",
        tables.BACKUP.format(1),
        "library-format-1.partial-journal",
        f"uploads/.{ended.pid}-half.pdf",
    ]
    write_files(folder, dict.fromkeys(left, text_of("a")))
    library.ingest([])  # nothing was removed: they stay for a look
    assert (folder / left[0]).exists()
    library.remove([Path(path_of("a"))])
    assert traces(folder, "a") == []
    assert not [name for name in left if (folder / name).exists()]
    assert library.search("garantía")


def test_a_removed_upload_is_deleted_and_no_other_file(library: Library, docs: Path) -> None:
    folder = library.settings.library
    write_files(uploads_of(library), {"carta.md": text_of("upload"), "otra.md": text_of("other")})
    library.ingest([uploads_of(library) / "carta.md", uploads_of(library) / "otra.md"])
    removal = library.remove([Path("carta.md"), Path(path_of("a"))])
    assert set(removal.paths) == {"carta.md", path_of("a")}
    assert removal.copies == ("carta.md",)
    assert traces(folder, "upload", "a", paths="carta.md") == []
    assert (uploads_of(library) / "otra.md").exists()
    assert (docs / path_of("a")).exists()


def test_an_upload_is_known_where_the_library_was_moved_to(library: Library) -> None:
    folder = library.settings.library
    write_files(uploads_of(library), {"carta.md": text_of("upload")})
    library.ingest([uploads_of(library) / "carta.md"])
    library.close()
    moved = folder.rename(folder.with_name("moved"))
    with open_library(moved) as again:
        assert again.remove([Path("carta.md")]).copies == ("carta.md",)
    assert traces(moved, "upload") == []


def test_an_upload_that_came_back_is_not_deleted(library: Library) -> None:
    write_files(uploads_of(library), {"carta.md": text_of("upload")})
    library.ingest([uploads_of(library) / "carta.md"])
    store = library._store
    with store.writing():
        store.remove([str(uploads_of(library) / "carta.md")])  # and killed before the purge
    write_files(uploads_of(library), {"carta.md": text_of("upload")})
    assert library.ingest([uploads_of(library) / "carta.md"]).counts() == {"ok": 1}
    assert (uploads_of(library) / "carta.md").exists()


# --- those who read an older state ---------------------------------------------------------------


@pytest.fixture
def rag(
    tmp_path: Path, docs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Rag:
    monkeypatch.setattr(purging, "PATIENCE_SECONDS", 0.1)
    run = command_line(tmp_path, monkeypatch, capsys)
    assert run("ingest", docs).code == 0
    return run


@linux
def test_a_command_names_the_process_that_holds_it_and_a_later_one_finishes(
    rag: Rag, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / ".rag"
    with reader(folder / FILE_NAME) as process:
        done = rag("remove", path_of("a"), "--json")
        assert (done.code, done.json["purge"]["state"]) == (0, "pending")
        assert [holder["pid"] for holder in done.json["purge"]["processes"]] == [process.pid]
        assert f"process {process.pid} (" in done.json["purge"]["reason"]
        assert traces(folder, "a")
        shown = rag("remove", path_of("b"))
        assert f"process {process.pid} (" in " ".join(shown.out.split())
        assert "rag status" in shown.out
        caplog.clear()
        rag("status")
        assert f"process {process.pid} (python" in caplog.text
    caplog.clear()
    rag("status")
    assert not caplog.messages
    assert traces(folder, "a", paths=path_of("a")) == []
    assert traces(folder, "b", paths=path_of("b")) == []


@linux
def test_an_ingest_says_so_too(rag: Rag, tmp_path: Path, docs: Path) -> None:
    folder = tmp_path / ".rag"
    (docs / path_of("a")).write_text(text_of("new"))
    with reader(folder / FILE_NAME) as process:
        done = rag("ingest", docs, "--json")
        assert (done.code, done.json["purge"]["state"]) == (0, "pending")
        assert done.json["purge"]["processes"][0]["pid"] == process.pid
    assert rag("ingest", docs, "--json").json["purge"]["state"] == "complete"
    assert traces(folder, "a") == []


def test_a_system_that_does_not_tell_names_nobody(
    library: Library, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(purging, "LOCKS", tmp_path / "none")
    monkeypatch.setattr(purging, "PATIENCE_SECONDS", 0.1)
    with reader(library.settings.library / FILE_NAME):
        purge = library.remove([Path(path_of("a"))]).purge
    assert (purge.complete, purge.holders) == (False, ())
    assert "another process" in purge.reason
