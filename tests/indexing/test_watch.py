"""Watching folders: an ingest now, one after each change, none in the middle of a copy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rag.errors import LibraryBusy, UsageError
from rag.indexing import watch


def watched(folder: Path, *steps: Callable[[], object], refused: int = 0) -> list[list[str]]:
    """What lay in the folder at each ingest; a step happens in each pause, then it stops."""
    seen: list[list[str]] = []
    left = iter(steps)
    over: list[bool] = []

    def pause(seconds: float) -> None:
        assert seconds == 2.5
        step = next(left, None)
        if step is None:
            over.append(True)
        else:
            step()

    def ingest(first: bool) -> None:
        assert first == (len(seen) in (0, refused))
        seen.append(sorted(path.name for path in folder.rglob("*.md")))
        if len(seen) == refused:
            raise LibraryBusy("another process writes")

    watch([folder], folder / ".rag", ingest, lambda: bool(over), 2.5, pause)
    return seen


def nothing() -> None:
    pass


def test_changes_are_taken_up_once_they_rest(tmp_path: Path) -> None:
    def write(name: str, text: str) -> Callable[[], object]:
        return lambda: (tmp_path / name).write_text(text)

    write("a.md", "uno")()
    steps = [
        nothing,
        write("b.md", "d"),
        write("b.md", "do"),
        write("b.md", "dos"),
        nothing,
        nothing,
        (tmp_path / "a.md").unlink,
        nothing,
        nothing,
    ]
    assert watched(tmp_path, *steps) == [["a.md"], ["a.md", "b.md"], ["b.md"]]


def test_an_ingest_that_could_not_be_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("uno")
    assert watched(tmp_path, nothing, nothing, nothing, refused=1) == [["a.md"]] * 2


def test_the_library_inside_the_folder_is_no_change(tmp_path: Path) -> None:
    (tmp_path / ".rag").mkdir()
    steps = [lambda: (tmp_path / ".rag" / "x.md").write_text("x"), nothing, nothing]
    assert len(watched(tmp_path, *steps)) == 1


def test_a_folder_that_goes_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    with pytest.raises(UsageError, match="docs"):
        watched(folder, folder.rmdir, nothing)
