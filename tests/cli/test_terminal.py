"""Whatever a name, a title or a text holds, the terminal obeys none of it."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.progress import Progress, TextColumn
from rich.text import Text

from rag import json_output
from rag.cli import display
from rag.cli.terminal import SafeConsole, SafeFormatter, guard, visible, visible_lines
from rag.schema import Block, Citation, Conflict, Signals, Support
from tests.helpers.commandline import command_line
from tests.helpers.fakes import make_answer, make_block, make_passage

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals of POSIX")

CLIPBOARD = "\x1b]52;c;cm0gLXJm\x07"
EVIL = f"a{CLIPBOARD}\x9b5m\x1b[38;5;201m\nz\u202edm.md"
SPELLED = r"a\x1b]52;c;cm0gLXJm\x07\x9b5m\x1b[38;5;201m\x0az\u202edm.md"
_OURS = re.compile(r"\x1b\[[0-9;]*m|\x1b\[[0-9]*[AK]|\x1b\[\?25[lh]|\r\n|\r")
"""Colours, and the moves of a bar. The colour of `EVIL` is none of ours."""
_LEFT = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]")


def harmless(drawn: str) -> str:
    """What a terminal shows of it, once it is sure that it obeys nothing of others."""
    assert "\x1b[38;5;201m" not in drawn
    shown = _OURS.sub("", drawn)
    assert not _LEFT.findall(shown), repr(shown)
    return shown


def test_one_function_spells_them_out() -> None:
    assert visible(EVIL) == SPELLED
    assert visible(os.fsdecode(b"caf\xe9\t")) == r"caf\xe9\x09"
    assert visible("\ud800") == r"\ud800"
    assert visible("año — «ñ» 日本 👩‍🔬") == "año — «ñ» 日本 👩‍🔬"
    assert visible_lines("a\tb\nc\x1bd") == "a\tb\nc\\x1bd"


def test_a_console_draws_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = io.StringIO()
    console = SafeConsole(file=drawn, force_terminal=True, width=200)
    console.print(EVIL, markup=False)
    console.print(Text(EVIL, "bold"))
    with Progress(TextColumn("{task.description}"), console=console) as bar:
        bar.add_task(EVIL)
    with console.status(EVIL):
        pass
    text = harmless(drawn.getvalue())
    assert text.count(r"a\x1b]52") >= 3
    assert ":smile:" in _printed(":smile:")


def _printed(text: str) -> str:
    drawn = io.StringIO()
    SafeConsole(file=drawn).print(text)
    return drawn.getvalue()


def test_answers_titles_and_what_a_model_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = io.StringIO()
    monkeypatch.setattr(display, "out", SafeConsole(file=drawn, force_terminal=True, width=400))
    found = replace(make_passage(f"Dura {EVIL} años.", number=1), title=EVIL, path=EVIL)
    found = replace(found, signals=Signals(answerable=0.9), answer_span=(2, 9))
    citation = Citation(1, found, 0, 9, found.chunk.text, 3)
    conflict = Conflict(1, EVIL, 0, 0, 14, EVIL, EVIL)
    verbatim = make_answer(
        EVIL, EVIL, short=EVIL, citations=(citation,), passages=(found,), found=False,
        model=EVIL, conflicts=(conflict,),
    )  # fmt: skip
    doubtful = make_block(f"{EVIL}. Fue {EVIL}.", Support.NOT_FOUND)
    written = replace(
        verbatim, blocks=(doubtful,), extractive=replace(verbatim, model="extractive")
    )

    class Stream:
        answer = written
        blocks: tuple[Block, ...] = ()

        def __iter__(self) -> Iterator[str]:
            self.blocks = written.blocks
            yield written.text

    display.show_extractive(verbatim)
    stream: Any = Stream()
    display.show_written(stream)
    display.show_passages([found])
    words_said = harmless(drawn.getvalue())
    assert words_said.count(f"[1] {SPELLED}, p. 3") == 2, (
        "a line break in a name is spelled out too"
    )


def test_json_is_exact_and_harmless() -> None:
    name = EVIL + os.fsdecode(b"caf\xe9\x7f")
    text = json_output.dump({"path": name, "text": "año"})
    text.encode()
    assert not _LEFT.findall(text)
    assert json.loads(text) == {"path": name, "text": "año"}
    assert "año" in text
    assert os.fsencode(json.loads(text)["path"]).endswith(b"caf\xe9\x7f")


def test_logs_warnings_and_tracebacks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        raise ValueError(EVIL)
    except ValueError:
        record = logging.LogRecord("x", 30, "x", 1, "read %s", (EVIL,), sys.exc_info())
    text = harmless(SafeFormatter("%(name)s: %(message)s").format(record))
    assert text.startswith(f"x: read {SPELLED}\nTraceback")
    monkeypatch.setattr(warnings, "formatwarning", warnings.formatwarning)
    monkeypatch.setattr(threading, "excepthook", threading.__excepthook__)
    guard()
    assert SPELLED in harmless(warnings.formatwarning(EVIL, UserWarning, EVIL, 3))
    thread = threading.Thread(target=lambda: int(EVIL))
    thread.start()
    thread.join()
    assert "invalid literal" in harmless(capsys.readouterr().err)


def test_a_fault_of_ours_is_told_without_obeying(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError(EVIL)

    rag = command_line(tmp_path, monkeypatch, capsys)
    monkeypatch.setattr("rag.cli.commands.load_settings", fail)
    outcome = rag("config")
    assert outcome.code == 1
    assert r"RuntimeError: a\x1b]52" in harmless(outcome.err)


# --- every command, on a pseudo-terminal ---


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a hostile name, of hostile names: documents, links, pipes, models."""
    folder = tmp_path_factory.mktemp("home") / f"x{CLIPBOARD}\u202e\nhome"
    docs = folder / "docs"
    docs.mkdir(parents=True)
    for name, text in {
        EVIL: f"La garantía \u202e dura dos años. {CLIPBOARD} "
        + "Cubre el motor y el aceite. " * 9,
        "t.html": "<title>t&#27;]52;c;x&#7;&#x202e;</title><p>El ascensor admite &#27;]52; ocho.",
        f"bad{CLIPBOARD}.pdf": "%PDF-1.7 broken",
        f"twin{CLIPBOARD}.md": "La garantía dura dos años. Cubre el motor y las ruedas.",
    }.items():
        (docs / name).write_text(text, encoding="utf-8")
    (docs / os.fsdecode(b"caf\xe9\x1b.md")).write_text("El café es de Colombia.")
    (docs / f"out{CLIPBOARD}").symlink_to(f"/no{CLIPBOARD}\nwhere")
    os.mkfifo(docs / f"pipe{CLIPBOARD}")
    model = folder / f"m{CLIPBOARD}"
    model.mkdir()
    return folder


def on_a_terminal(folder: Path, *arguments: str) -> tuple[int, str]:
    """Exit code, and all bytes that a terminal of 100 columns gets, of stdout and stderr."""
    import pty

    master, slave = pty.openpty()
    inherited = os.environ.items()
    environment = {name: value for name, value in inherited if not name.startswith("RAG_")}
    environment |= {
        "TERM": "xterm-256color",
        "COLUMNS": "100",
        "RAG_MODELS": str(folder / "models"),
    }
    code = "import sys; from rag.cli import main; sys.argv[0] = 'rag'; main()"
    environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=folder, env=environment, stdin=slave, stdout=slave, stderr=slave,
    )  # fmt: skip
    os.close(slave)
    pieces = []
    while True:
        try:
            piece = os.read(master, 1 << 16)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        pieces.append(piece)
    os.close(master)
    return process.wait(), b"".join(pieces).decode()


COMMANDS: dict[str, tuple[tuple[str, ...], int, str]] = {
    "ingest": (("ingest", "docs"), 0, r"pipe\x1b]52"),
    "ingest what is not there": (("ingest", EVIL), 2, r"error: a\x1b]52"),
    "ask": (("ask", "¿Cuánto dura la garantía?"), 0, r"\x1b]52"),
    "search": (("search", "garantía motor ascensor café"), 0, r"\x1b]52"),
    "search a title": (("search", "ascensor", "--json"), 0, r"\u202e"),
    "status": (("status", "-v"), 0, r"caf\xe9\x1b.md"),
    "status as JSON": (("status", "--json"), 0, '"documents": 4'),
    "config": (("config", "--library", f"lib{CLIPBOARD}"), 0, r"lib\x1b]52"),
    "config as JSON": (("config", "--json", "--library", os.fsdecode(b"l\xe9")), 0, r"l\udce9"),
    "doctor": (("doctor", "--library", f"lib{CLIPBOARD}"), 0, r"lib\x1b]52"),
    "import of what is none": (("models", "import", f"m{CLIPBOARD}"), 1, r"m\x1b]52"),
    "models": (("models", "list"), 0, "machine"),
    "remove a model": (("models", "remove", EVIL), 2, r"\x1b]52"),
    "export a model": (("models", "export", EVIL, "--to", EVIL), 2, r"\x1b]52"),
    "eval": (("eval", EVIL), 2, r"\x1b]52"),
    "train": (("train", "lexicon", "--data", EVIL, "--out", EVIL), -1, ""),
    "an unknown command": ((EVIL,), 2, r"error: No such command"),
    "an unknown flag": (("ask", f"--{EVIL}"), 2, r"\x1b]52"),
    "a wrong value": (("search", "-k", EVIL, "x"), 2, "error: Invalid value"),
    "remove": (("remove", EVIL), 0, r"removed: a\x1b]52"),
    "remove what is not there": (("remove", EVIL), 2, r"error: a\x1b]52"),
}
"""Arguments, exit code (-1: any), and what must be seen. In their order, on one library."""


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_no_command_lets_a_control_character_through(home: Path) -> None:
    for name, (arguments, wanted, seen) in COMMANDS.items():
        code, drawn = on_a_terminal(home, *arguments)
        shown = harmless(drawn)
        assert code == wanted or wanted == -1, (name, shown)
        assert seen in shown.replace("\n", ""), (name, shown)
        assert "Traceback" not in shown, (name, shown)
