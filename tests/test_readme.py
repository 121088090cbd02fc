"""The README's tree names every module, and none that is not there; its commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rag.cli.commands import app

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```\w*\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
_FLOOR = re.compile(r"F\d\s+")


def tree() -> list[str]:
    (block,) = [each for each in BLOCKS if each.startswith("rag/")]
    return str(block).splitlines()


def modules_named() -> list[str]:
    """First words of the indented lines, without the floor that may stand before them."""
    indented = [line.strip() for line in tree()[1:] if line.startswith(" ")]
    return [_FLOOR.sub("", line, count=1).split()[0].removesuffix(".py") for line in indented]


def modules_there() -> set[str]:
    present = (path for path in (ROOT / "rag").iterdir() if not path.name.startswith("_"))
    return {
        path.stem
        for path in present
        if path.suffix == ".py" or (path.is_dir() and (path / "__init__.py").exists())
    }


def test_the_tree_is_true() -> None:
    named = modules_named()
    assert len(named) == len(set(named))
    assert set(named) == modules_there()


def test_the_folders_of_the_tree_are_there() -> None:
    folders = [line.split()[0] for line in tree() if not line.startswith(" ")]
    assert {"rag/", "ui/", "eval/", "corpus/", "tests/"} <= set(folders)
    assert all((ROOT / folder).is_dir() for folder in folders)


@pytest.mark.parametrize("target", ["chat", "test"])
def test_both_commands_are_named_and_made(target: str) -> None:
    assert f"make {target}" in "\n".join(BLOCKS)
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


def test_every_command_of_the_command_line_is_named() -> None:
    commands = {
        info.name or str(info.callback and info.callback.__name__)
        for info in app.registered_commands
    }
    said = set(re.findall(r"\brag ([a-z]+)\b", "\n".join(BLOCKS)))
    assert commands <= said
    for group in app.registered_groups:
        assert group.typer_instance
        for info in group.typer_instance.registered_commands:
            name = info.name or str(info.callback and info.callback.__name__)
            assert f"rag {group.name} {name}" in "\n".join(BLOCKS)


def test_what_it_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    paths = re.findall(r"`((?:tests|eval|rag|docs|examples)/[\w./]+)`", README)
    local = [each for each in (*links, *paths) if "://" not in each]
    assert [each for each in local if not (ROOT / each).exists()] == []
