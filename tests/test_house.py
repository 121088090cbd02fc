"""The house by stages: who may import whom, and how long a file and a function may be.

A room of `rag` that is not in the list fails, so the list and the tree in `rag/__init__.py` agree.
"""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOMS = """schema protocols errors config system scheduling text personal_data parsing storage
    conversations backups models llms indexing copying retrieval answering factory library jobs
    uploads side_by_side monitoring json_output remote training llamaindex server cli""".split()
"""In the order in which data flows: a room imports only from rooms before it, and from itself."""

FREE = {"errors", "system"}  # below everything: a failure is stated and a file is private anywhere
FRONT = {
    *FREE,
    *"library backups personal_data jobs uploads side_by_side schema config scheduling".split(),
    *("copying", "json_output", "monitoring", "remote"),
}
"""All that faces, `ui` and `eval` may know: what stands behind the library may change."""

FACES = {"llamaindex", "server", "cli"}
JOINING = {"library", "factory"}  # they bring the rooms together, so they import from many
MAX_FILE, MAX_FUNCTION, MAX_MEDIAN, MAX_IMPORTS = 300, 60, 10, 12

ROOT = Path(__file__).parent.parent
MODULES = [p for name in ("rag", "ui", "eval") for p in sorted((ROOT / name).rglob("*.py"))]
INNER = [path for path in MODULES if path.is_relative_to(ROOT / "rag")]
OUTER = [path for path in MODULES if path not in INNER]


def for_each(paths: list[Path]) -> pytest.MarkDecorator:
    ids = [str(path.relative_to(ROOT)) for path in paths]
    return pytest.mark.parametrize("path", paths, ids=ids)


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
    """The rooms that a file imports."""
    split = [name.split(".") for name in imports(path)]
    return {parts[1] for parts in split if parts[0] == "rag" and len(parts) > 1}


def home(path: Path) -> str:
    return path.relative_to(ROOT / "rag").parts[0].removesuffix(".py")


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path.name}:{node.name}", (node.end_lineno or 0) - node.lineno + 1


@for_each(INNER)
def test_a_room_imports_from_the_rooms_before_it(path: Path) -> None:
    room = home(path)
    if room == "__init__":
        assert list(imports(path)) == ["rag.system.telemetry"], "the root switches off, no more"
        return
    assert room in ROOMS, f"{room} is no room: put it in the list and in rag/__init__.py"
    allowed = {*ROOMS[: ROOMS.index(room) + 1], *FREE}
    assert rooms(path) <= allowed, f"{room} imports {rooms(path) - allowed}"
    if room in FACES:
        assert rooms(path) <= {room, *FRONT, "training", "server"}
    if room != "cli":
        assert "training" not in rooms(path) - {room}, "only `rag train` needs torch to train"


@for_each(OUTER)
def test_the_app_and_the_evaluation_know_the_front_only(path: Path) -> None:
    deep = (ROOT / "eval/benchmarks", ROOT / "eval/calibration")  # measure and fit single rooms
    measuring = any(path.is_relative_to(folder) for folder in deep)
    assert rooms(path) <= (set(ROOMS) if measuring else FRONT)


@for_each(INNER)
def test_a_module_imports_few_others(path: Path) -> None:
    inside = {name for name in imports(path) if name.startswith("rag.")}
    assert home(path) in JOINING or len(inside) <= MAX_IMPORTS


@for_each(MODULES)
def test_says_what_it_is_and_stays_short(path: Path) -> None:
    assert ast.get_docstring(tree_of(path))
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_FILE
    assert not [(name, lines) for name, lines in functions(path) if lines > MAX_FUNCTION]


@pytest.mark.parametrize("part", ["rag", "ui", "eval"])
def test_most_functions_are_short(part: str) -> None:
    paths = [path for path in MODULES if path.is_relative_to(ROOT / part)]
    lengths = [lines for path in paths for _, lines in functions(path)]
    assert statistics.median(lengths or [0]) <= MAX_MEDIAN


def test_no_ring_of_imports() -> None:
    names = {path: ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in MODULES}
    known = {name.removesuffix(".__init__"): path for path, name in names.items()}
    graph = {path: {known[n] for n in imports(path) if n in known} - {path} for path in MODULES}
    for start in MODULES:
        seen, front = set(), list(graph[start])
        while front:
            path = front.pop()
            if path.name != "__init__.py" and path not in seen:  # a room's front door re-exports
                seen.add(path)
                front += graph[path]
        assert start not in seen, f"{names[start]} imports itself by way of others"


def test_faiss_stays_in_its_room() -> None:
    users = {path for path in MODULES for name in imports(path) if name.split(".")[0] == "faiss"}
    assert users == {ROOT / "rag/storage/vector_index.py"}


def test_make_finds_every_browser_test() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = next(line for line in makefile.splitlines() if line.startswith("BROWSER := "))
    places = [ROOT / name for name in named.split()[2:]]
    mark = "pytest.mark." + "browser"
    found = [path for path in (ROOT / "tests").rglob("*.py") if mark in path.read_text("utf-8")]
    assert len(found) > len(places)
    assert not [path for path in found if not any(path.is_relative_to(at) for at in places)]
