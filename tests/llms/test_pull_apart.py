"""A model that a process without the network has another one bring in, from a hub here."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.config import Settings
from rag.errors import ModelMissing, UsageError
from rag.llms.shop import Models, pull_apart
from rag.system.telemetry import OFFLINE, offline, online
from tests.helpers.gguf_files import gguf
from tests.helpers.hub_server import hub

NAME = "acme/pluma:Q8_0"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(models=tmp_path / "models")


def forbid(monkeypatch: pytest.MonkeyPatch, person: bool) -> None:
    """Has the network forbidden, by the person or by Fuente."""
    monkeypatch.delenv("FUENTE_STAYS_OFFLINE", raising=False)
    for name, value in offline({OFFLINE: "1"} if person else {}).items():
        monkeypatch.setenv(name, value)


def test_it_comes_once_its_licence_is_accepted(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid(monkeypatch, person=False)
    asked: list[str] = []

    def second_time(licence: str) -> bool:
        asked.append(licence)
        return len(asked) > 1

    with hub({"pluma-Q8_0.gguf": gguf()}) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        with pytest.raises(UsageError, match=r"licence of «acme/pluma:Q8_0».*apache-2\.0"):
            pull_apart(settings, NAME, second_time)
        assert Models(settings.models).all() == []
        pull_apart(settings, NAME, second_time)
    assert asked == ["apache-2.0"] * 2
    assert [model.source for model in Models(settings.models).all()] == [NAME]


def test_a_person_who_forbids_the_network_is_obeyed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid(monkeypatch, person=True)
    with pytest.raises(ModelMissing, match="HF_HUB_OFFLINE=1 forbids the network"):
        pull_apart(settings, NAME, lambda licence: True)


def test_a_process_that_dies_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.llms.pull_apart._WORKER", ("-c", "raise SystemExit(3)"))
    with pytest.raises(ModelMissing, match="ended with code 3") as caught:
        pull_apart(settings, NAME, lambda licence: True)
    assert caught.value.next_command == f"rag models pull {NAME}"


def test_whose_word_it_is_outlives_several_processes() -> None:
    ours = offline(offline({}))
    assert online({"PATH": "/bin", **ours}) == {"PATH": "/bin"}
    persons = offline({OFFLINE: "true"})
    assert online(persons) == persons == {OFFLINE: "1"}
    assert online(offline({OFFLINE: "0"})) == {}
