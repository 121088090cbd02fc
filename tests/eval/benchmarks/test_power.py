"""The disk that forgets, and what is read from strace; `make crash` cuts a real ingest's power."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from eval.benchmarks.crash.power import replay
from eval.benchmarks.helpers.disk import Disk
from eval.benchmarks.helpers.traces import Call, parse


def world(disk: Disk, seed: int | None = None) -> dict[str, bytes]:
    return dict(disk.after_cut(None if seed is None else random.Random(seed)))


def worlds(disk: Disk) -> list[dict[str, bytes]]:
    return [world(disk, seed) for seed in range(60)]


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    (tmp_path / "old").write_bytes(b"abcdef")
    return Disk(tmp_path)


def test_what_was_there_lasts(disk: Disk) -> None:
    assert world(disk) == {"old": b"abcdef"}


def test_a_write_lasts_once_it_is_synced(disk: Disk) -> None:
    disk.write("old", 2, b"XY")
    assert world(disk) == {"old": b"abcdef"}
    disk.sync("old")
    assert world(disk) == {"old": b"abXYef"}


def test_any_part_of_what_was_not_synced_may_last(disk: Disk) -> None:
    disk.write("old", 0, b"1")
    disk.write("old", 5, b"2")
    seen = {world["old"] for world in worlds(disk)}
    assert seen == {b"abcdef", b"1bcdef", b"abcde2", b"1bcde2"}


def test_a_later_write_may_last_without_the_truncation_before_it(disk: Disk) -> None:
    disk.open("old", create=True, empty=True)
    disk.write("old", 0, b"new")
    assert {world["old"] for world in worlds(disk)} == {b"abcdef", b"", b"newdef", b"new"}


def test_a_write_beyond_the_end_leaves_zeros_between(disk: Disk) -> None:
    disk.write("old", 8, b"!")
    disk.sync("old")
    assert world(disk) == {"old": b"abcdef\0\0!"}


def test_a_new_name_lasts_once_the_folder_is_synced(disk: Disk) -> None:
    disk.open("new", create=True, empty=False)
    disk.write("new", 0, b"text")
    disk.sync("new")
    assert world(disk) == {"old": b"abcdef"}
    disk.sync_folder()
    assert world(disk) == {"old": b"abcdef", "new": b"text"}


def test_a_move_happens_whole_or_not(disk: Disk) -> None:
    disk.open("temporary", create=True, empty=True)
    disk.write("temporary", 0, b"better")
    disk.sync("temporary")
    disk.sync_folder()
    disk.rename("temporary", "old")
    seen = [sorted(world.items()) for world in worlds(disk)]
    assert [("old", b"better")] in seen
    assert [("old", b"abcdef"), ("temporary", b"better")] in seen
    assert len({tuple(state) for state in seen}) == 2


def test_a_removal_lasts_once_the_folder_is_synced(disk: Disk) -> None:
    disk.unlink("old")
    disk.unlink("nothing")
    assert world(disk) == {"old": b"abcdef"}
    disk.sync_folder()
    assert world(disk) == {}


def test_without_syncs_of_the_folder_a_careless_change_is_caught(tmp_path: Path) -> None:
    """The fault that the bench is for: written beside and renamed, but never synced."""
    (tmp_path / "index").write_bytes(b"whole")
    disk = Disk(tmp_path)
    disk.open("index.tmp", create=True, empty=True)
    disk.write("index.tmp", 0, b"other")
    disk.rename("index.tmp", "index")
    assert {world["index"] for world in worlds(disk)} == {b"whole", b"", b"other"}


def escaped(text: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def test_a_log_becomes_calls() -> None:
    name = escaped("/lib/a")
    log = "\n".join(
        [
            f'7 openat(AT_FDCWD<{escaped("/")}>, "{name}", O_RDWR|O_CREAT, 0644) = 3<{name}>',
            f'7 write(3<{name}>, "{escaped("hello")}", 5) = 5',
            f'8 pwrite64(3<{name}>, "{escaped("J")}", 1, 4096 <unfinished ...>',
            f'7 write(3<{name}>, "{escaped(" you")}", 4) = 4',
            "8 <... pwrite64 resumed>) = 1",
            f"7 fsync(3<{name}>) = -1 EIO (Input/output error)",
            f"7 ftruncate(3<{name}>, 2) = 0",
            f'7 rename("{name}", "{escaped("/lib/b")}") = 0',
            "7 +++ exited with 0 +++",
        ]
    )
    path = Path("/lib/a")
    assert list(parse(log)) == [
        Call("openat", (path,), flags="O_RDWR|O_CREAT, 0644", descriptor=3),
        Call("write", (path,), b"hello", 0, descriptor=3),
        Call("write", (path,), b" you", 5, descriptor=3),
        Call("pwrite64", (path,), b"J", 4096, descriptor=3),
        Call("ftruncate", (path,), b"", 2, descriptor=3),
        Call("rename", (path, Path("/lib/b"))),
    ]


def test_calls_are_done_to_the_disk_of_their_folder_alone(tmp_path: Path) -> None:
    disk, inside, outside = Disk(tmp_path), tmp_path / "a", tmp_path / "deeper" / "a"
    for path in (inside, outside):
        replay(disk, tmp_path, Call("openat", (path,), flags="O_WRONLY|O_CREAT|O_TRUNC"))
        replay(disk, tmp_path, Call("write", (path,), path.as_posix().encode()))
        replay(disk, tmp_path, Call("fsync", (path,)))
    assert world(disk) == {}
    replay(disk, tmp_path, Call("fsync", (tmp_path,)))
    assert world(disk) == {"a": inside.as_posix().encode()}
