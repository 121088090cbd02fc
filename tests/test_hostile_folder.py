"""A working directory that others filled: no code of it is run, no settings of Streamlit obeyed."""

from __future__ import annotations

import ast
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.browser import free_port

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
OURS = {"rag", "ui", "eval", "corpus", "tests", "examples"}
QUESTION = (
    '{"id": 1, "question": "¿Cuántas personas admite?", "answers": ["ocho"], "language": "es"}'
)
PLANT = "import os\nopen(os.path.abspath(__file__) + '.ran', 'w').close()\n"
# What pip makes of the entry point: its own folder comes first on the path, not the working one.
ENTRY = "import sys\nfrom rag.cli import main\nsys.exit(main())\n"
COMMANDS = (
    ["ingest", "docs", "--json"],
    ["ask", "¿Cuántas personas admite?", "--json"],
    ["search", "ascensor", "--json"],
    ["eval", "questions.jsonl", "--out", "report"],
    ["status", "--json"],
    ["models", "list", "--json"],
    ["config", "--json"],
    ["doctor", "--json"],
    ["reindex"],
    ["remove", "docs/a.md"],
)


def imported() -> set[str]:
    """Top-level names of all that our sources import, wherever in them."""
    names: set[str] = set()
    for path in (
        p for part in ("rag", "ui", "eval", "corpus") for p in (ROOT / part).rglob("*.py")
    ):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.partition(".")[0])
    return names


def clean(**more: str) -> dict[str, str]:
    """The environment without what belongs to this run of the tests."""
    prefixes = ("RAG_", "STREAMLIT_", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(prefixes)}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **more}


@pytest.fixture(scope="module")
def entry(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command `rag` as it is installed."""
    script = tmp_path_factory.mktemp("bin") / "rag"
    script.write_text(ENTRY)
    return [sys.executable, str(script)]


@pytest.fixture(scope="module")
def names(entry: list[str], tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Each top-level module that we, Streamlit or Python import, or that our sources name."""
    folder = tmp_path_factory.mktemp("plain")
    with chat(entry, folder, clean(PYTHONPROFILEIMPORTTIME="1")) as address:
        visitor().open(address, timeout=60).close()
    started = loaded((folder / "stderr").read_text("utf-8"))
    assert {"streamlit", "uvicorn", "site"} <= started
    found = started | imported() | OURS | set(sys.stdlib_module_names)
    return found | {"usercustomize", "sitecustomize"}


@pytest.fixture
def hostile(tmp_path: Path, names: set[str]) -> Path:
    """A folder with a document, and a file in place of each module that is ever imported."""
    folder = tmp_path / "hostile"
    (folder / "docs").mkdir(parents=True)
    (folder / "docs/a.md").write_text("# Ascensor\n\nEl ascensor admite ocho personas.\n", "utf-8")
    (folder / "questions.jsonl").write_text(QUESTION + "\n", "utf-8")
    for name in names:
        (folder / f"{name}.py").write_text(PLANT)
    return folder


def visitor() -> urllib.request.OpenerDirector:
    """A browser that keeps cookies."""
    return urllib.request.build_opener(urllib.request.HTTPCookieProcessor())


def run(
    command: list[str], folder: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=280,
        check=False,
    )


def loaded(output: str) -> set[str]:
    """Top-level modules out of what Python says with PYTHONPROFILEIMPORTTIME."""
    return set(re.findall(r"^import time:.*\| +([A-Za-z_]\w*)", output, re.MULTILINE))


def ran(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.ran"))


@contextlib.contextmanager
def chat(entry: list[str], folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """`rag chat` in a folder, up and answering; gives its address."""
    with (folder / "stderr").open("wb") as errors:
        process = subprocess.Popen(
            [*entry, "chat", "--no-browser", "--port", str(free_port())],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, (line, (folder / "stderr").read_text("utf-8", "replace")[-2000:])
        yield found[0]
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def test_a_planted_module_would_leave_a_mark(hostile: Path) -> None:
    run([sys.executable, "-c", "import tomllib"], hostile, clean())
    assert "tomllib.py.ran" in ran(hostile)


def test_no_command_runs_what_lies_in_the_working_directory(
    entry: list[str], hostile: Path
) -> None:
    for command in COMMANDS:
        done = run([*entry, *command], hostile, clean())
        assert not ran(hostile), command
        assert done.returncode == 0, (command, done.stderr)


def test_the_web_app_runs_nothing_of_the_working_directory(entry: list[str], hostile: Path) -> None:
    with chat(entry, hostile, clean()) as address:
        with visitor().open(address, timeout=60) as reply:
            assert b"streamlit" in reply.read().lower()
        assert not ran(hostile)
    assert not ran(hostile)


def test_a_benchmark_runs_nothing_of_the_working_directory(tmp_path: Path, hostile: Path) -> None:
    # what `python -m` has looked for in the working directory before any line of ours is run
    (tmp_path / "nothing").mkdir()
    (tmp_path / "nothing/__init__.py").touch()
    (tmp_path / "nothing/at_all.py").touch()
    start = [sys.executable, "-m", "nothing.at_all"]
    bare = run(start, tmp_path, clean(PYTHONPROFILEIMPORTTIME="1"))
    for name in {*loaded(bare.stderr), "importlib", "eval"}:
        (hostile / f"{name}.py").unlink(missing_ok=True)
    for module in (
        "eval.benchmarks.speed.large",
        "eval.benchmarks.speed.runtimes",
        "eval.calibration.answers",
    ):
        done = run([sys.executable, "-m", module, "--help"], hostile, clean())
        assert not ran(hostile), (module, done.stderr)
        assert done.returncode == 0, done.stderr


def test_a_command_does_not_search_an_empty_entry_of_the_module_path(
    tmp_path: Path, entry: list[str], hostile: Path
) -> None:
    # `PYTHONPATH=/mine:$PYTHONPATH` ends with an empty entry where the variable was empty; what
    # Python itself loads by it before any line of ours is beyond us
    script = tmp_path / "empty.py"
    script.write_text("import sys\n")
    bare = run([sys.executable, str(script)], tmp_path, clean(PYTHONPROFILEIMPORTTIME="1"))
    for name in loaded(bare.stderr):
        (hostile / f"{name}.py").unlink(missing_ok=True)
    for command in (["config", "--json"], ["ingest", "docs", "--json"]):
        done = run([*entry, *command], hostile, clean(PYTHONPATH=f"{ROOT}{os.pathsep}"))
        assert not ran(hostile), command
        assert done.returncode == 0, done.stderr


def test_an_empty_entry_of_the_module_path_is_forgotten(tmp_path: Path) -> None:
    code = """
import sys, os
from rag.system import processes
processes.forget_working_directory()
print(os.getcwd() in sys.path or "" in sys.path, os.environ["PYTHONPATH"], "/mine" in sys.path)
"""
    path = os.pathsep.join(("", str(ROOT), ".", "/mine"))
    done = run([sys.executable, "-c", code], tmp_path, clean(PYTHONPATH=path))
    kept = os.pathsep.join((str(ROOT), "/mine"))
    assert done.stdout.split() == ["False", kept, "True"]


# --- Streamlit's settings ---

OPEN = """
[server]
enableCORS = false
enableXsrfProtection = false
corsAllowedOrigins = ["http://evil.example"]
enableAgentApi = true
enableStaticServing = true
[client]
allowedOrigins = ["http://evil.example"]
[logger]
level = "debug"
messageFormat = "OBEYED %(message)s"
"""


@pytest.mark.parametrize("config", [OPEN, "[server\n"], ids=["open", "broken"])
def test_streamlits_own_files_are_not_read(entry: list[str], tmp_path: Path, config: str) -> None:
    folder, home = tmp_path / "folder", tmp_path / "home"
    for path in (folder, home):
        (path / ".streamlit").mkdir(parents=True)
        (path / ".streamlit/config.toml").write_text(config)
        (path / ".streamlit/secrets.toml").write_text("[broken\n")
    environment = clean(
        HOME=str(home),
        STREAMLIT_SERVER_ENABLE_AGENT_API="true",
        STREAMLIT_CLIENT_ALLOWED_ORIGINS="http://evil.example",
    )
    with chat(entry, folder, environment) as address:
        visit = visitor()
        visit.open(address, timeout=60).close()  # the cookie is given for the secret
        address = address.partition("/?")[0]
        with visit.open(f"{address}/_stcore/host-config", timeout=60) as reply:
            assert json.load(reply)["allowedOrigins"] == [address]
        for kind, header in (("GET", {}), ("POST", {"Content-Type": "application/json"})):
            request = urllib.request.Request(
                f"{address}/_stcore/agent/interact", b"{}", header, method=kind
            )
            with pytest.raises(urllib.error.HTTPError) as refused:
                visit.open(request, timeout=60)
            assert refused.value.code in (403, 404, 405)
            refused.value.close()
    errors = (folder / "stderr").read_text("utf-8")
    assert "OBEYED" not in errors
    assert "secrets" not in errors
