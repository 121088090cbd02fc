"""The web app adds the person's own folders and those of the settings, and no others."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from rag.config import Settings
from ui import places


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home" / "ana"
    folder.mkdir(parents=True)
    (folder.parent / "eva").mkdir()
    monkeypatch.setenv("HOME", str(folder))
    return folder


def refusal(given: str, settings: Settings | None = None) -> str:
    """Name of the reason why it may not be added; "" where it may."""
    try:
        places.checked(given, settings or Settings())
    except (places.Missing, places.Outside) as reason:
        return type(reason).__name__
    return ""


def test_folders_and_files_of_the_home_folder_are_added(home: Path) -> None:
    (home / "docs").mkdir()
    (home / "nota.md").write_text("x")
    for given in ("~/docs", f" {home}/docs ", f"{home}/docs/../nota.md", "~", "~/nota.md"):
        assert refusal(given) == ""
    assert places.checked("~/docs", Settings()) == (home / "docs").resolve()


@pytest.mark.parametrize(
    "given",
    [
        "/etc/passwd",
        "/etc",
        "/",
        "/proc/self/environ",
        "/proc/self/root/etc",
        "/dev/zero",
        "/sys",
        "/no/such/folder",
        "//etc/passwd",
        "~/../eva",
        "~/../../../../../../../etc/passwd",
        "{home}/../eva",
        "{home}a",
    ],
)
def test_the_rest_of_the_machine_is_not(home: Path, given: str) -> None:
    assert refusal(given.format(home=home)) == "Outside"


def test_links_are_followed_before_it_is_decided(home: Path) -> None:
    (home / "passwd").symlink_to("/etc/passwd")
    (home / "all").symlink_to("/")
    assert refusal("~/passwd") == "Outside"
    assert refusal("~/all/etc") == "Outside"
    (home.parent / "eva" / "mine").symlink_to(home)
    assert places.checked(f"{home.parent}/eva/mine", Settings()) == home.resolve()


@pytest.mark.parametrize(
    "given", ["docs", ".", "~/none", "~/pipe", "~/loop", "~nobody-of-this-name", "~/a\0b"]
)
def test_what_is_nothing_to_read_is_missing(home: Path, given: str) -> None:
    os.mkfifo(home / "pipe")
    (home / "loop").symlink_to(home / "loop")
    assert refusal(given) == "Missing"


def test_what_lies_in_a_folder_is_listed_by_name_and_nothing_hidden(home: Path) -> None:
    for name in ("b", "A", ".oculta"):
        (home / name / "dentro").mkdir(parents=True)
    (home / "nota.txt").write_text("x")
    assert places.look_into("", Settings()) == (home, ["A", "b"])
    assert places.look_into(str(home / "A"), Settings()) == (home / "A", [places.UP, "dentro"])
    assert places.look_into("/etc", Settings()) == (None, [])
    assert places.look_into(str(home / "nota.txt"), Settings()) == (None, [])


def test_the_folders_of_other_users_are_not(home: Path) -> None:
    others = [user for user in pwd.getpwall() if Path(user.pw_dir).is_dir()]
    own_home = Path.home().resolve()
    for user in others:
        if not own_home.is_relative_to(Path(user.pw_dir).resolve()):
            assert refusal(f"~{user.pw_name}") == "Outside"


def test_the_settings_add_roots(home: Path, tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        (tmp_path / name / "docs").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "two")
    listed = os.pathsep.join((f"{tmp_path}/one", "", f"{tmp_path}/link", "~/more"))
    settings = Settings(folder_roots=listed)
    assert refusal(f"{tmp_path}/one/docs", settings) == ""
    assert refusal(f"{tmp_path}/two", settings) == ""
    assert refusal(f"{tmp_path}/three", settings) == "Outside"
    assert refusal(f"{home}", settings) == ""


def test_even_where_all_is_allowed_the_system_is_not(home: Path) -> None:
    settings = Settings(folder_roots="/")
    assert refusal("/etc", settings) == ""
    for given in ("/proc/self", "/sys", "/dev/null", "/dev"):
        assert refusal(given, settings) == "Outside"


@pytest.mark.parametrize("shared", ["/", "/tmp", "/home", "/no/such/home", "/etc"])
def test_a_home_folder_that_is_nobodys_own_is_no_root(
    shared: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As containers and the users of services have."""
    monkeypatch.setenv("HOME", shared)
    assert places.roots(Settings()) == []
    assert refusal("/etc/passwd") == "Outside"


@pytest.mark.skipif(os.geteuid() != 0, reason="of the administrator")
def test_the_administrators_own_folder_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/root")
    assert refusal("~") == ""
    assert refusal("/home") == "Outside"


def test_a_home_folder_of_another_user_is_no_root(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 12_345)
    assert places.roots(Settings()) == []
