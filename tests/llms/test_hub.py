"""Models from the hub, one on this machine: sums, breaks, refusals, and no network at all."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.errors import ModelMissing, UsageError
from rag.llms.hub import cached, pull
from rag.llms.installed import Models
from rag.models.manifests import MANIFEST
from tests.helpers.gguf_files import gguf
from tests.helpers.hub_server import COMMIT, HubServer, hub

NAME = "acme/pluma"
WEIGHTS = bytes(range(256)) * 200


@pytest.fixture(autouse=True)
def online(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests run with the network forbidden; the hub here is on this machine."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_PROGRESS_BARS", True)


@pytest.fixture
def server() -> Iterator[HubServer]:
    files = {
        "config.json": b'{"model_type": "qwen2"}',
        "tokenizer.json": b"{}",
        "model.safetensors": WEIGHTS,
        "pytorch_model.bin": b"pickle",
        "modeling.py": b"code",
        "README.md": b"# read me",
    }
    with hub(files) as running:
        yield running


@pytest.fixture
def models(tmp_path: Path) -> Models:
    return Models(tmp_path / "models")


def test_a_model_comes_with_its_commit_and_its_sums(server: HubServer, models: Models) -> None:
    came = pull(models, NAME, endpoint=server.url)
    assert (came.name, came.source, came.revision) == ("pluma", NAME, COMMIT)
    assert came.licence == "apache-2.0"
    assert models.find(NAME) == models.find("pluma") == came
    assert (came.folder / "model.safetensors").read_bytes() == WEIGHTS
    names = {path.name for path in came.folder.iterdir()}
    assert names == {"config.json", "tokenizer.json", "model.safetensors", MANIFEST}
    kept = json.loads((came.folder / MANIFEST).read_text())["files"]
    assert kept["model.safetensors"]["sha256"] == server.sum_of("model.safetensors")
    with pytest.raises(UsageError, match="already"):
        pull(models, NAME, endpoint=server.url)


def test_nothing_is_fetched_before_the_licence_is_accepted(
    server: HubServer, models: Models
) -> None:
    asked: list[str] = []

    def refuse(licence: str) -> bool:
        asked.append(licence)
        return False

    with pytest.raises(UsageError, match=r"licence of «acme/pluma».*apache-2\.0") as caught:
        pull(models, NAME, endpoint=server.url, accept=refuse)
    assert asked == ["apache-2.0"]
    assert "--accept-licence" in caught.value.next_command
    assert len(server.asked) == 1, "what is fetched is the description alone"
    assert models.arriving() == 0
    half = models.root / ".partial-pluma"  # of a download that broke off after it was accepted
    half.mkdir()
    (half / "config.json").write_bytes(server.files["config.json"])
    assert models.arriving() > 0
    pull(models, NAME, endpoint=server.url, accept=refuse)
    assert len(asked) == 1, "it is asked once"


def test_a_download_that_broke_off_goes_on(
    server: HubServer, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 1000)  # so much is lost at most
    server.break_after = 20_000
    pull(models, NAME, endpoint=server.url)
    assert models.get("pluma").size > len(WEIGHTS)
    assert [line for line in server.asked if "safetensors bytes=20000-" in line], "not anew"


def test_other_weights_than_stated_are_refused(server: HubServer, models: Models) -> None:
    server.wrong_sum = True
    with pytest.raises(ModelMissing, match=r"sha256 differs"):
        pull(models, NAME, endpoint=server.url)
    assert models.all() == []


def test_code_is_refused_before_the_weights_come(server: HubServer, models: Models) -> None:
    server.files["config.json"] = b'{"auto_map": {"AutoModel": "modeling.X"}}'
    with pytest.raises(ModelMissing, match="asks to run code"):
        pull(models, NAME, endpoint=server.url)
    assert not any("safetensors" in line for line in server.asked)
    assert models.all() == []


def test_without_safetensors_nothing_is_fetched(server: HubServer, models: Models) -> None:
    del server.files["model.safetensors"]
    with pytest.raises(ModelMissing, match="has no safetensors"):
        pull(models, NAME, endpoint=server.url)
    assert len(server.asked) == 1


def test_of_the_gguf_files_the_one_that_was_named_comes(server: HubServer, models: Models) -> None:
    for name in ("q4_k_m", "q8_0", "f16-00001-of-00002", "f16-00002-of-00002"):
        server.files[f"pluma-{name}.gguf"] = gguf()
    came = pull(models, f"{NAME}:Q4_K_M", endpoint=server.url)
    assert (came.name, came.generator) == ("pluma-Q4_K_M", "llama.cpp")
    assert (came.source, came.licence) == (f"{NAME}:Q4_K_M", "apache-2.0")
    assert [path.name for path in came.folder.glob("*.gguf")] == ["pluma-q4_k_m.gguf"]
    parts = pull(models, f"{NAME}:F16", endpoint=server.url)
    assert len(list(parts.folder.glob("*.gguf"))) == 2
    assert not any("q8_0" in line or "safetensors" in line for line in server.asked)
    with pytest.raises(ModelMissing, match=r"no GGUF file Q5_K; it has pluma-q4_k_m\.gguf"):
        pull(models, f"{NAME}:Q5_K", endpoint=server.url)


def test_a_name_that_is_nowhere(server: HubServer, models: Models) -> None:
    with pytest.raises(UsageError, match="no model «acme/otra»"):
        pull(models, "acme/otra", endpoint=server.url)
    with pytest.raises(UsageError, match="no name of the hub"):
        pull(models, "pluma", endpoint=server.url)
    assert cached("acme/none-such") is None


def test_without_a_network_the_way_round_is_named(models: Models) -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(ModelMissing, match="could not be downloaded") as caught:
            pull(models, NAME, endpoint=f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert "rag models export pluma --to DIR" in caught.value.next_command


def test_where_the_network_is_forbidden_none_is_tried(
    models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelMissing, match="HF_HUB_OFFLINE"):
        pull(models, NAME)
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(ModelMissing, match="extra «hf»"):
        pull(models, NAME)
    assert cached(NAME) is None


def test_what_other_programs_pulled_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    from rag.llms.hub import in_cache

    snapshot = tmp_path / "models--acme--pluma" / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    (snapshot / "model.safetensors").write_bytes(WEIGHTS)
    refs = tmp_path / "models--acme--pluma" / "refs"
    refs.mkdir()
    (refs / "main").write_text(COMMIT)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    assert in_cache() == [(NAME, len(WEIGHTS))]
