"""Models from a folder: a tiny one made here, the bundled one, and folders that are refused."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from rag.errors import ModelMissing
from rag.huggingface import HuggingFaceEmbedder, _Turns, check_folder
from rag.models import embedder_folder
from rag.models.late_interaction import LateInteractionReranker
from tests.contracts import EmbedderContract, RerankerContract, TokenEncoderContract

WORDS = "el la dos años ascensor admite ocho personas garantía cubre warranty two years ##s".split()
LETTERS = "abcdefghijklmnopqrstuvwxyzáéíóúñü0123456789"
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
VOCABULARY = [*SPECIAL, *WORDS, *LETTERS, *(f"##{c}" for c in LETTERS), *".,;:¿?¡!"]
MODULES = [("", "Transformer"), ("1_Pooling", "Pooling")]


def make_model(folder: Path, seed: int = 0) -> Path:
    """A BERT of two layers with random weights, laid out as sentence-transformers wants it."""
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=128,
    )
    BertModel(config).save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY), encoding="utf-8")
    modules = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (path, kind) in enumerate(MODULES)
    ]
    pooling = {"word_embedding_dimension": 32, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling").mkdir()
    for name, content in {
        "modules.json": modules,
        "1_Pooling/config.json": pooling,
        "sentence_bert_config.json": {"max_seq_length": 64, "do_lower_case": False},
        "tokenizer_config.json": {"tokenizer_class": "BertTokenizer", "do_lower_case": True},
    }.items():
        (folder / name).write_text(json.dumps(content))
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def tiny(model: Path) -> HuggingFaceEmbedder:
    return HuggingFaceEmbedder(model, precision="fp32")


@pytest.fixture(scope="module")
def bundled() -> HuggingFaceEmbedder:
    return HuggingFaceEmbedder(embedder_folder())


class TestTinyEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, tiny: HuggingFaceEmbedder) -> HuggingFaceEmbedder:
        return tiny


class TestTinyTokenEncoder(TokenEncoderContract):
    @pytest.fixture
    def encoder(self, tiny: HuggingFaceEmbedder) -> HuggingFaceEmbedder:
        return tiny


@pytest.mark.slow
class TestBundledEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, bundled: HuggingFaceEmbedder) -> HuggingFaceEmbedder:
        return bundled


@pytest.mark.slow
class TestBundledTokenEncoder(TokenEncoderContract):
    @pytest.fixture
    def encoder(self, bundled: HuggingFaceEmbedder) -> HuggingFaceEmbedder:
        return bundled


@pytest.mark.slow
class TestBundledReranker(RerankerContract):
    @pytest.fixture
    def reranker(self, bundled: HuggingFaceEmbedder) -> LateInteractionReranker:
        return LateInteractionReranker(bundled)


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
    assert float(far[0] @ far[1]) == pytest.approx(1)


def test_a_name_that_is_nowhere_fails_at_once_and_says_what_to_do() -> None:
    start = time.monotonic()
    with pytest.raises(ModelMissing, match="nobody/has-this") as caught:
        HuggingFaceEmbedder("nobody/has-this")
    assert "folder" in caught.value.next_command
    assert time.monotonic() - start < 60, "it waited for a network"


def test_a_question_goes_before_documents_that_wait() -> None:
    turns, order, threads = _Turns(), list[str](), list[threading.Thread]()

    def work(name: str, urgent: bool) -> None:
        with turns.take(urgent):
            order.append(name)

    with turns.take():
        for name in ("document", "question", "document", "question"):
            threads.append(threading.Thread(target=work, args=(name, name == "question")))
            threads[-1].start()
        while turns._urgent < 2:
            time.sleep(0.001)
        assert order == []
    for thread in threads:
        thread.join(timeout=10)
    assert order == ["question", "question", "document", "document"]


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


def test_an_empty_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        HuggingFaceEmbedder(tmp_path)
