"""What Fuente writes is for its owner alone, from its first moment and whatever the umask."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import uploads
from rag.library import Library
from rag.llms.installed import Models
from rag.storage import Store, tables
from rag.storage.database import FILE_NAME
from rag.system import private_files
from tests.helpers.commandline import command_line
from tests.helpers.fakes import FakeEmbedder
from tests.helpers.tiny_generators import make_generator_model

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    """Under which whatever forgets to say a mode is open to all."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "a.md").write_text("# Ascensor\n\nEl ascensor admite ocho personas.\n")
    (folder / "b.txt").write_text("The warranty lasts two years.\n")
    return folder


@pytest.fixture
def no_second_thought(monkeypatch: pytest.MonkeyPatch) -> None:
    """Modes cannot be changed: what is private in the end has been so from its first moment."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "chmod", refuse)
    monkeypatch.setattr(os, "fchmod", refuse)


def open_below(folder: Path) -> list[Path]:
    present = (
        Path(base) / name for base, below, files in os.walk(folder) for name in below + files
    )
    return [path for path in (folder, *present) if path.exists() and private_files.is_exposed(path)]


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# --- the library ---


@pytest.mark.usefixtures("no_second_thought")
def test_a_library_is_never_open_whatever_is_done_to_it(tmp_path: Path, documents: Path) -> None:
    folder = tmp_path / "deep" / "library"
    with Library.open(folder, embedder=FakeEmbedder()) as library:
        library.ingest([documents])
        present = {path.name for path in folder.iterdir()}
        assert {FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm", "write.lock"} <= present
        assert any(name.endswith(".faiss") for name in present)
        library.ingest([uploads.save(library, "nota.md", b"# Nota\n\nEl gato se llama Bigotes.")])
        library.reindex()
        assert library.status().private
        assert not open_below(folder)
        library.remove([Path(library.documents()[0].source)])
        library.remove([documents])
    assert not open_below(folder)
    assert mode_of(folder.parent) == mode_of(folder) == mode_of(folder / "uploads") == 0o700
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {mode_of(path) for path in files} == {0o600}


@pytest.mark.usefixtures("no_second_thought")
def test_the_backup_of_a_migration_is_as_private(tmp_path: Path) -> None:
    with contextlib.closing(Store(tmp_path / "library")) as store:
        backup = tables.back_up(store.connection(), store.folder / FILE_NAME, 1)
    assert mode_of(backup) == 0o600


def test_an_open_library_is_closed_when_it_is_opened_and_that_is_said_once(
    tmp_path: Path, documents: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "library"
    with Library.open(folder, embedder=FakeEmbedder()) as library:
        library.ingest([documents])
        uploads.save(library, "nota.md", b"text")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    with Library.open(folder, embedder=FakeEmbedder()) as library:
        assert library.status().private
    assert not open_below(folder)
    (message,) = caplog.messages
    assert str(folder) in message
    assert "other users" in message
    caplog.clear()
    with Library.open(folder, embedder=FakeEmbedder()) as library:
        assert len(library.documents()) == 2
    assert not caplog.messages


def test_a_library_that_stays_open_is_told_of(
    tmp_path: Path,
    documents: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As on a disk that keeps no permissions."""
    folder = tmp_path / "library"
    with Library.open(folder, embedder=FakeEmbedder()) as library:
        library.ingest([documents])
    folder.chmod(0o755)
    monkeypatch.setattr(Path, "chmod", lambda *_: None)
    rag = command_line(tmp_path, monkeypatch, capsys)
    report = rag("status", "--json", "--library", folder).json
    assert report["private"] is False
    assert report["consistent"] is True
    assert "NO: other users" in rag("status", "--library", folder).out
    checks = rag("doctor", "--library", folder, "--json").json["checks"]
    (found,) = [check for check in checks if check["check"] == "permissions of the library"]
    assert found["ok"] is False
    assert "has 0755: others can read" in found["detail"]


def test_what_is_not_the_librarys_keeps_its_permissions(documents: Path) -> None:
    """Where the library was put into the folder of the documents themselves."""
    documents.chmod(0o755)
    with Library.open(documents, embedder=FakeEmbedder()) as library:
        library.ingest([documents])
        assert library.status().private
    (documents / FILE_NAME).chmod(0o644)
    with Library.open(documents, embedder=FakeEmbedder()) as library:
        assert library.status().private
    assert mode_of(documents) == 0o755
    assert mode_of(documents / "a.md") == 0o666
    assert mode_of(documents / FILE_NAME) == 0o600


# --- models ---


@pytest.mark.usefixtures("no_second_thought")
@pytest.mark.parametrize("kind", ["folder", "zip", "tar"])
def test_an_imported_model_is_never_open(tmp_path: Path, kind: str) -> None:
    source, root = make_generator_model(tmp_path / "tiny"), tmp_path / "home" / "models"
    if kind != "folder":
        source = Path(shutil.make_archive(str(tmp_path / "packed"), kind, source))
    kept = Models(root).add(source)
    assert not open_below(root.parent)
    assert {mode_of(path) for path in kept.folder.iterdir()} == {0o600}
    assert mode_of(root.parent) == mode_of(root) == mode_of(kept.folder) == 0o700


# --- the tools ---


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before")
    path.chmod(0o644)
    with pytest.raises(TypeError):
        private_files.write(path, "no bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"before"
    private_files.write(path, b"after")
    assert (path.read_bytes(), mode_of(path)) == (b"after", 0o600)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_link_in_the_place_of_a_new_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        private_files.create(tmp_path / "link")
    private_files.touch(tmp_path / "link")
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_is_made_with_those_above_it_and_what_is_there_stays(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    made = private_files.make_folder(tmp_path / "a" / "b")
    assert (mode_of(tmp_path), mode_of(made.parent), mode_of(made)) == (0o755, 0o700, 0o700)
    (made / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        private_files.make_folder(made / "file")


def test_links_that_lead_out_are_not_closed(tmp_path: Path) -> None:
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    folder.mkdir()
    outside.write_text("")
    (folder / "link").symlink_to(outside)
    assert private_files.close(folder) == 1
    assert (mode_of(folder), mode_of(outside)) == (0o700, 0o666)


def test_what_belongs_to_another_user_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "theirs").write_text("")
    monkeypatch.setattr(os, "geteuid", lambda: 12_345)
    assert private_files.close(tmp_path) == 0
    assert private_files.is_exposed(tmp_path / "theirs")


def test_sqlite_gives_its_files_the_mode_of_the_database(tmp_path: Path) -> None:
    """On which the library relies."""
    path = tmp_path / "file.sqlite"
    private_files.touch(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE t (x)")
        assert {mode_of(path) for path in tmp_path.iterdir()} == {0o600}
