"""What the doctor says of privacy: each thing told when it is well, and when it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.cli import privacy
from rag.config import Settings, load, trust_here
from rag.system import private_files
from rag.system.machine import named_arithmetic
from rag.system.telemetry import SWITCHES


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    monkeypatch.delenv("RAG_BASE_URL", raising=False)
    return tmp_path


def checks_of(settings: Settings) -> dict[str, tuple[bool, str]]:
    return {name: (well, detail) for name, well, detail in privacy.examine(settings)}


def settings(home: Path, **flags: object) -> Settings:
    return load({"library": home / "library", **flags}, environment={}, directory=home)


def test_each_switch_is_told_and_one_that_is_on_is_not_well(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks = checks_of(settings(home))
    assert all(checks[f"telemetry {switch.variable}"][0] for switch in SWITCHES)
    assert "telemetry left behind" not in checks
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "0")
    well, detail = checks_of(settings(home))["telemetry ORT_DISABLE_TELEMETRY"]
    assert not well
    assert "export ORT_DISABLE_TELEMETRY=1" in detail


def test_what_another_run_left_is_named(home: Path) -> None:
    queue = home / ".cache/Microsoft/DeveloperTools/.onnxruntime"
    queue.mkdir(parents=True)
    well, detail = checks_of(settings(home))["telemetry left behind"]
    assert well
    assert f"rm -r {queue}" in detail


@pytest.mark.skipif("os.name != 'posix'", reason="the system keeps no such modes")
def test_a_folder_that_others_can_read_is_not_well(home: Path) -> None:
    assert "permissions of the configuration" not in checks_of(settings(home))
    secret = home / ".config" / "fuente" / "chat-secret"
    private_files.make_folder(secret.parent)
    secret.touch(0o600)
    well, detail = checks_of(settings(home))["permissions of the configuration"]
    assert well
    assert "has 0700" in detail
    secret.chmod(0o644)
    well, detail = checks_of(settings(home))["permissions of the configuration"]
    assert not well
    assert f"chmod -R go-rwx {secret.parent}" in detail


def test_files_of_settings_are_told_as_trusted_or_ignored(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home)
    assert "there is none" in checks_of(load())["settings files"][1]
    here = home / "rag.toml"
    here.write_text("passages = 3\n", "utf-8")
    assert "says nothing that would need it" in checks_of(load())[f"settings file {here}"][1]
    here.write_text("base_url = 'https://models.example/v1'\npassages = 3\n", "utf-8")
    checks = checks_of(load())
    assert "ignored: base_url; rag config --trust" in checks[f"settings file {here}"][1]
    assert checks["leaves with a question"][1] == "nothing"
    trust_here()
    checks = checks_of(load())
    assert checks[f"settings file {here}"][1].startswith("trusted")
    assert "to models.example (base_url, from rag.toml)" in checks["leaves with a question"][1]
    assert checks["permissions of the configuration"][0]
    (home / ".config/fuente").chmod(0o755)
    assert not checks_of(load())["permissions of the configuration"][0]


@pytest.mark.parametrize(
    ("flags", "host"),
    [
        ({}, ""),
        ({"base_url": "http://127.0.0.1:11434/v1"}, ""),
        ({"base_url": "http://[::1]:1/v1", "generator": "openai"}, ""),
        ({"base_url": "https://name:secret@models.example/v1"}, "models.example"),
        ({"base_url": "http://127.0.0.1.models.example/v1"}, "127.0.0.1.models.example"),
        ({"base_url": "https://models.example/v1", "generator": "extractive"}, ""),
    ],
)
def test_what_leaves_with_a_question(home: Path, flags: dict[str, str], host: str) -> None:
    _, detail = checks_of(settings(home, **flags))["leaves with a question"]
    assert "secret" not in detail
    if host:
        assert f"to {host} (base_url, from flag)" in detail
    else:
        assert detail == "nothing"


def test_a_pull_names_the_hub_that_it_would_ask(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "https://name:secret@mirror.example")
    _, detail = checks_of(settings(home))["leaves with rag models pull"]
    assert "mirror.example" in detail
    assert "secret" not in detail


@pytest.mark.parametrize(
    ("flags", "name"),
    [
        ("flags : fpu avx avx2 avx512f avx512bw avx512_vnni amx_int8", "AMX"),
        ("flags : avx2 avx512bw avx512_vnni", "AVX-512 VNNI"),
        ("flags : avx2 avx_vnni", "AVX VNNI"),
        ("flags : avx2 avx512f avx512bw", "AVX-512 without VNNI"),
        ("flags : avx2", "AVX2 without VNNI"),
        ("Features : fp asimd asimddp i8mm", "ARM i8mm"),
        ("Features : fp asimd asimddp", "ARM dot product"),
        ("", "unknown"),
    ],
)
def test_the_arithmetic_of_the_processor(flags: str, name: str) -> None:
    assert named_arithmetic(flags).startswith(name)


def test_what_goes_to_other_servers_is_named_and_signing_in_is_looked_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from rag.cli import doctor, privacy

    given = {"server": "https://api.example", "oidc_issuer": "https://a:b@id.example"}
    chosen = load({**given, "library": tmp_path}, {}, tmp_path)
    leaving = {name: detail for name, _, detail in privacy.examine(chosen)}
    assert "https://api.example" in leaving["leaves with each command"]
    assert "b@" not in leaving["leaves when people sign in"]
    monkeypatch.delenv("RAG_OIDC_SECRET", raising=False)
    ((_, well, detail),) = doctor._signing_in(chosen)
    assert (well, detail) == (False, "export RAG_OIDC_CLIENT and RAG_OIDC_SECRET")
    monkeypatch.setenv("RAG_OIDC_SECRET", "s")
    complete = load({**given, "oidc_client": "fuente"}, {}, tmp_path)
    assert [row[1] for row in doctor._signing_in(complete)] == [True]
