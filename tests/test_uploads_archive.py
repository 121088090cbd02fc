"""A ZIP archive that is uploaded: its files are kept, and nothing of a hostile one."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from rag import uploads
from rag.errors import FileProblem, UsageError
from rag.schema import Outcome
from tests.helpers.fakes_ui import FakeLibrary


@pytest.fixture
def library(tmp_path: Path) -> FakeLibrary:
    return FakeLibrary(tmp_path)


def packed(*members: tuple[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return made.getvalue()


def left(library: FakeLibrary) -> list[str]:
    folder = uploads.folder_of(library.as_library())
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_all_files_of_an_archive_are_kept_side_by_side(library: FakeLibrary) -> None:
    content = packed(
        ("actas/", b""),
        ("actas/uno.md", b"uno"),
        ("otras/uno.md", b"otro"),
        ("__MACOSX/actas/._uno.md", b"x"),
        ("...", b"sin nombre"),
    )
    found = uploads.save_all(library.as_library(), "Actas.ZIP", content)
    assert [path.name for path in found] == ["uno.md", "uno (2).md", "3"]
    assert {path.read_bytes() for path in found} == {b"uno", b"otro", b"sin nombre"}


@pytest.mark.parametrize("name", ["../../fuera.md", "/etc/fuera.md", "C:\\x\\fuera.md"])
def test_no_member_is_written_elsewhere(library: FakeLibrary, name: str) -> None:
    (path,) = uploads.save_all(library.as_library(), "a.zip", packed((name, b"x")))
    assert path == uploads.folder_of(library.as_library()) / "fuera.md"


def bomb() -> bytes:
    return packed(("a.txt", bytes(30_000_000)))


def damaged() -> bytes:
    content = bytearray(packed(("a.md", b"primero"), ("b.md", bytes(range(256)) * 40)))
    at = content.index(b"b.md") + 40
    content[at : at + 20] = bytes(20)
    return bytes(content)


def locked() -> bytes:
    content = bytearray(packed(("a.md", b"x")))
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + flags] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        (bomb(), Outcome.BOMB),
        (damaged(), Outcome.UNREADABLE),
        (locked(), Outcome.ENCRYPTED),
        (b"PK nothing of an archive", Outcome.UNREADABLE),
    ],
    ids=["bomb", "damaged", "locked", "no archive"],
)
def test_of_a_hostile_archive_nothing_stays(
    library: FakeLibrary, content: bytes, outcome: Outcome
) -> None:
    with pytest.raises(FileProblem) as caught:
        uploads.save_all(library.as_library(), "a.zip", content)
    assert caught.value.outcome == outcome
    assert left(library) == []


def test_an_empty_archive_is_named_and_another_file_is_itself(library: FakeLibrary) -> None:
    with pytest.raises(UsageError, match="no files"):
        uploads.save_all(library.as_library(), "a.zip", packed(("folder/", b"")))
    (path,) = uploads.save_all(library.as_library(), "a.docx", packed(("x", b"x")))
    assert path.name == "a.docx"
