"""The house keeps its floors: who may import whom, and how long a file and a function may be.

A module of `rag` that is not in the table fails, so the table and the README's tree stay true.
"""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

FLOORS = {
    0: """claims purge schema protocols errors children config courtesy private telemetry
        addresses trust""",
    1: """readers sandbox chunking languages sources store vectors models generation
        evidence prompts citations pages followups support untrusted""",
    2: "drawing generations ingest retrieve parts answer",
    3: "library language_models",
    4: "training llamaindex",
    5: "cli",
}
FLOOR = {name: floor for floor, names in FLOORS.items() for name in names.split()}
GROUND = {
    *(
        ("schema", "claims"),
        ("schema", "purge"),
        ("protocols", "schema"),
        ("trust", "errors"),
        ("trust", "private"),
    ),
    *(("config", name) for name in ("errors", "addresses", "trust")),
}
"""The only imports on floor 0."""
BARE = {"courtesy", "private", "children", "addresses", "telemetry"}
"""Helps that know nothing of ours."""
FACING = {"cli", "llamaindex"}  # parts of `rag` that face outside; `training` looks deeper
FRONT = {*"library language_models schema claims purge config errors".split(), *BARE}
"""All that faces, `ui` and `eval` may know."""
MAX_FILE, MAX_FUNCTION, MAX_MEDIAN = 300, 60, 15

ROOT = Path(__file__).parent.parent
MODULES = [p for name in ("rag", "ui", "eval") for p in sorted((ROOT / name).rglob("*.py"))]
CORE = [path for path in MODULES if path.is_relative_to(ROOT / "rag")]
FACES = [path for path in MODULES if path not in CORE]


def each(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=lambda path: str(path.relative_to(ROOT)))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[str]:
    """Dotted names of all imports, those inside functions too; `from rag import x` is `rag.x`."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno} imports relatively"
            bare = node.module == "rag"
            yield from (f"rag.{a.name}" for a in node.names) if bare else [str(node.module)]


def rooms(path: Path) -> set[str]:
    """First names below `rag` that a file imports; "" for the bare root."""
    split = [name.split(".") for name in imports(path)]
    return {(*parts, "")[1] for parts in split if parts[0] == "rag"}


def home(path: Path) -> str:
    return path.relative_to(ROOT / "rag").parts[0].removesuffix(".py")


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path.name}:{node.name}", (node.end_lineno or 0) - node.lineno + 1


@each(CORE)
def test_imports_only_from_lower_floors(path: Path) -> None:
    own = home(path)
    if own == "__init__":
        assert list(imports(path)) == ["rag.telemetry"], "the root switches off, no more"
        return
    assert own in FLOOR, f"{own} is on no floor: put it in the table and in rag/__init__.py"
    for other in rooms(path) - {own}:
        assert other in FLOOR, f"{own} imports {other or 'the bare root'}"
        assert FLOOR[other] < FLOOR[own] or (own, other) in GROUND, f"{own} imports {other}"
    if own in FACING:
        assert rooms(path) - {own} <= FRONT | {"training"}
    if own != "cli":
        assert "training" not in rooms(path) - {own}, "only `rag train` needs torch to train"


@each(FACES)
def test_faces_and_evaluation_know_the_front_only(path: Path) -> None:
    allowed = set(FLOOR) if path.is_relative_to(ROOT / "eval/bench") else FRONT
    assert rooms(path) <= allowed


@each(MODULES)
def test_says_what_it_is_and_stays_short(path: Path) -> None:
    assert ast.get_docstring(tree_of(path))
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_FILE
    assert not [(name, lines) for name, lines in functions(path) if lines > MAX_FUNCTION]


@pytest.mark.parametrize("part", ["rag", "ui", "eval"])
def test_most_functions_are_short(part: str) -> None:
    paths = [path for path in MODULES if path.is_relative_to(ROOT / part)]
    lengths = [lines for path in paths for _, lines in functions(path)]
    assert statistics.median(lengths or [0]) <= MAX_MEDIAN


def test_faiss_stays_in_its_room() -> None:
    users = {path for path in MODULES for name in imports(path) if name.split(".")[0] == "faiss"}
    bench = {ROOT / "eval/bench/indexes.py"}  # compares kinds of indexes that we did not choose
    assert users == {ROOT / "rag/vectors.py"} | bench
