"""Models from a folder: a tiny one made here, a packaged one, and folders that are refused."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from rag.errors import ModelMissing
from rag.models.folders import check_folder
from rag.models.huggingface import CrossEncoderReranker, HuggingFaceEmbedder
from tests.helpers.contracts import EmbedderContract
from tests.helpers.hostile_models import mutated
from tests.helpers.tiny_models import make_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def tiny(model: Path) -> HuggingFaceEmbedder:
    return HuggingFaceEmbedder(model, precision="fp32")


@pytest.fixture(scope="module")
def packaged() -> HuggingFaceEmbedder:
    return HuggingFaceEmbedder("all-MiniLM-L6-v2")


class TestTinyEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, tiny: HuggingFaceEmbedder) -> HuggingFaceEmbedder:
        return tiny


@pytest.mark.slow
class TestPackagedEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, packaged: HuggingFaceEmbedder) -> HuggingFaceEmbedder:
        return packaged


def test_the_fingerprint_follows_the_weights(model: Path, tmp_path: Path) -> None:
    name, digest = HuggingFaceEmbedder(model, "fp32").fingerprint.split(":")
    assert name == "tiny"
    other = HuggingFaceEmbedder(make_model(tmp_path / "tiny", seed=1), "fp32").fingerprint
    assert other.split(":") != [name, digest]
    assert HuggingFaceEmbedder(model, "bf16").fingerprint == f"{name}:{digest}", (
        "one library serves machines with and without bf16"
    )


def test_the_window_is_what_the_model_has_positions_for(tiny: HuggingFaceEmbedder) -> None:
    near = tiny.encode_documents(["dos la " * 40 + "ascensor", "dos la " * 40 + "garantía"])
    assert float(near[0] @ near[1]) < 0.99999, "word 81 is read though the export says 64"
    far = tiny.encode_documents(["dos la " * 100 + "ascensor", "dos la " * 100 + "garantía"])
    assert float(far[0] @ far[1]) == pytest.approx(1, abs=1e-5)  # of rounded products


def test_a_name_that_is_nowhere_fails_at_once_and_says_what_to_do() -> None:
    start = time.monotonic()
    with pytest.raises(ModelMissing, match="nobody/has-this") as caught:
        HuggingFaceEmbedder("nobody/has-this")
    assert "folder" in caught.value.next_command
    assert time.monotonic() - start < 60, "it waited for a network"


def test_threads_get_their_own_vectors(tiny: HuggingFaceEmbedder) -> None:
    texts = ["dos la", "ascensor", "ocho", "cubre el"] * 4
    expected = tiny.encode_queries(texts)
    encoders = [tiny.encode_documents, tiny.encode_queries] * 4
    with ThreadPoolExecutor(8) as pool:
        for rows in pool.map(lambda encode: encode(texts), encoders):
            np.testing.assert_allclose(rows, expected, atol=1e-4)


# --- what is refused -----------------------------------------------------------------------------


def add_key(name: str, key: str, padding: int = 0) -> Callable[[Path], None]:
    def plant(folder: Path) -> None:
        path = folder / name
        content = json.loads(path.read_text()) | {key: {"AutoModel": "code.Model"}}
        path.write_text(json.dumps(content) + " " * padding)

    return plant


def add_file(name: str) -> Callable[[Path], None]:
    def plant(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"x")

    return plant


def foreign_module(folder: Path) -> None:
    content = json.loads((folder / "modules.json").read_text())
    content.append({"idx": 2, "name": "2", "path": "", "type": "evil.Module"})
    (folder / "modules.json").write_text(json.dumps(content))


PLANTED: dict[str, Callable[[Path], None]] = {
    "code": add_file("modeling.py"),
    "code below": add_file("1_Pooling/pooling.py"),
    "code, shouted": add_file("EVIL.PY"),
    "pickle": add_file("pytorch_model.bin"),
    "torch": add_file("weights.pt"),
    "checkpoint": add_file("model.ckpt"),
    "auto_map": add_key("config.json", "auto_map"),
    "auto_map of the tokenizer": add_key("tokenizer_config.json", "auto_map"),
    "auto_map behind padding": add_key("config.json", "auto_map", padding=2 << 20),
    "foreign module": foreign_module,
    "no JSON": add_file("extra.json"),
}


@pytest.mark.parametrize("plant", PLANTED.values(), ids=PLANTED.keys())
def test_a_folder_that_could_run_code_is_refused(
    model: Path, tmp_path: Path, plant: Callable[[Path], None]
) -> None:
    folder = Path(shutil.copytree(model, tmp_path / "planted"))
    check_folder(folder)
    plant(folder)
    for load in (check_folder, HuggingFaceEmbedder):
        with pytest.raises(ModelMissing, match="planted is refused"):
            load(folder)


@pytest.mark.parametrize("damage", ["gone", "cut", "empty"])
def test_broken_weights_are_a_stated_failure(model: Path, tmp_path: Path, damage: str) -> None:
    folder = Path(shutil.copytree(model, tmp_path / "broken"))
    weights = folder / "model.safetensors"
    if damage == "gone":
        weights.unlink()
    else:
        os.truncate(weights, 0 if damage == "empty" else weights.stat().st_size // 2)
    with pytest.raises(ModelMissing, match="broken"):
        HuggingFaceEmbedder(folder)


def test_without_the_extra_the_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    for load in (HuggingFaceEmbedder, CrossEncoderReranker):
        with pytest.raises(ModelMissing, match="some-name") as caught:
            load("some-name")
        assert "fuente[hf]" in caught.value.next_command


def test_an_empty_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        HuggingFaceEmbedder(tmp_path)


@pytest.mark.parametrize("block", range(4))
def test_a_mutated_folder_loads_or_states_why_not(model: Path, tmp_path: Path, block: int) -> None:
    """Never another error, and what loads makes vectors."""
    refused: list[ModelMissing] = []
    for seed in range(block * 15, block * 15 + 15):
        folder = mutated(seed, model, tmp_path / f"m{seed}", "modules.json")
        try:
            embedder = HuggingFaceEmbedder(folder)
        except ModelMissing as error:
            refused.append(error)
        else:
            rows = embedder.encode_documents(["dos años", "el ascensor admite ocho", ""])
            assert rows.shape == (3, embedder.dimension), seed
            assert np.isfinite(rows).all(), seed
    assert refused
    assert all(str(tmp_path) in error.message and error.next_command for error in refused)


def test_a_tokenizer_with_more_tokens_than_rows_is_refused(model: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(model, tmp_path / "wide"))
    with (folder / "vocab.txt").open("a", encoding="utf-8") as words:
        words.write("\n" + "\n".join(f"palabra{number}" for number in range(50)))
    for load in (HuggingFaceEmbedder, CrossEncoderReranker):
        with pytest.raises(ModelMissing, match="tokens and rows for"):
            load(folder)
