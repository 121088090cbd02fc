"""README and documents: short, and true of the tree, the commands and the files they name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rag.cli.commands import app
from tests.test_house import ROOMS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text("utf-8")
DOCUMENTS = [
    "README.md",
    "CONTRIBUTING.md",
    *(f"docs/{n}.md" for n in ("architecture", "figures", "safety", "team")),
]
_BLOCK = re.compile(r"^```\w*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
BLOCKS = "\n".join(_BLOCK.findall(README))


def tree() -> list[str]:
    (block,) = [block for block in _BLOCK.findall(ARCHITECTURE) if block.startswith("rag/")]
    return str(block).splitlines()


def test_a_newcomer_can_hold_it() -> None:
    assert len(README.splitlines()) <= 130


def test_the_tree_is_true() -> None:
    named = [line.split()[0] for line in tree()[1:] if line.startswith(" ")]
    present = (path for path in (ROOT / "rag").iterdir() if not path.name.startswith("_"))
    there = {
        path.stem for path in present if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert named == ROOMS, "the same rooms in the same order as the test of the house"
    assert set(named) == there


def test_the_folders_of_the_tree_are_there() -> None:
    folders = [line.split()[0] for line in tree() if not line.startswith(" ")]
    assert {"rag/", "ui/", "eval/", "corpus/", "tests/"} <= set(folders)
    assert all((ROOT / folder).is_dir() for folder in folders)


@pytest.mark.parametrize("target", ["chat", "test"])
def test_both_commands_are_named_and_made(target: str) -> None:
    assert f"make {target}" in BLOCKS
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


def test_every_command_of_the_command_line_is_named() -> None:
    commands = {
        info.name or str(info.callback and info.callback.__name__)
        for info in app.registered_commands
    }
    assert commands <= set(re.findall(r"\brag ([a-z]+)\b", BLOCKS))
    for group in app.registered_groups:
        assert group.typer_instance
        for info in group.typer_instance.registered_commands:
            name = info.name or str(info.callback and info.callback.__name__)
            if info.deprecated:  # a name of before, still taken
                continue
            assert f"rag {group.name} {name}" in BLOCKS


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_a_document_names_is_there(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    paths = re.findall(r"`((?:tests|eval|rag|docs|examples|ui)/[\w./-]+)`", text)
    modules = re.findall(r"python (?:-P )?-m ((?:eval|rag|corpus)(?:\.\w+)+)", text)
    files = [f"{module.replace('.', '/')}" for module in modules]
    missing = [path for path in (*links, *paths) if not (ROOT / path).exists()]
    missing += [
        file for file in files if not any((ROOT / f"{file}{end}").exists() for end in ("", ".py"))
    ]
    assert missing == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_make_target_that_is_named_is_made(name: str) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"^make (\w+)", (ROOT / name).read_text("utf-8"), re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
