"""A library is written to one file, also while it is written to, and comes back as it was."""

from __future__ import annotations

import json
import stat
import threading
import zipfile
from pathlib import Path

import pytest

from rag import uploads
from rag.backups import backup, restore
from rag.errors import LibraryDamaged, UsageError
from rag.server.tokens import Scope, Tokens
from tests.helpers.answering import open_library, write_files

FILES = {"es/pozo.md": "El pozo se limpia en mayo.\n", "en/well.md": "The well is deep.\n"}
QUESTION = "¿Cuándo se limpia el pozo?"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = write_files(tmp_path / "documents", FILES)
    with open_library(tmp_path / "library") as library:
        library.ingest([folder])
        library.ingest([uploads.save(library, "noria.md", b"La noria gira.\n")])
        chats = library.conversations
        chats.answer(chats.ask(chats.begin(QUESTION).id, QUESTION), library.ask(QUESTION).answer)
        Tokens(tmp_path / "library").create("ana", Scope.READ)
        assert backup(tmp_path / "library", tmp_path / "a.backup") == 4
    return tmp_path / "a.backup"


def test_what_is_restored_answers_as_before(archive: Path, tmp_path: Path) -> None:
    assert restore(archive, tmp_path / "again") == 4
    with open_library(tmp_path / "library") as before, open_library(tmp_path / "again") as after:
        assert after.status().consistent
        assert after.documents() == before.documents()
        one, other = (library.ask(QUESTION).answer for library in (before, after))
        assert one.text == other.text == "El pozo se limpia en mayo. [1]"
        (chat,) = after.conversations.all()
        assert after.conversations.turns(chat.id) == before.conversations.turns(chat.id)
        assert (uploads.folder_of(after) / "noria.md").read_bytes() == b"La noria gira.\n"
        assert after.ingest([tmp_path / "documents"]).counts() == {"unchanged": 2}
    assert [token.name for token in Tokens(tmp_path / "again").all()] == ["ana"]


def test_its_owner_alone_can_read_it(archive: Path, tmp_path: Path) -> None:
    restore(archive, tmp_path / "again")
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    for path in ((tmp_path / "again"), *(tmp_path / "again").rglob("*")):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path
    assert not list(tmp_path.glob(".*")), "nothing is left beside it"


def test_a_backup_while_others_write_is_of_one_moment(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "documents", FILES)
    stop = threading.Event()
    with open_library(tmp_path / "library") as library:
        library.ingest([folder])

        def write() -> None:
            number = 0
            while not stop.is_set():
                number += 1
                write_files(folder, {f"{number}.md": f"El depósito {number} está lleno.\n"})
                library.ingest([folder])

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for number in range(4):
                backup(tmp_path / "library", tmp_path / f"{number}.backup")
        finally:
            stop.set()
            writer.join()
    for number in range(4):
        restore(tmp_path / f"{number}.backup", tmp_path / f"again-{number}")
        with open_library(tmp_path / f"again-{number}") as again:
            assert again.status().consistent
            assert again.search("depósito", 3)


@pytest.mark.parametrize("where", [100, 400, -30])
def test_a_damaged_backup_leaves_no_folder(archive: Path, tmp_path: Path, where: int) -> None:
    content = bytearray(archive.read_bytes())
    content[where] ^= 0xFF
    archive.write_bytes(content)
    with pytest.raises(LibraryDamaged):
        restore(archive, tmp_path / "again")
    assert not (tmp_path / "again").exists()
    assert not list(tmp_path.glob(".restoring*"))


@pytest.mark.parametrize("name", ["../out", "/out", "uploads/../out", "uploads/.hidden", "other"])
def test_a_part_leads_nowhere_else(archive: Path, tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(archive) as parts:
        manifest = json.loads(parts.read("manifest.json"))
    manifest["sha256"][name] = "0" * 64
    forged = tmp_path / "forged.backup"
    with zipfile.ZipFile(forged, "w") as parts:
        parts.writestr("manifest.json", json.dumps(manifest))
        parts.writestr(name, "a")
    with pytest.raises(LibraryDamaged, match="no backup"):
        restore(forged, tmp_path / "again")


def test_nothing_is_overwritten(archive: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there already"):
        backup(tmp_path / "library", archive)
    with pytest.raises(UsageError, match="not empty"):
        restore(archive, tmp_path / "library")
    with pytest.raises(UsageError, match="no library"):
        backup(tmp_path / "nothing", tmp_path / "b.backup")
