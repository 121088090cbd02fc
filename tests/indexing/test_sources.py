"""Which files a path stands for, on folders full of what is no document."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rag.errors import UsageError
from rag.indexing.sources import discover, key_of

LIBRARY = Path("none/library")
posix = pytest.mark.skipif(os.name != "posix", reason="links and pipes of POSIX")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    (folder / "sub").mkdir(parents=True)
    for name in ("b.md", "a.txt", "sub/c.md"):
        (folder / name).write_text(name)
    return folder


def found(*paths: Path, leave_out: Path = LIBRARY) -> list[str]:
    return [source.path for source in discover(paths, leave_out)]


def test_all_files_below_sorted(root: Path) -> None:
    assert found(root) == ["a.txt", "b.md", "sub/c.md"]
    source = discover([root], LIBRARY)[0]
    assert (source.size, source.key) == (5, str(root / "a.txt"))
    assert source.modified_ns == (root / "a.txt").stat().st_mtime_ns


def test_one_file_and_overlapping_paths(root: Path) -> None:
    assert found(root / "b.md") == ["b.md"]
    assert found(root, root / "sub", root / "a.txt") == ["a.txt", "b.md", "sub/c.md"]


def test_hidden_files_and_the_library_stay_out(root: Path) -> None:
    (root / ".git").mkdir()
    for name in (".hidden.md", ".git/d.md", "~$open.docx", "sub/.e.md"):
        (root / name).write_text("x")
    (root / "mine").mkdir()
    (root / "mine" / "library.sqlite").write_text("x")
    assert found(root, leave_out=root / "mine") == ["a.txt", "b.md", "sub/c.md"]


@pytest.mark.parametrize("spelling", ["docs/sub/..", "docs/", "./docs", "docs/../docs"])
def test_one_file_has_one_key(root: Path, spelling: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root.parent)
    keys = [source.key for source in discover([Path(spelling)], LIBRARY)]
    assert keys == [source.key for source in discover([root], LIBRARY)]


@posix
def test_a_linked_folder_is_the_folder(root: Path) -> None:
    link = root.parent / "link"
    link.symlink_to(root)
    assert discover([link], LIBRARY) == discover([root], LIBRARY)
    assert found(link, leave_out=link / "sub") == ["a.txt", "b.md"]


@posix
def test_a_linked_file_that_is_named_is_taken(root: Path) -> None:
    link = root.parent / "link.md"
    link.symlink_to(root / "b.md")
    assert [source.key for source in discover([link], LIBRARY)] == [str(root / "b.md")]


@posix
def test_links_out_and_loops_and_devices_are_left_out(root: Path) -> None:
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text("x")
    (root / "out.md").symlink_to(outside / "secret.md")
    (root / "outdir").symlink_to(outside)
    (root / "loop").symlink_to(root)
    (root / "self.md").symlink_to("self.md")
    (root / "gone.md").symlink_to("nowhere.md")
    (root / "inside.md").symlink_to("b.md")
    os.mkfifo(root / "pipe.md")
    assert found(root) == ["a.txt", "b.md", "inside.md", "sub/c.md"]
    assert found(root / "pipe.md") == []


@posix
def test_names_that_are_no_utf8(root: Path) -> None:
    try:
        (root / os.fsdecode(b"caf\xe9.md")).write_text("x")
    except OSError:
        pytest.skip("this file system takes UTF-8 only")
    source = discover([root], LIBRARY)[2]
    assert source.path == "caf\ufffd.md"
    source.key.encode()
    assert source.key != key_of(root / "caf\ufffd.md")


def test_a_path_that_is_not_there(root: Path) -> None:
    with pytest.raises(UsageError, match="gone"):
        discover([root, root / "gone"], LIBRARY)
