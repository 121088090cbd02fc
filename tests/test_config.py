"""Settings: four layers, each over the one before, and errors that say where to look."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path

import pytest

from rag import json_output
from rag.config import ADDRESSES, NAMES, Settings, load, shown
from rag.errors import UsageError


def test_defaults_come_from_nowhere_else(tmp_path: Path) -> None:
    settings = load({}, {}, tmp_path)
    assert settings == Settings()
    kept = {field.name for field in fields(Settings)} - {"origins", "ignored"}
    assert set(settings.origins) == set(NAMES) == kept
    assert set(settings.origins.values()) == {"default"}


def test_each_layer_beats_the_one_before(tmp_path: Path) -> None:
    (tmp_path / "rag.toml").write_text("passages = 1\nthreads = 1\ncandidates = 1\n")
    environment = {"RAG_PASSAGES": "2", "RAG_THREADS": "2", "RAG_OF_ANOTHER_PROGRAM": "x"}
    settings = load({"passages": 3, "library": None}, environment, tmp_path)
    assert (settings.candidates, settings.threads, settings.passages) == (1, 2, 3)
    origins = [settings.origins[name] for name in ("candidates", "threads", "passages", "library")]
    assert origins == ["rag.toml", "environment", "flag", "default"]


def test_values_get_their_kind(tmp_path: Path) -> None:
    environment = {"RAG_LIBRARY": "~/b", "RAG_MIN_CONFIDENCE": "0.25"}
    settings = load({}, environment, tmp_path)
    assert settings.library == Path("~/b").expanduser()
    assert settings.min_confidence == 0.25


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"pasages = 3", "pasages"),
        (b"passages = 'three'", "passages"),
        (b"passages = [1]", "passages"),
        (b"passages = ", "rag.toml"),
        (b"passages = " + b"[" * 5000, "rag.toml"),
        (b"library = '~nobody-of-this-name/x'", "library"),
        (b"library = ''", "a folder"),
        (b"models = ''", "a folder"),
        (b"'\\u001b]52;c;x' = 1", "unknown setting"),
        (b"#" * 1_000_001, "longer than"),
        (b"# caf\xe9", "rag.toml"),
        (b"language = 'fr'", "es or en"),
        (b"precision = 'fp16'", "auto or fp32 or bf16"),
        (b"qa_model = 'on'", "bundled or off"),
        (b"qa_chars = 0", "more than 0"),
        (b"batch_chunks = 0", "more than 0"),
        (b"chunk_tokens = -5", "more than 0"),
        (b"chunk_overlap = -1", "0 or more"),
        (b"min_confidence = -0.1", "0 or more"),
        (b"keep_audit_days = -1", "0 or more"),
        (b"read_timeout = nan", "more than 0"),
        (b'read_hidden_sheets = "si"', "true or false"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, content: bytes, expected: str) -> None:
    (tmp_path / "rag.toml").write_bytes(content)
    with pytest.raises(UsageError, match=expected) as caught:
        load({}, {}, tmp_path)
    assert caught.value.next_command


@pytest.mark.parametrize(("word", "value"), [("False", False), ("0", False), ("true", True)])
def test_a_switch_is_read_as_a_word(tmp_path: Path, word: str, value: bool) -> None:
    settings = load({}, {"RAG_READ_HIDDEN_SHEETS": word}, tmp_path)
    assert settings.read_hidden_sheets is value


def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "rag.toml").mkdir()
    with pytest.raises(UsageError, match="cannot be read"):
        load({}, {}, tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")
def test_a_pipe_in_place_of_the_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "rag.toml")
    with pytest.raises(UsageError, match="it is no file"):
        load({}, {}, tmp_path)


def test_unknown_flags_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="flag"):
        load({"colour": "red"}, {}, tmp_path)


@pytest.mark.parametrize("origin", ["rag.toml", "environment", "flag"])
def test_former_names_are_read_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, origin: str
) -> None:
    flags, environment = {}, {}
    if origin == "rag.toml":
        (tmp_path / "rag.toml").write_text('reader = "off"\nreader_chars = 200\n')
    elif origin == "environment":
        environment = {"RAG_READER": "off", "RAG_READER_CHARS": "200"}
    else:
        flags = {"reader": "off", "reader_chars": 200}
    settings = load(flags, environment, tmp_path)
    assert (settings.qa_model, settings.qa_chars) == ("off", 200)
    assert settings.origins["qa_model"] == settings.origins["qa_chars"] == origin
    assert settings.ignored == ()
    warned = [f"{origin}: the setting {old} is now called {new}"
              for old, new in (("reader", "qa_model"), ("reader_chars", "qa_chars"))]  # fmt: skip
    assert caplog.messages == warned


def test_a_former_name_is_bounded_as_the_new_one_and_gives_way_to_it(tmp_path: Path) -> None:
    (tmp_path / "rag.toml").write_text('reader_chars = 5000\nreader = "off"\n')
    environment = {"RAG_QA_MODEL": "bundled", "RAG_READER": "off"}
    settings = load({}, environment, tmp_path)
    assert [setting.name for setting in settings.ignored] == ["qa_chars"]
    assert (settings.qa_chars, settings.qa_model) == (Settings().qa_chars, "bundled")


def test_an_address_given_as_the_library_is_the_database(tmp_path: Path) -> None:
    address = "postgresql://ana:secret@host/fuente"
    settings = load({"library": address}, {"RAG_LIBRARY": "beside"}, tmp_path)
    assert (settings.database, settings.library) == (address, Path("beside"))
    assert settings.origins["database"] == "flag"
    assert "secret" not in shown("database", settings.database)


def test_a_folder_that_is_named_later_stands_in_the_place_of_a_database(tmp_path: Path) -> None:
    (tmp_path / "rag.toml").write_text("library = 'postgresql://host/fuente'")
    assert load({}, {}, tmp_path).database == "", "the file is not trusted"
    environment = {"RAG_LIBRARY": "postgres://host/fuente"}
    assert load({}, environment, tmp_path).database == "postgres://host/fuente"
    settings = load({"library": "mine"}, environment, tmp_path)
    assert (settings.database, settings.library) == ("", Path("mine"))
    assert settings.origins["database"] == "default"


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_password_in_an_address_is_shown_nowhere(name: str) -> None:
    given = {name: "postgresql://ana:geheim@host/db"}
    assert "geheim" not in json_output.dump(json_output.of_settings(load(given, {})))
    assert "geheim" not in shown(name, given[name])
