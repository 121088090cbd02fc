"""The sandbox: good files come through, planted faults become typed outcomes, nothing lives on."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import rag.parsing.sandbox.parent
import rag.parsing.sandbox.sandbox
from rag.errors import FileProblem
from rag.parsing.sandbox import ParserPool, Sandbox
from rag.schema import Outcome

linux = pytest.mark.skipif(sys.platform != "linux", reason="the address space of a process")
posix = pytest.mark.skipif(os.name != "posix", reason="limits and signals of POSIX")

PLANTED = """
    import ctypes, os, socket, struct, subprocess, sys, time
    from dataclasses import asdict
    from pathlib import Path
    from rag.errors import FileProblem
    from rag.parsing import parse
    from rag.parsing.sandbox.child import serve
    from rag.schema import Document, Outcome, ParsedDocument

    def found(text):
        return ParsedDocument(Document(path="x", title="x", text=text))

    def refused(action):
        try:
            action()
        except PermissionError as error:
            return found(f"refused: {error}")
        return found("allowed")

    def planted(path, beat):
        fault = path.stem
        if fault == "hang":
            time.sleep(600)
        if fault == "lively":
            for page in range(8):
                time.sleep(0.3)
                beat(page + 1, 8)
            return found("slow but alive")
        if fault == "restless":
            while True:
                time.sleep(0.05)
                beat()
        if fault == "memory":
            return found("x" * (4 << 30))
        if fault == "segfault":
            ctypes.string_at(0)
        if fault == "exit":
            os._exit(3)
        if fault == "abort":
            os.abort()
        if fault == "refused memory":
            import mmap
            held = mmap.mmap(-1, 600 << 20)
            for _ in range(8):  # until the parent has looked
                time.sleep(0.3)
                beat()
            os.abort()
        if fault == "pickle":
            import pickle
            line = pickle.dumps(ParsedDocument(Document(path="x", title="x", text="ab")))
            os.write(LINE, struct.pack(">I", len(line)) + line)
            time.sleep(600)
        if fault == "fork":
            libc = ctypes.CDLL(None)
            child = libc.fork()  # past every audit hook
            if child == 0:
                time.sleep(600)
            return found(str(child))
        if fault == "fork and die":
            libc = ctypes.CDLL(None)
            child = libc.fork()
            if child == 0:
                time.sleep(600)
            os.write(LINE, struct.pack(">I", 1 << 20))
            os.write(LINE, str(child).encode().ljust(9))
            os._exit(3)
        if fault == "native write":
            libc = ctypes.CDLL(None)
            place = str(path.with_name("written")).encode()
            file = libc.open(place, os.O_CREAT | os.O_WRONLY, 0o600)
            return found(f"wrote {libc.write(file, b'abc', 3)}")
        if fault == "prints":
            print("a parser talks")
            os.write(1, b"straight to the descriptor")
            return found("quiet")
        if fault == "garbage":
            os.write(LINE, struct.pack(">I", 9) + b"not json!")
        if fault == "deep":
            os.write(LINE, struct.pack(">I", 200_000) + b"[" * 200_000)
        if fault == "endless":
            line = b'{"path": "", "title": "", "text": "", "sections": [], "pages": [1e999]}'
            line = b'{"result": {"document": ' + line + b"}}"
            os.write(LINE, struct.pack(">I", len(line)) + line)
        if fault == "flood":
            os.write(LINE, struct.pack(">I", 0xFFFFFFFF))
            time.sleep(600)
        if fault == "offsets":
            return ParsedDocument(Document(path="x", title="x", text="ab", pages=(0, 99)))
        if fault == "pid":
            return found(str(os.getpid()))
        if fault == "environment":
            return found(" ".join(sorted(os.environ)))
        if fault == "network":
            return refused(lambda: socket.create_connection(("127.0.0.1", 9), timeout=1))
        if fault == "program":
            return refused(lambda: subprocess.run([sys.executable, "-c", ""]))
        if fault == "write":
            return refused(lambda: open(path.with_name("written"), "w"))
        return parse(path, beat)

    def work(request, beat, seconds):
        return asdict(planted(Path(request["path"]), beat))

    LINE = os.dup(1)
    serve(work, int(sys.argv[1]), float(sys.argv[2]))
"""


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    script = tmp_path_factory.mktemp("worker") / "planted.py"
    script.write_text(textwrap.dedent(PLANTED))
    return script


@pytest.fixture
def sandbox(worker: Path) -> contextlib.AbstractContextManager[Sandbox]:
    return Sandbox(timeout=2.0, memory_mb=1024, worker=[str(worker)])


def outcome_of(box: Sandbox, path: Path) -> str:
    with pytest.raises(FileProblem) as caught:
        box.parse(path)
    assert path.name in caught.value.message
    return caught.value.outcome


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie still answers signals.
    return (
        "Z"
        not in subprocess.run(
            ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
        ).stdout
    )


def gone(pid: int) -> bool:
    for _ in range(100):
        if not alive(pid):
            return True
        time.sleep(0.05)
    return False


def test_the_real_worker_reads_files(tmp_path: Path) -> None:
    (tmp_path / "a ñ.md").write_text("# Uno\n\nDos.\n\n## Tres\n\nCuatro.", encoding="utf-8")
    (tmp_path / "b.txt").write_text("")
    with Sandbox(timeout=20, memory_mb=2048) as box:
        reading = box.parse(tmp_path / "a ñ.md")
        assert reading.outcome is Outcome.OK
        assert reading.document.path == "a ñ.md"
        assert reading.document.headings_at(reading.document.text.index("Cuatro")) == ("Tres",)
        assert outcome_of(box, tmp_path / "b.txt") == Outcome.NO_TEXT
        assert outcome_of(box, tmp_path / "nada.pdf") == Outcome.UNREADABLE


def test_names_that_are_no_utf8_come_through(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"a\xff.txt")
    try:
        path.write_text("hola")
    except OSError:
        pytest.skip("this file system wants UTF-8 names")
    with Sandbox(timeout=20, memory_mb=2048) as box:
        assert box.parse(path).document.text == "hola"


def test_the_child_tells_the_page_that_it_is_at(sandbox: Sandbox, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    with sandbox as box:
        box.parse(tmp_path / "lively.pdf", lambda *page: told.append(page))
    assert told == [(page, 8) for page in range(1, 9)]


@posix
@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("hang", Outcome.TIMEOUT),
        ("memory", Outcome.MEMORY),
        ("segfault", Outcome.CRASHED),
        ("exit", Outcome.CRASHED),
        ("abort", Outcome.CRASHED),
        pytest.param("refused memory", Outcome.MEMORY, marks=linux),
        ("pickle", Outcome.CRASHED),
        ("fork and die", Outcome.CRASHED),
        ("garbage", Outcome.CRASHED),
        ("deep", Outcome.CRASHED),
        ("endless", Outcome.CRASHED),
        ("flood", Outcome.TOO_LARGE),
        ("offsets", Outcome.CRASHED),
    ],
)
def test_a_fault_is_typed_and_the_next_file_is_read(
    sandbox: Sandbox, tmp_path: Path, fault: str, expected: Outcome
) -> None:
    (tmp_path / "good.txt").write_text("bien")
    with sandbox as box:
        assert outcome_of(box, tmp_path / f"{fault}.pdf") == expected
        assert box.parse(tmp_path / "good.txt").document.text == "bien"


def test_a_slow_file_that_beats_is_waited_for(sandbox: Sandbox, tmp_path: Path) -> None:
    with sandbox as box:
        assert box.parse(tmp_path / "lively.pdf").document.text == "slow but alive"


def test_beats_do_not_help_for_ever(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rag.parsing.sandbox.sandbox, "TOTAL", 2)
    with sandbox as box:
        assert outcome_of(box, tmp_path / "restless.pdf") == Outcome.TIMEOUT


def test_what_parsers_print_does_not_reach_the_answers(sandbox: Sandbox, tmp_path: Path) -> None:
    with sandbox as box:
        assert box.parse(tmp_path / "prints.pdf").document.text == "quiet"
        assert box.parse(tmp_path / "prints.pdf").document.text == "quiet"


@pytest.mark.parametrize("deed", ["network", "program", "write"])
def test_a_parser_can_neither_connect_nor_run_nor_write(
    sandbox: Sandbox, tmp_path: Path, deed: str
) -> None:
    with sandbox as box:
        assert box.parse(tmp_path / f"{deed}.pdf").document.text.startswith("refused: ")
    assert not list(tmp_path.iterdir())


def test_the_environment_of_the_child_holds_no_secrets(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("API_TOKEN", "secreto")
    with sandbox as box:
        assert "API_TOKEN" not in box.parse(tmp_path / "environment.pdf").document.text.split()


def pid_of(box: Sandbox, folder: Path) -> int:
    return int(box.parse(folder / "pid.pdf").document.text)


def test_a_child_is_kept_then_recycled(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rag.parsing.sandbox.parent, "FILES_A_CHILD", 2)
    with sandbox as box:
        first, second, third = (pid_of(box, tmp_path) for _ in range(3))
        assert first == second
        assert third != first
        assert gone(first)


@posix
def test_no_child_outlives_the_sandbox(sandbox: Sandbox, tmp_path: Path) -> None:
    with sandbox as box:
        pid = pid_of(box, tmp_path)
    assert gone(pid)


@posix
def test_no_child_outlives_a_parent_that_is_killed_in_the_middle_of_a_file(
    worker: Path, tmp_path: Path
) -> None:
    script = f"""
        from pathlib import Path
        from rag.parsing.sandbox import Sandbox
        box = Sandbox(60, 1024, worker=[{str(worker)!r}])
        print(box.parse(Path({str(tmp_path / "pid.pdf")!r})).document.text, flush=True)
        box.parse(Path({str(tmp_path / "hang.pdf")!r}))
    """
    root = Path(rag.parsing.sandbox.__file__).parent.parent.parent
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    with parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.kill()
    assert gone(pid)


def test_the_parent_imports_no_parsers() -> None:
    script = (
        "import sys, rag.parsing.sandbox; "
        "parsers = {'lxml', 'pypdfium2', 'docx', 'pptx', 'openpyxl', 'selectolax', 'PIL'}; "
        "print(sorted(parsers & sys.modules.keys()))"
    )
    root = Path(rag.parsing.sandbox.__file__).parent.parent.parent
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert done.stdout.strip() == "[]"


@posix
def test_what_a_parser_forks_ends_with_it(sandbox: Sandbox, tmp_path: Path) -> None:
    with sandbox as box:
        forked = int(box.parse(tmp_path / "fork.pdf").document.text)
        assert alive(forked)
    assert gone(forked)


@posix
def test_native_code_cannot_fill_the_disk(sandbox: Sandbox, tmp_path: Path) -> None:
    with sandbox as box:
        assert box.parse(tmp_path / "native write.pdf").document.text == "wrote -1"


def test_a_child_that_has_grown_is_not_kept(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rag.parsing.sandbox.parent, "resident_mb", lambda pid: 401.0)
    with sandbox as box:
        assert pid_of(box, tmp_path) != pid_of(box, tmp_path)


def test_a_child_that_takes_too_much_is_ended_where_the_system_does_not(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rag.parsing.sandbox.parent, "GLANCE", 0.1)
    monkeypatch.setattr(rag.parsing.sandbox.parent, "resident_mb", lambda pid: 1025.0)
    with sandbox as box:
        assert outcome_of(box, tmp_path / "hang.pdf") == Outcome.MEMORY


# --- several at once ---


@pytest.fixture
def pool(worker: Path) -> Iterator[ParserPool]:
    with ParserPool(lambda: Sandbox(2.0, 1024, worker=[str(worker)]), parsers=2) as opened:
        yield opened


def test_files_are_read_at_once_by_as_many_as_asked_for(pool: ParserPool, tmp_path: Path) -> None:
    names = ["lively", "lively", "pid", "pid", "pid", "pid"]
    tasks = [pool.submit(tmp_path / f"{name}.pdf") for name in names]
    texts = [task.future.result(60).document.text for task in tasks]
    assert texts[:2] == ["slow but alive"] * 2
    assert 1 <= len(set(texts[2:])) <= 2
    assert all(task.started.is_set() for task in tasks)
    assert [task.page for task in tasks[:3]] == [(8, 8), (8, 8), (0, 0)]


@posix
def test_faults_side_by_side_stay_apart(pool: ParserPool, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("bien")
    names = ["segfault.pdf", "good.txt", "garbage.pdf", "good.txt", "exit.pdf", "good.txt"]
    tasks = [pool.submit(tmp_path / name) for name in names]
    for name, task in zip(names, tasks, strict=True):
        if name == "good.txt":
            assert task.future.result(60).document.text == "bien"
            continue
        with pytest.raises(FileProblem) as caught:
            task.future.result(60)
        assert caught.value.outcome == Outcome.CRASHED


def test_closing_waits_for_no_file(worker: Path, tmp_path: Path) -> None:
    pool = ParserPool(lambda: Sandbox(600.0, 1024, worker=[str(worker)]), parsers=2)
    tasks = [pool.submit(tmp_path / "hang.pdf") for _ in range(5)]
    assert tasks[0].started.wait(60)
    pool.close()  # the timeout of the test is the assertion
    assert all(task.future.done() for task in tasks)
    assert sum(task.future.cancelled() for task in tasks) >= 3
