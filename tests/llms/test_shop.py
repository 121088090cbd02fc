"""`rag models`, and the generator that the settings stand for."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rag.cli.commands import app
from rag.config import Settings, api_key, load
from rag.errors import ModelMissing, UsageError
from rag.factory import make_generator
from rag.llms.choice import choose_generator
from rag.models.folders import weight_bytes
from tests.helpers.chat_server import ANSWER, serving
from tests.helpers.fakes import make_prompt
from tests.helpers.real_models import smollm
from tests.helpers.tiny_generators import make_generator_model

PROMPT = make_prompt("¿Cuánto dura la garantía?", "La garantía cubre dos años.")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_generator_model(tmp_path_factory.mktemp("models") / "pluma")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RAG_MODELS", str(tmp_path / "models"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rag(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["models", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def listing(settings: Settings) -> str:
    generator = make_generator(settings)
    assert generator is not None
    return "".join(generator.stream(PROMPT, lambda: False))


def test_from_a_folder_to_an_answer_and_to_another_machine(home: Path, folder: Path) -> None:
    assert "pluma: " in rag("import", str(folder))
    listed = json.loads(rag("list", "--json"))
    (model,) = listed["installed"]
    assert (model["name"], model["generator"], model["source"]) == (
        "pluma",
        "transformers",
        str(folder),
    )
    assert listed["generator"].startswith("extractive")
    settings = Settings(models=home / "models", generator_model="pluma", max_tokens=12)
    generator = make_generator(settings)
    assert generator is not None
    assert generator.name == "pluma"
    assert listing(settings)
    assert make_generator(settings) is generator, "one loaded model a process"
    assert "rag models import pluma" in rag("export", "pluma", "--to", str(home / "stick"))
    assert "removed pluma" in rag("remove", "pluma")
    assert "other" in rag("import", str(home / "stick" / "pluma"), "--name", "other")
    table = rag("list")
    assert "other" in table
    assert "machine" in table


def test_what_is_listed_names_the_model_that_is_chosen_and_why(
    home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_GENERATOR_MODEL", "pluma")
    assert "is not on this machine" in json.loads(rag("list", "--json"))["generator"]
    monkeypatch.setenv("RAG_GENERATOR", "openai")
    assert "base_url is not set" in json.loads(rag("list", "--json"))["generator"]
    monkeypatch.delenv("RAG_GENERATOR")
    rag("import", str(folder))
    chosen = json.loads(rag("list", "--json"))["generator"]
    assert chosen.startswith("transformers pluma: found at")


def test_without_a_model_it_quotes() -> None:
    choice = choose_generator(Settings())
    assert (choice.kind, str(choice)) == ("extractive", "extractive")
    assert "generator_model" in choice.why
    assert make_generator(Settings()) is None
    named = Settings(generator="extractive", generator_model="pluma")
    assert choose_generator(named).kind == "extractive"


def test_a_server_is_asked_with_the_key_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RAG_API_KEY", "secreta")
    with serving() as server:
        settings = Settings(base_url=server.url, temperature=0.5)
        assert listing(settings).strip() == ANSWER
        assert server.bodies[0]["temperature"] == 0.5
        assert server.headers[-1]["Authorization"] == "Bearer secreta"
    assert "secreta" not in repr(settings)
    monkeypatch.delenv("RAG_API_KEY")
    assert api_key() == ""


def test_passages_that_leave_the_machine_are_said_to(caplog: pytest.LogCaptureFixture) -> None:
    make_generator(Settings(base_url="https://llm.example.org/v1", generator_model="x"))
    assert "sent to llm.example.org" in caplog.text


def test_nothing_is_taken_in_place_of_what_is_configured(tmp_path: Path, folder: Path) -> None:
    models = tmp_path / "models"
    for settings, expected in (
        (Settings(models=models, generator_model="acme/none-such"), "rag models pull acme"),
        (Settings(models=models, generator_model="none-such"), "rag models import"),
        (Settings(generator="llama.cpp", generator_model=str(folder)), "auto"),
        (Settings(generator="pluma"), "extractive"),
    ):
        with pytest.raises(ModelMissing) as caught:
            make_generator(settings)
        assert expected in caught.value.next_command
    for settings in (Settings(generator="transformers"), Settings(generator="openai")):
        with pytest.raises(UsageError):
            make_generator(settings)


def test_a_folder_that_could_run_code_is_not_loaded(tmp_path: Path) -> None:
    (tmp_path / "evil.py").write_text("")
    with pytest.raises(ModelMissing, match="refused"):
        make_generator(Settings(generator_model=str(tmp_path)))


def test_a_model_larger_than_the_machine_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rag import factory
    from rag.system.machine import Machine

    monkeypatch.setattr(factory, "probe", lambda: Machine(2, 1000, 1000))
    with pytest.raises(ModelMissing, match="takes 0") as caught:
        make_generator(Settings(generator_model=str(folder), seed=77))
    assert "smaller" in caught.value.next_command


def test_what_a_gguf_model_keeps_of_prompts_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    from rag import factory
    from rag.system.machine import Machine

    weights = weight_bytes(smollm())
    monkeypatch.setattr(factory, "probe", lambda: Machine(2, 10**12, 2 * weights))
    settings = Settings(generator_model=str(smollm()), seed=78)
    with pytest.raises(ModelMissing, match=r"takes 0\.6 GB"):
        make_generator(settings)
    with pytest.raises(ModelMissing, match=r"takes 1\.9 GB"):
        make_generator(replace(settings, answers_at_once=8))


@pytest.mark.parametrize(
    "content",
    ["temperature = -1", "max_tokens = 0", "generator = 'gpt'", "generator_device = 'tpu'"],
)
def test_settings_that_make_no_sense_are_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "rag.toml").write_text(content)
    with pytest.raises(UsageError, match=content.split()[0]):
        load({}, {}, tmp_path)


def test_a_key_in_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rag.toml").write_text("api_key = 'secreta'")
    with pytest.raises(UsageError, match="unknown setting «api_key»"):
        load({}, {}, tmp_path)
