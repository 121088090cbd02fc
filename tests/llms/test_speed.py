"""How fast a model runs here: measured once with real weights, and kept by weights and machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.config import Settings
from rag.llms import speed
from rag.llms.installed import Models
from rag.llms.overview import overview
from tests.helpers.real_models import smollm


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Models:
    monkeypatch.setattr(speed, "_SECONDS", 250.0)  # a busy machine takes longer than ten
    folder = tmp_path / "smol"
    folder.mkdir()
    for path in smollm().iterdir():
        (folder / path.name).hardlink_to(path)
    return Models(tmp_path)


def test_it_is_measured_once_and_kept(models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(models=models.root)
    assert overview(settings).speeds == {}
    found = overview(settings, measuring=True).speeds["smol"]
    assert found.read > 0
    assert found.written > 0
    assert str(found).count("/") == 1
    monkeypatch.setattr("rag.llms.llama_cpp.LlamaCppWriter", None)  # would fail if it were called
    assert overview(settings, measuring=True).speeds == {"smol": found}


def test_a_damaged_record_is_none(models: Models) -> None:
    (models.root / ".speeds.json").write_text("[")
    assert speed.kept(models) == {}
