"""A file of settings that came with a folder: what it may say, and how it comes to be trusted."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.config import NAMES, Settings, load, trust_here
from rag.errors import UsageError
from rag.system import trust
from tests.helpers.answering import write_files
from tests.helpers.chat_server import ChatServer, serving
from tests.helpers.commandline import FILES, LIFT, Rag, command_line

posix = pytest.mark.skipif(os.name != "posix", reason="modes of files are of posix systems")


@pytest.fixture
def rag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Rag:
    """The command in a folder with documents, and a configuration folder of its own."""
    work = tmp_path / "work"
    work.mkdir()
    write_files(work / "docs", FILES)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return command_line(work, monkeypatch, capsys)


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment with a home folder."""
    return {"HOME": str(tmp_path / "home")}


def settings_file(folder: Path, content: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rag.toml").write_text(content, "utf-8")
    return folder / "rag.toml"


def own_file(home: dict[str, str], content: str) -> Path:
    path = settings_file(Path(home["HOME"]) / ".config/fuente", content)
    path.parent.chmod(0o700)
    path.chmod(0o644)
    return path


# --- what a file that is not trusted may say ---


def test_every_setting_is_classified() -> None:
    classes = (trust.NEEDS_TRUST, trust.FREE, set(trust.BOUNDS))
    assert set().union(*classes) == set(NAMES)
    assert sum(map(len, classes)) == len(NAMES)


def test_the_defaults_lie_within_the_bounds_and_guards_are_not_raised() -> None:
    defaults = Settings()
    for name, (low, high) in trust.BOUNDS.items():
        assert low <= getattr(defaults, name) <= high
        assert not trust.objection(name, getattr(defaults, name))
    for guard in ("max_file_mb", "read_timeout", "reader_memory_mb"):
        assert trust.objection(guard, getattr(defaults, guard) * 2)


@pytest.mark.parametrize("name", sorted(trust.NEEDS_TRUST))
def test_what_needs_trust_is_ignored_and_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    value = "transformers" if name == "generator" else "http://127.0.0.1:9/v1"
    default = getattr(Settings(), name)
    written = "7" if isinstance(default, float | int) else f'"{value}"'
    written = "true" if isinstance(default, bool) else written
    path = settings_file(tmp_path, f"{name} = {written}\npassages = 3\n")
    settings = load({}, {}, tmp_path)
    assert getattr(settings, name) == getattr(Settings(), name)
    assert (settings.passages, settings.origins[name]) == (3, "default")
    (ignored,) = settings.ignored
    assert (ignored.name, ignored.path) == (name, path)
    (message,) = caplog.messages
    assert all(part in message for part in (str(path), name, "rag config --trust"))


def test_what_is_out_of_bounds_is_ignored(tmp_path: Path) -> None:
    settings_file(tmp_path, "max_file_mb = 100000\npassages = 51\ntemperature = inf\ntop_k = 7\n")
    settings = load({}, {}, tmp_path)
    assert (settings.max_file_mb, settings.passages, settings.temperature) == (200, 5, 0.0)
    assert settings.top_k == 7
    assert {setting.name for setting in settings.ignored} == {
        "max_file_mb",
        "passages",
        "temperature",
    }


def test_environment_and_flags_are_the_persons_own(tmp_path: Path) -> None:
    settings_file(tmp_path, 'base_url = "http://evil.example/v1"\n')
    settings = load({"library": "lib"}, {"RAG_BASE_URL": "http://127.0.0.1:1/v1"}, tmp_path)
    assert settings.base_url == "http://127.0.0.1:1/v1"
    assert settings.library == Path("lib")


def test_a_warning_tells_no_password_and_cannot_write_to_the_terminal(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    odd = tmp_path / "a\x1b]52;c;x\x07b"
    settings_file(odd, 'base_url = "https://me:secreta@evil.example/v1\\u001b[2J"\n')
    load({}, {}, odd)
    assert "https://…@evil.example/v1" in caplog.text
    assert "secreta" not in caplog.text
    assert all(char.isprintable() for char in caplog.messages[0])


# --- trust ---


def test_trust_is_of_a_path_and_a_content(tmp_path: Path, home: dict[str, str]) -> None:
    content = 'base_url = "http://127.0.0.1:9/v1"\n'
    first, second = tmp_path / "one", tmp_path / "two"
    path = settings_file(first, content)
    settings_file(second, content)
    trusted = trust_here(home, first)
    assert dict(trusted.settings) == {"base_url": "http://127.0.0.1:9/v1"}
    settings = load({}, home, first)
    assert (settings.base_url, settings.ignored) == ("http://127.0.0.1:9/v1", ())
    assert settings.origins["base_url"] == "rag.toml"
    assert load({}, home, second).base_url == ""
    path.write_text(content.replace("127.0.0.1", "evil.example"), "utf-8")
    assert load({}, home, first).base_url == ""
    path.write_text(content, "utf-8")
    trust_here(home, second)  # what was trusted before stays so
    assert load({}, home, first).base_url == load({}, home, second).base_url != ""
    assert load({}, {}, first).base_url == ""  # another person, who has no home here


@posix
def test_the_record_is_private_and_not_believed_where_others_could_write_it(
    tmp_path: Path, home: dict[str, str]
) -> None:
    settings_file(tmp_path, 'models = "m"\n')
    before = os.umask(0)
    try:
        record = trust_here(home, tmp_path).record
    finally:
        os.umask(before)
    assert record == Path(home["HOME"]) / ".config/fuente/trusted.json"
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    assert stat.S_IMODE(record.parent.stat().st_mode) == 0o700
    assert load({}, home, tmp_path).models == Path("m")
    for path, mode in ((record, 0o620), (record.parent, 0o702)):
        kept = stat.S_IMODE(path.stat().st_mode)
        path.chmod(mode)
        assert load({}, home, tmp_path).ignored
        path.chmod(kept)
    for broken in ("", "[]", '{"files": 3}', "[" * 5000):
        record.write_text(broken)
        assert load({}, home, tmp_path).ignored
    trust_here(home, tmp_path)
    assert not load({}, home, tmp_path).ignored


def test_a_configuration_folder_that_is_relative_is_none(tmp_path: Path) -> None:
    assert trust.folder({"XDG_CONFIG_HOME": "config", "HOME": "home"}) is None
    assert trust.folder({"XDG_CONFIG_HOME": "config", "HOME": "/h"}) == Path("/h/.config/fuente")
    assert trust.folder({"XDG_CONFIG_HOME": "/c", "HOME": "/h"}) == Path("/c/fuente")


def test_trust_without_a_file_or_a_home_is_wrong_usage(
    tmp_path: Path, home: dict[str, str]
) -> None:
    with pytest.raises(UsageError, match=r"there is no .*rag\.toml"):
        trust_here(home, tmp_path)
    settings_file(tmp_path, "passages = 3\n")
    with pytest.raises(UsageError, match="no home folder"):
        trust_here({}, tmp_path)
    Path(home["HOME"]).write_text("a file")
    with pytest.raises(UsageError, match=r"trusted\.json cannot be written"):
        trust_here(home, tmp_path)


# --- the person's own file ---


def test_the_persons_own_file_lies_below_the_folders(tmp_path: Path, home: dict[str, str]) -> None:
    file = own_file(home, 'base_url = "http://127.0.0.1:9/v1"\npassages = 2\nthreads = 2\n')
    settings_file(tmp_path, 'base_url = "http://evil.example/v1"\npassages = 3\n')
    settings = load({}, home, tmp_path)
    assert (settings.base_url, settings.passages) == ("http://127.0.0.1:9/v1", 3)
    assert settings.origins["threads"] == settings.origins["base_url"] == str(file)
    assert [setting.path for setting in settings.ignored] == [tmp_path / "rag.toml"]


@posix
def test_an_own_file_that_others_can_write_is_not_believed(
    tmp_path: Path, home: dict[str, str]
) -> None:
    file = own_file(home, 'base_url = "http://127.0.0.1:9/v1"\n')
    file.chmod(0o666)
    (ignored,) = load({}, home, tmp_path).ignored
    assert "chmod go-w" in ignored.next_command
    file.chmod(0o600)
    assert load({}, home, tmp_path).base_url


# --- the command ---


def test_config_shows_what_was_ignored_and_trusts_it(
    rag: Rag, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    address = "https://me:secreta@llm.example/v1?key=secreta"
    path = settings_file(tmp_path / "work", f'base_url = "{address}"\npassages = 3\n')
    outcome = rag("config", "--json")
    assert "rag config --trust" in caplog.text
    assert outcome.json["passages"] == {"value": 3, "origin": "rag.toml"}
    assert outcome.json["base_url"]["value"] == ""
    (ignored,) = outcome.json["base_url"]["ignored"]
    assert (ignored["value"], ignored["origin"]) == ("https://…@llm.example/v1?…", str(path))
    assert "ignored" in rag("config").out
    caplog.clear()
    trusted = rag("config", "--trust")
    assert "base_url = https://…@llm.example/v1" in trusted.out
    assert "passages" not in trusted.out
    outcome = rag("config", "--json")
    assert outcome.json["base_url"] == {"value": "https://…@llm.example/v1?…", "origin": "rag.toml"}
    assert caplog.text == ""
    again = rag("config", "--trust", "--json").json
    assert again["settings"] == {"base_url": "https://…@llm.example/v1?…"}
    outputs = (outcome.out, outcome.err, trusted.out, rag("config").out, rag("config").err)
    assert not [line for line in outputs if "secreta" in line]


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with serving() as made:
        yield made


def test_the_key_and_the_passages_go_to_no_address_of_an_untrusted_file(
    rag: Rag,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    server: ChatServer,
) -> None:
    monkeypatch.setenv("RAG_API_KEY", "secreta")
    monkeypatch.setenv("RAG_WRITTEN_ANSWERS", "always")
    server.said = "El ascensor admite ocho personas. [1]"
    assert rag("ingest", "docs").code == 0
    chosen = f'base_url = "{server.url}"\ngenerator = "openai"\ngenerator_model = "given"\n'
    settings_file(tmp_path / "work", chosen)
    answer = rag("ask", LIFT, "--json")
    assert (answer.code, server.headers, server.bodies) == (0, [], [])
    assert answer.json["model"] == "extractive"
    assert caplog.text.count("rag config --trust") == 3
    assert rag("config", "--trust").code == 0
    answer = rag("ask", LIFT, "--json")
    assert answer.json["model"] == "given"
    assert server.headers[-1]["Authorization"] == "Bearer secreta"


def test_a_person_reads_the_warning_on_stderr(tmp_path: Path) -> None:
    settings_file(tmp_path, 'base_url = "http://127.0.0.1:9/v1"\n')
    for command in (["config", "--json"], ["models", "list", "--json"], ["status", "--json"]):
        code = f"import sys; from rag.cli import main; sys.argv[1:] = {command!r}; main()"
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        assert done.stderr.count("rag config --trust") == 1, command
        json.loads(done.stdout)
