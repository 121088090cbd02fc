"""Which files a path stands for, on folders full of what is no document."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.errors import UsageError
from rag.indexing import sources
from rag.indexing.sources import discover, gone, key_of, root_of
from rag.schema import Outcome

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
    return [source.path for source in discover(paths, leave_out).sources]


def outcomes_of(*paths: Path) -> dict[str, Outcome]:
    return {report.path: report.outcome for report in discover(paths, LIBRARY).left_out}


def test_all_files_below_sorted(root: Path) -> None:
    assert found(root) == ["a.txt", "b.md", "sub/c.md"]
    source = discover([root], LIBRARY).sources[0]
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
    keys = [source.key for source in discover([Path(spelling)], LIBRARY).sources]
    assert keys == [source.key for source in discover([root], LIBRARY).sources]


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
    assert [source.key for source in discover([link], LIBRARY).sources] == [str(root / "b.md")]


@posix
def test_links_out_and_loops_and_devices_are_left_out_and_told(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(root)  # the address of a socket is short
        server.bind("talk.md")
    assert found(root) == ["a.txt", "b.md", "inside.md", "sub/c.md"]
    assert found(root / "pipe.md") == []
    assert outcomes_of(root) == {
        "gone.md": Outcome.UNREADABLE,
        "out.md": Outcome.OUTSIDE,
        "outdir": Outcome.OUTSIDE,
        "pipe.md": Outcome.UNSUPPORTED,
        "self.md": Outcome.UNREADABLE,
        "talk.md": Outcome.UNSUPPORTED,
    }
    assert outcomes_of(root / "pipe.md") == {"pipe.md": Outcome.UNSUPPORTED}
    reasons = [report.reason for report in discover([root], LIBRARY).left_out]
    assert f"rag ingest {outside / 'secret.md'}" in " ".join(reasons)


@posix
def test_a_link_within_one_root_is_not_told_of_another(root: Path) -> None:
    (root / "sub" / "up.md").symlink_to("../b.md")
    assert outcomes_of(root / "sub") == {"up.md": Outcome.OUTSIDE}
    assert outcomes_of(root / "sub", root) == outcomes_of(root, root / "sub") == {}


@posix
def test_a_long_chain_of_links_is_told(root: Path) -> None:
    for number in range(1500):
        (root / f"z{number}.md").symlink_to(f"z{number + 1}.md")
    outcomes = outcomes_of(root)
    assert len(outcomes) == 1500
    assert set(outcomes.values()) == {Outcome.UNREADABLE}


@pytest.fixture
def deep(root: Path) -> Iterator[Path]:
    """`root` with 1,200 folders in each other below «deep», and a file at every hundredth."""
    (root / "deep").mkdir()
    handle = os.open(root / "deep", os.O_RDONLY)
    for level in range(1, 1201):
        name = "nnn" if level < 300 else "d"
        os.mkdir(name, dir_fd=handle)
        inner = os.open(name, os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = inner
        if not level % 100:
            os.close(os.open(f"{level}.md", os.O_CREAT | os.O_WRONLY, dir_fd=handle))
    os.close(handle)
    yield root
    subprocess.run(["rm", "-rf", root], check=True)  # pytest's own clean-up recurses


@posix
def test_a_deep_tree_is_walked_to_its_end(deep: Path) -> None:
    names = [name.rpartition("/")[2] for name in found(deep)]
    assert sorted(names)[-1] == "c.md"
    assert "1200.md" in names
    assert len(names) == 15
    assert outcomes_of(deep) == {}


@posix
def test_a_path_longer_than_the_system_opens_is_told(root: Path) -> None:
    handle = os.open(root, os.O_RDONLY)
    for _ in range(30):
        os.mkdir("n" * 200, dir_fd=handle)
        inner = os.open("n" * 200, os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = inner
    os.close(handle)
    assert found(root) == ["a.txt", "b.md", "sub/c.md"]
    assert list(outcomes_of(root).values()) == [Outcome.UNREADABLE]
    assert "longer than the system" in discover([root], LIBRARY).left_out[0].reason
    subprocess.run(["rm", "-rf", root], check=True)


@posix
def test_a_folder_that_cannot_be_listed_is_told(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = os.scandir

    def locked(path: Path) -> object:
        if path == root / "sub":  # the superuser may list any: its mode would not do
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", locked)
    assert found(root) == ["a.txt", "b.md"]
    assert outcomes_of(root) == {"sub": Outcome.UNREADABLE}


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs bind mounts")
def test_a_folder_mounted_in_itself_is_read_once(root: Path) -> None:
    (root / "sub" / "again").mkdir()
    code = (
        "from pathlib import Path; from rag.indexing.sources import discover\n"
        "found = discover([Path('.')], Path('none'))\n"
        "print([s.path for s in found.sources], [(r.path, str(r.outcome)) for r in found.left_out])"
    )
    command = ["unshare", "-rm", "sh", "-c", 'mount --bind . sub/again && exec "$0" -c "$1"']
    done = subprocess.run(
        [*command, sys.executable, code],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
    )
    if "mount" in done.stderr or "unshare" in done.stderr:
        pytest.skip(done.stderr)
    assert done.stdout == "['a.txt', 'b.md', 'sub/c.md'] [('sub/again', 'duplicate')]\n", done


def test_a_walk_ends_somewhere(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MOST_ENTRIES", 4)
    assert discover([root], LIBRARY).whole  # a, b, sub and c: as many as may be
    monkeypatch.setattr(sources, "MOST_ENTRIES", 3)
    cut = discover([root], LIBRARY)
    assert not cut.whole
    assert [source.path for source in cut.sources] == ["a.txt", "b.md"]
    assert outcomes_of(root) == {".": Outcome.TOO_LARGE}


def test_what_is_gone(root: Path) -> None:
    assert gone(str(root / "none.md"))
    assert gone(str(root / "a.txt" / "below"))
    assert not gone(str(root / "a.txt"))
    assert not gone(str(root / ("n" * 300))), "that cannot be seen"


@posix
def test_names_that_are_no_utf8(root: Path) -> None:
    try:
        (root / os.fsdecode(b"caf\xe9.md")).write_text("x")
    except OSError:
        pytest.skip("this file system takes UTF-8 only")
    source = discover([root], LIBRARY).sources[2]
    assert source.path == r"caf\xe9.md"
    source.key.encode()
    assert source.key != key_of(root / "caf\ufffd.md")


def test_a_path_that_is_not_there(root: Path) -> None:
    with pytest.raises(UsageError, match="gone"):
        discover([root, root / "gone"], LIBRARY)


@pytest.mark.parametrize("name", ["~nobody-of-this-name", "a\0b"])
def test_what_is_no_path_is_said(name: str) -> None:
    with pytest.raises(UsageError, match="no path"):
        root_of(Path(name))
